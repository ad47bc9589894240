"""What a unit has in hand before its work is handed over, and whether a hand-over that was ordered is done."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from silta.access import queries as access
from silta.access import rules as access_rules
from silta.access.enums import Permission
from silta.access.models import Membership
from silta.cases.rules import definitions
from silta.kernel.actor import Actor
from silta.organisations.models import Organisation, Unit

# The task of the worker that hands the work over.
TASK = "cases.hand_over_work"
_COUNTED = "SELECT * FROM silta_work_of(%s, %s)"


@dataclass(frozen=True, slots=True)
class Work:
    """A unit's work in figures.

    ``parts`` are cases of other units in which it takes part; ``offers`` open transfers of its cases or to it;
    ``asked_again`` the grounds that rest on a consent or contract with this very unit, and go over to nobody; ``kinds``
    the kinds of its cases, open and ended.
    """

    open_cases: int
    ended_cases: int
    parts: int
    offers: int
    promises: int
    services: int
    asked_again: int
    kinds: Sequence[str]
    workers: int

    @property
    def is_in_hand(self) -> bool:
        """Whether clients wait for the unit: it has open cases, parts in those of others, or offers to answer."""
        return bool(self.open_cases or self.parts or self.offers)


class Standing(StrEnum):
    """Where an ordered hand-over stands."""

    NONE = ""
    WAITING = "waiting"
    UNDER_WAY = "under_way"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Ordered:
    """The last hand-over of a unit's work that was ordered; of one that failed, to whom, for which day and why."""

    state: Standing
    to_unit: Unit | None = None
    on: dt.date | None = None
    fault: str | Promise = ""


_UNFORESEEN = _("An error stopped it that nobody foresaw. The log of the background work tells more.")
_FAULTS: dict[str, str | Promise] = {
    "cases.hand_over_kind": _("An organisation of the receiver's kind does not hold the cases of this unit."),
    "cases.membership_ended": _("Who ordered it did not keep the installation any more when its turn came."),
    "organisations.receiver": _("The receiving unit does not exist on that day."),
    "organisations.recorded": _("This hand-over is already recorded."),
    "organisations.circle": _("The work would come back to the unit it came from."),
    "organisations.goes_on": _(
        "A unit below this one goes on longer. Close that first, or put it under another."
    ),
    "organisations.period": _("The unit would end before its first day."),
}


def work_of(actor: Actor, unit: Unit, on: dt.date) -> Work:
    """The unit's work as it would go over on the day, counted past what the keeper may see; no client is named.

    Raises ``NotAllowed`` without the permission to keep organisations.
    """
    access.require(actor, Permission.ORGANISATIONS_MANAGE)
    codes = [
        ground.code
        for ground in access_rules.grounds().values()
        if ground.needs is not access_rules.Needs.NONE
    ]
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [unit.pk, codes])
        counts = dict(zip((column.name for column in cursor.description), cursor.fetchone(), strict=True))
    return Work(**counts, workers=memberships_to_move(unit, on).count())


def memberships_to_move(unit: Unit, on: dt.date) -> "QuerySet[Membership]":
    """The memberships of the unit that still run when its work goes over on the day."""
    return Membership.objects.filter(unit=unit).exclude(valid_until__lt=on - dt.timedelta(days=1))


def kinds_not_held(kinds: Iterable[str], by: Organisation) -> list[str]:
    """Of these kinds of case, by name, those that organisations of this kind do not hold, now or as of any version."""
    versions = definitions.definitions()
    return [
        str(versions[kind][0].name)
        for kind in sorted(kinds)
        if kind in versions and not any(by.kind in one.controller_kinds for one in versions[kind])
    ]


def ordered_of(unit_id: UUID) -> Ordered:
    """The last hand-over of the unit's work that was ordered; nothing, where it is done or none was.

    Only who keeps organisations learns why one failed; the database refuses it to anybody else.
    """
    jobs = ProcrastinateJob.objects.filter(task_name=TASK, args__from_unit=str(unit_id)).order_by("-id")
    last = jobs.values_list("status", "args").first()
    if last is None or last[0] != "failed":
        status = last[0] if last else ""
        return Ordered({"todo": Standing.WAITING, "doing": Standing.UNDER_WAY}.get(status, Standing.NONE))
    said: dict[str, str] = last[1]
    with connection.cursor() as cursor:
        cursor.execute("SELECT silta_hand_over_fault(%s, %s)", [unit_id, said["user_id"]])
        code = cursor.fetchone()[0]
    to_unit = Unit.objects.filter(pk=said["to_unit"]).first()
    return Ordered(
        Standing.FAILED, to_unit, dt.date.fromisoformat(said["on"]), _FAULTS.get(code or "", _UNFORESEEN)
    )
