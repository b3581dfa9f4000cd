"""What takes long to make is made once."""

from pathlib import Path

from calcitrace.bootstrap.shelf import kept


def test_it_is_made_once_and_then_read(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> dict[str, int]:
        made.append(1)
        return {"n": len(made)}

    path = tmp_path / "thing.pickle.gz"
    assert kept(path, make) == {"n": 1}
    assert kept(path, make) == {"n": 1}
    assert kept(tmp_path / "other.pickle.gz", make) == {"n": 2}
