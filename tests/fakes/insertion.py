"""A simulated thigh to insert deposits into, with what is known of it."""

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.insertion import Known
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.calibration import Calibration, Grade
from calcitrace.model.image_quality import Psf
from calcitrace.model.protocol import Protocol
from calcitrace.model.scan import Scan
from tests.fakes.limb import MUSCLE, thigh

PSF = Psf(0.7, 0.8, 0.1, 0.1, "test", "test")
# Without hardening and without a change by size: closed forms hold.
PLAIN = Calibration(0.8, 0.05, 0.0, Grade.D, 120.0, None, 0.0, "a test")


def thigh_scan(background: float = MUSCLE) -> Scan:
    """A thigh without deposits, 48 slices of 1 mm, of muscle or of fat."""
    limb = thigh(background=background)
    acquisition = Acquisition(kvp=120.0, kernel="STANDARD", slice_thickness_mm=1.0)
    return Scan(limb.image(), acquisition, limb.coverage, "array", "thigh")


def known(scan: Scan) -> Known:
    """Anatomy as found; blur and calibration as said."""
    anatomy = find_anatomy(scan.volume, scan.coverage, Protocol().anatomy)
    return Known(anatomy, PSF, PLAIN)
