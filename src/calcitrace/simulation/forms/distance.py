"""How far points lie from the surface of a form, and which surface point is nearest."""

import math

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import InputError
from calcitrace.simulation.forms.compound import Group, Lobulated
from calcitrace.simulation.forms.geometry import Array, Form
from calcitrace.simulation.forms.simple import Capsule, Ellipsoid, Tube, ball

MAX_STEPS = 200
TINY = 1e-12

# Signed distance, shape (point,), negative inside; nearest surface point.
Nearest = tuple[Array, Array]


def nearest_on_surface(form: Form, points_mm: Array) -> Nearest:
    """Signed distance of points from a form, and where its surface is nearest.

    Parameters
    ----------
    form
        Any form; members of groups must not overlap.
    points_mm
        Shape (point, 3).

    Returns
    -------
    distance_mm
        Shape (point,), negative inside. Exact, but for points inside a lobulated mass,
        where it is at most as deep as the truth.
    surface_mm
        Shape (point, 3).
    """
    points = np.asarray(points_mm, float)
    if isinstance(form, Ellipsoid):
        return _from_ellipsoid(form, points)
    if isinstance(form, Tube):
        return _from_tube(form, points)
    if isinstance(form, Capsule):
        return _from_capsule(form, points)
    if isinstance(form, Group | Lobulated):
        return _from_any([nearest_on_surface(m, points) for m in members(form)])
    msg = (
        f"Expected a form of calcitrace, got {type(form).__name__}. Teach it distances."
    )
    raise InputError(msg)


def members(form: Form) -> tuple[Form, ...]:
    """Simple forms whose union a form is."""
    if isinstance(form, Group):
        return tuple(part for m in form.members for part in members(m))
    if isinstance(form, Lobulated):
        return tuple(ball(c, r) for c, r in (form.core, *form.lobes))
    return (form,)


def _from_any(found: list[Nearest]) -> Nearest:
    distances = np.array([distance for distance, _ in found])
    surfaces = np.array([surface for _, surface in found])
    which = distances.argmin(axis=0)[None]
    nearest = np.take_along_axis(surfaces, which[..., None], axis=0)[0]
    return distances.min(axis=0), nearest


def _from_ellipsoid(form: Ellipsoid, points: Array) -> Nearest:
    axes, centre = np.asarray(form.axes, float), np.asarray(form.centre_mm, float)
    distance, surface = _from_quadric(
        np.array(form.radii_mm), (points - centre) @ axes.T
    )
    return distance, surface @ axes + centre


def _from_capsule(form: Capsule, points: Array) -> Nearest:
    start, end = np.asarray(form.start_mm, float), np.asarray(form.end_mm, float)
    along = end - start
    length2 = max(float(along @ along), TINY)
    part = np.clip((points - start) @ along / length2, 0.0, 1.0)
    axis = start + part[:, None] * along
    away = points - axis
    radius = np.linalg.norm(away, axis=1)
    # A point on the axis is as near to every side.
    side = _any_across(along / math.sqrt(length2))
    unit = _unit(away, radius, np.broadcast_to(side, away.shape))
    return radius - form.radius_mm, axis + form.radius_mm * unit


def _from_tube(form: Tube, points: Array) -> Nearest:
    along, side, across = form.frame()
    middle = (np.asarray(form.start_mm, float) + np.asarray(form.end_mm, float)) / 2
    local = (points - middle) @ np.array([side, across, along]).T
    section, half = local[:, :2], form.length_mm / 2
    if form.half_angle_rad is not None:
        flat, near = _from_sector(form, section)
    else:
        flat, near = _from_ring(form, section)
    end = np.abs(local[:, 2]) - half
    top = np.where(local[:, 2] < 0, -half, half)
    is_beside, is_beyond = flat > 0, end > 0
    distance = np.where(
        is_beside | is_beyond,
        np.hypot(np.maximum(flat, 0.0), np.maximum(end, 0.0)),
        np.maximum(flat, end),
    )
    # Inside, the nearer of wall and end; outside, each only where it is passed.
    to_wall = is_beside | (~is_beyond & (flat >= end))
    to_end = is_beyond | (~is_beside & (end > flat))
    surface = np.column_stack(
        [np.where(to_wall[:, None], near, section), np.where(to_end, top, local[:, 2])]
    )
    return distance, surface @ np.array([side, across, along]) + middle


