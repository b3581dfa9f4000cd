"""What names of structures mean: kind, region, side.

The names are those of anatomy in English, as TotalSegmentator, DICOM's codes and most
networks spell them. A name that is not here is of kind "other" and tells nothing.
"""

import re

from calcitrace.model.structures import Laterality, Region, Structure, StructureKind

_K, _R = StructureKind, Region

BONES: dict[str, Region] = {
    "skull": _R.HEAD_NECK,
    "mandible": _R.HEAD_NECK,
    "maxilla": _R.HEAD_NECK,
    "zygomatic arch": _R.HEAD_NECK,
    "styloid process": _R.HEAD_NECK,
    "hyoid": _R.HEAD_NECK,
    "cervical vertebra": _R.HEAD_NECK,
    "thoracic vertebra": _R.TRUNK,
    "lumbar vertebra": _R.TRUNK,
    "vertebra": _R.UNKNOWN,
    "vertebrae": _R.UNKNOWN,
    "spine": _R.UNKNOWN,
    "vertebral column": _R.UNKNOWN,
    "rib": _R.TRUNK,
    "ribs": _R.TRUNK,
    "sternum": _R.TRUNK,
    "clavicle": _R.SHOULDER,
    "clavicula": _R.SHOULDER,
    "scapula": _R.SHOULDER,
    "humerus": _R.UPPER_ARM,
    "radius": _R.FOREARM,
    "ulna": _R.FOREARM,
    "carpal": _R.WRIST,
    "scaphoid": _R.WRIST,
    "lunate": _R.WRIST,
    "triquetrum": _R.WRIST,
    "pisiform": _R.WRIST,
    "trapezium": _R.WRIST,
    "trapezoid": _R.WRIST,
    "capitate": _R.WRIST,
    "hamate": _R.WRIST,
    "metacarpal": _R.HAND,
    "phalanges hand": _R.FINGER,
    "phalanx of hand": _R.FINGER,
    "phalanx of finger": _R.FINGER,
    "sacrum": _R.PELVIS,
    "coccyx": _R.PELVIS,
    "hip": _R.PELVIS,
    "hip bone": _R.PELVIS,
    "innominate": _R.PELVIS,
    "pelvis": _R.PELVIS,
    "ilium": _R.PELVIS,
    "ischium": _R.PELVIS,
    "pubis": _R.PELVIS,
    "femur": _R.THIGH,
    "patella": _R.KNEE,
    "tibia": _R.LEG,
    "fibula": _R.LEG,
    "talus": _R.ANKLE,
    "tarsal": _R.FOOT,
    "calcaneus": _R.FOOT,
    "navicular": _R.FOOT,
    "cuboid": _R.FOOT,
    "cuneiform": _R.FOOT,
    "metatarsal": _R.FOOT,
    "phalanges feet": _R.FOOT,
    "phalanx of foot": _R.FOOT,
    "phalanx of toe": _R.FOOT,
    "bone": _R.UNKNOWN,
    "bones": _R.UNKNOWN,
    "skeleton": _R.UNKNOWN,
}
OTHERS: dict[str, StructureKind] = {
    "costal cartilage": _K.CARTILAGE,
    "costal cartilages": _K.CARTILAGE,
    "thyroid cartilage": _K.CARTILAGE,
    "cricoid cartilage": _K.CARTILAGE,
    "cartilage": _K.CARTILAGE,
    "tooth": _K.TOOTH,
    "teeth": _K.TOOTH,
    "aorta": _K.VESSEL,
    "vessel": _K.VESSEL,
    "vessels": _K.VESSEL,
    "artery": _K.VESSEL,
    "arteries": _K.VESSEL,
    "blood vessel": _K.VESSEL,
    "brachiocephalic trunk": _K.VESSEL,
    "portal vein and splenic vein": _K.VESSEL,
    "heart": _K.ORGAN,
    "prostate": _K.PROSTATE,
    "kidney": _K.URINARY,
    "kidney cyst": _K.URINARY,
    "ureter": _K.URINARY,
    "urinary bladder": _K.URINARY,
    "bladder": _K.URINARY,
    "esophagus": _K.GUT,
    "stomach": _K.GUT,
    "duodenum": _K.GUT,
    "small bowel": _K.GUT,
    "small intestine": _K.GUT,
    "colon": _K.GUT,
    "rectum": _K.GUT,
    "bowel": _K.GUT,
    "trachea": _K.AIRWAY,
    "bronchus": _K.AIRWAY,
    "lung": _K.AIRWAY,
    "lung upper lobe": _K.AIRWAY,
    "lung middle lobe": _K.AIRWAY,
    "lung lower lobe": _K.AIRWAY,
    "lung trachea bronchia": _K.AIRWAY,
    "implant": _K.IMPLANT,
    "hip implant": _K.IMPLANT,
    "prosthesis": _K.IMPLANT,
    "metal": _K.IMPLANT,
    "spleen": _K.ORGAN,
    "gallbladder": _K.ORGAN,
    "liver": _K.ORGAN,
    "pancreas": _K.ORGAN,
    "adrenal gland": _K.ORGAN,
    "thyroid gland": _K.ORGAN,
    "atrial appendage": _K.ORGAN,
    "spinal cord": _K.ORGAN,
    "brain": _K.ORGAN,
    "uterus": _K.ORGAN,
}
# Last words that say "vessel" whatever stands before them.
VESSEL_ENDS = frozenset({"artery", "arteries", "vein", "vena", "cava", "aorta"})
LEVELS: dict[str, Region] = {
    "c": _R.HEAD_NECK,
    "t": _R.TRUNK,
    "l": _R.TRUNK,
    "s": _R.PELVIS,
}
SIDES = {"left": Laterality.LEFT, "right": Laterality.RIGHT}
LEVEL = re.compile(r"^([ctls])\d{1,2}$")


def structure_of(label: int, name: str, laterality: str = "") -> Structure:
    """What a name says, and nothing where it is not known.

    Parameters
    ----------
    label
        Value in the map.
    name
        In English; underscores, commas and capitals do not matter, sides and numbers
        may stand anywhere in it.
    laterality
        "left" or "right" where it is said apart from the name.

    Examples
    --------
    >>> structure_of(75, "femur_left").region.value
    'thigh'
    >>> structure_of(52, "aorta").kind.value
    'vessel'
    >>> structure_of(1, "tumour").kind.value
    'other'
    """
    words = re.split(r"[^a-z0-9]+", name.lower())
    sides = {SIDES[w] for w in [*words, laterality.lower()] if w in SIDES}
    side = sides.pop() if len(sides) == 1 else Laterality.UNKNOWN
    levels = [found[1] for w in words if (found := LEVEL.match(w))]
    stem = " ".join(
        w
        for w in words
        if w and w not in SIDES and not w.isdigit() and not LEVEL.match(w)
    )
    kind, region = _meaning(stem)
    if stem in {"vertebra", "vertebrae"} and len(levels) == 1:
        region = LEVELS[levels[0]]
    return Structure(label, name, kind, region, side)


def _meaning(stem: str) -> tuple[StructureKind, Region]:
    bone = stem.removesuffix(" bone").removesuffix(" bones")
    for known in (stem, bone):
        if known in BONES:
            return StructureKind.BONE, BONES[known]
    if stem in OTHERS:
        return OTHERS[stem], Region.UNKNOWN
    if stem.rsplit(" ", maxsplit=1)[-1] in VESSEL_ENDS:
        return StructureKind.VESSEL, Region.UNKNOWN
    return StructureKind.OTHER, Region.UNKNOWN
