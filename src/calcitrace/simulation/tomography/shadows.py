"""What arrives behind a body without noise, kept for more scans of the same body.

Dose, kernel and thickness of slices change noise and reconstruction, not the shadow.
Tracing rays is most of the work of a scan, so scans of one body that differ in nothing
else share it; the result is the same as if each had been traced anew.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from calcitrace.simulation.phantom import Phantom
from calcitrace.simulation.tomography.beam import beam_of
from calcitrace.simulation.tomography.machine import Machine
from calcitrace.simulation.tomography.rays import TracedPhantom, row_signals, traced
from calcitrace.simulation.tomography.turn import Turn

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Signals = tuple[Floats, Floats]

N_SUB_ROWS = 2
N_DIGITS = 6  # of a height in mm: rows nearer to each other are one row


@dataclass(frozen=True, slots=True, eq=False)
class Shadows:
    """One body, and the rows of the detector that were traced behind it.

    Attributes
    ----------
    phantom
        In patient space.
    is_uniform
        The body is the same at every height: one row stands for all.
    kept
        Rows by beam, geometry and height; None keeps none. A limb needs some 100 MB, a
        trunk some 500 MB.
    """

    phantom: Phantom
    is_uniform: bool = False
    kept: dict[Hashable, Signals] | None = field(
        default_factory=dict[Hashable, Signals]
    )

    def traced(self, machine: Machine) -> TracedPhantom:
        """Body as arrays for the beam of a machine."""
        return traced(self.phantom, beam_of(machine).energies_kev)

    def row(self, turn: Turn, machine: Machine, row: int) -> Signals:
        """Expected signal of one row and variance of its photons' number, per mAs.

        Returns
        -------
        signal_kev_per_mas, variance_kev2_per_mas
            Shape (view, channel).
        """
        if self.is_uniform:
            row = 0
        if self.kept is None:
            return _expected(turn, row)
        key = _key(turn, machine, row)
        if key not in self.kept:
            self.kept[key] = _expected(turn, row)
        return self.kept[key]


def _key(turn: Turn, machine: Machine, row: int) -> Hashable:
    """All that the shadow in one row depends on, but for the body."""
    beam = machine.kvp, machine.aluminium_mm, machine.copper_mm, machine.has_bowtie
    height = float(turn.place_mm(row) @ turn.views.axes[2])
    rays = turn.shape, turn.views.axes.tobytes(), turn.row_mm
    return beam, rays, round(height, N_DIGITS)


def _expected(turn: Turn, row: int) -> Signals:
    """Trace one detector row."""
    signal, variance = np.zeros(turn.shape), np.zeros(turn.shape)
    for sub in range(N_SUB_ROWS):
        place = turn.place_mm(row + (sub + 0.5) / N_SUB_ROWS - 0.5)
        one, spread = row_signals(
            turn.scene,
            turn.views,
            place,
            turn.detector.source_kev_per_mas,
            turn.detector.energies_kev,
        )
        signal += one / N_SUB_ROWS
        variance += spread / N_SUB_ROWS
    return signal.astype(np.float32), variance.astype(np.float32)
