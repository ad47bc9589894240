"""What the address of the client list asks: sound words are read, the others are left out rather than refused."""

from collections.abc import Collection, Mapping
from uuid import UUID

from silta.cases.enums import Need
from silta.cases.queries import worklist
from silta.cases.queries.worklist import Filters
from silta.cases.rules import definitions

MOST_TEXT = 100
_CODE_LENGTH = 3


def filters_of(asked: Mapping[str, str]) -> Filters:
    """The filters of an address that are sound."""
    text = asked.get("text", "").strip()
    municipality = asked.get("municipality", "")
    return Filters(
        kind=_one_of(asked.get("kind", ""), definitions.definitions()),
        need=_one_of(asked.get("need", ""), Need.values),
        municipality=municipality if municipality.isdecimal() and len(municipality) == _CODE_LENGTH else "",
        responsible=_uuid(asked.get("responsible", "")),
        reason=_one_of(asked.get("reason", ""), list(worklist.Reason)),
        text="" if len(text) > MOST_TEXT or not text.isprintable() else text,
    )


def _one_of(word: str, known: Collection[str]) -> str:
    return word if word in known else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
