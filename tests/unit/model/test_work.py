"""Work on all cores: order, errors, and the same result for any number of threads."""

import threading

import pytest

from calcitrace.model import work
from calcitrace.model.work import both, for_each_span, in_threads


@pytest.fixture(params=[1, 2, 5])
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Pretend that this many cores are there."""
    monkeypatch.setattr(work, "n_threads", lambda: request.param)
    return int(request.param)


@pytest.mark.usefixtures("threads")
def test_results_come_in_the_order_of_the_items() -> None:
    assert list(in_threads(lambda x: x * x, range(50))) == [x * x for x in range(50)]


@pytest.mark.usefixtures("threads")
def test_an_error_is_raised_where_its_result_was_due() -> None:
    results = in_threads(lambda x: 1 / x, [1, 2, 0, 4])
    assert [next(results), next(results)] == [1.0, 0.5]
    with pytest.raises(ZeroDivisionError):
        next(results)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("n", [0, 1, 7, 100])
def test_spans_cover_every_index_once(n: int) -> None:
    seen: list[int] = []
    lock = threading.Lock()

    def add(span: range) -> None:
        with lock:
            seen.extend(span)

    for_each_span(add, n)
    assert sorted(seen) == list(range(n))


@pytest.mark.usefixtures("threads")
def test_both_results_keep_their_places() -> None:
    assert both(lambda: "a", lambda: 2) == ("a", 2)


def test_two_pieces_run_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "n_threads", lambda: 2)
    meet = threading.Barrier(2, timeout=20)
    assert sorted(in_threads(lambda _: meet.wait(), range(2))) == [0, 1]
