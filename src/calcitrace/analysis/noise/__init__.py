"""Noise of a scan: how much in each slice, and how neighbouring voxels share it."""

from calcitrace.analysis.noise.estimation import measure_noise

__all__ = ["measure_noise"]
