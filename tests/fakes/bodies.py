"""Every body once, with its surroundings: a hand's skin takes a second to sample."""

from functools import cache

from calcitrace.simulation.bodies.plans import BodyPlan, built, usual_shape
from calcitrace.simulation.bodies.surroundings import Surroundings

KINDS = ("limb", "child_limb", "trunk", "hand", "leg")


@cache
def surroundings(kind: str) -> Surroundings:
    return Surroundings(built(BodyPlan(kind, usual_shape(kind))))
