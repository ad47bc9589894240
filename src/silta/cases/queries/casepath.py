"""The path of a case: its phases, who met the client and when, and who has taken part."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext

from silta.cases import enums
from silta.cases.models import Case, Note, Participation, Review, StatusChange, Transfer
from silta.cases.queries.casepage import Insider
from silta.cases.queries.caserows import Rows
from silta.cases.rules import definitions, told
from silta.kernel import clock

# What the band of the path is drawn from, besides the header.
TABLES = ("contacts", "reviews", "services")


@dataclass(frozen=True, slots=True)
class Happening:
    """A contact or a review, as a dot of the picture."""

    lane: str
    day: dt.date
    kind: str
    what: str
    result: str


@dataclass(frozen=True, slots=True)
class Moments:
    """What the picture of the path shows besides services: which organisations are in, and when they met the client."""

    lanes: tuple[str, ...]
    contacts: tuple[Happening, ...]


def moments_of(rows: Rows, inside: Iterable[Insider]) -> Moments:
    """The newest contacts and the reviews of a case, by the organisation that recorded them."""
    channels = {one.value: str(one.label) for one in enums.Channel}
    results = {one.value: str(one.label) for one in enums.ContactResult}
    found = [
        Happening(
            _organisation(note),
            note.happened_at.astimezone(clock.HELSINKI).date(),
            "contact",
            channels[note.channel],
            results[note.result],
        )
        for note in rows.contacts
    ]
    found += [
        Happening(_organisation(review), review.held_on, "review", gettext("Review of the plan"), "")
        for review in rows.reviews
    ]
    lanes = (str(one.participation.unit.organisation) for one in inside if one.participation.unit)
    return Moments(tuple(dict.fromkeys(lanes)), tuple(found))


def _organisation(row: Note | Review) -> str:
    return str(row.recorded_by_unit.organisation) if row.recorded_by_unit else ""


@dataclass(frozen=True, slots=True)
class Move:
    """A step of the path with its reason."""

    on: dt.date
    name: str
    reason: str
    who: str


def moves_of(case: Case, changes: Iterable[StatusChange]) -> tuple[Move, ...]:
    """The phases and states through which the case has gone, newest first; ``changes`` are those of its header."""
    definition = definitions.definition(case.kind, case.definition_version)
    states = dict(enums.State.choices)
    return tuple(
        Move(
            row.on,
            definition.phase_name(row.after)
            if row.subject == "phase"
            else str(states.get(row.after, row.after)),
            told.in_words(row.reason),
            row.recorded_by.name,
        )
        for row in sorted(changes, key=lambda row: (row.on, row.pk), reverse=True)
    )


def transfer_of(case: Case, transfer_id: UUID) -> Transfer | None:
    """One offer to transfer the case, decided or not."""
    return (
        Transfer.objects.filter(case=case, pk=transfer_id)
        .select_related("from_unit__organisation", "to_unit__organisation", "recorded_by", "decided_by")
        .first()
    )


def membership_history(case: Case) -> list[Participation]:
    """Every period in which somebody took part, newest first; with the reasons, where the reader may know that."""
    return list(
        Participation.objects.filter(case=case)
        .select_related("unit__organisation", "user", "recorded_by", "joining_reason", "leaving_reason")
        .order_by("-joined_on", "-id")
    )
