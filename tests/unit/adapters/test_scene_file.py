from pathlib import Path

import pytest

from calcitrace.adapters.scene_file import read_scene
from calcitrace.errors import SceneError


def test_a_scene_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "scene.toml"
    path.write_text('name = "mine"\n[machine]\nkvp = 100\n', encoding="utf-8")

    scene = read_scene(path)

    assert (scene.name, scene.machine.kvp) == ("mine", 100.0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"kvp = ", "Expected a scene in TOML, got scene.toml"),
        (b"\xff\xfe", "Expected a scene in TOML"),
        (b"[machine]\nkv = 100\n", 'Did you mean "kvp"'),
    ],
)
def test_what_is_no_scene_is_refused_in_one_line(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "scene.toml"
    path.write_bytes(content)

    with pytest.raises(SceneError, match=words) as caught:
        read_scene(path)

    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="no such file"):
        read_scene(tmp_path / "none.toml")
