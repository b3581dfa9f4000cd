"""Independent pieces of work on all cores.

Each piece writes to a place of its own or returns its result, and results come back in
the order of the pieces: numbers do not depend on how many threads there are.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Pieces per thread: enough that none waits long for the last one.
PIECES_PER_THREAD = 4
# Below, starting threads and waiting for the interpreter costs more than they save.
VALUES_WORTH_THREADS = 500_000


def n_threads() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS and Windows


def in_threads(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Results of a function for each item, in the order of the items.

    Array libraries let go of the interpreter while they compute, so threads gain where
    the pieces are large. An error of a piece is raised where its result was due.
    """
    threads = n_threads()
    if threads == 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(function, items)


def both(first: Callable[[], T], second: Callable[[], R]) -> tuple[T, R]:
    """Results of two functions that do not need each other."""
    if n_threads() == 1:
        return first(), second()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(second)
        return first(), other.result()


def threads_for(n_values: int) -> int:
    """Threads worth starting for a computation over so many values."""
    return n_threads() if n_values >= VALUES_WORTH_THREADS else 1


def for_each_span(function: Callable[[range], None], n: int) -> None:
    """Call a function with neighbouring indices, together 0 to n - 1, on all cores."""
    step = max(1, -(-n // (n_threads() * PIECES_PER_THREAD)))
    spans = [range(start, min(start + step, n)) for start in range(0, n, step)]
    for _ in in_threads(function, spans):
        pass
