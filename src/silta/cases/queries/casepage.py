"""What the page of a case shows, read in a fixed number of queries whatever the case has grown to.

Row-level security has the last word: each list holds what the acting unit may know, and nothing tells of the rest.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext

from silta.access import queries as access
from silta.access import rules as grounds
from silta.access.enums import Category, Permission
from silta.cases import enums
from silta.cases.models import (
    Action,
    AgreedService,
    Case,
    Draft,
    Participation,
    StatusChange,
    Transfer,
)
from silta.cases.queries import caserows
from silta.cases.queries.caserows import Rows
from silta.cases.rules import definitions
from silta.cases.rules.definitions import Definition
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.language import in_figures
from silta.people.models import ContactPoint, Municipality, Person

Row = TypeVar("Row", bound=Model)
INSIDERS = ("participations", "grants")
# What the header is drawn from.
HEAD = (*INSIDERS, "actions", "changes", "deadlines", "flags", "residences", "services", "transfers")


def part_of(case: Case, model: type[Row], row_id: UUID | None) -> Row | None:
    """The row of this case, or of its person, with that id, if there is one that the actor may know."""
    if model is Person:
        return QuerySet(model).filter(pk=case.person_id).filter(pk=row_id).first()
    belongs = {"person_id": case.person_id} if model is ContactPoint else {"case_id": case.pk}
    return QuerySet(model).filter(pk=row_id, **belongs).first()


def standing_of(row: Model) -> str:
    """Where a goal, promise or service stands now, in words; empty for rows without a state."""
    display = getattr(row, "get_state_display", None)
    return str(display()) if display else ""


def draft_of(actor: Actor, case: Case | None, form: str) -> Draft | None:
    """What the actor typed, acting for this unit, into this form of the case, or into one of no case, and did not save."""
    unit_id = access.own_unit_id(actor)
    return Draft.objects.filter(user_id=actor.user_id, unit_id=unit_id, case=case, form=form).first()


@dataclass(frozen=True, slots=True)
class Step:
    """One phase of the path: behind, here or ahead."""

    name: str
    place: str
    since: dt.date | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class Insider:
    """Somebody who takes part, with what her unit may know and on which grounds."""

    participation: Participation
    categories: tuple[str, ...]
    grounds: tuple[str, ...]

    @property
    def name(self) -> str:
        """The worker, else the unit, else the client's own supporter."""
        if self.participation.user is not None:
            return self.participation.user.name
        return str(self.participation.unit or self.participation.outsider_name)

    @property
    def sector(self) -> str:
        """The sector whose colour the initials carry."""
        return self.participation.unit.sector if self.participation.unit else "own"

    @property
    def sees(self) -> str:
        """What her unit may see, in words."""
        return ", ".join(category_name(code) for code in self.categories)

    @property
    def by(self) -> str:
        """The grounds on which it may, in words."""
        return "; ".join(ground_name(code) for code in self.grounds)


@dataclass(frozen=True, slots=True)
class DueDate:
    """A due date, with whose it is, the name and source of its rule and what it was counted from."""

    on: dt.date
    name: str
    whose: str
    source: str
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Noted:
    """A dated fact that only this kind of case has, or a reason for which its support was begun, as it now holds."""

    code: str
    name: str
    on: dt.date


@dataclass(frozen=True, slots=True)
class Rights:
    """What the actor may do on the case, by her role and by the part her unit has in it."""

    may_work: bool
    may_edit_person: bool
    is_own_unit: bool
    may_hold: bool
    may_merge: bool


@dataclass(frozen=True, slots=True)
class Head:
    """What stays in sight above every page of a case."""

    case: Case
    kind: str
    age: int | None
    municipality: Municipality | None
    is_hidden: bool
    steps: tuple[Step, ...]
    days_in_phase: int
    phase: str
    deadlines: tuple[DueDate, ...]
    insiders: tuple[Insider, ...]
    flags: tuple[Any, ...]
    transfer: Transfer | None
    rights: Rights
    may_hand_over: bool
    covered: frozenset[str]
    changes: tuple[StatusChange, ...]
    earlier: Case | None
    has_marks: bool
    has_triggers: bool
    marks: tuple[Noted, ...]
    triggers: tuple[Noted, ...]

    @property
    def sees_plan(self) -> bool:
        """Whether the acting unit has a ground to know what was agreed."""
        return Category.PLAN in self.covered


