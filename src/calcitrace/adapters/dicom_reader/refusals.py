"""Why a stack cannot be measured: one table, looked through from top to bottom.

Reasons go into the list of series and into errors: no patient data, no file names.
"""

from collections.abc import Callable

from pydicom.uid import UID

from calcitrace.adapters.dicom_reader.grouping import Stack
from calcitrace.adapters.dicom_reader.planes import Plane

CT_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.2": "CT Image Storage",
    "1.2.840.10008.5.1.4.1.1.2.1": "Enhanced CT Image Storage",
    "1.2.840.10008.5.1.4.1.1.2.2": "Legacy Converted Enhanced CT Image Storage",
}
MAX_SIDE = 16_384  # pixels; scanners make up to 2048
MAX_VOXELS = 2**31  # 4 GiB as int16: eight times the largest scans in use

# Values of Image Type, any place (PS3.3 C.8.2.1.1.1, C.8.16.1.3, and as in use).
LOCALIZERS = frozenset({"LOCALIZER", "SCOUT", "TOPOGRAM", "SURVIEW", "SCANOGRAM"})
RENDERINGS = frozenset(
    {
        "3D", "VRT", "VR", "SSD", "MIP", "MINIP", "MAX_IP", "MIN_IP",
        "MAXIMUM_INTENSITY_PROJECTION", "PROJECTION IMAGE", "VOLUME_RENDER",
        "SURFACE_RENDER", "SURFACE", "VOLREN", "CSA 3D EDITING", "MIP_SSD", "CURVED",
        "CURVED_MPR", "CPR",
    }
)  # fmt: skip
REPORTS = frozenset({"SCREEN SAVE", "SCREEN_SAVE", "DOSE_INFO", "DOSE INFO", "PROTOCOL",
                     "DOSE", "PRESENTATION", "GSPS"})  # fmt: skip
MAPS = frozenset(
    {
        "PERFUSION", "RCBF", "RCBV", "CBF", "CBV", "MTT", "RMTT", "TTP", "TMAX", "RTTP",
        "PERMEABILITY", "SUBTRACTION", "MAT_SPECIFIC", "MAT_FRACTIONAL",
        "MAT_VALUE_BASED", "EFF_ATOMIC_NUM", "ELECTRON_DENSITY", "Z_EFF", "IODINE",
        "DE_IODINE", "RHO_Z", "STD_DEVIATION",
    }
)  # fmt: skip

Check = Callable[[Plane], str | None]


def why_not(stack: Stack) -> str | None:
    """Why a stack cannot be measured, as part of a sentence; `None` if it can."""
    for plane in stack.planes:
        for check in PLANE_CHECKS:
            if reason := check(plane):
                return reason
    return _is_stray(stack) or _has_no_extent(stack) or _is_too_large(stack)


def _no_ct_class(plane: Plane) -> str | None:
    if plane.sop_class in CT_CLASSES and plane.modality in {"CT", ""}:
        return None
    name = UID(plane.sop_class).name if plane.sop_class else "no SOP class"
    modality = plane.modality or "none"
    return f"not CT images (modality {modality}, {name})"


def _of_type(words: frozenset[str], reason: str) -> Check:
    def check(plane: Plane) -> str | None:
        found = next((part for part in plane.image_type if part in words), None)
        return f"{reason} (image type {found})" if found else None

    return check


def _colour(plane: Plane) -> str | None:
    n = plane.pixels.samples
    return f"colour images ({n} samples per pixel, expected 1)" if n != 1 else None


def _no_hounsfield(plane: Plane) -> str | None:
    rescale = plane.rescale
    if rescale.unit not in {"", "HU", "HU_MOD"}:
        return f"values in {rescale.unit[:16]}, expected Hounsfield units"
    if rescale.has_table:
        return "values through a lookup table, expected a rescale slope and intercept"
    if rescale.slope is None or rescale.intercept is None:
        return (
            "no Rescale Slope or Rescale Intercept, so values are not Hounsfield units"
        )
    if rescale.slope == 0:
        return "Rescale Slope is 0"
    return None


def _no_geometry(plane: Plane) -> str | None:
    place = plane.place
    missing = [
        name
        for name, value in (
            ("Pixel Spacing", place.spacing_mm),
            ("Image Orientation (Patient)", place.orientation),
            ("Image Position (Patient)", place.position_mm),
        )
        if value is None
    ]
    if missing:
        return f"no usable {' nor '.join(missing)} in the header"
    if place.spacing_mm is not None and min(place.spacing_mm) <= 0:
        return "Pixel Spacing is not positive"
    return None if _is_rotation(place.orientation) else (
        "Image Orientation (Patient) is not a pair of perpendicular unit vectors"
    )  # fmt: skip


def _is_rotation(orientation: tuple[float, ...] | None) -> bool:
    if orientation is None:
        return False
    row, column = orientation[:3], orientation[3:]
    lengths = [sum(v * v for v in axis) for axis in (row, column)]
    dot = sum(a * b for a, b in zip(row, column, strict=True))
    return all(abs(v - 1) < 1e-2 for v in lengths) and abs(dot) < 1e-2  # noqa: PLR2004 -- unit and at right angles


def _strange_pixels(plane: Plane) -> str | None:
    pixels = plane.pixels
    if pixels.rows < 1 or pixels.columns < 1:
        return "no Rows or Columns in the header"
    if max(pixels.rows, pixels.columns) > MAX_SIDE:
        return (
            f"images of {pixels.rows} x {pixels.columns} pixels, expected at most "
            f"{MAX_SIDE} a side"
        )
    if pixels.bits_allocated not in {8, 16, 32}:
        return f"{pixels.bits_allocated} bits allocated, expected 8, 16 or 32"
    if not pixels.high_bit < pixels.bits_allocated >= pixels.bits_stored > 0:
        return "Bits Stored and High Bit do not fit Bits Allocated"
    return None


# The first that answers gives the reason.
PLANE_CHECKS: tuple[Check, ...] = (
    _no_ct_class,
    _of_type(LOCALIZERS, "a localizer"),
    _of_type(REPORTS, "a screen or dose report"),
    _of_type(RENDERINGS, "a projection, rendering or processed picture"),
    _of_type(MAPS, "a map of another quantity than Hounsfield units"),
    _colour,
    _no_hounsfield,
    _no_geometry,
    _strange_pixels,
)


def _is_stray(stack: Stack) -> str | None:
    if len(stack.planes) == 1 and stack.n_parts > 1:
        return "a lone image whose size, orientation or kind differs from its series"
    return None


def _has_no_extent(stack: Stack) -> str | None:
    thickness = stack.first.place.thickness_mm
    if len(stack.planes) == 1 and not (thickness and thickness > 0):
        return "one image without a Slice Thickness, so it has no volume"
    return None


def _is_too_large(stack: Stack) -> str | None:
    pixels = stack.first.pixels
    n_voxels = pixels.rows * pixels.columns * len(stack.planes)
    if n_voxels > MAX_VOXELS:
        return f"{n_voxels / 1e6:.0f} million voxels, expected at most 2147"
    return None
