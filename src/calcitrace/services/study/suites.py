"""What the accuracy of the instrument is measured on.

Scenes are named by what they are for: `tune` scenes may be looked at while settings are
chosen, `report` scenes are only ever reported. Their random seeds never meet.
"""

from dataclasses import dataclass, replace

from calcitrace.model.reading import LIMB, TRUNK
from calcitrace.simulation.tomography.machine import Kernel, Machine

TUNE, LEARN, REPORT = "tune", "learn", "report"
# Those from 500,000 on were looked at while the estimator was changed, and tables of those
# from 700,000 on led to changes: they are spent.
FIRST_SEED = {TUNE: 1_000, LEARN: 50_000, REPORT: 900_000}
BASE = Machine(dose_mas=22.0)
LOW = replace(BASE, dose_mas=3.2)


@dataclass(frozen=True, slots=True)
class Setup:
    """One condition: scans that differ by nothing but body, noise and position.

    Attributes
    ----------
    name
        The same for all its scans.
    body
        "limb", "child_limb", "hand" or "trunk".
    dose
        Label shared by conditions whose exposure is meant to be the same.
    n_scenes, n_repeats
        Bodies, and scans of each with the body moved and new noise.
    n_deposits
        Wanted in each.
    length_mm
        Of the scanned range.
    first_scene
        Number of the first body; conditions with the same one scan the same bodies.
    """

    name: str
    body: str
    machine: Machine
    dose: str
    n_scenes: int = 2
    n_repeats: int = 1
    n_deposits: int = 18
    length_mm: float = 60.0  # holds whole slices of 0.6, 1, 3 and 5 mm
    first_scene: int = 0


@dataclass(frozen=True, slots=True)
class Suite:
    """Conditions that are reported, and those that a rival's one factor is fitted on."""

    name: str
    report: tuple[Setup, ...]
    tune: tuple[Setup, ...]


def _slices(thickness_mm: float, machine: Machine = BASE) -> Machine:
    return replace(machine, slice_thickness_mm=thickness_mm, slice_step_mm=thickness_mm)


_TUNE = (Setup("limb, tuning", LIMB, BASE, "low", 1),)
_TRUNK = replace(BASE, dose_mas=60.0, pixel_mm=0.7)
QUICK = Suite(
    "quick",
    (
        Setup("limb", LIMB, BASE, "low", 2, 2),
        Setup("limb, noisy", LIMB, LOW, "very low", 1),
        Setup("limb, 3 mm", LIMB, _slices(3.0), "low", 1, first_scene=1),
        Setup("trunk", TRUNK, _TRUNK, "low", 1, 1, 12, 36.0),
    ),
    _TUNE,
)
_HAND = replace(BASE, pixel_mm=0.3)
# One base case, and others that differ from it in one factor each: dose, thickness of
# slices, kernel, voltage, body. They scan the first of its bodies, so what changes
# between two conditions is the factor and nothing else, and rays through a body are
# traced once for all doses, kernels and slices.
FULL = Suite(
    "full",
    (
        Setup("limb", LIMB, BASE, "low", 8, 2),
        Setup("limb, noisy", LIMB, LOW, "very low", 6, 2),
        Setup("limb, 0.6 mm", LIMB, _slices(0.6), "low", 2),
        Setup("limb, 3 mm", LIMB, _slices(3.0), "low", 6),
        Setup("limb, 5 mm", LIMB, _slices(5.0), "low", 4),
        Setup("limb, soft", LIMB, replace(BASE, kernel=Kernel.SOFT), "low", 3),
        Setup(
            "limb, sharp", LIMB, replace(BASE, kernel=Kernel.SHARP, dose_mas=60.0),
            "moderate", 5,
        ),
        Setup("limb, 70 kV", LIMB, replace(BASE, kvp=70.0, dose_mas=90.0), "low", 2),
        Setup("limb, 80 kV", LIMB, replace(BASE, kvp=80.0, dose_mas=60.0), "low", 3),
        Setup("limb, 100 kV", LIMB, replace(BASE, kvp=100.0, dose_mas=33.0), "low", 2),
        Setup("limb, 140 kV", LIMB, replace(BASE, kvp=140.0, dose_mas=15.0), "low", 2),
        Setup("child's limb", "child_limb", BASE, "low", 3, 1, 12),
        Setup("hand", "hand", _HAND, "low", 3, 1, 14),
        Setup("trunk", TRUNK, _TRUNK, "low", 3, 1, 16, 40.0),
        Setup(
            "trunk, starved", TRUNK, replace(_TRUNK, dose_mas=18.0), "very low", 3, 1, 16,
            40.0,
        ),
    ),
    tuple(replace(s, n_scenes=2) for s in _TUNE),
)  # fmt: skip
