import numpy as np
from numpy.typing import NDArray

def material_mu(
    name: str, energy: NDArray[np.float64], density: float | None = None
) -> NDArray[np.float64]: ...
def mu_elam(
    element: str, energies: NDArray[np.float64], kind: str = "total"
) -> NDArray[np.float64]: ...
