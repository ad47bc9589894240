"""Pure decisions about people."""

import datetime as dt
import unicodedata

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from silta.kernel.folding import fold
from silta.people import rules
from silta.people.rules import Identity, Likeness

TODAY = dt.date(2026, 11, 22)
WILD = st.text(max_size=60)


# Folding


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Äyräpää", "ayrapaa"), ("ÅKERLUND", "akerlund"), ("Øster", "oster"), ("Weiß", "weiss"), ("Đorđević", "dordevic"),
        ("Łukasz", "lukasz"), ("Æsir", "aesir"), ("Þór", "thor"), ("Ŋáŋŋgá", "nannga"), ("Ŧuommá", "tuomma"),
        ("Anna-Liisa", "anna liisa"), ("Anna\N{EN DASH}Liisa", "anna liisa"), ("O'Brien", "obrien"), ("O’Brien", "obrien"),
        ("Oʼzbek", "ozbek"), ("  Aino \t Maria\n", "aino maria"), ("İpek Işık", "ipek isik"), ("Щербаков", "щербаков"),
        ("Йосиф", "иосиф"), ("ﬁnn", "finn"), ("َمحمد", "محمد"), ("Mäkelä", "makela"), ("", ""), ("--'", ""),
        ("A\N{COMBINING DIAERESIS}ijala", "aijala"),
    ],
)  # fmt: skip
def test_names_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(WILD)
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(WILD)
def test_what_is_folded_holds_only_letters_digits_and_single_spaces(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert all(char == " " or unicodedata.category(char)[0] in "LN" for char in folded)
    assert not any(char in folded for char in "'%_\\*:&|!<>")


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F), max_size=30))
def test_case_does_not_matter(text: str) -> None:
    assert fold(text.upper().lower()) == fold(text.upper())


@given(WILD)
def test_tidy_text_has_no_control_characters_and_stays_tidy(text: str) -> None:
    tidy = rules.tidy(text)
    assert not any(unicodedata.category(char)[0] == "C" for char in tidy)
    assert rules.tidy(tidy) == tidy


@given(st.text(max_size=150), st.text(max_size=150), st.text(max_size=80))
def test_a_search_name_always_fits_its_column(first: str, last: str, call: str) -> None:
    assert len(rules.search_name(first, last, call)) <= rules.SEARCH_NAME_LENGTH


def test_the_name_used_is_searched_where_it_is_not_among_the_first_names() -> None:
    assert rules.search_name("Elli Maria", "Öhman", "Nelli") == "elli maria ohman nelli"
    assert rules.search_name("Elli Maria", "Öhman", "Maria") == "elli maria ohman"


# Identity codes in words


@pytest.mark.parametrize(
    ("code", "fault", "word"),
    [
        ("010190-999K", "check", "check character"),
        ("290290-9991", "date", "does not exist"),
        ("010190/9991", "separator", "separator"),
        ("010190-0011", "number", "002"),
        ("abc", "shape", "eleven"),
        ("", "shape", "eleven"),
    ],
)
def test_what_is_wrong_with_a_code_is_said_in_plain_words(code: str, fault: str, word: str) -> None:
    found = rules.code_fault(code, today=TODAY)
    assert found is not None
    assert found[0] == fault
    with translation.override("en"):
        assert word in str(found[1])


def test_nobody_is_born_tomorrow() -> None:
    found = rules.code_fault("010516B903X", today=dt.date(2016, 5, 1) - dt.timedelta(days=1))
    assert found is not None
    assert found[0] == "born_later"
    assert rules.code_fault("010516B903X", today=dt.date(2016, 5, 1)) is None


# Ages


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (dt.date(1990, 5, 10), dt.date(2026, 5, 9), 35),
        (dt.date(1990, 5, 10), dt.date(2026, 5, 10), 36),
        (dt.date(2008, 2, 29), dt.date(2026, 2, 28), 17),
        (dt.date(2008, 2, 29), dt.date(2026, 3, 1), 18),
        (dt.date(2008, 2, 29), dt.date(2028, 2, 29), 20),
    ],
)
def test_age_on_a_day(born: dt.date, day: dt.date, age: int) -> None:
    assert rules.age_on(born, day) == age


# Who may be the same

AINO = Identity("Aino Maria", "Korhonen", dt.date(1990, 1, 1), "010190-900P")


@pytest.mark.parametrize(
    ("other", "likeness"),
    [
        (Identity("A.", "Virtanen", None, "010190-900P"), Likeness.SAME),
        (Identity("Aino Maria", "Korhonen", dt.date(1990, 1, 1), "010190Y900P"), Likeness.TWO_PEOPLE),
        (Identity("AINO MARIA", "KORHONEN", dt.date(1990, 1, 1)), Likeness.LIKELY),
        (Identity("Maria Aino", "Korhonen", dt.date(1990, 1, 1)), Likeness.LIKELY),
        (Identity("Aino", "Korhonen", dt.date(1990, 1, 1)), Likeness.LIKELY),
        (Identity("Aino Maria", "Korhonen"), Likeness.POSSIBLE),
        (Identity("Aino Maria", "Korhonen", dt.date(1990, 1, 1), "010190-9131"), Likeness.POSSIBLE),
        (Identity("Aino Maria", "Korhonen", dt.date(1990, 1, 2)), Likeness.NONE),
        (Identity("Aino Maria", "Virtanen", dt.date(1990, 1, 1)), Likeness.NONE),
        (Identity("Korhonen", "Aino", dt.date(1990, 1, 1)), Likeness.NONE),
        (Identity("", "", dt.date(1990, 1, 1)), Likeness.NONE),
    ],
)
def test_how_likely_two_rows_are_one_person(other: Identity, likeness: Likeness) -> None:
    found = rules.compare(AINO, other)
    assert found.likeness is likeness
    assert found.reasons
    assert rules.compare(other, AINO).likeness is likeness