def age_on(birth_date: dt.date | None, day: dt.date) -> int | None:
    """Whole years from birth to the day."""
    if birth_date is None:
        return None
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def insiders(case: Case, rows: Rows | None = None) -> list[Insider]:
    """Who takes part now: the responsible first, then in the order in which they came."""
    found = rows or caserows.read(case, INSIDERS)
    known: dict[UUID | None, set[str]] = defaultdict(set)
    based: dict[UUID | None, set[str]] = defaultdict(set)
    for grant in found.grants:
        known[grant.unit_id] |= set(grant.categories)
        based[grant.unit_id].add(grant.ground)
    order = [category.value for category in Category]
    inside = [
        Insider(
            row,
            tuple(sorted(known[row.unit_id], key=order.index)) if row.unit_id else (),
            tuple(sorted(based[row.unit_id])) if row.unit_id else (),
        )
        for row in found.participations
        if row.left_on is None
    ]
    return sorted(inside, key=lambda one: one.participation.part != enums.Part.RESPONSIBLE)


def _steps(case: Case, definition: Any, changes: Sequence[StatusChange], today: dt.date) -> tuple[Step, ...]:
    entered: dict[str, dt.date] = {change.after: change.on for change in changes if change.subject == "phase"}
    codes = [phase.code for phase in definition.phases]
    here = codes.index(case.phase) if case.phase in codes else 0
    found = []
    for place, phase in enumerate(definition.phases):
        where = "behind" if place < here else "here" if place == here else "ahead"
        since = case.phase_since if place == here else entered.get(phase.code) if place < here else None
        days = max((today - case.phase_since).days, 0) if place == here else 0
        found.append(Step(str(phase.name), where, since, days))
    return tuple(found)


def _input(definition: Any, name: str, value: object) -> tuple[str, str] | None:
    """A date from which another was counted, in words; amounts and versions are the rule's, and its source says them."""
    try:
        return definition.fact_name(name), in_figures(dt.date.fromisoformat(str(value)))
    except ValueError:
        return None


def owner_of(action: Action) -> str:
    """Who has promised a step, in words."""
    if action.owner_is_client:
        return gettext("The client")
    return action.owner.name if action.owner else str(action.owner_unit)


def provider_of(service: AgreedService) -> str:
    """Who gives an agreed service, in words."""
    unit = service.provider_unit
    return f"{unit}, {unit.organisation}" if unit else service.provider_name


def _whose(rows: Rows) -> dict[UUID | None, str]:
    """Whose each promise is that the actor may know, by the id of its row; under none, who answers for the case itself."""
    responsible = rows.case.responsible
    whose: dict[UUID | None, str] = {None: responsible.name if responsible else ""}
    whose.update((row.pk, owner_of(row)) for row in rows.actions)
    whose.update((row.pk, provider_of(row)) for row in rows.services)
    return whose


def due_dates(rows: Rows) -> tuple[DueDate, ...]:
    """The due dates of a case in words: whose, by which rule, of what source, counted from what."""
    case, whose = rows.case, _whose(rows)
    definition = definitions.definition(case.kind, case.definition_version)
    found = []
    for row in rows.deadlines:
        rule = definition.rule(row.rule)
        found_inputs = (_input(definition, name, value) for name, value in row.inputs.items())
        inputs = tuple(one for one in found_inputs if one is not None)
        name = str(rule.name) if rule else row.rule
        found.append(DueDate(row.due_on, name, whose.get(row.subject_id, ""), row.source, inputs))
    return tuple(found)


def may_hand_over(
    actor: Actor, case: Case, responsible: Participation | None, scope: access.Scope | None = None
) -> bool:
    """Whether the actor may give the responsibility on, from whoever is ``responsible`` now.

    She herself may, and a lead of her unit or of the case's (``case.assign``); where nobody is responsible, any worker
    of the case's unit.
    """
    if responsible is None and actor.unit_id == case.unit_id:
        return True
    if responsible is not None and responsible.user_id == actor.user_id:
        return True
    leads = actor.unit_id in {case.unit_id, responsible.unit_id if responsible else None}
    return leads and access.allows(actor, Permission.CASE_ASSIGN, scope or case.scope)


