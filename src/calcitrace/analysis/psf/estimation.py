"""Put blur in plane and blur across slices together, and say how far to trust them."""

import math
from dataclasses import dataclass

from calcitrace.analysis.psf.bone_edge import PLANE_RELATIVE_STD, bone_edge_blur
from calcitrace.analysis.psf.kernels import UNKNOWN, Family, kernel_family
from calcitrace.analysis.psf.skin_edge import EdgeBlur, skin_edge_blur
from calcitrace.analysis.psf.tilted_skin import tilted_skin_blur
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.image_quality import Psf
from calcitrace.model.volume import HuVolume

SKIN_EDGE, KERNEL_TABLE = "skin edge", "kernel table"
SLICE_THICKNESS, SLICE_SPACING = "slice thickness", "slice spacing"
TILTED_SKIN = "tilted skin"
BONE_EDGE, LEANING_BONE = "bone edge", "leaning bone"
UNKNOWN_KERNEL_WORDS = {
    SKIN_EDGE: "measured on the skin",
    BONE_EDGE: "measured on bone",
}
# Slice profile: a box of the nominal thickness T smoothed by a box of T / 2 (spiral
# interpolation), variance T^2 / 12 + T^2 / 48; a pure box would be 10 % narrower and a
# triangle of width T at half maximum 26 % wider.
SLICE_VARIANCE = 1 / 12 + 1 / 48
SLICE_FLOOR_MM = 0.25  # focal spot and detector, even in the thinnest slice
SLICE_RELATIVE_STD = 0.12
GUESSED_THICKNESS_STD = 0.25
EDGE_RELATIVE_STD = 0.07  # of the method, on edges of known blur
TILT_RELATIVE_STD, TILT_RELATIVE_STD_MAX = 0.08, 0.3  # likewise; of no use beyond
LEAN_RELATIVE_STD = 0.15  # of bone that leans
MISMATCH_SIGMAS = 2.0
# An edge this much wider than expected is no skin in air: cushions, wet cloth.
IMPLAUSIBLE_RATIO = 2.0
IMPLAUSIBLE_MM = 1.6  # without a kernel name: beyond the softest body kernels
TABLE_DOUBT = 0.2  # added to the table's error when the skin contradicts it
# The pixels limit what is left of a kernel, about as a box of one pixel would blur.
PIXEL_VARIANCE = 1 / 12


def measure_psf(
    volume: HuVolume, anatomy: Anatomy, acquisition: Acquisition
) -> tuple[Psf, tuple[Flag, ...]]:
    """Point-spread function of a scan.

    Parameters
    ----------
    volume
        CT numbers.
    anatomy
        `skin_mm` is used, and `skeleton_mm` where no skin is usable: points good
        to about two voxels.
    acquisition
        Kernel and slice thickness, where the header has them.

    Returns
    -------
    tuple
        The function, and flags: sharp or unknown kernel, blur that contradicts the
        kernel, thickness not given.
    """
    flags: list[Flag] = []
    family = kernel_family(acquisition.kernel)
    nominal = _slice_blur(volume, acquisition, flags)
    edge = skin_edge_blur(volume, anatomy.skin_mm, nominal.sigma_mm)
    if family.is_sharp:
        flags.append(Flag(FlagKind.SHARP_KERNEL, acquisition.kernel or ""))
    expected = _expected_mm(family, max(volume.grid.spacing_mm[1:]))
    skin = _Edge(edge, EDGE_RELATIVE_STD, SKIN_EDGE)
    sigma, plane_std, source = _plane_blur(skin, family, expected, flags)
    across = nominal
    if source == SKIN_EDGE:
        tilted = tilted_skin_blur(volume, anatomy.skin_mm, sigma, nominal.sigma_mm)
        lean = _Edge(tilted, TILT_RELATIVE_STD, TILTED_SKIN)
        across = _across(lean, nominal, flags)
    elif edge is None and not family.is_sharp:
        # An edge that overshoots is not two Gaussian steps: sharp kernels keep the table.
        bone = bone_edge_blur(volume, anatomy.skeleton_mm)
        seen = _Edge(bone.plane if bone else None, PLANE_RELATIVE_STD, BONE_EDGE)
        sigma, plane_std, source = _plane_blur(seen, family, expected, flags)
        lean = _Edge(bone.across if bone else None, LEAN_RELATIVE_STD, LEANING_BONE)
        across = _across(lean, nominal, flags)
    if family is UNKNOWN:
        words = UNKNOWN_KERNEL_WORDS.get(source, "taken as typical")
        flags.append(Flag(FlagKind.UNKNOWN_KERNEL, words))
    return (
        Psf(
            sigma,
            across.sigma_mm,
            plane_std,
            across.relative_std,
            source,
            across.source,
        ),
        tuple(flags),
    )


