"""A visit whose images are not at hand: only what was stored of it."""

import numpy as np

from calcitrace.analysis.anatomy.surface import (
    is_truncated,
    skin_points_mm,
    surface_points_mm,
)
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.calibration import Calibration
from calcitrace.model.deposit import Deposit
from calcitrace.model.flags import Flag
from calcitrace.model.result import Provenance
from calcitrace.model.visit import Visit
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume, Tissue
from calcitrace.services.comparing.visits import NO_DATE

# Typical CT numbers, to lay one visit on another by; nothing is measured in them.
TYPICAL_HU = {
    Tissue.AIR: -1000,
    Tissue.SOFT: 45,
    Tissue.FAT: -100,
    Tissue.SKELETON: 700,
    Tissue.OTHER_DENSE: 250,
}


def stored_visit(  # noqa: PLR0913 -- one parameter per part of a result folder
    *,
    deposits: tuple[Deposit, ...],
    labels: LabelVolume,
    tissue: LabelVolume,
    coverage: Coverage,
    acquisition: Acquisition,
    calibration: Calibration,
    provenance: Provenance,
    flags: tuple[Flag, ...],
) -> Visit:
    """Visit of a result folder; its number and date come later."""
    # Gas inside the body counts as outside: only its outline is needed.
    body = tissue.labels != Tissue.AIR
    bone = tissue.labels == Tissue.SKELETON
    grid = tissue.grid
    return Visit(
        number=0,
        acquired=acquisition.acquired or NO_DATE,
        volume=typical_hu(tissue),
        coverage=coverage,
        anatomy=Anatomy(
            tissue=tissue,
            body=body,
            skin_mm=skin_points_mm(body, coverage, grid),
            skeleton_mm=surface_points_mm(bone, ~bone, grid),
            body_diameter_mm=np.full(grid.shape[0], np.nan),
            is_truncated=is_truncated(body, coverage),
            segmenter=provenance.segmenter,
        ),
        deposits=deposits,
        labels=labels,
        acquisition=acquisition,
        calibration=calibration,
        provenance=provenance,
        flags=flags,
        result=None,
    )


def typical_hu(tissue: LabelVolume) -> HuVolume:
    """CT numbers that tissues typically have."""
    values = np.zeros(max(Tissue) + 1, np.int16)
    for kind, hu in TYPICAL_HU.items():
        values[kind] = hu
    return HuVolume(values[tissue.labels], tissue.grid)
