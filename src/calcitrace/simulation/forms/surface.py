"""Points spread over the surface of a form, with the way out of it."""

import math

import numpy as np

from calcitrace.errors import InputError
from calcitrace.simulation.forms.distance import members
from calcitrace.simulation.forms.geometry import Array, Form
from calcitrace.simulation.forms.simple import Capsule, Ellipsoid, Tube

GOLDEN_ANGLE = math.pi * (3.0 - math.sqrt(5.0))
LEAST = 24  # points on a closed surface, and around a tube

# Points in mm and outward unit normals, each of shape (point, 3).
Surface = tuple[Array, Array]


def surface_points(form: Form, spacing_mm: float) -> Surface:
    """Points about `spacing_mm` apart, on every face, edge and corner of a form.

    Of compound forms the surfaces of all members are sampled, also where these lie
    inside another member.

    Parameters
    ----------
    form
        Any form.
    spacing_mm
        Wanted distance between neighbours.

    Returns
    -------
    points_mm, normals
        Shape (point, 3) each; on edges the normal is that of one of the faces.
    """
    found = [_simple(part, spacing_mm) for part in members(form)]
    return (
        np.concatenate([points for points, _ in found]),
        np.concatenate([normals for _, normals in found]),
    )


def _simple(form: Form, spacing_mm: float) -> Surface:
    if isinstance(form, Ellipsoid):
        return _of_ellipsoid(form, spacing_mm)
    if isinstance(form, Capsule):
        return _of_capsule(form, spacing_mm)
    if isinstance(form, Tube):
        return _of_tube(form, spacing_mm)
    msg = (
        f"Expected a form of calcitrace, got {type(form).__name__}. Teach it surfaces."
    )
    raise InputError(msg)


def _of_ellipsoid(form: Ellipsoid, spacing_mm: float) -> Surface:
    _, b, c = sorted(form.radii_mm)
    unit = sphere_points(max(LEAST, math.ceil(4 * math.pi * c * b / spacing_mm**2)))
    radii, axes = np.array(form.radii_mm), np.asarray(form.axes, float)
    normals = unit / radii
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    return (unit * radii) @ axes + np.asarray(form.centre_mm), normals @ axes


def _of_capsule(form: Capsule, spacing_mm: float) -> Surface:
    start, end = np.asarray(form.start_mm, float), np.asarray(form.end_mm, float)
    radius = form.radius_mm
    rod = Tube(form.start_mm, form.end_mm, (radius, radius))
    points, normals = _wall(rod, 1.0, spacing_mm)
    n = max(LEAST, math.ceil(4 * math.pi * radius**2 / spacing_mm**2))
    unit = sphere_points(n)
    is_up = unit @ (end - start) > 0
    caps = np.where(is_up[:, None], end, start) + radius * unit
    return np.concatenate([points, caps]), np.concatenate([normals, unit])


def _of_tube(form: Tube, spacing_mm: float) -> Surface:
    faces = [_wall(form, 1.0, spacing_mm)]
    if form.hollow > 0:
        points, normals = _wall(form, form.hollow, spacing_mm)
        faces.append((points, -normals))
    faces += _ends(form, spacing_mm)
    if form.half_angle_rad is not None:
        faces += _edges(form, spacing_mm)
    return (
        np.concatenate([points for points, _ in faces]),
        np.concatenate([normals for _, normals in faces]),
    )


def _wall(form: Tube, scale: float, spacing_mm: float) -> Surface:
    """Outer face of a tube, or that of a smaller one inside it."""
    along, side, across = form.frame()
    radii = np.array(form.radii_mm) * scale
    angles = _angles(form, float(radii.max()), spacing_mm)
    heights = _steps(form.length_mm, spacing_mm)
    angle, height = (m.ravel() for m in np.meshgrid(angles, heights))
    cos, sin = np.cos(angle), np.sin(angle)
    normals = np.outer(cos / radii[0], side) + np.outer(sin / radii[1], across)
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    points = (
        np.outer(radii[0] * cos, side)
        + np.outer(radii[1] * sin, across)
        + np.outer(height, along)
    )
    return points + np.asarray(form.start_mm), normals


def _ends(form: Tube, spacing_mm: float) -> list[Surface]:
    along, side, across = form.frame()
    a, b = form.radii_mm
    thick = max(a, b) * (1 - form.hollow)
    scales = np.linspace(form.hollow, 1.0, math.ceil(thick / spacing_mm) + 1)
    rings = [
        np.outer(a * s * np.cos(t), side) + np.outer(b * s * np.sin(t), across)
        for s in scales
        for t in (_angles(form, max(a, b) * s, spacing_mm),)
    ]
    flat = np.concatenate(rings)
    return [
        (flat + np.asarray(form.start_mm), np.broadcast_to(-along, flat.shape)),
        (flat + np.asarray(form.end_mm), np.broadcast_to(along, flat.shape)),
    ]


def _edges(form: Tube, spacing_mm: float) -> list[Surface]:
    """Two flat faces of a wedge."""
    along, side, across = form.frame()
    outer, half = form.radii_mm[0], float(form.half_angle_rad or 0.0)
    inner = outer * form.hollow
    radii = inner + _steps(outer - inner, spacing_mm)
    heights = _steps(form.length_mm, spacing_mm)
    radius, height = (m.ravel() for m in np.meshgrid(radii, heights))
    faces: list[Surface] = []
    for sign in (1.0, -1.0):
        edge = math.cos(half) * side + sign * math.sin(half) * across
        normal = -math.sin(half) * side + sign * math.cos(half) * across
        points = np.outer(radius, edge) + np.outer(height, along)
        points = points + np.asarray(form.start_mm)
        faces.append((points, np.broadcast_to(normal, points.shape)))
    return faces


def _angles(form: Tube, radius_mm: float, spacing_mm: float) -> Array:
    half = form.half_angle_rad
    if half is None:
        n = max(LEAST, math.ceil(2 * math.pi * radius_mm / spacing_mm))
        return np.asarray(np.arange(n) * (2 * math.pi / n), np.float64)
    return np.linspace(-half, half, math.ceil(2 * half * radius_mm / spacing_mm) + 2)


def _steps(length_mm: float, spacing_mm: float) -> Array:
    """From 0 to a length, both ends included."""
    return np.linspace(0.0, length_mm, math.ceil(length_mm / spacing_mm) + 1)


def sphere_points(n: int) -> Array:
    """Unit vectors spread evenly, shape (n, 3) (Fibonacci lattice)."""
    k = np.arange(n)
    z = 1.0 - (2.0 * k + 1.0) / n
    radius, angle = np.sqrt(1.0 - z**2), GOLDEN_ANGLE * k
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle), z])
