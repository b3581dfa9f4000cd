"""A source is listed without following it anywhere it should not lead."""

import zipfile
from pathlib import Path

import pytest

from calcitrace.adapters.archive import Member, members, reading_members
from calcitrace.errors import UnreadableSourceError


def contents(source: Path) -> list[bytes]:
    with members(source) as found, reading_members():
        return [content(member) for member in found]


def content(member: Member) -> bytes:
    with member.open() as stream:
        return stream.read()


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_files_at_any_depth_are_found(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / "a/b/c/deep").write_bytes(b"deep")
    (tmp_path / "top").write_bytes(b"top")

    assert contents(tmp_path) == [b"top", b"deep"]


@pytest.mark.parametrize(
    "name", [".DS_Store", "DICOMDIR", "Thumbs.db", ".git/x", "__MACOSX/._1"]
)
def test_what_systems_leave_behind_is_skipped(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"no")
    (folder / "image").write_bytes(b"yes")

    assert contents(folder) == [b"yes"]
    packed = zipped(tmp_path / "z.zip", {name: b"no", "image": b"yes"})
    assert contents(packed) == [b"yes"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "image").write_bytes(b"image")
    (folder / "out").symlink_to(tmp_path / "secret")
    (folder / "outer").symlink_to(tmp_path)
    (folder / "inside").symlink_to(folder / "image")

    assert contents(folder) == [b"image", b"image"]


def test_files_of_a_zip_are_read_without_unpacking_it(tmp_path: Path) -> None:
    path = zipped(tmp_path / "scan.zip", {"a/1": b"one", "b/2": b"two"})

    assert contents(path) == [b"one", b"two"]
    assert [p.name for p in tmp_path.iterdir()] == ["scan.zip"]


def test_a_zip_is_known_by_its_content(tmp_path: Path) -> None:
    assert contents(zipped(tmp_path / "scan.dat", {"1": b"one"})) == [b"one"]


def refusal(source: Path) -> str:
    with pytest.raises(UnreadableSourceError) as caught:
        contents(source)
    assert str(source.name) not in str(caught.value)
    return str(caught.value)


def test_a_zip_in_a_zip_is_refused(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"1": b"one"}).read_bytes()

    assert "a zip in it" in refusal(zipped(tmp_path / "o.zip", {"inner.zip": inner}))


def test_a_zip_that_unpacks_to_far_more_than_it_holds_is_refused(
    tmp_path: Path,
) -> None:
    zeros = bytes(300 * 2**20)

    assert "packs at most" in refusal(zipped(tmp_path / "bomb.zip", {"0": zeros}))


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "scan.zip", {"1": bytes(range(256)) * 99})
    damaged = bytearray(path.read_bytes())
    damaged[60:90] = bytes(30)
    path.write_bytes(damaged)

    assert "sound zip" in refusal(path)


def test_an_empty_folder_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    assert "found none" in refusal(tmp_path)
    assert "found nothing there" in refusal(tmp_path / "gone")
