"""Flags of a whole scan: geometry, coverage, values, calibration, noise."""

from calcitrace.model.flags.wording import FlagText, Severity

_N, _W, _B = Severity.NOTE, Severity.WARNING, Severity.BLOCKING

MISSING_SLICES = FlagText(
    "missing_slices",
    _W,
    "Slices are missing ({detail}). Nothing is measured across the gap.",
    "Des coupes manquent ({detail}). Rien n'est mesuré à travers le vide.",
)
UNEVEN_SLICES = FlagText(
    "uneven_slices",
    _W,
    "Slices are not evenly spaced ({detail}). They were resampled to a regular grid.",
    "Les coupes ne sont pas régulièrement espacées ({detail}). Elles ont été "
    "rééchantillonnées sur une grille régulière.",
)
DUPLICATE_SLICES = FlagText(
    "duplicate_slices",
    _N,
    "Identical slices were stored more than once ({detail}). Each was used once.",
    "Des coupes identiques étaient enregistrées plusieurs fois ({detail}). Chacune "
    "a servi une seule fois.",
)
GANTRY_TILT = FlagText(
    "gantry_tilt",
    _W,
    "The gantry was tilted ({detail}). Slices were resampled to a straight grid.",
    "Le statif était incliné ({detail}). Les coupes ont été rééchantillonnées sur "
    "une grille droite.",
)
THICK_SLICES = FlagText(
    "thick_slices",
    _W,
    "Slices are thick ({detail}). Small deposits are missed and volumes are wide.",
    "Les coupes sont épaisses ({detail}). De petits dépôts échappent et les volumes "
    "sont imprécis.",
)
SLICE_GAPS = FlagText(
    "slice_gaps",
    _W,
    "Slices do not touch ({detail}). Calcium between them was not seen.",
    "Les coupes ne se touchent pas ({detail}). Le calcium situé entre elles n'a pas "
    "été vu.",
)
FEW_SLICES = FlagText(
    "few_slices",
    _W,
    "The scan has few slices ({detail}). Most deposits touch its ends, so their "
    "masses are lower bounds.",
    "L'examen compte peu de coupes ({detail}). La plupart des dépôts touchent ses "
    "extrémités : leurs masses sont des bornes inférieures.",
)
TRUNCATED_FIELD_OF_VIEW = FlagText(
    "truncated_field_of_view",
    _W,
    "The body reaches the edge of the field of view ({detail}). What lies outside "
    "was not measured, and the body size is a lower bound.",
    "Le corps atteint le bord du champ de vue ({detail}). Ce qui dépasse n'a pas "
    "été mesuré, et la taille du corps est une borne inférieure.",
)
HU_CLIPPED = FlagText(
    "hu_clipped",
    _W,
    "CT numbers stop at the top of the scale ({detail}), as next to metal. Masses "
    "there are lower bounds.",
    "Les nombres CT plafonnent en haut de l'échelle ({detail}), comme près d'un "
    "métal. Les masses y sont des bornes inférieures.",
)
RESCALE_PER_SLICE = FlagText(
    "rescale_per_slice",
    _N,
    "The rescale slope or intercept differs between slices. Each slice was "
    "converted with its own.",
    "La pente ou l'ordonnée de conversion diffère d'une coupe à l'autre. Chaque "
    "coupe a été convertie avec la sienne.",
)
LOSSY_COMPRESSION = FlagText(
    "lossy_compression",
    _W,
    "The images went through lossy compression. Small deposits may be altered.",
    "Les images ont subi une compression avec pertes. De petits dépôts peuvent "
    "être altérés.",
)
CONTRAST_AGENT = FlagText(
    "contrast_agent",
    _W,
    "A contrast agent was given. Enhanced vessels can look like calcium.",
    "Un produit de contraste a été injecté. Des vaisseaux rehaussés peuvent "
    "ressembler à du calcium.",
)
SHARP_KERNEL = FlagText(
    "sharp_kernel",
    _W,
    "The reconstruction kernel is sharp ({detail}). Noise is high and edges "
    "overshoot. A soft kernel is better for measuring.",
    "Le filtre de reconstruction est dur ({detail}). Le bruit est élevé et les "
    "bords débordent. Un filtre mou convient mieux à la mesure.",
)
UNKNOWN_KERNEL = FlagText(
    "unknown_kernel",
    _N,
    "The reconstruction kernel is unknown, so the blur is {detail}.",
    "Le filtre de reconstruction est inconnu ; le flou est donc {detail}.",
)
UNKNOWN_SLICE_THICKNESS = FlagText(
    "unknown_slice_thickness",
    _N,
    "The slice thickness is unknown; the distance between slices ({detail}) was "
    "taken for it.",
    "L'épaisseur de coupe est inconnue ; la distance entre coupes ({detail}) en "
    "tient lieu.",
)
BLUR_MISMATCH = FlagText(
    "blur_mismatch",
    _W,
    "The blur measured in the image differs from that of the kernel ({detail}).",
    "Le flou mesuré dans l'image diffère de celui du filtre ({detail}).",
)
UNUSUAL_TISSUE_VALUES = FlagText(
    "unusual_tissue_values",
    _W,
    "Fat or muscle has unusual CT numbers ({detail}). The values may not be "
    "Hounsfield units.",
    "La graisse ou le muscle a des nombres CT inhabituels ({detail}). Les valeurs "
    "ne sont peut-être pas des unités Hounsfield.",
)
NO_BODY_FOUND = FlagText(
    "no_body_found",
    _B,
    "No body was found in the images. Nothing was measured.",
    "Aucun corps n'a été trouvé dans les images. Rien n'a été mesuré.",
)
CALIBRATION_GRADE_D = FlagText(
    "calibration_grade_d",
    _N,
    "Masses are calibrated by a table for this kVp and body size (grade D). Their "
    "shared error is {detail}; it cancels between visits on the same scanner and "
    "kVp.",
    "Les masses sont étalonnées par une table pour ce kVp et cette corpulence "
    "(grade D). Leur erreur commune est de {detail} ; elle s'annule entre visites "
    "sur le même scanner au même kVp.",
)
UNKNOWN_KVP = FlagText(
    "unknown_kvp",
    _B,
    "The header does not say the kVp. Masses are calibrated over the whole range "
    "of tube voltages, with an error of {detail}. Give a calibration file.",
    "L'en-tête ne donne pas le kVp. Les masses sont étalonnées sur toute la plage "
    "de tensions, avec une erreur de {detail}. Fournir un fichier d'étalonnage.",
)
KVP_OUTSIDE_TABLE = FlagText(
    "kvp_outside_table",
    _W,
    "The calibration table has no such kVp ({detail}); the nearest was used with a "
    "wider error.",
    "La table d'étalonnage ne contient pas ce kVp ({detail}) ; le plus proche a "
    "servi, avec une erreur élargie.",
)
UNUSUAL_BODY_SIZE = FlagText(
    "unusual_body_size",
    _W,
    "The calibration table has no such body size ({detail}); the nearest or middle "
    "one was used with a wider error.",
    "La table d'étalonnage ne contient pas cette corpulence ({detail}) ; la plus "
    "proche ou la moyenne a servi, avec une erreur élargie.",
)
RODS_DIFFER_FROM_TABLE = FlagText(
    "rods_differ_from_table",
    _W,
    "The rods give another slope than expected at this kVp and body size ({detail}). "
    "Check their densities and positions.",
    "Les inserts donnent une autre pente que celle attendue à ce kVp et cette "
    "corpulence ({detail}). Vérifier leurs densités et positions.",
)
CALIBRATION_GRADE_C = FlagText(
    "calibration_grade_c",
    _N,
    "Masses are calibrated by a table, adjusted by the CT numbers of the patient's own "
    "fat and muscle (grade C). Their shared error is {detail}; it mostly cancels "
    "between visits on the same scanner and kVp.",
    "Les masses sont étalonnées par une table, ajustée par les nombres CT de la graisse "
    "et du muscle du patient (grade C). Leur erreur commune est de {detail} ; elle "
    "s'annule en grande partie entre visites sur le même scanner au même kVp.",
)
CALIBRATION_FILE_UNUSED = FlagText(
    "calibration_file_unused",
    _W,
    "The calibration file is for another scanner model than this scan ({detail}), or "
    "the header does not say which it was; the file was not used.",
    "Le fichier d'étalonnage vaut pour un autre modèle de scanner que celui de cet "
    "examen ({detail}), ou l'en-tête ne le précise pas ; le fichier n'a pas servi.",
)
CALIBRATION_BODY_CUT = FlagText(
    "calibration_body_cut",
    _W,
    "The field of view cuts the body ({detail} of its outline), so its size is "
    "uncertain; the error of the calibration was widened.",
    "Le champ de vue coupe le corps ({detail} de son contour) ; sa taille est donc "
    "incertaine, et l'erreur de l'étalonnage a été élargie.",
)
VIRTUAL_MONOENERGETIC = FlagText(
    "virtual_monoenergetic",
    _B,
    "The series is virtual monoenergetic or material-decomposed ({detail}). The "
    "kVp table does not hold for it; masses need a calibration file.",
    "La série est monoénergétique virtuelle ou issue d'une décomposition "
    "({detail}). La table de kVp ne vaut pas pour elle ; les masses exigent un "
    "fichier d'étalonnage.",
)
SEGMENTATION_PARTIAL = FlagText(
    "segmentation_partial",
    _W,
    "The label map covers part of the body ({detail}). The built-in search found the "
    "bones in the rest.",
    "La carte d'étiquettes couvre une partie du corps ({detail}). Dans le reste, les os "
    "ont été trouvés par la recherche intégrée.",
)
SEGMENTATION_EMPTY = FlagText(
    "segmentation_empty",
    _W,
    "The segmenter named no bone in this scan. The built-in search found the skeleton.",
    "Le segmenteur n'a nommé aucun os dans cet examen. Le squelette a été trouvé par la "
    "recherche intégrée.",
)
HIGH_NOISE = FlagText(
    "high_noise",
    _W,
    "Noise is high ({detail}). Intervals of small deposits may be too narrow.",
    "Le bruit est élevé ({detail}). Les intervalles des petits dépôts peuvent être "
    "trop étroits.",
)
NOISE_NOT_MEASURED = FlagText(
    "noise_not_measured",
    _W,
    "No uniform tissue was large enough to measure the noise ({detail}). A wide "
    "default was used.",
    "Aucun tissu uniforme assez grand pour mesurer le bruit ({detail}). Une valeur "
    "par défaut large a servi.",
)
ANATOMY_UNLIKE_TRAINING = FlagText(
    "anatomy_unlike_training",
    _W,
    "The learned detector knows no anatomy like this ({detail}). Fixed rules decided, and "
    "they miss more deposits beside bone; look through the candidates.",
    "Le détecteur appris ne connaît pas d'anatomie semblable ({detail}). Des règles fixes "
    "ont décidé, et elles manquent plus de dépôts contre l'os ; parcourir les candidats.",
)
CORRECTED = FlagText(
    "corrected_by_reader",
    _N,
    "A reader corrected what the program found ({detail}).",
    "Un lecteur a corrigé ce que le programme avait trouvé ({detail}).",
)
CORRECTION_NOT_APPLIED = FlagText(
    "correction_not_applied",
    _W,
    "The place of a reader's correction no longer holds what it needs; it was not "
    "applied ({detail}).",
    "Le lieu d'une correction ne contient plus ce qu'elle requiert ; elle n'a pas été "
    "appliquée ({detail}).",
)
CORRECTIONS_OF_OTHER_SCAN = FlagText(
    "corrections_of_other_scan",
    _W,
    "The corrections were made on another scan ({detail}). Check each of them here.",
    "Les corrections ont été faites sur un autre examen ({detail}). Vérifier chacune "
    "d'elles ici.",
)
