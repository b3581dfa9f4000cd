from collections.abc import Mapping
from typing import Any

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
    def dump_model(self) -> dict[str, Any]: ...
    def predict(
        self, data: NDArray[np.float32], *, num_threads: int = ...
    ) -> NDArray[np.float64]: ...

def train(
    params: Mapping[str, object], train_set: Dataset, num_boost_round: int
) -> Booster: ...
