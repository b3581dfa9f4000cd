"""What the detector has learnt, as one value."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.trees import Trees

RULES = "calcitrace rules 1"  # decide where nothing that was learnt does


@dataclass(frozen=True, slots=True, eq=False)
class ComponentStage:
    """From the numbers of a component to a probability.

    Attributes
    ----------
    trees
        Their sum is a logit.
    slope, offset
        Of the line from that logit to the logit of how often such components were
        deposits in patients that the trees had not seen (Platt 1999).
    """

    trees: Trees
    slope: float
    offset: float


@dataclass(frozen=True, slots=True, eq=False)
class Kin:
    """Scans that were learnt from, to tell which others are like them.

    Attributes
    ----------
    names
        What a scan is described by.
    middle, scale
        Mean and standard deviation of each.
    rows
        Described scans, in those units, shape (scan, number).
    limit
        A scan whose nearest of them lies further is unlike them.
    """

    names: tuple[str, ...]
    middle: NDArray[np.float64]
    scale: NDArray[np.float64]
    rows: NDArray[np.float64]
    limit: float


@dataclass(frozen=True, slots=True, eq=False)
class LearnedDetector:
    """Both stages, and what they know.

    Attributes
    ----------
    name
        With its version.
    digest
        SHA-256 of the file it was read from; empty if it was only now trained.
    """

    name: str
    voxels: Trees
    stage: ComponentStage
    kin: Kin
    digest: str = ""
