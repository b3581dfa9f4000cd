"""Protocol files are read strictly: nothing in them is silently ignored."""

from dataclasses import fields
from pathlib import Path

import pytest

from calcitrace.adapters.protocol_file import RANGE_OF_UNIT, read_protocol
from calcitrace.errors import ProtocolError
from calcitrace.model.protocol import Protocol


def protocol(folder: Path, text: str) -> Protocol:
    path = folder / "protocol.toml"
    path.write_text(text, encoding="utf-8")
    return read_protocol(path)


def test_an_empty_file_is_the_default_protocol(tmp_path: Path) -> None:
    assert protocol(tmp_path, "") == Protocol()


def test_a_setting_replaces_its_default_and_no_other(tmp_path: Path) -> None:
    read = protocol(tmp_path, "[detection]\nthreshold_hu = 150\n")

    assert read.detection.threshold_hu == 150.0
    assert isinstance(read.detection.threshold_hu, float)
    assert read.quantification == Protocol().quantification
    assert read.hash != Protocol().hash


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[detecton]\n", 'table of the protocol, got "detecton".*"detection"'),
        ("[detection]\nthreshhold_hu = 1\n", 'threshhold_hu".*"threshold_hu"'),
        ("[detection]\nthreshold_hu = 'high'\n", "number.*detection.threshold_hu"),
        ("[detection]\nthreshold_hu = true\n", "number.*detection.threshold_hu"),
        ("[detection]\nthreshold_hu = nan\n", "-1024 to 4000"),
        ("[detection]\naccept_probability = 1.5\n", "0 to 1"),
        ("[detection]\naccept_probability = 0.1\n", "review_probability <= "),
        ("[quantification]\nshell_inner_mm = 7.0\n", "shell_outer_mm"),
        ("detection = 3\n", r"a table \[detection\]"),
        ("[detection\n", "TOML"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(
    text: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(ProtocolError, match=words) as caught:
        protocol(tmp_path, text)

    assert "\n" not in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="no such file"):
        read_protocol(tmp_path / "none.toml")


def test_every_number_of_the_protocol_has_a_range() -> None:
    for section in fields(Protocol()):
        settings = getattr(Protocol(), section.name)
        for field in fields(settings):
            value = getattr(settings, field.name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                unit = field.name.rsplit("_", 1)[-1]
                low, high = RANGE_OF_UNIT[unit]
                assert low <= value <= high, field.name
