"""Which body, of which measures: what a scene or a random family says of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from calcitrace.errors import SceneError
from calcitrace.simulation.bodies.body import Body
from calcitrace.simulation.bodies.child_limb import CHILD, child_limb
from calcitrace.simulation.bodies.hand import HandShape, hand
from calcitrace.simulation.bodies.leg import LegShape, leg
from calcitrace.simulation.bodies.limb import LimbShape, limb
from calcitrace.simulation.bodies.trunk import TrunkShape, trunk

BodyShape = LimbShape | LegShape | TrunkShape | HandShape

USUAL: dict[str, BodyShape] = {
    "limb": LimbShape(),
    "child_limb": CHILD,
    "trunk": TrunkShape(),
    "hand": HandShape(),
    "leg": LegShape(),
}


@dataclass(frozen=True, slots=True)
class BodyPlan:
    """A body before it is built.

    Attributes
    ----------
    kind
        "limb", "child_limb", "trunk", "hand" or "leg".
    shape
        Its measures, of the class in `USUAL`.
    side
        "L" or "R"; None does not say. A hand that does not say is a right one.
    """

    kind: str = "limb"
    shape: BodyShape = USUAL["limb"]
    side: str | None = None


def usual_shape(kind: str) -> BodyShape:
    """Measures that a body has unless something else is said.

    Raises
    ------
    SceneError
        If there is no such body.
    """
    if kind not in USUAL:
        msg = f'Expected a body of {", ".join(USUAL)}, got "{kind}". Choose one.'
        raise SceneError(msg)
    return USUAL[kind]


def built(plan: BodyPlan) -> Body:
    """Build a body.

    Raises
    ------
    InputError
        If its measures leave no room for one of its tissues, or are another body's.
    """
    shape = plan.shape
    if isinstance(shape, HandShape) and plan.kind == "hand":
        return hand(replace(shape, is_left=plan.side == "L"))
    if isinstance(shape, LegShape) and plan.kind == "leg":
        return leg(shape)
    if isinstance(shape, TrunkShape) and plan.kind == "trunk":
        return trunk(shape)
    makers: dict[str, Callable[[LimbShape], Body]] = {
        "limb": limb,
        "child_limb": child_limb,
    }
    if isinstance(shape, LimbShape) and plan.kind in makers:
        return makers[plan.kind](shape)
    usual = type(usual_shape(plan.kind)).__name__
    msg = f"Expected {usual} for a {plan.kind}, got {type(shape).__name__}. Change one."
    raise SceneError(msg)
