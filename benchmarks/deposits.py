"""Seconds that measuring one deposit takes, once it is found.

Run ``uv run python -m benchmarks.deposits``. The simulated limb is tiled to 512 x 512
x 200 slices, with its own pixels and with pixels twice as wide, and measured; the time
between the start and the end of the stage "measure" is divided by its deposits. 500
deposits are to take no more than 20 s on two cores.
"""

import time

from benchmarks.speed import source_scan, tiled
from calcitrace.model.grid import Grid
from calcitrace.model.protocol import Protocol
from calcitrace.model.scan import Scan
from calcitrace.model.volume import Coverage, HuVolume
from calcitrace.services.imaging import measure_scan

N_SLICES, N_DEPOSITS, LIMIT_S = 200, 500, 20.0


def coarser(volume: HuVolume, step: int) -> HuVolume:
    """Every second pixel, as a scanner with a wider field would give them."""
    old = volume.grid
    hu = volume.hu[:, ::step, ::step].copy()
    slice_mm, row_mm, column_mm = old.spacing_mm
    spacing = (slice_mm, row_mm * step, column_mm * step)
    _, rows, columns = hu.shape
    grid = Grid((len(hu), rows, columns), spacing, old.origin_mm, old.direction)
    return HuVolume(hu, grid)


def main() -> int:
    """Print the table; 1 if the limit was passed."""
    volume, acquisition = source_scan(None)
    print(f"{'pixel mm':>8} {'deposits':>8} {'s':>6} {'s for 500':>9}")
    worst = 0.0
    for step in (1, 2):
        tile = tiled(coarser(volume, step), N_SLICES)
        scan = Scan(
            volume=tile,
            coverage=Coverage.full(tile.grid),
            acquisition=acquisition,
            input_hash="benchmark",
            source_kind="array",
        )
        at: dict[float, float] = {}

        def note(stage: str, fraction: float, at: dict[float, float] = at) -> None:
            if stage == "measure":
                at[fraction] = time.perf_counter()

        result = measure_scan(scan, Protocol(), None, note)
        seconds = at[max(at)] - at[0.0]
        all_s = seconds / len(result.deposits) * N_DEPOSITS
        worst = max(worst, all_s)
        print(
            f"{tile.grid.spacing_mm[1]:>8.2f} {len(result.deposits):>8} "
            f"{seconds:>6.1f} {all_s:>9.1f}"
        )
    print("Within the limit." if worst <= LIMIT_S else "The limit was passed.")
    return 0 if worst <= LIMIT_S else 1


if __name__ == "__main__":
    raise SystemExit(main())
