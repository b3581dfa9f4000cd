"""Flags of one deposit."""

from calcitrace.model.flags.wording import FlagText, Severity

_N, _W = Severity.NOTE, Severity.WARNING

TOUCHES_BONE = FlagText(
    "touches_bone",
    _W,
    "It touches bone ({detail}); where one ends and the other begins is uncertain.",
    "Il touche l'os ({detail}) ; la limite entre les deux est incertaine.",
)
NEAR_BONE = FlagText(
    "near_bone",
    _N,
    "It lies near bone ({detail}). The blur of the bone was subtracted.",
    "Il est proche de l'os ({detail}). Le flou de l'os a été soustrait.",
)
CUT_BY_SCAN_END = FlagText(
    "cut_by_scan_end",
    _W,
    "It is cut by the end of the scan or of the field of view. The mass is a lower "
    "bound.",
    "Il est coupé par la fin de l'examen ou du champ de vue. La masse est une borne "
    "inférieure.",
)
BELOW_DETECTION_LIMIT = FlagText(
    "below_detection_limit",
    _N,
    "Not quantifiable ({detail}).",
    "Non quantifiable ({detail}).",
)
VOLUME_NOT_IDENTIFIABLE = FlagText(
    "volume_not_identifiable",
    _N,
    "It is too small or too thin for its blur: the volume and density are rough.",
    "Il est trop petit ou trop fin au regard du flou : le volume et la densité sont "
    "approximatifs.",
)
CONTRAST_LIKE = FlagText(
    "contrast_like",
    _W,
    "It could be contrast agent in a vessel.",
    "Il pourrait s'agir de produit de contraste dans un vaisseau.",
)
VESSEL_LIKE = FlagText(
    "vessel_like",
    _W,
    "It could be calcium in a vessel wall.",
    "Il pourrait s'agir de calcium dans une paroi vasculaire.",
)
PHLEBOLITH_LIKE = FlagText(
    "phlebolith_like",
    _W,
    "It is small and round, like a phlebolith.",
    "Il est petit et rond, comme un phlébolithe.",
)
BONE_LIKE = FlagText(
    "bone_like",
    _W,
    "It could be bone.",
    "Il pourrait s'agir d'os.",
)
METAL_LIKE = FlagText(
    "metal_like",
    _W,
    "It is as dense as metal ({detail}).",
    "Il est aussi dense qu'un métal ({detail}).",
)
FAINT = FlagText(
    "faint",
    _N,
    "It barely stands out from the noise.",
    "Il se distingue à peine du bruit.",
)
INSIDE_BODY = FlagText(
    "deep_inside_body",
    _W,
    "It lies deep inside the body, where calcium is usually of another kind.",
    "Il est profond, là où le calcium est habituellement d'une autre nature.",
)
CROWDED = FlagText(
    "crowded",
    _N,
    "Neighbours are so close that how the mass is shared between them is uncertain.",
    "Des voisins sont si proches que le partage de la masse entre eux est incertain.",
)
