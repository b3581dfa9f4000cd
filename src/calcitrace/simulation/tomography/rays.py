"""A phantom as arrays, and the signal behind it for one row of the detector."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.simulation.forms import Solid
from calcitrace.simulation.materials import (
    HYDROXYAPATITE_G_CM3,
    attenuations_per_mm,
)
from calcitrace.simulation.phantom import Phantom
from calcitrace.simulation.tomography.tracing import Rays, Row, trace_row
from calcitrace.simulation.tomography.weighing import Filling

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_PLANES = 6
MG_PER_G = 1000.0
FAR_MM = 1e6
END_SLOPE = 0.9  # a plane that ends a cylinder, not one along it


@dataclass(frozen=True, slots=True, eq=False)
class TracedPhantom:
    """A phantom as arrays that the tracer reads.

    Attributes
    ----------
    matrix, hole
        Shape (solid, 3, 3); a hole of zeros is none.
    centre_mm, middle_mm
        Shape (solid, 3).
    half_axes_mm, half_length_mm
        Shapes (solid, 3, 3) and (solid, 3): x - middle = half_axes u + half_length w with
        |u| <= 1 and |w| <= 1 holds the solid.
    planes
        Shape (solid, 6, 4); unused ones are zeros with a large offset.
    n_planes
        How many of the planes are used, shape (solid,).
    owner
        Part of each solid, shape (solid,): parts of tissue first, then deposits.
    material
        Row of `attenuation` for each part, shape (part,).
    filled
        Share of the volume that hydroxyapatite fills, shape (part,); 0 for tissue.
    attenuation_per_mm
        Shape (material, energy); the last row is hydroxyapatite.
    """

    matrix: Array
    hole: Array
    centre_mm: Array
    middle_mm: Array
    half_axes_mm: Array
    half_length_mm: Array
    planes: Array
    n_planes: Ints
    owner: Ints
    material: Ints
    filled: Array
    attenuation_per_mm: Array


def traced(phantom: Phantom, energies_kev: Sequence[float]) -> TracedPhantom:
    """Turn a phantom into arrays."""
    names = tuple(dict.fromkeys(p.material for p in phantom.parts))
    row = {name: i for i, name in enumerate(names)}
    solids = [
        (s, i)
        for i, form in enumerate(
            [p.form for p in phantom.parts] + [d.form for d in phantom.deposits]
        )
        for s in form.solids
    ]
    n = len(solids)
    planes = np.zeros((n, MAX_PLANES, 4))
    planes[:, :, 3] = FAR_MM
    for i, (solid, _) in enumerate(solids):
        planes[i, : len(solid.planes)] = solid.planes
    no_hole = np.zeros((3, 3))
    full = HYDROXYAPATITE_G_CM3 * MG_PER_G
    return TracedPhantom(
        matrix=np.array([s.matrix for s, _ in solids]).reshape(n, 3, 3),
        hole=np.array(
            [no_hole if s.hole is None else s.hole for s, _ in solids]
        ).reshape(n, 3, 3),
        centre_mm=np.array([s.centre_mm for s, _ in solids]).reshape(n, 3),
        middle_mm=np.array([s.middle_mm for s, _ in solids]).reshape(n, 3),
        half_axes_mm=np.array(
            [np.linalg.pinv(s.matrix) for s, _ in solids], np.float64
        ).reshape(n, 3, 3),
        half_length_mm=np.array([_half_length(s) for s, _ in solids]).reshape(n, 3),
        planes=planes,
        n_planes=np.array([len(s.planes) for s, _ in solids], np.int64),
        owner=np.array([i for _, i in solids], np.int64),
        material=np.array(
            [row[p.material] for p in phantom.parts]
            + [len(names)] * len(phantom.deposits),
            np.int64,
        ),
        filled=np.array(
            [0.0] * len(phantom.parts)
            + [d.density_mg_cm3 / full for d in phantom.deposits]
        ),
        attenuation_per_mm=attenuations_per_mm(
            (*names, "hydroxyapatite"), tuple(energies_kev)
        ),
    )


def _half_length(solid: Solid) -> Array:
    """Half of the axis of a cylinder between its ends; zero for an ellipsoid."""
    if np.linalg.matrix_rank(solid.matrix) == 3:  # noqa: PLR2004 -- of three dimensions
        return np.zeros(3)
    axis = np.linalg.svd(solid.matrix)[2][2]
    slopes = solid.planes[:, :3] @ axis
    room = solid.planes[:, 3] - solid.planes[:, :3] @ np.asarray(solid.middle_mm)
    ends = np.abs(slopes) > END_SLOPE
    if not ends.any():
        return np.asarray(solid.reach_mm * axis, np.float64)
    return np.asarray((room[ends] / np.abs(slopes[ends])).max() * axis, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """Rays of one turn, in the plane of rotation.

    Attributes
    ----------
    axes
        Rows: unit vectors u, v in the plane and its normal, shape (3, 3).
    angles_rad
        Of views, shape (view,); rays run along -sin u + cos v.
    offsets_mm
        Distances of rays from the axis, along cos u + sin v, shape (channel, sub-ray).
    """

    axes: Array
    angles_rad: Array
    offsets_mm: Array


def row_signals(
    scene: TracedPhantom,
    views: Views,
    place_mm: Array,
    source_kev: Array,
    energies_kev: Array,
) -> tuple[Array, Array]:
    """Energy that arrives behind the phantom, and its variance, for one row.

    Parameters
    ----------
    scene
        As `traced` makes it.
    views
        Rays.
    place_mm
        Where the rotation axis meets the plane of the row, shape (3,).
    source_kev
        Energy in each channel without anything in the way, shape (channel, energy).
    energies_kev
        Shape (energy,).

    Returns
    -------
    signal_kev, variance_kev2
        Shape (view, channel), averaged over sub-rays; the variance is that of the
        photons' numbers.
    """
    normal = views.axes[2]
    apart = np.abs((scene.middle_mm - place_mm) @ normal)
    across = np.linalg.norm(np.einsum("sji,j->si", scene.half_axes_mm, normal), axis=1)
    used = np.flatnonzero(apart <= across + np.abs(scene.half_length_mm @ normal))
    offset = place_mm - scene.centre_mm[used]
    planes = scene.planes[used]
    row = Row(
        at=np.einsum("sij,sj->si", scene.matrix[used], offset),
        hole_at=np.einsum("sij,sj->si", scene.hole[used], offset),
        matrix=scene.matrix[used] @ views.axes[:2].T,
        hole=scene.hole[used] @ views.axes[:2].T,
        plane_rest=planes[..., 3] - planes[..., :3] @ place_mm,
        plane_uv=planes[..., :3] @ views.axes[:2].T,
        n_planes=scene.n_planes[used],
        owner=scene.owner[used],
    )
    filling = Filling(scene.material, scene.filled, scene.attenuation_per_mm)
    rays = Rays(views.angles_rad, views.offsets_mm, source_kev, energies_kev)
    return trace_row(row, filling, rays)