@dataclass(frozen=True, slots=True)
class _Edge:
    """Blur found on edges of one kind, if any was, and the error of the method."""

    blur: EdgeBlur | None
    relative_std: float
    source: str


def _plane_blur(
    found: _Edge, family: Family, expected_mm: float, flags: list[Flag]
) -> tuple[float, float, str]:
    """Sigma in the slice plane in mm, its relative error, and where it comes from."""
    edge = found.blur
    if edge is None or (family is UNKNOWN and edge.sigma_mm > IMPLAUSIBLE_MM):
        return expected_mm, family.relative_std, KERNEL_TABLE
    own_std = math.hypot(found.relative_std, edge.std_mm / edge.sigma_mm)
    change = math.log(edge.sigma_mm / expected_mm)
    doubt = math.hypot(own_std, family.relative_std)
    if family is UNKNOWN or abs(change) <= MISMATCH_SIGMAS * doubt:
        return edge.sigma_mm, own_std, found.source
    detail = f"sigma {edge.sigma_mm:.2f} mm, {expected_mm:.2f} mm expected"
    flags.append(Flag(FlagKind.BLUR_MISMATCH, detail))
    if change > math.log(IMPLAUSIBLE_RATIO):
        return expected_mm, math.hypot(family.relative_std, TABLE_DOUBT), KERNEL_TABLE
    # Cloth and motion widen the edge, kernels differ from their names: half way.
    halfway = math.sqrt(edge.sigma_mm * expected_mm)
    return (
        halfway,
        math.hypot(own_std, change / 2),
        f"{found.source} and {KERNEL_TABLE}",
    )


@dataclass(frozen=True, slots=True)
class _Blur:
    """Sigma in one direction, its relative error, and where it comes from."""

    sigma_mm: float
    relative_std: float
    source: str


def _across(found: _Edge, nominal: _Blur, flags: list[Flag]) -> _Blur:
    """Blur across slices from what leans and from the header, by their errors."""
    tilted = found.blur
    if tilted is None:
        return nominal
    own_std = math.hypot(found.relative_std, tilted.std_mm / tilted.sigma_mm)
    if own_std > TILT_RELATIVE_STD_MAX:
        return nominal
    change = math.log(tilted.sigma_mm / nominal.sigma_mm)
    both = math.hypot(own_std, nominal.relative_std)
    if abs(change) <= MISMATCH_SIGMAS * both:
        share = (nominal.relative_std / both) ** 2
        sigma = nominal.sigma_mm * math.exp(share * change)
        error = own_std * nominal.relative_std / both
        return _Blur(sigma, error, f"{found.source} and {nominal.source}")
    flags.append(
        Flag(
            FlagKind.BLUR_MISMATCH,
            f"across slices: sigma {tilted.sigma_mm:.2f} mm, "
            f"{nominal.sigma_mm:.2f} mm expected",
        )
    )
    return _Blur(tilted.sigma_mm, math.hypot(own_std, TABLE_DOUBT), found.source)


def _slice_blur(volume: HuVolume, acquisition: Acquisition, flags: list[Flag]) -> _Blur:
    """Blur across slices as the header has it."""
    thickness, relative = acquisition.slice_thickness_mm, SLICE_RELATIVE_STD
    source = SLICE_THICKNESS
    if thickness is None or not thickness > 0:
        thickness, relative = volume.grid.spacing_mm[0], GUESSED_THICKNESS_STD
        source = SLICE_SPACING
        flags.append(Flag(FlagKind.UNKNOWN_SLICE_THICKNESS, f"{thickness:.2f} mm"))
    sigma = math.hypot(math.sqrt(SLICE_VARIANCE) * thickness, SLICE_FLOOR_MM)
    return _Blur(sigma, relative, source)


def _expected_mm(family: Family, pixel_mm: float) -> float:
    """Blur of a kernel family on pixels of a size."""
    return math.hypot(family.sigma_mm, math.sqrt(PIXEL_VARIANCE) * pixel_mm)
