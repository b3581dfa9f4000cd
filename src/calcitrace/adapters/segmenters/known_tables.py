"""Label tables that are known by name.

Labels and names of TotalSegmentator 2 (Wasserthal et al. 2023, doi 10.1148/ryai.230024),
from its documentation.
"""


def _both(name: str) -> tuple[str, str]:
    return f"{name}_left", f"{name}_right"


def _ribs(side: str) -> list[str]:
    return [f"rib_{side}_{n}" for n in range(1, 13)]


def _spine() -> list[str]:
    levels = ["S1", *(f"L{n}" for n in range(5, 0, -1))]
    levels += [f"T{n}" for n in range(12, 0, -1)] + [f"C{n}" for n in range(7, 0, -1)]
    return [f"vertebrae_{level}" for level in levels]


# In the order of their labels, from 1.
TOTAL = (
    "spleen", "kidney_right", "kidney_left", "gallbladder", "liver", "stomach",
    "pancreas", "adrenal_gland_right", "adrenal_gland_left", "lung_upper_lobe_left",
    "lung_lower_lobe_left", "lung_upper_lobe_right", "lung_middle_lobe_right",
    "lung_lower_lobe_right", "esophagus", "trachea", "thyroid_gland", "small_bowel",
    "duodenum", "colon", "urinary_bladder", "prostate", "kidney_cyst_left",
    "kidney_cyst_right", "sacrum", *_spine(), "heart", "aorta", "pulmonary_vein",
    "brachiocephalic_trunk", "subclavian_artery_right", "subclavian_artery_left",
    "common_carotid_artery_right", "common_carotid_artery_left",
    "brachiocephalic_vein_left", "brachiocephalic_vein_right",
    "atrial_appendage_left", "superior_vena_cava", "inferior_vena_cava",
    "portal_vein_and_splenic_vein", *_both("iliac_artery"), *_both("iliac_vena"),
    *_both("humerus"), *_both("scapula"), *_both("clavicula"), *_both("femur"),
    *_both("hip"), "spinal_cord", *_both("gluteus_maximus"), *_both("gluteus_medius"),
    *_both("gluteus_minimus"), *_both("autochthon"), *_both("iliopsoas"), "brain",
    "skull", *_ribs("left"), *_ribs("right"), "sternum", "costal_cartilages",
)  # fmt: skip
APPENDICULAR_BONES = (
    "patella", "tibia", "fibula", "tarsal", "metatarsal", "phalanges_feet", "ulna",
    "radius", "carpal", "metacarpal", "phalanges_hand",
)  # fmt: skip
# None of them knows every bone: the first has no bone below elbow and knee.
KNOWN_TABLES: dict[str, tuple[str, ...]] = {
    "totalsegmentator": TOTAL,
    "totalsegmentator-appendicular-bones": APPENDICULAR_BONES,
}
