import numpy as np
from numpy.typing import NDArray

def edt(
    data: NDArray[np.bool_] | NDArray[np.integer],
    anisotropy: tuple[float, ...] | None = None,
    black_border: bool = False,
    parallel: int = 1,
) -> NDArray[np.float32]: ...
