"""Scenes as people write them: tables of keys, read strictly.

`keys` says what may be written, `reading` makes a scene of it. Where the document comes
from, a TOML file say, is a matter of adapters.
"""

from calcitrace.services.scene_document.reading import scene_from

__all__ = ["scene_from"]
