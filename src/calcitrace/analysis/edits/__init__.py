"""A reader's operations, replayed on what the program found."""

from calcitrace.analysis.edits.replay import replay
from calcitrace.analysis.edits.scene import Found, Scene

__all__ = ["Found", "Scene", "replay"]
