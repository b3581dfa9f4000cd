from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.deposit import Deposit
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.volume import HuVolume
from calcitrace.services.demo import (
    Comparison,
    compare_with_truth,
    simulate_series,
)
from calcitrace.services.ports import LIMB_LABELS, SeriesLabels
from calcitrace.simulation.limb import TrueDeposit
from tests.fakes.results import made_up_deposit


@dataclass
class KeptSeries:
    """Writer that keeps what it was given."""

    names: list[str] = field(default_factory=list[str])
    volumes: list[HuVolume] = field(default_factory=list[HuVolume])

    def write(
        self,
        volume: HuVolume,
        acquisition: Acquisition,
        folder: Path,
        *,
        name: str,
        labels: SeriesLabels = LIMB_LABELS,
    ) -> tuple[Path, ...]:
        assert labels == LIMB_LABELS
        assert acquisition.manufacturer == "Calcitrace simulation"
        self.names.append(name)
        self.volumes.append(volume)
        return (folder,)


def true(name: str, x_mm: float, mass_mg: float, reach_mm: float = 2.0) -> TrueDeposit:
    return TrueDeposit(name, mass_mg, mass_mg, 1.0, 300.0, (x_mm, 0, 0), reach_mm)


def found(number: int, x_mm: float, mass_mg: float) -> Deposit:
    mass = Estimate(mass_mg, 0.1, 0.2, Unit.MG)
    return made_up_deposit(number, centroid_mm=(x_mm, 0.0, 0.0), mass=mass)


def test_each_found_deposit_goes_to_the_nearest_true_one() -> None:
    truth = [true("left", 0.0, 10.0), true("right", 12.0, 20.0)]

    compared = compare_with_truth([found(1, 11.0, 21.0), found(2, 0.5, 9.0)], truth)

    assert [[d.deposit_id for d in row.deposits] for row in compared.rows] == [[2], [1]]
    assert [row.error for row in compared.rows] == pytest.approx([-0.1, 0.05])
    assert [row.is_within_interval for row in compared.rows] == [False, False]
    assert compared.false_deposits == ()


def test_members_of_a_cluster_are_summed() -> None:
    cluster = true("cluster", 0.0, 15.0, reach_mm=8.0)

    compared = compare_with_truth([found(1, -5.0, 6.0), found(2, 6.0, 9.1)], [cluster])

    mass = compared.rows[0].mass
    assert mass is not None
    assert mass.value == pytest.approx(15.1)
    assert mass.std_systematic == pytest.approx(0.4)
    assert compared.rows[0].is_within_interval


def test_what_is_missed_has_no_mass_and_what_is_far_off_is_false() -> None:
    far = found(1, 40.0, 5.0)

    compared = compare_with_truth([far], [true("missed", 0.0, 10.0)])

    assert compared.false_deposits == (far,)
    assert compared.n_found == 0
    row: Comparison = compared.rows[0]
    assert (row.mass, row.error, row.is_within_interval) == (None, None, None)


@pytest.mark.parametrize("deposits", [[], [found(1, 0.0, 1.0)]])
def test_a_scan_without_truth_has_only_false_deposits(
    deposits: Sequence[Deposit],
) -> None:
    compared = compare_with_truth(deposits, [])

    assert compared.rows == ()
    assert list(compared.false_deposits) == list(deposits)


def test_the_series_is_written_under_a_name_that_follows_from_the_seed(
    tmp_path: Path,
) -> None:
    writer = KeptSeries()
    heard: list[tuple[str, float]] = []

    simulated = simulate_series(
        tmp_path,
        writer,
        seed=7,
        progress=lambda stage, done: heard.append((stage, done)),
    )

    assert writer.names == ["limb 7"]
    assert np.array_equal(writer.volumes[0].hu, simulated.volume.hu)
    assert heard[-1] == ("simulate", 1.0)
