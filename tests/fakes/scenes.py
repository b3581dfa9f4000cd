"""Scenes that are cheap to build, and a scanner that needs no rays."""

from collections.abc import Callable

import numpy as np

from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume
from calcitrace.simulation.phantom import Phantom
from calcitrace.simulation.scenes.placing import Rule
from calcitrace.simulation.scenes.scene import Deposit, ScanRange, Scene, Visit
from calcitrace.simulation.scenes.shapes import Round, Sheet, cluster, lobulated
from calcitrace.simulation.tomography.machine import Machine

COARSE = Machine(pixel_mm=2.0, slice_thickness_mm=2.0, slice_step_mm=2.0)


def one_of_each() -> tuple[Deposit, ...]:
    """Return deposits of every shape, in fat and muscle, near bone and far from it."""
    rng = np.random.default_rng(4)
    return (
        Deposit("dot", Round(kind="punctate"), 3.0, 600.0, Rule("fat", depth_mm=3.0)),
        Deposit("touching", Round(), 40.0, 400.0, Rule("muscle", 0.0)),
        Deposit("egg", Round((1.0, 1.5, 2.0)), 60.0, 300.0, Rule("muscle", 1.0)),
        Deposit("plate", Sheet(), 200.0, 300.0, Rule("fat", along="fascia")),
        Deposit("heap", cluster(5, rng), 60.0, 350.0, Rule("muscle")),
        Deposit("lump", lobulated(5, rng), 90.0, 250.0, Rule("muscle"), True),
    )


def scene(*visits: Visit, deposits: tuple[Deposit, ...] | None = None) -> Scene:
    """Return a limb with one deposit of each shape, seen with coarse voxels."""
    return Scene(
        machine=COARSE,
        scan=ScanRange((-30.0, 30.0), field_of_view_mm=140.0),
        deposits=one_of_each() if deposits is None else deposits,
        visits=visits or (Visit(),),
    )


def painted_hu(
    phantom: Phantom,
    machine: Machine,
    grid: Grid,
    seed: int,
    progress: Callable[[float], None],
) -> HuVolume:
    """Scan without physics: tissue at voxel centres, and the seed as HU in air."""
    hu_of = {"air": seed % 1000 - 1000, "fat": -100, "cortical_bone": 1300}
    index = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), -1)
    points = grid.to_world_mm(index)
    hu = np.full(grid.shape, hu_of["air"], np.int16)
    for part in phantom.parts:
        for solid in part.form.solids:
            hu[solid.contains(points)] = hu_of.get(part.material, 50)
    for deposit in phantom.deposits:
        for solid in deposit.form.solids:
            hu[solid.contains(points)] = 500
    assert machine.slice_step_mm == grid.spacing_mm[0]
    progress(1.0)
    return HuVolume(hu, grid)
