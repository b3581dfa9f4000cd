"""What the header says of the body part, in the words of our tables.

Nothing is guessed: a term that is not here, or that covers more than one of our regions
(EXTREMITY, ABDOMEN PELVIS), gives "unknown", and so do words that name two regions.
"""

import re
from collections.abc import Iterable

from calcitrace.model.structures import Laterality, Region

_R = Region

# Left: defined terms of Body Part Examined (0018,0015), DICOM PS3.16 annex L, and
# spellings that mean the same thing. ARM and LEG are, there, the segments above the
# elbow and below the knee. Right: our word.
REGION_OF_TERM: dict[str, Region] = {
    "FINGER": _R.FINGER,
    "THUMB": _R.FINGER,
    "HAND": _R.HAND,
    "WRIST": _R.WRIST,
    "FOREARM": _R.FOREARM,
    "ELBOW": _R.ELBOW,
    "ARM": _R.UPPER_ARM,
    "UPPERARM": _R.UPPER_ARM,
    "HUMERUS": _R.UPPER_ARM,
    "SHOULDER": _R.SHOULDER,
    "HIP": _R.HIP,
    "THIGH": _R.THIGH,
    "FEMUR": _R.THIGH,
    "KNEE": _R.KNEE,
    "LEG": _R.LEG,
    "LOWERLEG": _R.LEG,
    "CALF": _R.LEG,
    "TIBIAFIBULA": _R.LEG,
    "ANKLE": _R.ANKLE,
    "FOOT": _R.FOOT,
    "TOE": _R.FOOT,
    "CALCANEUS": _R.FOOT,
    "PELVIS": _R.PELVIS,
    "CHEST": _R.TRUNK,
    "ABDOMEN": _R.TRUNK,
    "TRUNK": _R.TRUNK,
    "HEAD": _R.HEAD_NECK,
    "NECK": _R.HEAD_NECK,
    "HEADNECK": _R.HEAD_NECK,
    "SKULL": _R.HEAD_NECK,
    "JAW": _R.HEAD_NECK,
}

# Words of protocols and descriptions, in English, French and German, without accents.
# "Arm", "leg" and their like name a whole limb in free text, so they are not here.
REGION_OF_WORD: dict[str, Region] = {
    "finger": _R.FINGER,
    "fingers": _R.FINGER,
    "thumb": _R.FINGER,
    "doigt": _R.FINGER,
    "doigts": _R.FINGER,
    "pouce": _R.FINGER,
    "daumen": _R.FINGER,
    "hand": _R.HAND,
    "hands": _R.HAND,
    "main": _R.HAND,
    "mains": _R.HAND,
    "haende": _R.HAND,
    "wrist": _R.WRIST,
    "wrists": _R.WRIST,
    "poignet": _R.WRIST,
    "handgelenk": _R.WRIST,
    "forearm": _R.FOREARM,
    "unterarm": _R.FOREARM,
    "elbow": _R.ELBOW,
    "elbows": _R.ELBOW,
    "coude": _R.ELBOW,
    "ellenbogen": _R.ELBOW,
    "humerus": _R.UPPER_ARM,
    "oberarm": _R.UPPER_ARM,
    "shoulder": _R.SHOULDER,
    "shoulders": _R.SHOULDER,
    "epaule": _R.SHOULDER,
    "schulter": _R.SHOULDER,
    "hip": _R.HIP,
    "hips": _R.HIP,
    "hanche": _R.HIP,
    "hueftgelenk": _R.HIP,
    "thigh": _R.THIGH,
    "thighs": _R.THIGH,
    "femur": _R.THIGH,
    "cuisse": _R.THIGH,
    "oberschenkel": _R.THIGH,
    "knee": _R.KNEE,
    "knees": _R.KNEE,
    "genou": _R.KNEE,
    "knie": _R.KNEE,
    "calf": _R.LEG,
    "tibia": _R.LEG,
    "mollet": _R.LEG,
    "unterschenkel": _R.LEG,
    "ankle": _R.ANKLE,
    "ankles": _R.ANKLE,
    "cheville": _R.ANKLE,
    "sprunggelenk": _R.ANKLE,
    "foot": _R.FOOT,
    "feet": _R.FOOT,
    "toe": _R.FOOT,
    "toes": _R.FOOT,
    "pied": _R.FOOT,
    "pieds": _R.FOOT,
    "fuss": _R.FOOT,
    "calcaneus": _R.FOOT,
    "pelvis": _R.PELVIS,
    "bassin": _R.PELVIS,
    "becken": _R.PELVIS,
    "chest": _R.TRUNK,
    "thorax": _R.TRUNK,
    "abdomen": _R.TRUNK,
    "neck": _R.HEAD_NECK,
    "cou": _R.HEAD_NECK,
    "skull": _R.HEAD_NECK,
    "crane": _R.HEAD_NECK,
    "schaedel": _R.HEAD_NECK,
}
# "Main" is a hand in French only, and "hand" in English and German.
NEEDS_ARTICLE = re.compile(
    r"\b(?:de la|la|les|des|de) mains?\b|\bmains?\b (?:droite|gauche)"
)

