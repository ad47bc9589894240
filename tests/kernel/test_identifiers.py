"""Identity codes and business ids, by the test vectors of law-standards-evidence.md section 6."""

import copy
import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silta.kernel import identifiers
from silta.kernel.identifiers import CodeFault

SOUND = [
    "010594Y9032", "020594X903P", "030594W903B", "040594V9030", "050594U903M", "010516B903X", "020516C903K",
    "030516D9037", "010501E9032", "020503F9037", "010200A9618", "291292-918R", "030883-925M", "170677-924F",
    "070770-905D", "010170-999R", "010280-952L",
]  # fmt: skip
_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


@pytest.mark.parametrize("code", SOUND)
def test_sound_codes_hold_however_they_are_typed(code: str) -> None:
    assert identifiers.identity_code_fault(code) is None
    assert identifiers.normalise_identity_code(f" {code.lower()} ") == code
    assert identifiers.normalise_identity_code(code.replace("-", "\N{EN DASH}")) == code


@pytest.mark.parametrize("code", ["010190-999K", "280453-111A", "010100A001N"])
def test_codes_with_a_wrong_check_character_do_not_hold(code: str) -> None:
    assert identifiers.identity_code_fault(code) in {CodeFault.CHECK, CodeFault.NUMBER}
    with pytest.raises(ValueError, match="does not hold"):
        identifiers.normalise_identity_code(code)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("", CodeFault.SHAPE),
        ("010190-900", CodeFault.SHAPE),
        ("0101900-900P", CodeFault.SHAPE),
        ("O10190-900P", CodeFault.SHAPE),
        ("٠١٠١٩٠-٩٠٠P", CodeFault.SHAPE),
        ("010190900P", CodeFault.SHAPE),
        ("010190*900P", CodeFault.SEPARATOR),
        ("010190G900P", CodeFault.SEPARATOR),
        ("310290-900P", CodeFault.DATE),
        ("001390-900P", CodeFault.DATE),
        ("290200+9001", CodeFault.DATE),
        ("010190-0011", CodeFault.NUMBER),
        ("010190-280453", CodeFault.SHAPE),
        ("010190-900A", CodeFault.CHECK),
    ],
)
def test_the_first_thing_wrong_is_named(code: str, fault: CodeFault) -> None:
    assert identifiers.identity_code_fault(code) is fault


@pytest.mark.parametrize(
    ("code", "born"),
    [
        ("010594Y9032", dt.date(1994, 5, 1)),
        ("020516C903K", dt.date(2016, 5, 2)),
        ("291292-918R", dt.date(1992, 12, 29)),
        ("010200A9618", dt.date(2000, 2, 1)),
    ],
)
def test_the_birth_date_is_read_by_the_century_mark(code: str, born: dt.date) -> None:
    assert identifiers.birth_date_of(code) == born


def test_codes_that_differ_only_in_the_century_mark_are_told_apart() -> None:
    assert identifiers.differ_only_in_century("010594Y9032", "010594-9032")
    assert identifiers.normalise_identity_code("010594Y9032") != identifiers.normalise_identity_code(
        "010594-9032"
    )
    assert not identifiers.differ_only_in_century("010594Y9032", "010594Y9032")
    assert not identifiers.differ_only_in_century("010594Y9032", "020594X903P")


def test_artificial_codes_are_known() -> None:
    assert identifiers.is_artificial("010594Y9032")
    assert not identifiers.is_artificial("010190-0025")


@given(st.dates(dt.date(1900, 1, 1), dt.date(1999, 12, 31)), st.integers(2, 999), st.sampled_from("-YXWVU"))
def test_every_code_made_by_the_formula_holds(born: dt.date, number: int, mark: str) -> None:
    digits = f"{born:%d%m%y}{number:03}"
    code = f"{digits[:6]}{mark}{digits[6:]}{_CHARACTERS[int(digits) % 31]}"
    assert identifiers.normalise_identity_code(code) == code
    assert identifiers.birth_date_of(code) == born


@given(st.sampled_from(SOUND), st.integers(0, 9), st.integers(0, 9))
def test_one_mistyped_digit_is_always_caught(code: str, place: int, digit: int) -> None:
    at = place if place < 6 else min(place + 1, 9)
    typed = code[:at] + str(digit) + code[at + 1 :]
    assert (identifiers.identity_code_fault(typed) is None) == (typed == code)


@given(st.text(max_size=20))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    fault = identifiers.identity_code_fault(text)
    assert fault is None or fault in set(CodeFault)


@pytest.mark.parametrize(
    "text", ["0112038-9", "0246246-0", "2229500-6", "0201256-6", "201256-6", " 0112038–9 ", "01120389"]
)
def test_sound_business_ids(text: str) -> None:
    assert identifiers.normalise_business_id(text)[7] == "-"


@pytest.mark.parametrize("text", ["", "0112038-8", "112038", "FI01120389", "0112038-", "abc", "٠112038-9"])
def test_what_is_no_business_id(text: str) -> None:
    with pytest.raises(ValueError, match="business id"):
        identifiers.normalise_business_id(text)


def test_a_prefix_whose_remainder_is_one_has_no_valid_id() -> None:
    weights = (7, 9, 10, 5, 8, 4, 2)
    prefix = next(
        text
        for text in (f"{number:07}" for number in range(1_000_000, 1_000_100))
        if sum(int(char) * weight for char, weight in zip(text, weights, strict=True)) % 11 == 1
    )
    for digit in range(10):
        with pytest.raises(ValueError, match="business id"):
            identifiers.normalise_business_id(f"{prefix}-{digit}")


def test_new_ids_are_in_the_order_of_their_making() -> None:
    made = [identifiers.new_id() for _ in range(50)]
    assert made == sorted(made)
    assert {key.version for key in made} == {7}


def test_a_fresh_key_is_an_id_like_any_other_and_later_than_the_one_before() -> None:
    keys = [identifiers.new_id() for _time in range(1000)]
    assert keys == sorted(set(keys))
    for one in (keys[0], keys[-1]):
        assert type(one) is uuid.UUID
        assert (one.version, one.variant, one.is_safe) == (7, uuid.RFC_4122, uuid.SafeUUID.unknown)
        assert one == uuid.UUID(str(one)) == copy.deepcopy(one)
