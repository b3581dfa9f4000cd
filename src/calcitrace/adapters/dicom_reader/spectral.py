"""Virtual monoenergetic and material-decomposed series, which have no tube voltage."""

from calcitrace.adapters.dicom_reader.header import number, text
from calcitrace.adapters.dicom_reader.planes import Plane

# Values of Image Type (PS3.3 C.8.15.1.1.6 and as in use) and what they say.
SPECTRAL_TYPES = {
    "VMI": "virtual monoenergetic",
    "MONOENERGETIC": "virtual monoenergetic",
    "MONO": "virtual monoenergetic",
    "MONO_E": "virtual monoenergetic",
    "DE_MONO": "virtual monoenergetic",
    "GSI MONO": "virtual monoenergetic",
    "MAT_REMOVED": "material removed",
    "MAT_MODIFIED": "material modified",
    "VNC": "virtual non-contrast",
    "VUE": "virtual non-contrast",
    "DE_VNC": "virtual non-contrast",
    "DE_MIX": "mixed energies",
}


def spectral_kind(plane: Plane) -> str | None:
    """What kind of spectral image it is; `None` for a plain one.

    Mixed images of two tube voltages count as spectral too: no table of tube voltages
    holds for them.
    """
    energy = number(plane.lookup, "MonoenergeticEnergyEquivalent")
    if energy is not None:
        return f"virtual monoenergetic, {energy:g} keV"
    found = (SPECTRAL_TYPES.get(part) for part in plane.image_type)
    kind = next((name for name in found if name), None)
    if kind is None and plane.rescale.unit == "HU_MOD":
        return "modified Hounsfield units"
    is_mixed = text(plane.lookup, "MultienergyCTAcquisition") == "YES"
    return kind or ("multi-energy acquisition" if is_mixed else None)
