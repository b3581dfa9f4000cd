"""Measure phantoms whose deposits are known, without the stages before."""

import numpy as np
from scipy import ndimage

from calcitrace.analysis.quantification import Context, Measurement, measure_deposits
from calcitrace.model.protocol import QuantificationSettings
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume, Tissue
from tests.fakes.phantom import Body, Phantom, known_calibration

EVERY_NEIGHBOUR = np.ones((3, 3, 3), bool)


def bright_labels(phantom: Phantom, volume: HuVolume, above_hu: float) -> LabelVolume:
    """Connected voxels above a threshold, bone left out."""
    bright = volume.hu > phantom.tissue_hu + above_hu
    bright &= phantom.anatomy().tissue.labels != Tissue.SKELETON
    labels, _ = ndimage.label(bright, structure=EVERY_NEIGHBOUR)
    return LabelVolume(labels.astype(np.int32), phantom.grid)


def context_of(
    phantom: Phantom,
    volume: HuVolume,
    labels: LabelVolume,
    kept: tuple[int, ...],
    coverage: Coverage | None = None,
) -> Context:
    """All that is known of a phantom."""
    return Context(
        volume=volume,
        coverage=coverage or Coverage.full(phantom.grid),
        anatomy=phantom.anatomy(),
        labels=labels,
        kept=kept,
        bystanders=(),
        cut=frozenset(),
        kvp=120.0,
        psf=phantom.psf(),
        noise=phantom.noise(),
        calibration=known_calibration(),
    )


def measure_phantom(
    phantom: Phantom, deposits: list[tuple[Body, float]], above_hu: float = 60.0
) -> tuple[tuple[Measurement, ...], list[float], list[float]]:
    """Measurements of the largest bright components, true masses, true volumes."""
    volume, masses, volumes = phantom.image(deposits)
    labels = bright_labels(phantom, volume, above_hu)
    sizes = np.bincount(labels.labels.ravel())
    sizes[0] = 0
    kept = tuple(sorted(int(k) for k in np.argsort(sizes)[::-1][: len(deposits)]))
    context = context_of(phantom, volume, labels, kept)
    found = measure_deposits(context, QuantificationSettings(), lambda _done: None)
    return found, masses, volumes
