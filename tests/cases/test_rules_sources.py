"""A source speaks the reader's language: no numbers of requirements, no English in Finnish."""

import pytest
from django.utils import translation

from silta.cases.rules import definitions, sources

_ENGLISH = (" the ", " set by ", "default", "agreed", "days", "defaults", "otherwise", ".md")


def every() -> set[str]:
    """All sources that the screens show, of all versions of all definitions."""
    ones = [one for versions in definitions.definitions().values() for one in versions]
    found = {one.source for one in ones} | {one.closing.source for one in ones}
    for one in ones:
        found |= {part.source for part in (*one.rules, *one.required_parts, *one.triggers, *one.marks)}
        found |= {one.planned_length.source} if one.planned_length else set()
    return found


@pytest.mark.parametrize(("language", "default"), [("fi", "Sillan oletus"), ("sv", "Siltas standard")])
def test_no_source_speaks_of_requirements_or_in_english(language: str, default: str) -> None:
    told = every()
    with translation.override(language):
        words = {one: sources.in_words(one) for one in told}
    assert len(told) > 30
    for one, word in words.items():
        assert word, one
        assert "REQ" not in word, one
        assert not [english for english in _ENGLISH if english in f" {word} ".lower()], (one, word)
        assert (default in word) == ("Silta default" in one), one


def test_statutes_stay_as_they_are_and_each_part_is_told_once() -> None:
    with translation.override("fi"):
        assert sources.in_words("381/2023 4.1 §, 12 §") == "381/2023 4.1 §, 12 §"
        assert sources.in_words("REQ-004-84, REQ-004-85") == "Tutkimus kuntoutuksen työnantajayhteistyöstä"


def test_what_an_organisation_writes_itself_stays() -> None:
    assert sources.in_words("Kaupungin ohje 12/2026") == "Kaupungin ohje 12/2026"
