"""Scenes in TOML, as `calcitrace simulate` reads them."""

import tomllib
from pathlib import Path

from calcitrace.errors import SceneError
from calcitrace.services.scene_document import scene_from
from calcitrace.services.simulating import Scene


def read_scene(path: Path) -> Scene:
    """Read a scene file.

    Raises
    ------
    SceneError
        If the file is no TOML, or says what a scene cannot be; the message names it.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        msg = f"Expected a scene file, got {path}: {reason}. Check its name."
        raise SceneError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        msg = f"Expected a scene in TOML, got {path.name}: {reason}. Correct it."
        raise SceneError(msg) from error
    return scene_from(document)
