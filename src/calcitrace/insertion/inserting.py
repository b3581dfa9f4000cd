"""Insert synthetic deposits into a real scan, so that its own noise stays."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import InsertionError
from calcitrace.insertion.orders import Order, orders
from calcitrace.insertion.painting import Look, Paint, painted
from calcitrace.insertion.placing import FILLED, Placed, place
from calcitrace.insertion.room import room_of
from calcitrace.insertion.site import Site, site_of
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.calibration import Calibration
from calcitrace.model.image_quality import Psf
from calcitrace.model.insertion import (
    InsertedDeposit,
    Insertion,
    InsertionSettings,
)
from calcitrace.model.scan import Scan
from calcitrace.model.volume import HuVolume, LabelVolume, MassVolume

CUT = 0.999  # less of the mass in the scan than this: the scan's end cuts it


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What was measured on the scan before anything is inserted."""

    anatomy: Anatomy
    psf: Psf
    calibration: Calibration


def insert_deposits(scan: Scan, known: Known, settings: InsertionSettings) -> Insertion:
    """Insert deposits of known mass.

    Hydroxyapatite is drawn on cells of at most 0.5 mm, blurred with the scan's own
    point-spread function, averaged to voxels, turned into HU by the scan's own
    calibration (it displaces tissue, and hardens the beam for itself), and added. In
    fat it lies in connective tissue of 40 HU. Voxels that no deposit reaches stay as
    they were, bit for bit.

    Parameters
    ----------
    scan
        Any scan; the real deposits in it stay and are not part of the truth.
    known
        Its anatomy, blur and calibration.
    settings
        What to insert.

    Returns
    -------
    Insertion
        The same for the same scan and settings. Fewer deposits than asked for where
        there is no room.

    Raises
    ------
    InsertionError
        If there is room for none.
    """
    rng = np.random.default_rng(settings.seed)
    site = site_of(scan.volume, scan.coverage, known.anatomy)
    placed = _placed(settings, site, rng)
    if not placed:
        msg = (
            "Expected room for deposits in soft tissue, found none. Ask for smaller "
            "ones, other gaps to bone, or a scan with more soft tissue."
        )
        raise InsertionError(msg)
    canvas = _Canvas.blank(scan)
    look = Look(known.psf, known.calibration, known.anatomy.body_diameter_mm)
    deposits: list[InsertedDeposit] = []
    for number, (order, found) in enumerate(placed, start=1):
        paint = painted(found.cells, found.occupancy, found.mass_mg, site, look)
        canvas.add(number, paint)
        deposits.append(_truth(number, order, found, paint, site))
    grid = scan.volume.grid
    return Insertion(
        scan=replace(
            scan,
            volume=HuVolume(canvas.hu, grid),
            source_kind="array",
            input_hash=_hash(scan, settings),
            series=(),
            headers=(),
        ),
        settings=settings,
        deposits=tuple(deposits),
        mass=MassVolume(canvas.mass_mg, grid),
        labels=LabelVolume(canvas.labels, grid),
    )


def _placed(
    settings: InsertionSettings, site: Site, rng: np.random.Generator
) -> list[tuple[Order, Placed]]:
    """Deposits that found a place, largest first."""
    room = room_of(site, rng, at_ends=settings.at_scan_ends)
    out: list[tuple[Order, Placed]] = []
    for order in orders(settings, rng):
        found = place(order, room, rng)
        if found is not None:
            room.take(found.cells, found.occupancy > FILLED)
            out.append((order, found))
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Canvas:
    """Arrays that deposits are added to."""

    hu: NDArray[np.int16] | NDArray[np.float32]
    mass_mg: NDArray[np.float32]
    labels: NDArray[np.uint16]

    @classmethod
    def blank(cls, scan: Scan) -> "_Canvas":
        shape = scan.volume.hu.shape
        return cls(
            scan.volume.hu.copy(),
            np.zeros(shape, np.float32),
            np.zeros(shape, np.uint16),
        )

    def add(self, number: int, paint: Paint) -> None:
        part = self.hu[paint.box]
        if self.hu.dtype == np.int16:
            part += _whole(paint.delta_hu)
        else:
            part += paint.delta_hu.astype(self.hu.dtype)
        mass = self.mass_mg[paint.box]
        self.labels[paint.box][paint.mass_mg > mass] = number
        mass += paint.mass_mg.astype(np.float32)


def _whole(delta_hu: NDArray[np.float64]) -> NDArray[np.int16]:
    """Whole HU whose running sum is that of the exact ones within 1/2.

    Rounding each voxel for itself would lose the faint tails of the blur, which hold
    a tenth of the mass of a speck.
    """
    running = np.rint(np.cumsum(delta_hu))
    return np.diff(running, prepend=0.0).reshape(delta_hu.shape).astype(np.int16)


def _truth(
    number: int, order: Order, found: Placed, paint: Paint, site: Site
) -> InsertedDeposit:
    """What is told of one deposit."""
    total = float(found.mass_mg.sum())
    centre_mm = np.array(
        [float((points * found.mass_mg).sum()) / total for points in found.cells.points]
    )
    index = centre_mm / np.array(site.grid.spacing_mm)
    x, y, z = (float(v) for v in site.grid.to_world_mm(index))
    s, r, c = (np.array([v]) for v in centre_mm)
    volume = float(found.occupancy.sum()) * found.cells.cell_mm3
    in_scan = float(paint.mass_mg.sum())
    return InsertedDeposit(
        deposit_id=number,
        kind=order.kind,
        along=found.along,
        tissue="fat" if site.is_fat[site.voxels((s, r, c))][0] else "soft",
        mass_mg=total,
        mass_in_scan_mg=in_scan,
        volume_mm3=volume,
        density_mean_mg_cm3=total / volume * 1000.0,
        centroid_mm=(x, y, z),
        gap_to_bone_mm=max(0.0, found.gap_mm) if site.has_bone else None,
        depth_mm=found.depth_mm if site.has_skin else None,
        is_cut=in_scan < CUT * total,
    )


def _hash(scan: Scan, settings: InsertionSettings) -> str:
    """What tells a scan with deposits from others."""
    return hashlib.sha256(f"{scan.input_hash} {settings!r}".encode()).hexdigest()
