"""Visits of a scene are scanned, written and told truly."""

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.volume import HuVolume, MassVolume
from calcitrace.services.ports import LIMB_LABELS, SeriesLabels
from calcitrace.services.simulating import (
    SimulatedVisit,
    SimulationTools,
    simulate_scene,
)
from calcitrace.simulation.bodies.plans import BodyPlan
from calcitrace.simulation.scenes.scene import Change, Scene, Visit
from calcitrace.simulation.tomography.machine import Kernel, Machine
from tests.fakes.scenes import COARSE, one_of_each, painted_hu, scene


@dataclass
class Kept:
    """Writers that keep what they were given."""

    names: list[str] = field(default_factory=list[str])
    volumes: list[HuVolume] = field(default_factory=list[HuVolume])
    acquisitions: list[Acquisition] = field(default_factory=list[Acquisition])
    labels: list[SeriesLabels] = field(default_factory=list[SeriesLabels])
    folders: list[Path] = field(default_factory=list[Path])


class KeptSeries:
    def __init__(self, kept: Kept) -> None:
        self.kept = kept

    def write(
        self,
        volume: HuVolume,
        acquisition: Acquisition,
        folder: Path,
        *,
        name: str,
        labels: SeriesLabels = LIMB_LABELS,
    ) -> tuple[Path, ...]:
        assert folder.is_dir()
        self.kept.names.append(name)
        self.kept.volumes.append(volume)
        self.kept.acquisitions.append(acquisition)
        self.kept.labels.append(labels)
        self.kept.folders.append(folder)
        return ()


class KeptMass:
    def __init__(self) -> None:
        self.volumes: list[MassVolume] = []

    def write(self, volume: MassVolume, folder: Path) -> Path:
        self.volumes.append(volume)
        return folder


def simulated(
    what: Scene, folder: Path, heard: list[tuple[str, float]] | None = None
) -> tuple[tuple[SimulatedVisit, ...], Kept, list[MassVolume]]:
    kept, mass = Kept(), KeptMass()
    said = [] if heard is None else heard
    visits = simulate_scene(
        what,
        folder,
        SimulationTools(painted_hu, KeptSeries(kept), mass),
        lambda stage, done: said.append((stage, done)),
    )
    return visits, kept, mass.volumes


def few(*visits: Visit) -> Scene:
    return scene(*visits, deposits=one_of_each()[:2])


def test_one_visit_lies_in_the_folder_itself(tmp_path: Path) -> None:
    heard: list[tuple[str, float]] = []
    (visit,), kept, (mass,) = simulated(few(), tmp_path, heard)

    assert visit.folder == Path()
    assert kept.folders == [tmp_path / "scan"]
    assert [row.name for row in visit.truth] == ["dot", "touching"]
    assert mass.grid == kept.volumes[0].grid
    total = sum(row.mass_in_scan_mg for row in visit.truth)
    assert mass.mg.sum(dtype=np.float64) == pytest.approx(total, rel=1e-6)
    assert heard[0] == ("place", 0.0)
    assert heard[-1] == ("simulate", 1.0)
    assert [f for s, f in heard if s == "simulate"] == sorted(
        f for s, f in heard if s == "simulate"
    )


def test_several_visits_have_folders_dates_noise_and_uids_of_their_own(
    tmp_path: Path,
) -> None:
    low_dose = Machine(
        kvp=80.0, dose_mas=40.0, kernel=Kernel.SOFT, pixel_mm=2.0,
        slice_thickness_mm=2.0, slice_step_mm=2.0,
    )  # fmt: skip
    grown = Change("touching", "grow", 1.5)
    visits, kept, _ = simulated(
        few(Visit(), Visit(100, machine=low_dose, changes=(grown,))), tmp_path
    )

    assert [v.folder for v in visits] == [Path("visit-1"), Path("visit-2")]
    assert len(set(kept.names)) == 2
    air = [int(v.hu.min()) for v in kept.volumes]
    assert air[0] != air[1]  # the seed, as the fake shows it
    first, second = kept.acquisitions
    assert first.acquired == datetime(2000, 1, 1, 12)  # noqa: DTZ001 -- as DICOM
    assert second.acquired == datetime(2000, 4, 10, 12)  # noqa: DTZ001 -- as DICOM
    assert (second.kvp, second.kernel) == (80.0, "SIM-SOFT")
    assert second.tube_current_time_mas == 40.0
    before, after = (v.truth[1].mass_mg for v in visits)
    assert after == pytest.approx(1.5 * before)


def test_headers_say_what_was_simulated(tmp_path: Path) -> None:
    machine = Machine(
        copper_mm=0.2, tilt_deg=10.0, pixel_mm=2.0, slice_step_mm=2.0, has_bowtie=False
    )
    said = Scene(
        name="my leg",
        first_day=date(2023, 4, 5),
        body=BodyPlan(side="L"),
        machine=machine,
        scan=few().scan,
    )
    _, kept, _ = simulated(said, tmp_path)

    (acquisition,), (labels,) = kept.acquisitions, kept.labels
    assert acquisition.manufacturer == "Calcitrace simulation"
    assert (acquisition.body_part, acquisition.laterality) == ("LEG", "L")
    assert acquisition.field_of_view_mm == 140.0
    assert acquisition.slice_thickness_mm == 1.0
    assert acquisition.is_contrast_enhanced is False
    assert labels.patient == "my leg"
    assert labels.filters_mm == (("ALUMINUM", 7.0), ("COPPER", 0.2))
    assert labels.has_bowtie is False
    assert labels.gantry_tilt_deg == 10.0


def test_another_scene_is_another_series_and_another_patient(tmp_path: Path) -> None:
    names: list[str] = []
    patients: list[str] = []
    for k, what in enumerate((few(), few(), Scene(seed=9, machine=COARSE))):
        (tmp_path / str(k)).mkdir()
        _, kept, _ = simulated(what, tmp_path / str(k))
        names += kept.names
        patients += [labels.patient_id for labels in kept.labels]

    assert names[0] == names[1] != names[2]
    assert patients[0] == patients[1] != patients[2]
