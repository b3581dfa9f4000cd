import numpy as np
from gecatsim import CatSim
from numpy.typing import NDArray

def recon_direct(cfg: CatSim) -> NDArray[np.float32]: ...
