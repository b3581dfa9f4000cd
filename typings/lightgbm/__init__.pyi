from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

class Dataset:
    def __init__(
        self,
        data: NDArray[np.float32],
        label: NDArray[np.float32],
        *,
        weight: NDArray[np.float32] | None = None,
    ) -> None: ...

class Booster:
    def predict(
        self, data: NDArray[np.float32], *, num_threads: int = ...
    ) -> NDArray[np.float64]: ...

def train(
    params: Mapping[str, object], train_set: Dataset, num_boost_round: int
) -> Booster: ...
