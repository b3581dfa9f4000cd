from collections.abc import Callable
from typing import TypeVar

_F = TypeVar("_F", bound=Callable[..., object])

def njit(
    *, cache: bool = False, fastmath: bool = False, parallel: bool = False
) -> Callable[[_F], _F]: ...

prange = range
