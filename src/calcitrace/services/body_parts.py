"""What the header says of the body part, in the words of our tables.

Nothing is guessed: a term that is not here, or that covers more than one of our regions
(EXTREMITY, ABDOMEN PELVIS), gives "unknown".
"""

UNKNOWN = "unknown"

# Left: defined terms of Body Part Examined (0018,0015), DICOM PS3.16 annex L, and
# spellings that mean the same thing. ARM and LEG are, there, the segments above the
# elbow and below the knee. Right: our word.
REGION_OF_TERM: dict[str, str] = {
    "FINGER": "finger",
    "THUMB": "finger",
    "HAND": "hand",
    "WRIST": "wrist",
    "FOREARM": "forearm",
    "ELBOW": "elbow",
    "ARM": "upper arm",
    "UPPERARM": "upper arm",
    "HUMERUS": "upper arm",
    "SHOULDER": "shoulder",
    "HIP": "hip",
    "THIGH": "thigh",
    "FEMUR": "thigh",
    "KNEE": "knee",
    "LEG": "leg",
    "LOWERLEG": "leg",
    "CALF": "leg",
    "TIBIAFIBULA": "leg",
    "ANKLE": "ankle",
    "FOOT": "foot",
    "TOE": "foot",
    "CALCANEUS": "foot",
    "PELVIS": "pelvis",
    "CHEST": "trunk",
    "ABDOMEN": "trunk",
    "TRUNK": "trunk",
    "HEAD": "head/neck",
    "NECK": "head/neck",
    "HEADNECK": "head/neck",
    "SKULL": "head/neck",
    "JAW": "head/neck",
}

# Laterality (0020,0060) and Image Laterality (0020,0062). "B" (both) does not say on
# which side a deposit lies, "U" (unpaired) says that it has none.
SIDE_OF_TERM: dict[str, str] = {"R": "right", "L": "left"}


def region(body_part: str | None) -> str:
    """Region named by Body Part Examined, or "unknown".

    Examples
    --------
    >>> region("Lower Leg")
    'leg'
    >>> region("EXTREMITY")
    'unknown'
    """
    letters = "".join(c for c in (body_part or "").upper() if c.isalpha())
    return REGION_OF_TERM.get(letters, UNKNOWN)


def side(laterality: str | None) -> str:
    """Side named by Laterality, "right" or "left", or "unknown".

    Examples
    --------
    >>> side("R")
    'right'
    >>> side(None)
    'unknown'
    """
    return SIDE_OF_TERM.get((laterality or "").strip().upper(), UNKNOWN)