def rights_of(actor: Actor, case: Case, scope: access.Scope | None = None) -> Rights:
    """What the actor may do on the case; ``scope`` is the case's own, where it was read already."""
    within = scope or case.scope
    may_work = access.allows(actor, Permission.CASE_WORK, within)
    is_own_unit = actor.unit_id == case.unit_id
    return Rights(
        may_work=may_work,
        may_edit_person=access.allows(actor, Permission.PERSON_EDIT, within),
        is_own_unit=may_work and is_own_unit,
        may_hold=is_own_unit and access.allows(actor, Permission.RETENTION_HOLD, within),
        may_merge=access.allows(actor, Permission.PERSON_MERGE, within),
    )


def trigger_name(definition: Definition, code: str) -> str:
    """A reason for support in the reader's words."""
    return next((str(one.name) for one in definition.triggers if one.code == code), code)


def marks_of(case: Case, changes: Iterable[StatusChange]) -> tuple[Noted, ...]:
    """The dated facts of the case that hold: each as it was recorded last, without those that were withdrawn."""
    definition = definitions.definition(case.kind, case.definition_version)
    return tuple(
        Noted(row.after, definition.fact_name(row.after), row.on) for row in _holding("mark", changes)
    )


def triggers_of(case: Case, changes: Iterable[StatusChange]) -> tuple[Noted, ...]:
    """The reasons for support that hold, likewise."""
    definition = definitions.definition(case.kind, case.definition_version)
    return tuple(
        Noted(row.after, trigger_name(definition, row.after), row.on) for row in _holding("trigger", changes)
    )


def _holding(subject: str, changes: Iterable[StatusChange]) -> list[StatusChange]:
    last = {row.after: row for row in changes if row.subject in {subject, f"un{subject}"}}
    return sorted(
        (row for row in last.values() if row.subject == subject), key=lambda row: (row.on, row.after)
    )


def head_of(actor: Actor, rows: Rows) -> Head:
    """The header of the page of a case, of the rows of at least the tables ``HEAD``."""
    case, today = rows.case, clock.today()
    definition = definitions.definition(case.kind, case.definition_version)
    changes = tuple(row for row in rows.changes if row.subject in {"phase", "state"})
    municipality = next((row.municipality for row in rows.residences), None)
    inside = insiders(case, rows)
    responsible = next(
        (one.participation for one in inside if one.participation.part == enums.Part.RESPONSIBLE), None
    )
    rights = rights_of(actor, case, rows.scope)
    return Head(
        case=case,
        kind=str(definition.name),
        age=age_on(case.person.birth_date, today),
        municipality=municipality,
        is_hidden=case.person.non_disclosure and municipality is None,
        steps=_steps(case, definition, changes, today),
        days_in_phase=max((today - case.phase_since).days, 0),
        phase=definition.phase_name(case.phase),
        deadlines=due_dates(rows),
        insiders=tuple(inside),
        flags=tuple(row for row in rows.flags if row.resolved_on is None),
        transfer=next((row for row in rows.transfers if row.state == enums.TransferState.PROPOSED), None),
        rights=rights,
        may_hand_over=rights.may_work and may_hand_over(actor, case, responsible, rows.scope),
        covered=access.covered_by(actor, rows.grants, matter_id=case.pk),
        changes=changes,
        has_marks=bool(definition.marks),
        has_triggers=bool(definition.triggers),
        marks=marks_of(case, rows.changes),
        triggers=triggers_of(case, rows.changes),
        earlier=Case.objects.filter(pk=case.previous_id).first() if case.previous_id else None,
    )


def ground_name(code: str) -> str:
    """A legal ground in the reader's language, with its citation."""
    ground = grounds.grounds().get(code)
    return f"{ground.name} ({ground.citation})" if ground else code


def category_name(code: str) -> str:
    """A category of data in the reader's language."""
    return str(Category(code).label)