def _from_ring(form: Tube, section: Array) -> Nearest:
    """Distance from an ellipse, or from what lies between it and a smaller one."""
    radii = np.array(form.radii_mm, float)
    outer, near = _from_quadric(radii, section)
    if form.hollow <= 0:
        return outer, near
    inner, near_inner = _from_quadric(radii * form.hollow, section)
    is_inner = -inner > outer
    return np.maximum(outer, -inner), np.where(is_inner[:, None], near_inner, near)


def _from_sector(form: Tube, section: Array) -> Nearest:
    """Distance from a piece of a ring about the first axis."""
    outer, half = form.radii_mm[0], float(form.half_angle_rad or 0.0)
    inner = outer * form.hollow
    radius = np.hypot(section[:, 0], section[:, 1])
    angle = np.arctan2(section[:, 1], section[:, 0])
    sign: Array = np.where(angle < 0, -1.0, 1.0)
    # The straight edge on the point's own side.
    edge = np.column_stack([np.full_like(sign, math.cos(half)), sign * math.sin(half)])
    on_edge = np.clip((section * edge).sum(axis=1), inner, outer)[:, None] * edge
    to_edge = np.asarray(np.linalg.norm(section - on_edge, axis=1), np.float64)
    unit = _unit(section, radius, edge)
    to_arc = np.maximum(radius - outer, inner - radius)
    arc = np.where(radius - outer > inner - radius, outer, inner)[:, None] * unit
    is_within = np.abs(angle) <= half
    is_inside = is_within & (to_arc <= 0)
    use_arc = np.where(is_inside, -to_arc <= to_edge, is_within)
    distance = np.where(use_arc, to_arc, np.where(is_inside, -to_edge, to_edge))
    return distance, np.where(use_arc[:, None], arc, on_edge)


def _from_quadric(radii: NDArray[np.float64], local: Array) -> Nearest:
    """Distance from |x / radii| = 1 in any dimension, shape (point, dimension).

    The nearest surface point is r^2 y / (t + r^2) with the largest root t of
    sum (r y / (t + r^2))^2 = 1; Newton's steps from below the root never pass it.
    """
    if np.ptp(radii) < TINY * radii[0]:
        size = np.linalg.norm(local, axis=1)
        first = np.eye(len(radii))[0]
        unit = _unit(local, size, np.broadcast_to(first, local.shape))
        return size - radii[0], radii[0] * unit
    y = np.maximum(np.abs(local), 1e-9 * radii.min())
    weighted, squares = radii * y, radii**2
    t = (weighted - squares).max(axis=1)
    for _ in range(MAX_STEPS):
        base = t[:, None] + squares
        terms = (weighted / base) ** 2
        step = (terms.sum(axis=1) - 1.0) / (2.0 * (terms / base).sum(axis=1))
        t = t + step
        if np.all(step <= TINY * base.min(axis=1)):
            break
    near = squares * y / (t[:, None] + squares)
    inside = ((local / radii) ** 2).sum(axis=1) < 1.0
    near = np.copysign(near, local)
    distance = np.asarray(np.linalg.norm(near - local, axis=1), np.float64)
    return np.where(inside, -distance, distance), near


def _unit(vectors: Array, lengths: Array, instead: Array) -> Array:
    """Vectors at length 1; where one has no length, another stands in."""
    scaled = vectors / np.maximum(lengths, TINY)[:, None]
    return np.asarray(np.where(lengths[:, None] > TINY, scaled, instead), np.float64)


def _any_across(direction: Array) -> Array:
    """Return a unit vector at a right angle to another."""
    least = np.eye(3)[int(np.abs(direction).argmin())]
    across = np.asarray(np.cross(direction, least), np.float64)
    return across / max(float(np.linalg.norm(across)), TINY)
