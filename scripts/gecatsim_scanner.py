"""Scans by gecatsim of a round body with one rod of hydroxyapatite in it.

Only `scripts.compare_gecatsim` uses this; how to install gecatsim stands there. The scan
is gecatsim's own from end to end: exact rays of a fan beam from a focal spot of finite
size onto a curved detector, its cross-sections, its water correction (a polynomial for
each channel) and its reconstruction. What it is told: spectrum, body, what the rod and
the scintillator consist of.
"""

import contextlib
import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from gecatsim import CatSim  # pyright: ignore[reportMissingModuleSource]  # installed by hand

Array = NDArray[np.float64]

ATOMIC_NUMBERS = {
    "H": 1, "C": 6, "N": 7, "O": 8, "Na": 11, "P": 15, "S": 16, "Cl": 17, "K": 19,
    "Ca": 20, "Gd": 64,
}  # fmt: skip
# Focus to axis 540 mm and to detector 950 mm are gecatsim's defaults.
AXIS_MM, DETECTOR_MM, COLUMN_MM = 540.0, 950.0, 1.0
MARGIN_MM = 15.0
HALF_LENGTH_MM = 100.0
FIELD_MM, N_PIXELS = 20.0, 40
WATER_PER_CM = 0.2  # of the water correction; drops out of the CT number
WATER_ORDER, WATER_STEP_MM = 6, 10.0
CYLINDER = 2
# Shepp-Logan: its other smooth kernels shift whole images by 10 HU and more.
KERNEL = "S-L"


@dataclass(frozen=True, slots=True)
class Stuff:
    """A material to write into a file.

    Attributes
    ----------
    parts
        Element -> part of the mass; any scale.
    """

    density_g_cm3: float
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Rig:
    """Tube and detector.

    Attributes
    ----------
    spectrum
        Energies in keV, evenly spaced, and photons in each bin.
    aluminium_mm
        What gecatsim adds to that spectrum.
    scintillator
        A material's file, or what to write into one.
    n_energies, n_views, n_samples
        Bins of energy, views of a turn, and rays across a channel and the focal spot.
    """

    spectrum: tuple[Array, Array]
    aluminium_mm: float
    scintillator: Stuff | str
    scintillator_mm: float
    n_energies: int = 40
    n_views: int = 500
    n_samples: int = 2


@dataclass(frozen=True, slots=True)
class RodBody:
    """A round body with a rod along its axis.

    Attributes
    ----------
    offset_mm
        Of the rod's axis from that of the body, to the side.
    """

    diameter_mm: float
    body: Stuff
    rod_diameter_mm: float
    rod: Stuff
    offset_mm: float


