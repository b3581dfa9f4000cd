"""Version of the installed package."""

from functools import cache
from importlib import metadata


@cache
def version() -> str:
    """Version as the package's metadata states it."""
    return metadata.version("calcitrace")
