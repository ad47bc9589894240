"""The path of a case: its phases, who met the client and when, and who has taken part."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext

from silta.cases import enums
from silta.cases.models import Case, Note, Participation, Review, StatusChange, Transfer
from silta.cases.queries.casepage import Insider
from silta.cases.rules import definitions
from silta.kernel import clock

_DOTS = 200


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


def moments_of(case: Case, inside: Iterable[Insider]) -> Moments:
    """The newest contacts and the reviews of a case, by the organisation that recorded them."""
    notes = Note.objects.filter(case=case, kind=enums.NoteKind.CONTACT, withdrawn_at__isnull=True)
    found = [
        Happening(
            str(note.recorded_by_unit.organisation) if note.recorded_by_unit else "",
            note.happened_at.astimezone(clock.HELSINKI).date(),
            "contact",
            str(note.get_channel_display()),
            str(note.get_result_display()),
        )
        for note in notes.select_related("recorded_by_unit__organisation").defer("text", "with_whom")[:_DOTS]
    ]
    reviews = Review.objects.filter(case=case).select_related("recorded_by_unit__organisation")
    found += [
        Happening(
            str(review.recorded_by_unit.organisation) if review.recorded_by_unit else "",
            review.held_on, "review", gettext("Review of the plan"), "",
        )
        for review in reviews
    ]  # fmt: skip
    lanes = (str(one.participation.unit.organisation) for one in inside if one.participation.unit)
    return Moments(tuple(dict.fromkeys(lanes)), tuple(found))


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
            row.reason,
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
    """Every period in which somebody took part, newest first."""
    return list(
        Participation.objects.filter(case=case)
        .select_related("unit__organisation", "user", "recorded_by")
        .order_by("-joined_on", "-id")
    )