SIDE_OF_TERM: dict[str, Laterality] = {"R": Laterality.RIGHT, "L": Laterality.LEFT}
# Laterality (0020,0060) and Image Laterality (0020,0062). "B" (both) does not say on
# which side a deposit lies, "U" (unpaired) says that it has none.
SIDE_OF_WORD: dict[str, Laterality] = {
    "right": Laterality.RIGHT,
    "droit": Laterality.RIGHT,
    "droite": Laterality.RIGHT,
    "rechts": Laterality.RIGHT,
    "rechte": Laterality.RIGHT,
    "rechter": Laterality.RIGHT,
    "rechtes": Laterality.RIGHT,
    "left": Laterality.LEFT,
    "gauche": Laterality.LEFT,
    "links": Laterality.LEFT,
    "linke": Laterality.LEFT,
    "linker": Laterality.LEFT,
    "linkes": Laterality.LEFT,
}
PLAIN = str.maketrans(
    {"é": "e", "è": "e", "ê": "e", "â": "a", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
)


def region(body_part: str | None) -> Region:
    """Region named by Body Part Examined, or unknown.

    Examples
    --------
    >>> region("Lower Leg").value
    'leg'
    >>> region("EXTREMITY").value
    'unknown'
    """
    letters = "".join(c for c in (body_part or "").upper() if c.isalpha())
    return REGION_OF_TERM.get(letters, Region.UNKNOWN)


def side(laterality: str | None) -> Laterality:
    """Side named by Laterality, or unknown.

    Examples
    --------
    >>> side("R").value
    'right'
    >>> side(None).value
    'unknown'
    """
    return SIDE_OF_TERM.get((laterality or "").strip().upper(), Laterality.UNKNOWN)


def known_words(*texts: str) -> tuple[str, ...]:
    """Words of body parts and sides in free text, and nothing else of it.

    Descriptions may hold names of people; what is not in our tables does not get out.

    Examples
    --------
    >>> known_words("CT Hand rechts, Frau Beispiel")
    ('hand', 'rechts')
    """
    found: dict[str, None] = {}
    for text in texts:
        plain = text.lower().translate(PLAIN)
        is_french = NEEDS_ARTICLE.search(plain) is not None
        for word in re.findall(r"[a-z]+", plain):
            is_known = word in REGION_OF_WORD or word in SIDE_OF_WORD
            if is_known and (is_french or word not in {"main", "mains"}):
                found[word] = None
    return tuple(found)


def region_of_words(words: Iterable[str]) -> Region:
    """Region that words name, if they name one only.

    Examples
    --------
    >>> region_of_words(["hand", "rechts"]).value
    'hand'
    >>> region_of_words(["thorax", "pelvis"]).value
    'unknown'
    """
    named = {REGION_OF_WORD[word] for word in words if word in REGION_OF_WORD}
    return named.pop() if len(named) == 1 else Region.UNKNOWN


def side_of_words(words: Iterable[str]) -> Laterality:
    """Side that words name, if they name one only."""
    named = {SIDE_OF_WORD[word] for word in words if word in SIDE_OF_WORD}
    return named.pop() if len(named) == 1 else Laterality.UNKNOWN
