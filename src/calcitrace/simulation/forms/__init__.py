"""Bodies of exact volume that rays can be traced through.

A form is made of solids: pieces of space inside one quadric and between planes, less a
smaller quadric of the same centre. That covers ellipsoids, rods, capsules, wedges of
cylinder walls and boxes, with closed forms for every ray.
"""

from calcitrace.simulation.forms.compound import Group, Lobulated
from calcitrace.simulation.forms.geometry import Form, Point, Pose, Solid
from calcitrace.simulation.forms.simple import Capsule, Ellipsoid, Tube, ball

__all__ = [
    "Capsule",
    "Ellipsoid",
    "Form",
    "Group",
    "Lobulated",
    "Point",
    "Pose",
    "Solid",
    "Tube",
    "ball",
]
