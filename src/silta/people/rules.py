"""Pure decisions about people: names, identity codes, who may be the same person, ages, what is asked in a search."""

import csv
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from silta.kernel.folding import fold
from silta.kernel.identifiers import (
    CodeFault,
    birth_date_of,
    compact_identity_code,
    differ_only_in_century,
    identity_code_fault,
    normalise_identity_code,
)
from silta.kernel.language import Text

SEARCH_NAME_LENGTH = 320
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_PHONE = re.compile(r"(\+|\()?[0-9][0-9 ()\-./]{3,}")
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\".]+(\.[^\s@<>\".]+)+")
_FINNISH_DATE = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?![\d.])")
_ISO_DATE = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])")
MOST_WORDS = 8

FAULTS: dict[CodeFault, str | Promise] = {
    CodeFault.SHAPE: _("An identity code has eleven characters: six digits, a separator, three digits and a check character."),
    CodeFault.SEPARATOR: _("The separator in the middle of the code is wrong. It is +, -, or one of Y X W V U A B C D E F."),
    CodeFault.DATE: _("The first six digits are a date that does not exist."),
    CodeFault.NUMBER: _("The three digits after the separator are not in use; they begin from 002."),
    CodeFault.CHECK: _("The last character, the check character, does not agree with the rest. Look for a mistyped digit."),
}  # fmt: skip
BORN_LATER: str | Promise = _(
    "The date of birth is later than today. Check the separator in the middle of the code."
)


def tidy(text: str) -> str:
    """The text as people would write it: composed letters, single spaces, no control characters."""
    composed = unicodedata.normalize("NFC", text)
    kept = (
        char if unicodedata.category(char)[0] != "C" else " " if char.isspace() else "" for char in composed
    )
    return " ".join("".join(kept).split())


def search_name(first_names: str, last_name: str, call_name: str = "") -> str:
    """The folded name a person is found by: first names, last name, and the name used where it is not among them."""
    full = fold(f"{first_names} {last_name}")
    extra = [word for word in fold(call_name).split() if word not in full.split()]
    return " ".join([full, *extra])[:SEARCH_NAME_LENGTH].rstrip()


def code_fault(text: str, *, today: dt.date) -> tuple[str, str | Promise] | None:
    """What is wrong with an identity code, as a code for machines and a sentence for people; ``None`` where it holds.

    Besides its own form, a code may not tell of a birth later than ``today``.
    """
    fault = identity_code_fault(text)
    if fault is not None:
        return fault.value, FAULTS[fault]
    if birth_date_of(compact_identity_code(text)) > today:
        return "born_later", BORN_LATER
    return None


def age_on(birth_date: dt.date, day: dt.date) -> int:
    """Full years on the day. Who was born on 29 February has the birthday of other years on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def language_code(text: str) -> str | None:
    """The language as its ISO 639 code in lower case, or ``None`` where the text is no such code."""
    code = text.strip().lower()
    return code if _LANGUAGE.fullmatch(code) else None


def is_phone(text: str) -> bool:
    """Whether the text can be a telephone number: digits, a plus in front, the usual marks between."""
    return bool(_PHONE.fullmatch(text))


def is_email(text: str) -> bool:
    """Whether the text has the form of an e-mail address."""
    return bool(_EMAIL.fullmatch(text)) and ".." not in text


def same_contact(kind: str, one: str, other: str) -> bool:
    """Whether two contact points say the same: digits of a telephone, letters of an address without case."""
    if kind == "phone":
        return _digits(one) == _digits(other)
    return tidy(one).casefold() == tidy(other).casefold()


def _digits(text: str) -> str:
    digits = re.sub(r"[^0-9+]", "", text)
    return re.sub(r"^(\+358|00358)", "0", digits)


class Likeness(StrEnum):
    """How surely two rows are one person; a person decides in every case but the first and the last."""

    SAME = "same"
    LIKELY = "likely"
    POSSIBLE = "possible"
    NONE = "none"
    TWO_PEOPLE = "two_people"


@dataclass(frozen=True, slots=True)
class Identity:
    """What the comparison looks at. Telephone and address are left out on purpose: spouses share them (lesson 14)."""

    first_names: str
    last_name: str
    birth_date: dt.date | None = None
    identity_code: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The likeness of two rows, and why."""

    likeness: Likeness
    reasons: tuple[str | Promise, ...]


