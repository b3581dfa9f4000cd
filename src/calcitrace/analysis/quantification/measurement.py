"""What quantification says of one deposit, before it gets a name."""

from dataclasses import dataclass

from calcitrace.model.deposit import ShapeClass
from calcitrace.model.estimate import Estimate
from calcitrace.model.flags import Flag


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured component; fields as in `model.deposit.Deposit`."""

    label: int
    centroid_mm: tuple[float, float, float]
    seed_mm: tuple[float, float, float]
    mass: Estimate
    mass_std_noise_mg: float
    detection_limit_mg: float
    volume: Estimate | None
    density_mean: Estimate | None
    hu_max: float
    diameter_max_mm: float
    agatston: float | None
    depth_mm: float | None
    bone_distance_mm: float | None
    shape_class: ShapeClass
    is_lower_bound: bool
    is_quantifiable: bool
    flags: tuple[Flag, ...]
