"""Find deposits with all that is known: rules, and trees where they know the anatomy."""

from dataclasses import dataclass, replace

import numpy as np

from calcitrace.analysis.anatomy import CLASSICAL
from calcitrace.analysis.anatomy.surface import surface_points_mm
from calcitrace.analysis.detection import Detection, Sight, find_candidates
from calcitrace.analysis.detection.learned.believing import believe
from calcitrace.analysis.detection.learned.likeness import described, distance
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.image_quality import Noise
from calcitrace.model.learned import RULES, LearnedDetector
from calcitrace.model.protocol import DetectionSettings
from calcitrace.model.scan import Scan
from calcitrace.model.trees import Trees
from calcitrace.model.volume import LabelVolume, Mask, Tissue

N_DIGITS = 12  # of the digest of a trained detector


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """What was found in a scan, and in which anatomy.

    Attributes
    ----------
    anatomy
        Its skeleton has lost what is probably a deposit.
    made_by
        What decided, with its version.
    flags
        Of the scan.
    """

    detection: Detection
    anatomy: Anatomy
    made_by: str
    flags: tuple[Flag, ...] = ()


def detect(
    scan: Scan,
    anatomy: Anatomy,
    noise: Noise,
    settings: DetectionSettings,
    detector: LearnedDetector | None,
) -> Detected:
    """Find candidates and decide on each.

    Parameters
    ----------
    scan, anatomy, noise
        The scan and what was found in it so far.
    settings
        Thresholds.
    detector
        `None` leaves it to the rules, and so does an anatomy that is unlike all that
        it learnt from (with a flag), or a skeleton that somebody else found.
    """
    plain = Sight(scan.volume, scan.coverage, anatomy, noise, scan.acquisition)
    if detector is None or anatomy.segmenter != CLASSICAL or not anatomy.body.any():
        return Detected(find_candidates(plain, settings), anatomy, RULES)
    away = distance(detector.kin, described(scan.volume, anatomy))
    if away > detector.kin.limit:
        detail = f"{away:.1f} > {detector.kin.limit:.1f}"
        flag = Flag(FlagKind.ANATOMY_UNLIKE_TRAINING, detail)
        found = find_candidates(plain, settings)
        return Detected(found, anatomy, RULES, (flag,))
    sight = believed_sight(plain, detector.voxels)
    found = find_candidates(sight, settings, detector.stage)
    version = detector.digest[:N_DIGITS]
    return Detected(found, sight.anatomy, f"{detector.name} ({version})")


def believed_sight(plain: Sight, voxels: Trees) -> Sight:
    """A scan whose skeleton has lost what the voxel stage believes to be deposits."""
    kvp = plain.acquisition.kvp
    belief = believe(plain.volume, plain.anatomy, kvp, voxels)
    anatomy = _without(plain.anatomy, belief.taken)
    return replace(plain, anatomy=anatomy, belief=belief)


def _without(anatomy: Anatomy, taken: Mask) -> Anatomy:
    """Anatomy with some voxels of the skeleton as dense tissue of another kind."""
    if not taken.any():
        return anatomy
    grid = anatomy.tissue.grid
    tissue = np.array(anatomy.tissue.labels, np.uint8)
    tissue[taken] = Tissue.OTHER_DENSE
    bone = tissue == Tissue.SKELETON
    return replace(
        anatomy,
        tissue=LabelVolume(tissue, grid),
        skeleton_mm=surface_points_mm(bone, ~bone, grid),
    )
