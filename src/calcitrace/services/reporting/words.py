"""Names of things in the model, for readers; the French is in the catalogue."""

from calcitrace.model.calibration import Grade
from calcitrace.model.deposit import Reason, ShapeClass, Status
from calcitrace.model.flags import FlagKind, Severity
from calcitrace.services.reporting.language import marked

STATUS_WORDS: dict[Status, str] = {
    Status.ACCEPTED: marked("accepted"),
    Status.REVIEW: marked("in review"),
    Status.DROPPED: marked("excluded"),
}

REASON_WORDS: dict[Reason, str] = {
    Reason.SOFT_TISSUE_CALCIUM: marked("calcium in soft tissue"),
    Reason.TOUCHES_BONE: marked("touches bone"),
    Reason.CUT_BY_SCAN_END: marked("cut by the end of the scan"),
    Reason.POSSIBLE_BONE: marked("possibly bone"),
    Reason.SKELETON: marked("skeleton"),
    Reason.BONE_FRAGMENT: marked("fragment of bone"),
    Reason.TOOTH: marked("tooth"),
    Reason.VESSEL_WALL: marked("vessel wall"),
    Reason.PROSTATE: marked("prostate"),
    Reason.URINARY: marked("kidney, ureter or bladder"),
    Reason.GUT: marked("gut"),
    Reason.AIRWAY: marked("airway or lung"),
    Reason.ORGAN: marked("an organ"),
    Reason.CARTILAGE: marked("cartilage"),
    Reason.PHLEBOLITH: marked("phlebolith"),
    Reason.CONTRAST: marked("contrast agent"),
    Reason.METAL: marked("metal"),
    Reason.OUTSIDE_BODY: marked("outside the body"),
    Reason.NOISE: marked("noise"),
    Reason.TOO_SMALL: marked("too small"),
    Reason.SKIN_SURFACE: marked("on the surface of the skin"),
    Reason.DEEP_IN_TRUNK: marked("deep in the trunk"),
    Reason.READER: marked("decided by a reader"),
    Reason.DEEP_INSIDE_BODY: marked("deep inside the body"),
}

SHAPE_WORDS: dict[ShapeClass, str] = {
    ShapeClass.PUNCTATE: marked("punctate"),
    ShapeClass.COMPACT: marked("compact"),
    ShapeClass.ELONGATED: marked("elongated"),
    ShapeClass.SHEET: marked("sheet"),
    ShapeClass.CLUSTER: marked("cluster"),
    ShapeClass.MASS: marked("mass-like"),
}

# The words of `services.body_parts`; what is not here is shown as it is.
REGION_WORDS: dict[str, str] = {
    "finger": marked("finger"),
    "hand": marked("hand"),
    "wrist": marked("wrist"),
    "forearm": marked("forearm"),
    "elbow": marked("elbow"),
    "upper arm": marked("upper arm"),
    "shoulder": marked("shoulder"),
    "hip": marked("hip"),
    "thigh": marked("thigh"),
    "knee": marked("knee"),
    "leg": marked("leg"),
    "ankle": marked("ankle"),
    "foot": marked("foot"),
    "pelvis": marked("pelvis"),
    "trunk": marked("trunk"),
    "head/neck": marked("head or neck"),
    "unknown": marked("region not stated"),
}

SIDE_WORDS: dict[str, str] = {
    "left": marked("left side"),
    "right": marked("right side"),
    "both": marked("both sides"),
    "midline": marked("midline"),
    "unknown": marked("side not stated"),
}

SEVERITY_WORDS: dict[Severity, str] = {
    Severity.BLOCKING: marked("blocking"),
    Severity.WARNING: marked("warning"),
    Severity.NOTE: marked("note"),
}

GRADE_WORDS: dict[Grade, str] = {
    Grade.A: marked(
        "Grade A: rods of known density were scanned with the patient. The best there "
        "is; what is left is the error of the rods and of reading them."
    ),
    Grade.B: marked(
        "Grade B: the same scanner model was measured with a phantom at this kVp "
        "before; a table carries its slope from the size of the phantom to that of the "
        "body. What is left is the error of the rods, of other scanners of the model "
        "and of that step."
    ),
    Grade.C: marked(
        "Grade C: a computed table for this kVp and body size, adjusted by how the "
        "patient's own fat and muscle read in this scan. It is hardly better than the "
        "table alone, and masses must not be compared across kVp either."
    ),
    Grade.D: marked(
        "Grade D: a computed table for this kVp and body size, for a scanner that "
        "nobody measured. All masses of the scan share its error: it cancels when two "
        "visits on the same scanner and kVp are compared, and masses must not be "
        "compared across kVp."
    ),
}