def scan(rig: Rig, body: RodBody) -> Array:
    """CT numbers around the rod, without noise.

    Returns
    -------
    ndarray
        Shape (row, column), `N_PIXELS` on a side of `FIELD_MM`, the rod in the middle.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        return _scanned(rig, body, Path(folder))


def _scanned(rig: Rig, body: RodBody, folder: Path) -> Array:
    # Not a dependency of this project: installed for this comparison alone.
    import gecatsim  # noqa: PLC0415  # pyright: ignore[reportMissingModuleSource]
    from gecatsim.reconstruction.pyfiles import (  # noqa: PLC0415  # pyright: ignore[reportMissingModuleSource]
        recon,  # pyright: ignore[reportMissingModuleSource]  # installed by hand
    )

    ct = gecatsim.CatSim()
    ct.resultsName = str(folder / "scan")
    ct.phantom.callback = "Phantom_Analytic"
    ct.phantom.projectorCallback = "C_Projector_Analytic"
    ct.phantom.projectorNumThreads = 1
    ct.phantom.filename = str(_phantom_file(body, folder))
    _set_rig(ct, rig, folder)
    half_mm = body.diameter_mm / 2 + MARGIN_MM
    fan = 2 * np.arcsin(half_mm / AXIS_MM)
    ct.scanner.detectorColCount = int(np.ceil(fan * DETECTOR_MM / COLUMN_MM))
    ct.scanner.detectorRowsPerMod = ct.scanner.detectorRowCount = 1
    ct.protocol.viewsPerRotation = ct.protocol.viewCount = rig.n_views
    ct.protocol.stopViewId = rig.n_views - 1
    ct.physics.callback_post_log = "Prep_BHC_Accurate"
    ct.physics.EffectiveMu = WATER_PER_CM
    ct.physics.BHC_poly_order = WATER_ORDER
    ct.physics.BHC_max_length_mm = body.diameter_mm * 1.3
    ct.physics.BHC_length_step_mm = WATER_STEP_MM
    ct.recon.fov, ct.recon.imageSize = FIELD_MM, N_PIXELS
    ct.recon.sliceCount = 1
    ct.recon.kernelType = KERNEL
    # Its field moves against its phantom.
    ct.recon.centerOffset = [-body.offset_mm, 0.0, 0.0]
    ct.recon.mu = WATER_PER_CM / 10
    ct.run_all()
    return np.asarray(recon.recon_direct(ct)[:, :, 0], np.float64)


def _set_rig(ct: "CatSim", rig: Rig, folder: Path) -> None:
    """Tube and detector; no bowtie, no scatter, no noise."""
    path = folder / "beam.dat"
    energies, photons = rig.spectrum
    lines = [f"{e:.6f},{p:.8g}" for e, p in zip(energies, photons, strict=True)]
    path.write_text("\n".join([str(len(lines)), *lines, "0", ""]))
    ct.protocol.spectrumFilename = str(path)
    ct.protocol.bowtie = []
    ct.protocol.flatFilter = ["Al", rig.aluminium_mm] if rig.aluminium_mm else []
    ct.scanner.detectorPrefilter = []
    if isinstance(rig.scintillator, str):
        ct.scanner.detectorMaterial = rig.scintillator
    else:
        ct.scanner.detectorMaterial = _material_file(
            rig.scintillator, folder, "crystal"
        )
    ct.scanner.detectorDepth = rig.scintillator_mm
    ct.scanner.detectorColSize = COLUMN_MM
    ct.physics.energyCount = rig.n_energies
    ct.physics.enableQuantumNoise = ct.physics.enableElectronicNoise = 0
    ct.physics.colSampleCount = ct.physics.srcXSampleCount = rig.n_samples
    # The body is the same in every slice.
    ct.physics.rowSampleCount = ct.physics.srcYSampleCount = 1
    ct.physics.viewSampleCount = 1


def _material_file(stuff: Stuff, folder: Path, name: str) -> str:
    """Write a material as gecatsim reads it; returns its path."""
    total = sum(stuff.parts.values())
    lines = [str(len(stuff.parts)), f"{stuff.density_g_cm3:.8f}"]
    lines += [
        f"{ATOMIC_NUMBERS[element]} {part / total:.8f}"
        for element, part in stuff.parts.items()
    ]
    path = folder / name
    path.write_text("\n".join([*lines, ""]))
    return str(path)


def _phantom_file(body: RodBody, folder: Path) -> Path:
    """Write two cylinders as gecatsim reads them: later ones displace earlier ones."""
    names = [
        _material_file(body.body, folder, "body"),
        _material_file(body.rod, folder, "rod"),
    ]
    text = "materialList = {" + " ".join(f"'{name}'" for name in names) + "};\n\n"
    cylinders = ((body.diameter_mm, 0.0), (body.rod_diameter_mm, body.offset_mm))
    for i, (diameter, x) in enumerate(cylinders, 1):
        radius = diameter / 2
        text += (
            f"object.center({i},:) = [{x:.6f} 0.0 0.0];\n"
            f"object.half_axes({i},:) = [{radius:.6f} {radius:.6f} {HALF_LENGTH_MM}];\n"
            f"object.euler_angs({i},:) = [0.0 0.0 0.0];\n"
            f"object.density({i}) = 1.0;\n"
            f"object.type({i}) = {CYLINDER};\n"
            f"object.material({i}) = {i};\n"
            f"object.axial_lims({i},:) = [0 0];\n"
            f"object.shape({i}) = 0;\n"
            f"object.clip{{{i}}} = [];\n\n"
        )
    path = folder / "rod.ppm"
    path.write_text(text)
    return path
