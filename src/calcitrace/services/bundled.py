"""The detector that comes with the program."""

from functools import cache
from importlib.resources import files

from calcitrace.model.learned import LearnedDetector
from calcitrace.services.learning.format import from_bytes

FILE = "bundled/detector.npz"


@cache
def bundled_detector() -> LearnedDetector:
    """Read once; like a table in the code, it is the same for everybody."""
    return from_bytes(files("calcitrace").joinpath(FILE).read_bytes())