# Flags of deposits in few words, for cells of a table. The sentences with their numbers
# stand beside the pictures.
SHORT_FLAGS: dict[FlagKind, str] = {
    FlagKind.TOUCHES_BONE: marked("touches bone"),
    FlagKind.NEAR_BONE: marked("blur of near bone subtracted"),
    FlagKind.CUT_BY_SCAN_END: marked("cut: lower bound"),
    FlagKind.BELOW_DETECTION_LIMIT: marked("below its detection limit"),
    FlagKind.VOLUME_NOT_IDENTIFIABLE: marked("volume and density rough"),
    FlagKind.CONTRAST_LIKE: marked("contrast agent?"),
    FlagKind.VESSEL_LIKE: marked("vessel wall?"),
    FlagKind.PHLEBOLITH_LIKE: marked("phlebolith?"),
    FlagKind.BONE_LIKE: marked("bone?"),
    FlagKind.METAL_LIKE: marked("metal?"),
    FlagKind.FAINT: marked("barely above the noise"),
    FlagKind.INSIDE_BODY: marked("deep inside the body"),
    FlagKind.CROWDED: marked("close neighbours"),
}

SOURCE_KIND_WORDS: dict[str, str] = {
    "dicom": marked("DICOM series"),
    "nifti": marked("NIfTI image"),
    "array": marked("array in memory"),
}

# Phrases that stages put into flags, with # for every number (`Language.phrase`).
PHRASES: tuple[str, ...] = (
    marked("unknown"),
    marked("measured on the skin"),
    marked("measured on bone"),
    marked("taken as typical"),
    marked("skin edge"),
    marked("kernel table"),
    marked("skin edge and kernel table"),
    marked("bone edge"),
    marked("bone edge and kernel table"),
    marked("slice thickness"),
    marked("slice spacing"),
    marked("tilted skin"),
    marked("tilted skin and slice thickness"),
    marked("tilted skin and slice spacing"),
    marked("leaning bone"),
    marked("leaning bone and slice thickness"),
    marked("leaning bone and slice spacing"),
    marked("across slices: sigma # mm, # mm expected"),
    marked("sigma # mm, # mm expected"),
    marked("# against # mg/cm3 per HU"),
    marked("# HU assumed"),
    marked("# HU"),
    marked("a table of computed responses by tube voltage and body size"),
    marked("# rods of known density in the scan"),
    marked("a phantom measured on the same scanner model and tube voltage"),
    marked("a table of computed responses, adjusted by the patient's fat and muscle"),
    marked("kVp unknown"),
    marked("scanner unknown"),
    marked("virtual monoenergetic"),
    marked("virtual monoenergetic, # keV"),
    marked("material removed"),
    marked("material modified"),
    marked("virtual non-contrast"),
    marked("mixed energies"),
    marked("modified Hounsfield units"),
    marked("multi-energy acquisition"),
    # Why a series was not measured.
    marked("chosen"),
    marked("another series was asked for"),
    marked("equal to the chosen series in every rule"),
    marked("virtual monoenergetic or material-decomposed; a plain series was chosen"),
    marked("derived images; an original series was chosen"),
    marked("not axial; an axial series was chosen"),
    marked("covers less of the body than the chosen series"),
    marked("slices with gaps; a series without gaps was chosen"),
    marked("lossy compression; another was chosen"),
    marked("thicker slices than the chosen series"),
    marked("contrast-enhanced; an unenhanced series was chosen"),
    marked("sharper kernel than the chosen series"),
    marked("fewer images than the chosen series"),
    marked("NIfTI; DICOM says how the scan was made"),
    marked("DICOM files that cannot be parsed"),
    marked("zip files; give one of them to have it read"),
    marked("not CT images"),
    marked("a localizer"),
    marked("a screen or dose report"),
    marked("a projection, rendering or processed picture"),
    marked("a map of another quantity than Hounsfield units"),
    marked("colour images"),
    marked("values through a lookup table, expected a rescale slope and intercept"),
    marked("no Rescale Slope or Rescale Intercept, so values are not Hounsfield units"),
    marked("a lone image whose size, orientation or kind differs from its series"),
    marked("one image without a Slice Thickness, so it has no volume"),
    marked("# million voxels, expected at most #"),
    marked("# slices far apart, spread over # places"),
    marked("slices shifted against each other by up to # mm"),
    marked("# HU, # voxels"),
)
