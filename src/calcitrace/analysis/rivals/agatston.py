"""Agatston score, as it is and per 3 mm of thickness, and its best mass."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from calcitrace.analysis.rivals.surroundings import Measurement, Surroundings
from calcitrace.errors import InputError
from calcitrace.model.calcium_scoring import (
    MIN_AREA_MM2,
    REFERENCE_THICKNESS_MM,
    thresholds_hu,
)

CONNECTIVITY_8 = np.ones((3, 3), bool)


def agatston(site: Surroundings) -> Measurement:
    """Sum over slices of area (mm2) x weight of the brightest voxel; no mass.

    Areas are 8-connected and at least 1 mm2 [1]_; thresholds and weights follow the
    tube voltage [2]_. Nothing is said where the voltage has no thresholds. Thinner
    slices give a higher score: there are more of them.

    References
    ----------
    .. [1] Agatston et al., J Am Coll Cardiol 15:827, 1990.
       https://doi.org/10.1016/0735-1097(90)90282-T
    .. [2] Grani et al., Eur Heart J Cardiovasc Imaging, 2018.
       https://doi.org/10.1093/ehjci/jey019
    """
    levels = thresholds_hu(site.kvp)
    if levels is None:
        return Measurement(None, None, None, 0)
    _, row_mm, column_mm = site.spacing_mm
    score, n_voxels = 0.0, 0
    for k in range(site.hu.shape[0]):
        bright = site.roi[k] & (site.hu[k] >= levels[0])
        if not bright.any():
            continue
        areas, n = ndimage.label(bright, structure=CONNECTIVITY_8)
        sizes = np.bincount(areas.ravel(), minlength=n + 1)[1:]
        peaks = ndimage.maximum(site.hu[k], areas, index=np.arange(1, n + 1))
        weights = np.searchsorted(levels, np.atleast_1d(peaks), side="right")
        areas_mm2 = sizes * row_mm * column_mm
        counted = areas_mm2 >= MIN_AREA_MM2
        score += float((areas_mm2 * weights)[counted].sum())
        n_voxels += int(sizes[counted].sum())
    return Measurement(None, None, score, n_voxels)


def agatston_normalised(site: Surroundings) -> Measurement:
    """Agatston score times the distance between slices over 3 mm; no mass.

    The distance rather than the thickness: what overlapping slices show twice would
    count twice. They are the same in scans without overlap.
    """
    plain = agatston(site)
    if plain.score is None:
        return plain
    return replace(
        plain, score=plain.score * site.spacing_mm[0] / REFERENCE_THICKNESS_MM
    )


def fitted_factor(scores: Sequence[float], masses_mg: Sequence[float]) -> float:
    """One factor in mg per unit of score that makes the median error of mass zero.

    Parameters
    ----------
    scores, masses_mg
        Score and true mass of the deposits of the scenes that are used to tune;
        deposits without any score are left out, since no factor mends them.

    Raises
    ------
    InputError
        If no deposit has a score, a mass is not positive, or the lists differ in
        length.

    Examples
    --------
    >>> fitted_factor([10.0, 20.0, 0.0], [5.0, 10.0, 1.0])
    0.5
    """
    if len(scores) != len(masses_mg):
        msg = f"Expected a mass for each of {len(scores)} scores, got {len(masses_mg)}."
        raise InputError(msg)
    if any(mass_mg <= 0 for mass_mg in masses_mg):
        msg = f"Expected true masses above 0 mg, got {min(masses_mg)} mg."
        raise InputError(msg)
    ratios = [s / m for s, m in zip(scores, masses_mg, strict=True) if s > 0]
    if not ratios:
        msg = "Expected at least one deposit with a score above 0, got none."
        raise InputError(msg)
    return 1 / float(np.median(ratios))


def rescaled(measurement: Measurement, mg_per_score: float) -> Measurement:
    """Give a score its mass.

    Parameters
    ----------
    measurement
        Of `agatston` or `agatston_normalised`.
    mg_per_score
        As fitted by `fitted_factor`.

    Examples
    --------
    >>> rescaled(Measurement(None, None, 10.0, 8), 0.5).mass_mg
    5.0
    """
    if measurement.score is None:
        return measurement
    return replace(measurement, mass_mg=measurement.score * mg_per_score)
