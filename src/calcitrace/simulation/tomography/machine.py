"""Settings of a simulated CT scanner."""

from dataclasses import dataclass
from enum import StrEnum


class Kernel(StrEnum):
    """Reconstruction kernels; each has its own response to spatial frequency."""

    SOFT = "soft"
    STANDARD = "standard"
    SHARP = "sharp"  # overshoots at edges


@dataclass(frozen=True, slots=True)
class Machine:
    """One scanner with one protocol.

    Attributes
    ----------
    kvp
        Tube voltage, 60 to 150.
    aluminium_mm, copper_mm
        Filtration of the beam.
    has_bowtie
        A shaped filter evens the dose out over a round body.
    dose_mas
        Tube current times rotation time; noise falls with its root.
    scatter_fraction
        Scatter left after correction, relative to the primary signal.
    slice_thickness_mm, slice_step_mm
        Full width of the slice profile, and distance between slices.
    tilt_deg
        Of the gantry about the patient's x axis.
    pixel_mm
        Side of a pixel.
    electronic_photons
        Electronic noise, as the number of photons of mean energy that would give it.
    """

    kvp: float = 120.0
    aluminium_mm: float = 7.0
    copper_mm: float = 0.0
    has_bowtie: bool = True
    dose_mas: float = 100.0
    scatter_fraction: float = 0.01
    kernel: Kernel = Kernel.STANDARD
    slice_thickness_mm: float = 1.0
    slice_step_mm: float = 1.0
    tilt_deg: float = 0.0
    pixel_mm: float = 0.4
    electronic_photons: float = 30.0