def test_two_without_a_birth_date_are_compared_by_the_whole_name() -> None:
    assert rules.compare(Identity("Ali", "Hassan"), Identity("Ali", "Hassan")).likeness is Likeness.LIKELY
    assert rules.compare(Identity("Ali", "Hassan"), Identity("Ali Omar", "Hassan")).likeness is Likeness.NONE


def test_a_comparison_cannot_even_see_a_telephone_number() -> None:
    assert {"phone", "value", "contact_points"}.isdisjoint(Identity.__dataclass_fields__)


# Contact points and languages


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("phone", "+358 40 582 5633", "0405825633", True),
        ("phone", "00358405825633", "040 582 5633", True),
        ("phone", "040 582 5633", "040 582 5634", False),
        ("email", "Aino@Posti.example", "aino@posti.example", True),
        ("post", "Kauppakatu 1  87100 Kajaani", "Kauppakatu 1 87100 Kajaani", True),
    ],
)
def test_when_two_contact_points_say_the_same(kind: str, one: str, other: str, *, same: bool) -> None:
    assert rules.same_contact(kind, one, other) is same


@pytest.mark.parametrize("text", ["+358 40 582 5633", "040-5825633", "(08) 61561", "08 123 45"])
def test_telephone_numbers(text: str) -> None:
    assert rules.is_phone(text)


@pytest.mark.parametrize("text", ["", "abc", "04", "=1+1", "040 <b>", "+"])
def test_what_is_no_telephone_number(text: str) -> None:
    assert not rules.is_phone(text)


@pytest.mark.parametrize("text", ["a@b.fi", "aino.k+x@posti.example", "äiti@sähkö.fi"])
def test_email_addresses(text: str) -> None:
    assert rules.is_email(text)


@pytest.mark.parametrize("text", ["", "a@b", "a b@c.fi", "a@@c.fi", "a@c..fi", "@c.fi", "a@.fi", "a..b@c.fi"])
def test_what_is_no_email_address(text: str) -> None:
    assert not rules.is_email(text)


def test_languages_are_iso_codes() -> None:
    assert rules.language_code(" FI ") == "fi"
    assert rules.language_code("sgn") == "sgn"
    assert rules.language_code("suomi") is None


# What is asked in a search


@pytest.mark.parametrize(
    ("text", "words", "code", "born"),
    [
        ("Kor Aino", ("kor", "aino"), "", None),
        ("anna-liisa", ("anna", "liisa"), "", None),
        ("010190-900p", (), "010190-900P", None),
        ("Aino 010190-900P", ("aino",), "010190-900P", None),
        ("korhonen 1.1.1990", ("korhonen",), "", dt.date(1990, 1, 1)),
        ("1990-01-01", (), "", dt.date(1990, 1, 1)),
        ("31.2.1990", ("31", "2", "1990"), "", None),
        ("aino AINO", ("aino",), "", None),
        ("010190-999K", ("010190", "999k"), "", None),
    ],
)
def test_a_search_is_understood(text: str, words: tuple[str, ...], code: str, born: dt.date | None) -> None:
    assert rules.asked(text) == rules.Asked(words, code, born)


@given(WILD)
def test_any_text_can_be_asked(text: str) -> None:
    asked = rules.asked(text)
    assert len(asked.words) <= rules.MOST_WORDS
    assert asked.is_empty == (not (asked.words or asked.identity_code or asked.birth_date))


# The code list


def test_the_list_has_the_municipalities_of_kainuu_and_what_ended() -> None:
    rows = {entry.code: entry for entry in rules.municipality_list()}
    kainuu = {
        entry.name_fi for entry in rows.values() if entry.county_code == "KA" and entry.valid_until is None
    }
    assert kainuu == {
        "Hyrynsalmi", "Kajaani", "Kuhmo", "Paltamo", "Puolanka", "Ristijärvi", "Sotkamo", "Suomussalmi",
    }  # fmt: skip
    assert (rows["940"].name_fi, rows["940"].valid_until) == ("Vuolijoki", dt.date(2006, 12, 31))
    assert rows["940"].successor_code == "205"


@pytest.mark.parametrize(
    ("code", "name", "last_day", "successor"),
    [
        ("099", "Honkajoki", dt.date(2020, 12, 31), "214"),  # 443/2020
        ("911", "Valtimo", dt.date(2019, 12, 31), "541"),
        ("206", "Kajaanin maalaiskunta", dt.date(1976, 12, 31), "205"),
    ],
)
def test_mergers_are_dated_as_they_were_decided(
    code: str, name: str, last_day: dt.date, successor: str
) -> None:
    entry = next(one for one in rules.municipality_list() if one.code == code)
    assert (entry.name_fi, entry.valid_until, entry.successor_code) == (name, last_day, successor)


def test_every_ended_municipality_has_a_successor_that_stands_and_every_county_a_name() -> None:
    rows = {entry.code: entry for entry in rules.municipality_list()}
    assert len(rows) == len(rules.municipality_list())
    for entry in rows.values():
        assert entry.county_code in {"", *rules.wellbeing_counties()}
        assert (entry.valid_until is None) == (entry.successor_code == "")
        if entry.successor_code:
            assert rows[entry.successor_code].valid_until is None
