"""Identifiers: row keys, Finnish personal identity codes and business ids."""

import datetime as dt
import re
import uuid
from enum import StrEnum

import uuid_utils
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.fi import hetu, ytunnus

_UNKNOWN = uuid.SafeUUID.unknown
_CENTURIES = {"+": 1800, **dict.fromkeys("-YXWVU", 1900), **dict.fromkeys("ABCDEF", 2000)}
# Word processors and spreadsheets turn the hyphen into these.
_HYPHENS = dict.fromkeys(
    map(ord, "\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"), "-"
)
_CODE = re.compile(r"[0-9]{6}(.)[0-9]{3}[0-9A-Z]")
_MARK, _NUMBER = 6, slice(7, 10)
_FIRST_NUMBER = 2


class CodeFault(StrEnum):
    """What is wrong with an identity code; the words for people are in ``people.rules``."""

    SHAPE = "shape"
    SEPARATOR = "separator"
    DATE = "date"
    NUMBER = "number"
    CHECK = "check"


def new_id() -> uuid.UUID:
    """A fresh row key: UUID version 7, so that neighbours in time are neighbours in an index (RFC 9562 section 5.7)."""
    made = object.__new__(uuid.UUID)
    # As ``uuid_utils.compat`` makes it of its own kind, in half the time: an import makes twenty a row.
    object.__setattr__(made, "int", uuid_utils.uuid7().int)
    object.__setattr__(made, "is_safe", _UNKNOWN)
    return made


def compact_identity_code(text: str) -> str:
    """The code in the writing of the law, whether it holds or not: upper case, no spaces, a plain hyphen."""
    return "".join(text.split()).upper().translate(_HYPHENS)


def identity_code_fault(text: str) -> CodeFault | None:
    """The first thing wrong with an identity code, or ``None`` where it holds.

    Format, date and check character by python-stdnum; the separators of 2023 (Y X W V U, B C D E F) are known to it.
    """
    compact = compact_identity_code(text)
    shape = _CODE.fullmatch(compact)
    if shape is None or not compact[_NUMBER].isascii():
        return CodeFault.SHAPE
    if shape[1] not in _CENTURIES:
        return CodeFault.SEPARATOR
    try:
        birth_date_of(compact)
    except ValueError:
        return CodeFault.DATE
    if int(compact[_NUMBER]) < _FIRST_NUMBER:
        return CodeFault.NUMBER
    return None if hetu.is_valid(compact, allow_temporary=True) else CodeFault.CHECK


def normalise_identity_code(text: str) -> str:
    """The identity code as written in law: upper case, separator kept, no spaces.

    The separator is part of the code: two codes that differ only in it belong to two people
    (law-standards-evidence.md 1.8). Raises ``ValueError`` where the date or the check character does not hold;
    ``identity_code_fault`` says which.
    """
    compact = compact_identity_code(text)
    if identity_code_fault(compact) is not None:
        raise ValueError("the identity code does not hold")
    return compact


def birth_date_of(identity_code: str) -> dt.date:
    """The date of birth that a valid identity code carries. Nothing else is read from it: sex is never inferred."""
    year = _CENTURIES[identity_code[_MARK]] + int(identity_code[4:6])
    return dt.date(year, int(identity_code[2:4]), int(identity_code[:2]))


def is_artificial(identity_code: str) -> bool:
    """Whether the code is of the range 900-999, given to nobody: test and demonstration people."""
    return identity_code[7] == "9"


def differ_only_in_century(one: str, other: str) -> bool:
    """Whether two identity codes are the same but for the century mark: then they belong to two people, always."""
    return one != other and (one[:_MARK], one[_MARK + 1 :]) == (other[:_MARK], other[_MARK + 1 :])


def normalise_business_id(text: str) -> str:
    """The business id as it is written, ``1234567-8``; six digits before the hyphen get their leading zero.

    Raises ``ValueError`` where the form or the check digit does not hold.
    """
    compact = "".join(text.split()).upper().translate(_HYPHENS)
    if re.fullmatch(r"[0-9]{6}-[0-9]", compact):
        compact = f"0{compact}"
    if not re.fullmatch(r"[0-9]{7}-?[0-9]", compact):
        raise ValueError("not the form of a business id")
    try:
        return str(ytunnus.format(ytunnus.validate(compact)))
    except StdnumError as error:
        raise ValueError("the check digit of the business id does not hold") from error
