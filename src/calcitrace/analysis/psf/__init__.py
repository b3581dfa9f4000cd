"""Blur of a scan: in the plane from the skin or the kernel, across from the slice."""

from calcitrace.analysis.psf.estimation import measure_psf

__all__ = ["measure_psf"]
