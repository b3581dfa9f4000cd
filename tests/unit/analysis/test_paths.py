"""Ways of the beam through tissue and bone."""

import math
from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.calibration import calibrate_by_table
from calcitrace.analysis.quantification.paths import Paths, paths_through
from calcitrace.analysis.quantification.site import Context
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.grid import Grid
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume
from tests.fakes.phantom import Phantom, known_calibration

GRID = Grid((3, 161, 161), (2.0, 1.0, 1.0), (-80.0, -80.0, 0.0))
RADIUS_MM = 60.0


def context_of(bone_at_mm: tuple[float, float] | None = None) -> Context:
    y, x = np.mgrid[-80:81, -80:81].astype(float)
    body = np.broadcast_to(np.hypot(x, y) <= RADIUS_MM, GRID.shape)
    hu = np.where(body, 0, -1000).astype(np.int16)
    if bone_at_mm is not None:
        bone = np.hypot(x - bone_at_mm[0], y - bone_at_mm[1]) <= 10
        hu[:, bone] = 1200
    nothing = np.empty((0, 3))
    return Context(
        volume=HuVolume(hu, GRID),
        coverage=Coverage.full(GRID),
        anatomy=Anatomy(
            tissue=LabelVolume(np.ones(GRID.shape, np.uint8), GRID),
            body=body,
            skin_mm=nothing,
            skeleton_mm=nothing,
            body_diameter_mm=np.full(3, 120.0),
            is_truncated=False,
            segmenter="test",
        ),
        labels=LabelVolume(np.zeros(GRID.shape, np.int32), GRID),
        kept=(),
        bystanders=(),
        cut=frozenset(),
        kvp=120.0,
        psf=Phantom().psf(),
        noise=Phantom().noise(),
        calibration=known_calibration(),
    )


def paths(point_mm: tuple[float, float, float], context: Context) -> Paths:
    found = paths_through(context, point_mm, 1)
    assert found is not None
    return found


def test_through_the_middle_every_way_is_the_diameter() -> None:
    found = paths((0.0, 0.0, 2.0), context_of())

    assert found.water_mm == pytest.approx(np.full(36, 120.0), abs=2.0)
    assert found.bone_hu_cm == pytest.approx(np.zeros(36))


def test_under_the_skin_ways_are_the_chords_of_the_circle() -> None:
    found = paths((50.0, 0.0, 2.0), context_of())

    angles = (np.arange(36) + 0.5) * math.pi / 36
    chords = 2 * np.sqrt(RADIUS_MM**2 - (50.0 * np.sin(angles)) ** 2)
    assert found.diameter_mm == pytest.approx(chords.mean(), rel=0.02)


def test_bone_on_the_way_lowers_the_response() -> None:
    calibration, _ = calibrate_by_table(120.0, 120.0)

    bare, _ = paths((0.0, 0.0, 2.0), context_of()).response(calibration)
    beside, _ = paths((0.0, 0.0, 2.0), context_of((14.0, 0.0))).response(calibration)

    assert bare == pytest.approx(calibration.hu_per_mg_cm3, rel=0.01)
    assert 0.90 < beside / bare < 0.99


def test_without_known_sizes_the_calibration_holds_everywhere() -> None:
    k, hardening = paths((50.0, 0.0, 2.0), context_of()).response(known_calibration())

    assert k == pytest.approx(known_calibration().hu_per_mg_cm3)
    assert hardening == pytest.approx(known_calibration().hardening_cm2_per_mg)


def test_outside_of_the_body_there_is_no_way() -> None:
    context = context_of()
    empty = replace(context.anatomy, body=np.zeros(GRID.shape, bool))

    assert paths_through(replace(context, anatomy=empty), (0.0, 0.0, 2.0), 1) is None
