"""Flags of two visits that are to be compared."""

from calcitrace.model.flags.wording import FlagText, Severity

_W, _B = Severity.WARNING, Severity.BLOCKING

ALIGNMENT_FAILED = FlagText(
    "alignment_failed",
    _B,
    "The two scans could not be laid on each other ({detail}). They may show different "
    "patients or different parts of the body. Nothing was compared.",
    "Les deux examens n'ont pas pu être superposés ({detail}). Ils montrent peut-être "
    "des patients différents ou des parties du corps différentes. Rien n'a été comparé.",
)
ALIGNMENT_POOR = FlagText(
    "alignment_poor",
    _W,
    "The bones of the two scans lie poorly on each other ({detail}). Check that they "
    "show the same patient, and which deposit became which.",
    "Les os des deux examens se superposent mal ({detail}). Vérifier qu'ils montrent le "
    "même patient, et la correspondance des dépôts.",
)
BODY_SIZE_DIFFERS = FlagText(
    "body_size_differs",
    _W,
    "The bones of the later scan have another size ({detail}). A child has grown, or "
    "these are different patients.",
    "Les os du second examen ont une autre taille ({detail}). Un enfant a grandi, ou ce "
    "sont des patients différents.",
)
DIFFERENT_PATIENT_IDS = FlagText(
    "different_patient_ids",
    _B,
    "The patient identifiers of the visits differ ({detail}). If they are of one "
    "patient all the same, say so with --same-patient.",
    "Les identifiants de patient des visites diffèrent ({detail}). S'il s'agit "
    "néanmoins d'un même patient, l'indiquer avec --same-patient.",
)
