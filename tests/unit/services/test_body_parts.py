"""Words of the header, in ours."""

import pytest

from calcitrace.adapters.dicom_seg import REGION_CODES
from calcitrace.services.body_parts import (
    REGION_OF_TERM,
    known_words,
    region,
    region_of_words,
    side,
    side_of_words,
)


@pytest.mark.parametrize(
    ("term", "word"),
    [
        ("HAND", "hand"),
        ("hand ", "hand"),
        ("LOWER LEG", "leg"),
        ("LOWER_LEG", "leg"),
        ("UPPER ARM", "upper arm"),
        ("TOE", "foot"),
    ],
)
def test_a_term_that_names_one_region_is_translated(term: str, word: str) -> None:
    assert region(term) == word


@pytest.mark.parametrize(
    "term",
    [None, "", "EXTREMITY", "WHOLEBODY", "LOWEXTREMITY", "HANDBAG", "ABDOMENPELVIS"],
)
def test_a_term_that_does_not_is_unknown(term: str | None) -> None:
    assert region(term) == "unknown"


@pytest.mark.parametrize(
    ("term", "word"),
    [
        ("R", "right"),
        ("l", "left"),
        ("B", "unknown"),
        ("U", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_side_is_told_only_where_the_header_tells_one(
    term: str | None, word: str
) -> None:
    assert side(term) == word


def test_codes_are_for_words_that_exist() -> None:
    assert REGION_CODES.keys() <= set(REGION_OF_TERM.values())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CT Hand rechts, Frau Beispiel", ("hand", "rechts")),
        ("Main droite", ("main", "droite")),
        ("Scanner de la main gauche", ("main", "gauche")),
        ("Main building", ()),
        ("Oberschenkel beidseits", ("oberschenkel",)),
        ("ÉPAULE GAUCHE", ("epaule", "gauche")),
        ("DOE^JANE 1970", ()),
        ("Handsome", ()),
        ("", ()),
    ],
)
def test_only_words_of_body_parts_leave_a_description(
    text: str, words: tuple[str, ...]
) -> None:
    assert known_words(text) == words


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("hand", "wrist"), ("unknown", "unknown")),
        (("knee", "genou", "left", "gauche"), ("knee", "left")),
        (("hands", "left", "right"), ("hand", "unknown")),
        ((), ("unknown", "unknown")),
    ],
)
def test_words_name_a_region_and_a_side_if_they_name_one(
    words: tuple[str, ...], named: tuple[str, str]
) -> None:
    assert (region_of_words(words), side_of_words(words)) == named
