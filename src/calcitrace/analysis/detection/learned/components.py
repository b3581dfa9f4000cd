"""Components in numbers for the trees, and the probability that comes of them."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from calcitrace.analysis.detection.components import Box, Labels
from calcitrace.analysis.detection.evidence import OBSERVATIONS, Believed, Case
from calcitrace.analysis.detection.learned.trees import logits
from calcitrace.model.belief import Belief
from calcitrace.model.learned import ComponentStage

SURE = 0.5
FARTHEST_MM = 60.0
NAMES = (
    "belief", "highest belief", "sure", "taken", "significance", "voxels", "volume",
    "peak", "mean", "excess", "background", "fat", "contact", "bump", "longest",
    "middle", "shortest", "fill", "core drop", "bone sides", "bone gap", "bone reach",
    "depth", "row", "gas", "evidence",
)  # fmt: skip


def believed(
    belief: Belief | None, labels: Labels, box: Box, label: int
) -> Believed | None:
    """What the voxel stage says of one component; `None` where it was not asked."""
    if belief is None:
        return None
    inside = labels[box] == label
    probability = belief.probability[box][inside]
    return Believed(
        mean=float(probability.mean()),
        highest=float(probability.max()),
        sure_fraction=float((probability > SURE).mean()),
        taken_fraction=float(belief.taken[box][inside].mean()),
    )


def numbers_of(case: Case) -> NDArray[np.float32]:
    """One component, shape (len(NAMES),); all finite."""
    f, b = case.features, case.believed
    if b is None:
        msg = "Expected a case that the voxel stage has seen."
        raise ValueError(msg)
    values = (
        b.mean, b.highest, b.sure_fraction, b.taken_fraction,
        math.log(max(f.significance, 1.0)), math.log(f.n_voxels),
        math.log(f.volume_mm3), f.hu_max, f.hu_mean, f.excess_hu, f.background_hu,
        f.fat_fraction, f.contact_fraction, f.bump_hu, *f.axes_mm, f.fill, f.core_drop,
        f.bone_sides, _near(f.bone_gap_mm), _near(f.bone_reach_mm), _near(f.depth_mm),
        case.chain_length, f.has_gas_near, sum(o.weigh(case) for o in OBSERVATIONS),
    )  # fmt: skip
    return np.array(values, np.float32)


def probabilities_of(stage: ComponentStage, cases: Sequence[Case]) -> list[float]:
    """Calibrated probability of each component."""
    if not cases:
        return []
    said = logits(stage.trees, np.stack([numbers_of(case) for case in cases]))
    return [float(p) for p in expit(stage.slope * said + stage.offset)]


def _near(distance_mm: float) -> float:
    return min(distance_mm, FARTHEST_MM)
