"""Put blur in plane and blur across slices together, and say how far to trust them."""

import math

from calcitrace.analysis.psf.kernels import UNKNOWN, Family, kernel_family
from calcitrace.analysis.psf.skin_edge import EdgeBlur, skin_edge_blur
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.image_quality import Psf
from calcitrace.model.volume import HuVolume

SKIN_EDGE, KERNEL_TABLE = "skin edge", "kernel table"
SLICE_THICKNESS = "slice thickness"
# Slice profile: a box of the nominal thickness T smoothed by a box of T / 2 (spiral
# interpolation), variance T^2 / 12 + T^2 / 48; a pure box would be 10 % narrower and a
# triangle of width T at half maximum 26 % wider.
SLICE_VARIANCE = 1 / 12 + 1 / 48
SLICE_FLOOR_MM = 0.25  # focal spot and detector, even in the thinnest slice
SLICE_RELATIVE_STD = 0.12
GUESSED_THICKNESS_STD = 0.25
EDGE_RELATIVE_STD = 0.07  # of the method, on edges of known blur
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
        `skin_mm` is used: points good to about two voxels.
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
    sigma_slice, slice_std = _slice_blur(volume, acquisition, flags)
    edge = skin_edge_blur(volume, anatomy.skin_mm, sigma_slice)
    if family.is_sharp:
        flags.append(Flag(FlagKind.SHARP_KERNEL, acquisition.kernel or ""))
    expected = _expected_mm(family, max(volume.grid.spacing_mm[1:]))
    sigma, plane_std, source = _plane_blur(edge, family, expected, flags)
    if family is UNKNOWN:
        is_seen = source == SKIN_EDGE
        words = "measured on the skin" if is_seen else "taken as typical"
        flags.append(Flag(FlagKind.UNKNOWN_KERNEL, words))
    return (
        Psf(sigma, sigma_slice, plane_std, slice_std, source, SLICE_THICKNESS),
        tuple(flags),
    )


def _plane_blur(
    edge: EdgeBlur | None, family: Family, expected_mm: float, flags: list[Flag]
) -> tuple[float, float, str]:
    """Sigma in the slice plane in mm, its relative error, and where it comes from."""
    if edge is None or (family is UNKNOWN and edge.sigma_mm > IMPLAUSIBLE_MM):
        return expected_mm, family.relative_std, KERNEL_TABLE
    own_std = math.hypot(EDGE_RELATIVE_STD, edge.std_mm / edge.sigma_mm)
    change = math.log(edge.sigma_mm / expected_mm)
    doubt = math.hypot(own_std, family.relative_std)
    if family is UNKNOWN or abs(change) <= MISMATCH_SIGMAS * doubt:
        return edge.sigma_mm, own_std, SKIN_EDGE
    detail = f"sigma {edge.sigma_mm:.2f} mm, {expected_mm:.2f} mm expected"
    flags.append(Flag(FlagKind.BLUR_MISMATCH, detail))
    if change > math.log(IMPLAUSIBLE_RATIO):
        return expected_mm, math.hypot(family.relative_std, TABLE_DOUBT), KERNEL_TABLE
    # Cloth and motion widen the edge, kernels differ from their names: half way.
    halfway = math.sqrt(edge.sigma_mm * expected_mm)
    return halfway, math.hypot(own_std, change / 2), f"{SKIN_EDGE} and {KERNEL_TABLE}"


def _slice_blur(
    volume: HuVolume, acquisition: Acquisition, flags: list[Flag]
) -> tuple[float, float]:
    """Sigma across slices in mm, and its relative error."""
    thickness, relative = acquisition.slice_thickness_mm, SLICE_RELATIVE_STD
    if thickness is None or not thickness > 0:
        thickness, relative = volume.grid.spacing_mm[0], GUESSED_THICKNESS_STD
        flags.append(Flag(FlagKind.UNKNOWN_SLICE_THICKNESS, f"{thickness:.2f} mm"))
    return math.hypot(math.sqrt(SLICE_VARIANCE) * thickness, SLICE_FLOOR_MM), relative


def _expected_mm(family: Family, pixel_mm: float) -> float:
    """Blur of a kernel family on pixels of a size."""
    return math.hypot(family.sigma_mm, math.sqrt(PIXEL_VARIANCE) * pixel_mm)
