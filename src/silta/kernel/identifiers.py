"""Identifiers: row keys, Finnish personal identity codes and business ids."""

import datetime as dt
import uuid

import uuid_utils.compat
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.fi import hetu, ytunnus


def new_id() -> uuid.UUID:
    """A fresh row key: UUID version 7, so that neighbours in time are neighbours in an index (RFC 9562 section 5.7)."""
    return uuid_utils.compat.uuid7()


def normalise_identity_code(text: str) -> str:
    """The identity code as written in law: upper case, separator kept, no spaces.

    The separator is part of the code: two codes that differ only in it belong to two people
    (law-standards-evidence.md 1.8). Raises ``ValueError`` where the date or the check character does not hold.
    """
    compact = text.strip().upper().replace(" ", "").replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "-")
    try:
        hetu.validate(compact, allow_temporary=True)
    except StdnumError as error:
        raise ValueError(compact) from error
    return compact


def birth_date_of(identity_code: str) -> dt.date:
    """The date of birth that a valid identity code carries. Nothing else is read from it: sex is never inferred."""
    century = {"+": 1800, **dict.fromkeys("-YXWVU", 1900), **dict.fromkeys("ABCDEF", 2000)}[identity_code[6]]
    return dt.date(century + int(identity_code[4:6]), int(identity_code[2:4]), int(identity_code[:2]))


def is_artificial(identity_code: str) -> bool:
    """Whether the code is of the range 900-999, given to nobody: test and demonstration people."""
    return identity_code[7] == "9"


def is_business_id(text: str) -> bool:
    """Whether the text is a Finnish business id (Y-tunnus) with a sound check digit."""
    return bool(ytunnus.is_valid(text))
