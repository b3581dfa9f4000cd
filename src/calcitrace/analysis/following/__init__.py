"""Which deposits of several visits are the same one."""

from calcitrace.analysis.following.bodies import Body, bodies_of
from calcitrace.analysis.following.certainty import link_probabilities
from calcitrace.analysis.following.linking import Edge, linked
from calcitrace.analysis.following.tracks import main_uids, tracks_of

__all__ = [
    "Body",
    "Edge",
    "bodies_of",
    "link_probabilities",
    "linked",
    "main_uids",
    "tracks_of",
]