def compare(one: Identity, other: Identity) -> Comparison:
    """How likely two rows are one person, with the reasons in words.

    The same code decides for; two codes that differ only in the century mark decide against (law-standards-evidence.md
    1.8). Otherwise the birth date and the folded name speak; an unknown date of birth leaves it open.
    """
    if one.identity_code and one.identity_code == other.identity_code:
        return Comparison(Likeness.SAME, (_("Same identity code"),))
    if (
        one.identity_code
        and other.identity_code
        and differ_only_in_century(one.identity_code, other.identity_code)
    ):
        return Comparison(Likeness.TWO_PEOPLE, (_("The codes differ in the century mark: two people"),))
    two_codes = bool(one.identity_code and other.identity_code)
    codes: tuple[str | Promise, ...] = (_("Different identity codes"),) if two_codes else ()
    names = _names_agree(one, other)
    if names is None:
        return Comparison(Likeness.NONE, (_("Different names"), *codes))
    likeness, why = _birth_dates_agree(one.birth_date, other.birth_date)
    if two_codes and likeness is Likeness.LIKELY:
        likeness = Likeness.POSSIBLE
    return Comparison(likeness, (names, why, *codes))


def _birth_dates_agree(one: dt.date | None, other: dt.date | None) -> tuple[Likeness, str | Promise]:
    if one is None and other is None:
        return Likeness.LIKELY, _("Date of birth not known for either")
    if one is None or other is None:
        return Likeness.POSSIBLE, _("Date of birth known for one only")
    if one != other:
        return Likeness.NONE, _("Different dates of birth")
    return Likeness.LIKELY, _("Same date of birth")


def _names_agree(one: Identity, other: Identity) -> str | Promise | None:
    """The reason why the names agree: the same words, or all words of the shorter name within the longer."""
    here, there = (set(fold(f"{row.first_names} {row.last_name}").split()) for row in (one, other))
    if not here or not there:
        return None
    if here == there:
        return _("Same name")
    known = one.birth_date is not None and other.birth_date is not None
    same_last = fold(one.last_name) == fold(other.last_name)
    if known and same_last and (here <= there or there <= here):
        return _("Same last name, and first names that agree")
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed into the search, understood: words of a name, a complete identity code, a date of birth."""

    words: tuple[str, ...] = ()
    identity_code: str = ""
    birth_date: dt.date | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing searchable was typed; then nothing is found."""
        return not (self.words or self.identity_code or self.birth_date)


def asked(text: str) -> Asked:
    """Understands a search: a complete identity code anywhere, a date (1.2.1990 or 1990-02-01), the rest as name words.

    A code that does not hold, and a date that does not exist, are read as words: then nobody is found, which is true.
    """
    words = text[:200].split()
    code = next((word for word in words if identity_code_fault(word) is None), "")
    rest = " ".join(word for word in words if word != code)
    birth_date, rest = _date_in(rest)
    folded = tuple(dict.fromkeys(fold(rest).split()))[:MOST_WORDS]
    return Asked(folded, normalise_identity_code(code) if code else "", birth_date)


def _date_in(text: str) -> tuple[dt.date | None, str]:
    finnish, iso = _FINNISH_DATE.search(text), _ISO_DATE.search(text)
    found = finnish or iso
    if found is None:
        return None, text
    numbers = [int(part) for part in found.groups()]
    try:
        day = dt.date(*(reversed(numbers) if finnish else numbers))
    except ValueError:
        return None, text
    return day, text[: found.start()] + " " + text[found.end() :]


# The list does not tell when a municipality of old was founded; this day stands for "as long as anybody needs to know".
LIST_BEGINS = dt.date(1900, 1, 1)
_DEFINITIONS = Path(__file__).parent / "definitions"


@dataclass(frozen=True, slots=True)
class MunicipalityEntry:
    """One line of the dated code list (Statistics Finland, division of 2021, with ended municipalities)."""

    code: str
    name_fi: str
    name_sv: str
    county_code: str
    valid_from: dt.date
    valid_until: dt.date | None
    successor_code: str


def _lines(name: str) -> list[dict[str, str]]:
    with (_DEFINITIONS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def municipality_list() -> tuple[MunicipalityEntry, ...]:
    """The dated list of municipalities as its definition file has it; raises ``ValueError`` for a day that is none.

    Present ones are those of Statistics Finland's classification of 2021. Of the ended ones, Honkajoki is by the
    government's decision 443/2020, in force on 2021-01-01; Valtimo joined Nurmes on 2020-01-01 (Yle 3-11139698); the
    rural municipality of Kajaani, code 206, joined the town on 1977-01-01 (kunnat.pihkala.info/kunta/206).
    """
    return tuple(
        MunicipalityEntry(
            code=line["code"],
            name_fi=line["name_fi"],
            name_sv=line["name_sv"],
            county_code=line["county_code"],
            valid_from=dt.date.fromisoformat(line["valid_from"]) if line["valid_from"] else LIST_BEGINS,
            valid_until=dt.date.fromisoformat(line["valid_until"]) if line["valid_until"] else None,
            successor_code=line["successor_code"],
        )
        for line in _lines("municipalities.csv")
    )


@cache
def wellbeing_counties() -> dict[str, Text]:
    """The names of the wellbeing services counties by code. Helsinki and Åland belong to none."""
    return {
        line["code"]: Text(fi=line["name_fi"], sv=line["name_sv"], en="")
        for line in _lines("wellbeing-counties.csv")
    }
