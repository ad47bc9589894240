"""What Silta itself gives as a reason speaks the language of whoever reads it, not of whoever ended the case."""

from django.utils.translation import override

from silta.cases.rules import told
from silta.cases.rules.told import Told


def test_a_reason_of_our_own_is_read_in_each_language() -> None:
    said = {}
    for language in ("fi", "sv", "en"):
        with override(language):
            said[language] = told.in_words(Told.CASE_ENDED)
    assert said == {"fi": "Asiakkuus päättyi", "sv": "Klientrelationen avslutades", "en": "The case ended"}


def test_every_reason_of_our_own_has_words() -> None:
    names = {"name": "Eero", "unit": "Työkyvyn tuki"}
    for code in Told:
        assert "silta:" not in told.in_words(told.with_names(code, **names))


def test_the_words_speak_of_those_who_were_named() -> None:
    stored = told.with_names(Told.JOINED_ALONE, name="Saara Niemi", unit="Sosiaalipalvelut")
    with override("sv"):
        assert "Saara Niemi, Sosiaalipalvelut" in told.in_words(stored)


def test_what_a_worker_wrote_stays_as_she_wrote_it() -> None:
    for text in ("", "muutti toiselle paikkakunnalle", "silta: ei ole koodi", "100 % varma"):
        assert told.in_words(text) == text
