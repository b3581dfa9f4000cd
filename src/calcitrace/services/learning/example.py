"""One scan to learn from, with its truth."""

from dataclasses import dataclass

from calcitrace.model.anatomy import Anatomy
from calcitrace.model.image_quality import Noise
from calcitrace.model.insertion import Insertion
from calcitrace.model.scan import Scan
from calcitrace.model.volume import Mask


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A scan whose deposits are known.

    Attributes
    ----------
    patient
        All scans of one patient, or of one simulated body, lie in one fold.
    repeat
        0 is the scan as it is, without deposits of known place.
    insertion
        Truth; `None` where nothing was inserted.
    anatomy, noise
        Found on `scan`, deposits included, as when measuring it.
    unsure
        Shape of the scan: calcium of which nobody knows whether it counts; `None`
        without any.
    """

    patient: str
    repeat: int
    scan: Scan
    insertion: Insertion | None
    anatomy: Anatomy
    noise: Noise
    unsure: Mask | None = None
