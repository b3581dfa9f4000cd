"""Visits of one made-up patient, without images: boxes of labels with masses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from calcitrace.model.comparison import AlignmentSummary
from calcitrace.model.deposit import Deposit
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.identity import derived_uid
from calcitrace.model.result import Provenance
from calcitrace.model.visit import Visit
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume
from calcitrace.services.comparing import Laid, Unmoved
from tests.fakes.results import made_up_anatomy, made_up_deposit, made_up_result

GRID = Grid((60, 60, 60), (1.0, 1.0, 1.0))
FIRST_DAY = datetime(2021, 3, 4, 12)  # noqa: DTZ001 -- naive, as in DICOM


@dataclass(frozen=True)
class Box:
    """A deposit: lowest corner (slice, row, column), edges, mass."""

    corner: tuple[int, int, int]
    edges: tuple[int, int, int] = (4, 4, 4)
    mass_mg: float = 50.0
    std: float = 0.02  # relative, noise
    changes: tuple[tuple[str, object], ...] = ()

    @property
    def part(self) -> tuple[slice, slice, slice]:
        s, r, c = (
            slice(a, a + n) for a, n in zip(self.corner, self.edges, strict=True)
        )
        return s, r, c


def visit(
    boxes: Sequence[Box],
    *,
    number: int = 1,
    days: float = 0.0,
    grid: Grid = GRID,
    **acquisition: object,
) -> Visit:
    """A stored visit: nothing can be measured in it again."""
    labels = np.zeros(grid.shape, np.uint16)
    deposits: list[Deposit] = []
    for n, box in enumerate(boxes, start=1):
        labels[box.part] = n
        index = np.array(box.corner) + (np.array(box.edges) - 1) / 2
        x, y, z = (float(v) for v in grid.to_world_mm(index))
        deposit = made_up_deposit(
            n,
            tracking_uid=derived_uid("test", str(number), str(n)),
            centroid_mm=(x, y, z),
            seed_mm=(x, y, z),
            mass=Estimate(
                box.mass_mg,
                box.std * box.mass_mg,
                0.05 * box.mass_mg,
                Unit.MG,
            ),
            volume=Estimate(2 * box.mass_mg, 0.1 * box.mass_mg, 0.0, Unit.MM3),
        )
        deposits.append(replace(deposit, **dict(box.changes)))  # type: ignore[arg-type]  # values by name
    like = made_up_result()
    kind = {
        "kvp": 120.0,
        "manufacturer": "Maker",
        "model_name": "One",
        "kernel": "soft",
        "slice_thickness_mm": 1.0,
    } | acquisition
    return Visit(
        number=number,
        acquired=FIRST_DAY + timedelta(days=days),
        volume=HuVolume(np.zeros(grid.shape, np.int16), grid),
        coverage=Coverage.full(grid),
        anatomy=made_up_anatomy(grid),
        deposits=tuple(deposits),
        labels=LabelVolume(labels, grid),
        acquisition=replace(like.acquisition, **kind),  # type: ignore[arg-type]  # values by name
        calibration=replace(like.calibration, std_systematic=0.04, std_random=0.0),
        provenance=Provenance("1", "p", f"{number}" * 64, None, "made up"),
        flags=(),
        result=None,
    )


def unmoved(_first: Visit, other: Visit) -> Laid:
    """Every visit lies as the first one does."""
    verdict = "reference" if other.number == 1 else "ok"
    return Laid(Unmoved(), AlignmentSummary(other.number, verdict, 0.2))


def strangers(_first: Visit, other: Visit) -> Laid:
    """No visit lies on the first one."""
    if other.number == 1:
        return Laid(Unmoved(), AlignmentSummary(1, "reference", None))
    flag = Flag(FlagKind.ALIGNMENT_FAILED, "9 mm")
    summary = AlignmentSummary(other.number, "failed", 9.0, flags=(flag,))
    return Laid(Unmoved(), summary)
