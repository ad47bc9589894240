"""Reaching a case: the only ways to one, all through the work one has in it (703/2023 9 §)."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Category, Permission
from silta.access.models import Grant
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.cases.enums import TransferState
from silta.cases.models import Case, Participation, Transfer
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound
from silta.kernel.statements import Statement


def visible_to(actor: Actor) -> "QuerySet[Case]":
    """The cases the actor may know of: her own, if a client; else those of her unit.

    A unit's cases are those it is responsible for, those in which it takes part or may still write, those offered
    to it by an open transfer, and those of people to whom it has an emergency access. Row-level security asks besides
    for a current ground to know the person.
    """
    if actor.person_id is not None:
        return Case.objects.filter(person_id=actor.person_id)
    if actor.unit_id is None or not access.permits(actor, Permission.CASE_VIEW):
        return Case.objects.none()
    today, now = clock.today(), clock.now()
    takes_part = Participation.objects.filter(
        Q(left_on__isnull=True) | Q(writes_until__gte=today), case=OuterRef("pk"), unit_id=actor.unit_id
    )
    offered = Transfer.objects.filter(
        case=OuterRef("pk"), to_unit_id=actor.unit_id, state=TransferState.PROPOSED
    )
    emergency = Grant.objects.filter(
        unit_id=actor.unit_id,
        person=OuterRef("person"),
        ground="emergency",
        valid_from__lte=now,
        valid_until__gt=now,
    )
    return Case.objects.filter(
        Q(unit_id=actor.unit_id) | Exists(takes_part) | Exists(offered) | Exists(emergency)
    )


_CASE = Statement(
    lambda key: Case.objects.filter(pk=key).select_related("person", "unit__organisation", "responsible"),
    UUID,
)


def get_for(actor: Actor, case_id: UUID) -> Case:
    """The case with its person, unit and responsible; the reading is journalled with its ground.

    Raises ``NotFound`` alike where there is none and where the actor may not know of it.
    """
    case = _CASE(case_id).first()
    if case is None or not _may_know_of(actor, case):
        raise NotFound(_("There is no such case."), code="cases.not_found")
    audit.record(
        actor,
        "cases.view",
        kind=Kind.READ,
        person_id=case.person_id,
        subject=case,
        ground=ground_of(actor, case),
    )
    return case


def _may_know_of(actor: Actor, case: Case) -> bool:
    """Whether the case is among those visible to the actor; of one of her own unit's that is known without asking."""
    is_units_own = (
        actor.person_id is None
        and case.unit_id == actor.unit_id
        and access.permits(actor, Permission.CASE_VIEW)
    )
    return is_units_own or visible_to(actor).filter(pk=case.pk).exists()


def ground_of(actor: Actor, case: Case) -> str:
    """The ground on which the acting unit knows the client of the case; none where the client reads her own."""
    return grounds_of(actor, [case])[case.pk]


def grounds_of(actor: Actor, cases: Sequence[Case]) -> dict[UUID, str]:
    """The same for many cases at once, by case."""
    if actor.unit_id is None:
        return dict.fromkeys((case.pk for case in cases), "")
    found: dict[UUID, list[Grant]] = {}
    for grant in _GROUNDS(actor.unit_id, list({case.person_id for case in cases}), clock.now()).rows():
        found.setdefault(grant.person_id, []).append(grant)
    return {case.pk: _nearest(case, found.get(case.person_id, [])) for case in cases}


def _grounds(unit: UUID, people: list[UUID], now: dt.datetime) -> "QuerySet[Grant]":
    rows = Grant.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=now),
        unit_id=unit, person_id__any_of=people, valid_from__lte=now, categories__contains=[Category.CLIENTHOOD],
    )  # fmt: skip
    return rows.only("person_id", "ground", "source_id", "valid_from")


_GROUNDS = Statement(_grounds, UUID, list, dt.datetime)


def _nearest(case: Case, grants: list[Grant]) -> str:
    """A ground of the case itself speaks first; an emergency only where nothing else does."""
    ordered = sorted(
        grants, key=lambda one: (one.ground == "emergency", one.source_id != case.pk, one.valid_from)
    )
    return ordered[0].ground if ordered else ""
