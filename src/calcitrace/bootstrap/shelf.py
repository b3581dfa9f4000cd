"""Things that take long to make, kept in a folder for the next time."""

import gzip
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def kept(path: Path, make: Callable[[], T]) -> T:
    """What a file of our own holds, made and written first if there is none yet."""
    if path.exists():
        with gzip.open(path, "rb") as file:
            found: T = pickle.load(file)  # noqa: S301 -- our own file
        return found
    made = make()
    with gzip.open(path, "wb", compresslevel=1) as file:
        pickle.dump(made, file)
    return made
