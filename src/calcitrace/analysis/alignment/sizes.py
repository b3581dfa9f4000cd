"""Growth: the size of all bones together."""

from collections.abc import Sequence

import numpy as np

from calcitrace.analysis.alignment.bones import BoneMap
from calcitrace.analysis.alignment.limbs import Segment
from calcitrace.analysis.alignment.matrices import scale_of
from calcitrace.analysis.alignment.motions import cost_mm, scaled

N_FIT = 1500  # surface points of a bone
# Where the size is sought: tolerance; how well a bone must fit in the end; how much
# better all must fit for it; what counts as another size.
SCALE_MM, WORST_MM, GAIN, LEAST_SCALE, SCALE_RANGE = 3.0, 1.0, 0.1, 0.005, (0.8, 1.25)


def common_scale(target: BoneMap, found: Sequence[Segment]) -> float:
    """Size of the moving body relative to the reference, from all bones together.

    Each bone is fitted anew with a size of its own; 1 unless bones fit clearly better
    and agree.
    """
    sizes: list[float] = []
    weights: list[float] = []
    costs = np.zeros(2)
    for segment in found:
        surface = segment.bone.surface_mm
        points = surface[np.random.default_rng(0).permutation(len(surface))[:N_FIT]]
        other = scaled(target, points, segment.motion, SCALE_MM)
        both = [cost_mm(target, points, m) for m in (segment.motion, other)]
        costs += len(surface) * np.array(both)
        if both[1] < WORST_MM:
            sizes.append(scale_of(other))
            weights.append(len(surface))
    if not sizes or costs[1] > (1 - GAIN) * costs[0]:
        return 1.0
    order = np.argsort(sizes)
    share = np.cumsum(np.array(weights)[order]) / np.sum(weights)
    size = float(np.array(sizes)[order][np.searchsorted(share, 0.5)])
    low, high = SCALE_RANGE
    is_clear = abs(size - 1) > LEAST_SCALE and low < size < high
    return size if is_clear else 1.0
