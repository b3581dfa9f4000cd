"""Signals behind simple bodies, against closed forms."""

import math

import numpy as np
import pytest

from calcitrace.simulation.forms import (
    Capsule,
    Ellipsoid,
    Form,
    Lobulated,
    Pose,
    Tube,
    ball,
)
from calcitrace.simulation.materials import MATERIALS
from calcitrace.simulation.phantom import Calcification, Part, Phantom
from calcitrace.simulation.tomography.rays import Views, row_signals, traced

AXES = np.eye(3)
ENERGY = np.array([60.0])
ANGLES = np.array([0.0, 0.7, math.pi / 2, 2.5])
OFFSETS = np.array([-2.5, -0.4, 0.0, 1.7])


def attenuation(phantom: Phantom, z_mm: float = 0.0) -> np.ndarray:
    """Line integrals, shape (view, channel)."""
    signal, variance = row_signals(
        traced(phantom, tuple(ENERGY)),
        Views(AXES, ANGLES, OFFSETS[:, None]),
        np.array([0.0, 0.0, z_mm]),
        np.ones((len(OFFSETS), 1)),
        ENERGY,
    )
    assert variance == pytest.approx(signal * ENERGY[0])
    return -np.log(signal)


def per_mm(name: str) -> float:
    return float(MATERIALS[name].attenuation_per_mm(ENERGY)[0])


def test_ball_has_the_chords_of_a_ball_from_every_side() -> None:
    phantom = Phantom((Part(ball((0.0, 0.0, 0.0), 3.0), "water"),), ())

    chords = 2 * np.sqrt(3.0**2 - 1.0 - OFFSETS**2)

    assert attenuation(phantom, 1.0) == pytest.approx(
        np.tile(per_mm("water") * chords, (len(ANGLES), 1)), rel=1e-8
    )


def test_off_axis_ball_casts_its_shadow_where_it_lies() -> None:
    centre = (4.0, -7.0, 0.0)
    phantom = Phantom((Part(ball(centre, 8.0), "water"),), ())

    place = np.cos(ANGLES) * centre[0] + np.sin(ANGLES) * centre[1]
    chord = 64.0 - (OFFSETS[None, :] - place[:, None]) ** 2

    expected = 2 * per_mm("water") * np.sqrt(np.clip(chord, 0, None))
    assert attenuation(phantom) == pytest.approx(expected, rel=1e-8)


def test_later_parts_paint_over_earlier_ones() -> None:
    outer, inner = ball((0.0, 0.0, 0.0), 9.0), ball((0.0, 0.0, 0.0), 4.0)
    phantom = Phantom((Part(outer, "muscle"), Part(inner, "cortical_bone")), ())

    bone = 2 * np.sqrt(16.0 - OFFSETS**2)
    muscle = 2 * np.sqrt(81.0 - OFFSETS**2) - bone

    expected = per_mm("cortical_bone") * bone + per_mm("muscle") * muscle
    assert attenuation(phantom)[1] == pytest.approx(expected, rel=1e-8)


def test_deposit_displaces_its_share_of_whatever_it_lies_in() -> None:
    fat, muscle = ball((0.0, 0.0, 0.0), 9.0), Tube((0, 0, -9), (0, 0, 9), (3.0, 3.0))
    deposit = Calcification("a", ball((0.0, 0.0, 0.0), 5.0), 790.0, "nodule", "fat")
    phantom = Phantom((Part(fat, "fat"), Part(muscle, "muscle")), (deposit,))

    inner = 2 * np.sqrt(9.0 - OFFSETS**2)
    dense = 2 * np.sqrt(25.0 - OFFSETS**2)
    whole = 2 * np.sqrt(81.0 - OFFSETS**2)

    share = 790.0 / 3160.0
    expected = (
        per_mm("hydroxyapatite") * share * dense
        + per_mm("muscle") * (1 - share) * inner
        + per_mm("fat") * ((1 - share) * (dense - inner) + whole - dense)
    )
    assert attenuation(phantom)[2] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    "form",
    [
        Ellipsoid((1.0, -2.0, 0.5), (2.0, 3.0, 4.0)),
        Tube((-1.0, 0.0, -6.0), (1.0, 2.0, 5.0), (2.0, 3.0)),
        Tube((0.0, 0.0, -6.0), (0.0, 0.0, 6.0), (4.0, 4.0), hollow=0.7),
        Tube((0, 0, -6), (0, 1, 6), (5.0, 5.0), hollow=0.6, half_angle_rad=0.9),
        Capsule((-2.0, 0.0, -1.0), (2.0, 1.0, 2.0), 1.5),
        Lobulated(((0.0, 0.0, 0.0), 2.0), (((2.0, 0.0, 0.0), 1.2),)),
    ],
    ids=lambda f: type(f).__name__,
)
@pytest.mark.parametrize("angles", [(0.0, 0.0, 0.0), (20.0, -35.0, 70.0)])
def test_chords_are_those_of_points_along_the_ray(
    form: Form, angles: tuple[float, float, float]
) -> None:
    moved = form.moved(Pose.of_angles(angles))
    phantom = Phantom((Part(moved, "water"),), ())
    t = (np.arange(40_000) + 0.5) / 40_000 * 30 - 15
    u, v = AXES[0], AXES[1]
    expected = np.zeros((len(ANGLES), len(OFFSETS)))
    for i, angle in enumerate(ANGLES):
        for j, s in enumerate(OFFSETS):
            start = s * (math.cos(angle) * u + math.sin(angle) * v)
            points = start + t[:, None] * (-math.sin(angle) * u + math.cos(angle) * v)
            inside = np.logical_or.reduce([q.contains(points) for q in moved.solids])
            expected[i, j] = 30 * inside.mean()

    found = attenuation(phantom) / per_mm("water")

    assert found == pytest.approx(expected, abs=0.005)
