"""Measure every kept candidate of one scan."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from calcitrace.analysis.quantification.agatston import agatston
from calcitrace.analysis.quantification.measurement import Measurement
from calcitrace.analysis.quantification.nearest import Surfaces
from calcitrace.analysis.quantification.paths import Paths, paths_through
from calcitrace.analysis.quantification.shape import (
    body_mask,
    centroid_mm,
    diameter_max_mm,
    seed_mm,
    shape_class,
    surface_points_mm,
)
from calcitrace.analysis.quantification.signal import (
    RECOVERY_MODEL_STD,
    Signal,
    detection_limit,
    examine,
    unmix,
)
from calcitrace.analysis.quantification.site import (
    Box,
    Context,
    Site,
    boxes,
    cut_site,
)
from calcitrace.model.calibration import HYDROXYAPATITE_MG_CM3, Calibration
from calcitrace.model.deposit import ShapeClass
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.protocol import QuantificationSettings
from calcitrace.model.volume import Mask
from calcitrace.model.work import in_threads

MM3_PER_CM3 = 1000.0
MM_PER_CM = 10.0
# What straight borders and Gaussian blur leave unexplained on phantoms, relative.
MODEL_STD = 0.01
# Relative error of a volume per relative error of the signal; one third of the volume is
# the error from which it says little.
FORM_PER_SIGNAL_STD, MAX_VOLUME_STD = 1.3, 1 / 3
CROWDED_FRACTION = 0.15
# Well above cortical bone (about 1200) and the 120 to 1200 of calcinosis.
MAX_DENSITY_MG_CM3 = 1600.0


@dataclass(frozen=True, slots=True, eq=False)
class _Partial:
    """One deposit before neighbours are told apart; holds no large array but `signal`."""

    label: int
    signal: Signal
    background_hu: float
    paths: Paths | None
    volume: Estimate | None
    semi_axes_mm: tuple[float, float, float]
    centroid_mm: tuple[float, float, float]
    seed_mm: tuple[float, float, float]
    hu_max: float
    diameter_max_mm: float
    agatston: float | None
    depth_mm: float | None
    bone_distance_mm: float | None
    shape_class: ShapeClass
    is_cut: bool
    has_spill: bool
    lost_fraction: float


def measure_deposits(
    context: Context,
    settings: QuantificationSettings,
    advance: Callable[[float], None],
) -> tuple[Measurement, ...]:
    """Measure all kept labels of a scan.

    Parameters
    ----------
    context
        The scan, what is known of it, and which labels to measure.
    settings
        Regions, shells and margins.
    advance
        Hears the fraction that is done.

    Returns
    -------
    tuple of Measurement
        In label order; labels without a voxel are left out.
    """
    surfaces = Surfaces.of(context.anatomy.skin_mm, context.anatomy.skeleton_mm)
    found = boxes(context)

    def one(place: tuple[int, Box]) -> _Partial:
        return _examine_one(context, cut_site(context, *place), surfaces, settings)

    partial: list[_Partial] = []
    for part in in_threads(one, found.items()):
        partial.append(part)
        advance(len(partial) / len(found))
    totals, own = unmix([p.signal for p in partial])
    return tuple(
        _finish(p, float(total), float(recovery), context.calibration, settings)
        for p, total, recovery in zip(partial, totals, own, strict=True)
    )


def _examine_one(
    context: Context, site: Site, surfaces: Surfaces, settings: QuantificationSettings
) -> _Partial:
    """Everything about one deposit that needs its voxels."""
    seen = examine(context, site, settings)
    volume = seen.extent.volume
    body = body_mask(site, seen.region, volume.value if volume else None)
    points_mm = surface_points_mm(site, body)
    in_plane_mm = float(np.mean(site.grid.spacing_mm[1:]))
    centre_mm = centroid_mm(site, seen.region)
    return _Partial(
        label=site.label,
        signal=seen.signal,
        background_hu=float(seen.background.hu[site.core].mean()),
        paths=paths_through(context, centre_mm, site.label),
        volume=volume,
        semi_axes_mm=seen.extent.semi_axes_mm,
        centroid_mm=centre_mm,
        seed_mm=seed_mm(site),
        hu_max=float(site.hu[site.core].max()),
        diameter_max_mm=diameter_max_mm(site, body),
        agatston=agatston(site, seen.region.mask, context.kvp),
        depth_mm=surfaces.skin.gap_mm(points_mm, 0.0),
        bone_distance_mm=surfaces.bone.gap_mm(points_mm, in_plane_mm),
        shape_class=shape_class(site, seen.region, seen.extent),
        is_cut=site.label in context.cut or _is_cut(context, site, seen.region.bright),
        has_spill=bool(seen.spill.modes_hu),
        lost_fraction=seen.region.lost_fraction,
    )


def _is_cut(context: Context, site: Site, bright: Mask) -> bool:
    """Whether bright voxels touch the end of what the scanner measured."""
    shape = context.volume.grid.shape
    for axis, (part, n) in enumerate(zip(site.box, shape, strict=True)):
        lines = np.asarray(bright.any(axis=tuple(a for a in range(3) if a != axis)))
        if (part.start == 0 and lines[0]) or (part.stop == n and lines[-1]):
            return True
    uncovered = ~context.coverage.mask(site.box)
    if not uncovered.any():
        return False
    return bool((bright & ndimage.binary_dilation(uncovered)).any())


def _finish(
    part: _Partial,
    excess_hu_mm3: float,
    recovery: float,
    calibration: Calibration,
    settings: QuantificationSettings,
) -> Measurement:
    """Turn the excess into mass and density, with all errors."""
    per_hu = _mg_per_hu_mm3(part, excess_hu_mm3, calibration)
    value = excess_hu_mm3 * per_hu
    calibration_systematic = (
        calibration.std_systematic / calibration.slope_mg_cm3_per_hu
    )
    calibration_random = calibration.std_random / calibration.slope_mg_cm3_per_hu
    random = math.hypot(
        part.signal.std_random * per_hu / recovery, value * calibration_random
    )
    systematic = math.hypot(
        part.signal.std_systematic * per_hu / recovery,
        value * RECOVERY_MODEL_STD * (1 - min(recovery, 1.0)),
        value * calibration_systematic,
        value * MODEL_STD,
    )
    mass = Estimate(value, random, systematic, Unit.MG)
    limit = detection_limit(part.signal.std_random * per_hu / recovery, settings)
    is_quantifiable = value >= limit
    volume = _credible_volume(part, value) if is_quantifiable else None
    return Measurement(
        label=part.label,
        centroid_mm=part.centroid_mm,
        seed_mm=part.seed_mm,
        mass=mass,
        mass_std_noise_mg=part.signal.std_noise * per_hu / recovery,
        detection_limit_mg=limit,
        volume=volume,
        density_mean=_density(mass, volume),
        hu_max=part.hu_max,
        diameter_max_mm=part.diameter_max_mm,
        agatston=part.agatston,
        depth_mm=part.depth_mm,
        bone_distance_mm=part.bone_distance_mm,
        shape_class=part.shape_class,
        is_lower_bound=part.is_cut,
        is_quantifiable=is_quantifiable,
        flags=_flags(part, volume, limit, is_quantifiable=is_quantifiable),
    )


def _mg_per_hu_mm3(
    part: _Partial, excess_hu_mm3: float, calibration: Calibration
) -> float:
    """Hydroxyapatite per excess, with displacement of tissue and self-hardening."""
    k, hardening = calibration.hu_per_mg_cm3, calibration.hardening_cm2_per_mg
    if part.paths is not None:
        k, hardening = part.paths.response(calibration)
    # Hydroxyapatite displaces the tissue, whose own CT number is lost with it.
    k -= part.background_hu / HYDROXYAPATITE_MG_CM3
    light = 1 / (k * MM3_PER_CM3)
    a, b, c = part.semi_axes_mm
    volume_mm3 = part.volume.value if part.volume else 4 / 3 * math.pi * a * b * c
    density_mg_cm3 = (
        max(0.0, excess_hu_mm3 * light) * MM3_PER_CM3 / max(volume_mm3, 1e-3)
    )
    # Mass lies on chords of 3/4 diameter in a sphere; that of the same volume stands in
    # for other shapes.
    chord_cm = 1.5 * (3 * volume_mm3 / (4 * math.pi)) ** (1 / 3) / MM_PER_CM
    return float(light * (1 + hardening * density_mg_cm3 * chord_cm))


def _credible_volume(part: _Partial, mass_mg: float) -> Estimate | None:
    """Volume unless it would hold more hydroxyapatite than a deposit can.

    Noise shrinks the apparent size of small deposits; the density then tells.
    """
    if part.volume is None:
        return None
    least_mm3 = mass_mg / MAX_DENSITY_MG_CM3 * MM3_PER_CM3
    if part.volume.value < least_mm3:
        return None
    # What bone or tissue wrongly adds to the signal or takes from it changes its form.
    signal = part.signal
    relative = math.hypot(signal.std_random, signal.std_systematic)
    relative *= FORM_PER_SIGNAL_STD / max(signal.excess_hu_mm3, 1e-9)
    value = part.volume.value
    random = math.hypot(part.volume.std_random, relative * value)
    return Estimate(value, random, part.volume.std_systematic, Unit.MM3)


def _density(mass: Estimate, volume: Estimate | None) -> Estimate | None:
    """Mean density of hydroxyapatite in the deposit."""
    if volume is None or mass.value <= 0:
        return None
    value = mass.value / volume.value * MM3_PER_CM3
    random = math.hypot(mass.std_random / mass.value, volume.std_random / volume.value)
    shared = math.hypot(
        mass.std_systematic / mass.value, volume.std_systematic / volume.value
    )
    return Estimate(value, value * random, value * shared, Unit.MG_PER_CM3)


def _flags(
    part: _Partial, volume: Estimate | None, limit_mg: float, *, is_quantifiable: bool
) -> tuple[Flag, ...]:
    """Flags that follow from measuring."""
    flags: list[Flag] = []
    if part.is_cut:
        flags.append(Flag(FlagKind.CUT_BY_SCAN_END))
    if not is_quantifiable:
        flags.append(Flag(FlagKind.BELOW_DETECTION_LIMIT, f"< {limit_mg:.2g} mg"))
    elif volume is None or volume.std > MAX_VOLUME_STD * volume.value:
        flags.append(Flag(FlagKind.VOLUME_NOT_IDENTIFIABLE))
    if part.has_spill and part.bone_distance_mm is not None:
        flags.append(Flag(FlagKind.NEAR_BONE, f"{part.bone_distance_mm:.1f} mm"))
    if part.lost_fraction > CROWDED_FRACTION:
        flags.append(Flag(FlagKind.CROWDED))
    return tuple(flags)
