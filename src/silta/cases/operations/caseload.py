"""Opening many cases at once with what happened in them before: an office's caseload that comes from another system.

Each case, its path, history, due dates and journal are what ``open_case`` and then ``record_history`` would have
written one by one (a test compares them table by table), in a handful of statements for all. Only the history table of
cases differs: it begins with the case as it came, for the steps of one moment are in its path.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from silta.access import operations as access_operations
from silta.access import queries as access
from silta.access.enums import Category, Permission
from silta.audit import operations as audit
from silta.cases.enums import Joined, Onward, Outcome, Part, Source, State
from silta.cases.models import Case, Deadline, Note, Participation, PlanVersion, Review, StatusChange
from silta.cases.operations import importing, opening, recording, sharing, standing
from silta.cases.queries.cycle import earlier_cases
from silta.cases.rules import deadlines
from silta.cases.rules.deadlines import Facts
from silta.cases.rules.past import Course, Past, course
from silta.cases.rules.schema import Definition, Fact
from silta.cases.rules.told import Told
from silta.kernel import batches, clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed
from silta.organisations.models import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One case to open: whose, of which kind, since when, who is responsible, and what is told of its past."""

    person_id: UUID
    kind: str
    opened_on: dt.date
    responsible_id: UUID | None = None
    official_reference: str = ""
    past: Past = field(default_factory=Past)
    note: str = ""
    # Registered in this transaction: nothing of hers is here yet.
    is_newcomer: bool = False

    @property
    def facts(self) -> list[str]:
        """The names of what is told of the past, for the journal."""
        return [*self.past.facts, *(["note"] if self.note else [])]


@dataclass(slots=True)
class _Begun:
    """A case on its way: what it was opened from, its definition and its path."""

    told: Opening
    definition: Definition
    course: Course
    case: Case


@transaction.atomic
def open_many(actor: Actor, openings: Sequence[Opening]) -> list[Case]:
    """Opens the cases in the acting unit, in the order given, and records their past; the people are in the register.

    Raises what ``open_case`` and ``record_history`` raise, for the first case that breaks a rule; then nothing is
    written. A case without a responsible person goes to the worklist.
    """
    access.require(actor, Permission.CASE_OPEN)
    unit = recording.unit_of(actor)
    ground, categories = sharing.own_ground(unit.organisation.kind)
    if any(one.facts for one in openings):
        _require_history(actor, categories)
    responsible = {one.responsible_id for one in openings} - {None}
    if any(user is not None and not sharing.works_in(user, [unit.pk]) for user in responsible):
        raise opening.responsible_elsewhere()
    begun = [_begin(actor, one, unit) for one in openings]
    _number(begun)
    matters = {one.case.pk: one.case.person_id for one in begun}
    access_operations.give_grants(
        actor, matters=matters, unit=unit, ground=ground, categories=categories, from_unit=unit,
        source_type=sharing.SOURCE,
    )  # fmt: skip
    _link_returns(begun)
    _write(actor, begun)
    _tell(actor, begun)
    return [one.case for one in begun]


def _require_history(actor: Actor, categories: Iterable[str]) -> None:
    for permission in (Permission.IMPORT, Permission.CASE_WORK):
        access.require(actor, permission)
    if Category.PLAN not in categories:
        raise NotAllowed(gettext("You cannot do this in the role you are acting in."), code="cases.no_plan")


def _begin(actor: Actor, one: Opening, unit: Unit) -> _Begun:
    today = clock.today()
    recording.no_later_than(one.opened_on, today, field="opened_on")
    importing.require_possible(one.opened_on, one.past)
    definition = opening.definition_for(one.kind, unit.organisation, one.opened_on)
    path, past = course(definition, one.opened_on, one.past), one.past
    ended: dict[str, Any] = {}
    if past.ended_on is not None:
        reason = Told.IMPORTED_END
        ended = {
            "ended_on": past.ended_on, "outcome": Outcome.OTHER, "ending_parties": reason, "onward": Onward.NONE,
            "onward_text": reason,
        }  # fmt: skip
    case = batches.new(
        Case, person_id=one.person_id, kind=definition.code, definition_version=definition.version,
        controller_id=unit.organisation_id, unit_id=unit.pk, legal_basis=definition.ground, phase=path.phase,
        phase_since=path.phase_since, state=path.state, source=Source.IMPORTED,
        official_reference=one.official_reference.strip(), opened_on=one.opened_on,
        assessment_started_on=past.assessment_started_on, version=1 + path.changes,
        responsible_id=None if past.ended_on else one.responsible_id, **ended, **recording.provenance(actor),
    )  # fmt: skip
    return _Begun(one, definition, path, case)


def _number(begun: Sequence[_Begun]) -> None:
    by_year: dict[int, list[Case]] = defaultdict(list)
    for one in begun:
        by_year[one.case.opened_on.year].append(one.case)
    for year, cases in sorted(by_year.items()):
        for case, number in zip(cases, opening.take_numbers(year, len(cases)), strict=True):
            case.number = number


def _link_returns(begun: Sequence[_Begun]) -> None:
    people = [one.case.person_id for one in begun if not one.told.is_newcomer]
    if not people:
        return
    returned = set(
        Case.objects.filter(person_id__any_of=people, state=State.ENDED).values_list("person_id", flat=True)
    )
    for one in begun:
        if one.case.person_id in returned:
            since = one.case.opened_on - dt.timedelta(days=one.definition.cycle_days)
            one.case.previous = earlier_cases(one.case, since=since).first()


def _write(actor: Actor, begun: Sequence[_Begun]) -> None:
    notes = [note for one in begun for note in _notes(actor, one)]
    contacted = {note.case_id: importing.day_of(note) for note in notes if note.result}
    due = [
        _deadline(actor, one.case, found)
        for one in begun
        for found in _stand(one, contacted.get(one.case.pk))
    ]
    try:
        with transaction.atomic():
            batches.bulk_insert([one.case for one in begun])
    except IntegrityError as error:
        if "cases_case_one_open" not in str(error):
            raise
        raise opening.already_open() from error
    batches.bulk_insert([row for one in begun for row in _responsible(actor, one)])
    batches.bulk_insert([row for one in begun for row in _path(actor, one)])
    plans = {one.case.pk: row for one in begun if (row := _plan(actor, one)) is not None}
    batches.bulk_insert(list(plans.values()))
    reviews = (_review(actor, one, plans.get(one.case.pk)) for one in begun)
    batches.bulk_insert([row for row in reviews if row is not None])
    batches.bulk_insert(notes)
    batches.bulk_insert(due)


def _new(actor: Actor, one: _Begun, model: Any, **fields: Any) -> Any:
    case = one.case
    return batches.new(
        model, case_id=case.pk, person_id=case.person_id, **recording.provenance(actor), **fields
    )


def _responsible(actor: Actor, one: _Begun) -> Iterable[Participation]:
    if one.told.responsible_id is not None:
        left: dict[str, Any] = {}
        if one.case.ended_on is not None:
            left = {"left_on": one.case.ended_on, "left_reason": Told.CASE_ENDED}
        yield _new(
            actor, one, Participation, unit_id=one.case.unit_id, user_id=one.told.responsible_id,
            part=Part.RESPONSIBLE, joined_on=one.case.opened_on, joined_how=Joined.IMPORTED, **left,
        )  # fmt: skip


def _path(actor: Actor, one: _Begun) -> Iterable[StatusChange]:
    for step in one.course.steps:
        reason = Told.IMPORTED_END if (step.subject, step.after) == ("state", State.ENDED) else ""
        yield _new(
            actor, one, StatusChange, subject=step.subject, before=step.before, after=step.after, on=step.on,
            reason=reason,
        )  # fmt: skip


def _plan(actor: Actor, one: _Begun) -> PlanVersion | None:
    if one.told.past.plan_made_on is None:
        return None
    found: PlanVersion = _new(
        actor, one, PlanVersion, number=1, made_on=one.told.past.plan_made_on, **importing.words_of_plan(),
        content={"how_followed": importing.words_of_plan()["how_followed"], "goals": [], "steps": [], "services": []},
    )  # fmt: skip
    return found


def _review(actor: Actor, one: _Begun, plan: PlanVersion | None) -> Review | None:
    if one.told.past.last_review_on is None:
        return None
    found: Review = _new(
        actor, one, Review, held_on=one.told.past.last_review_on, findings=importing.words_of_review(),
        plan_version_id=plan.pk if plan is not None else None,
    )  # fmt: skip
    return found


def _notes(actor: Actor, one: _Begun) -> Iterable[Note]:
    if one.told.past.last_contact_on is not None:
        yield _new(actor, one, Note, **importing.contact_on(one.told.past.last_contact_on))
    if one.told.note:
        yield _new(actor, one, Note, **importing.internal_note(one.told.note))


def _stand(one: _Begun, contacted: dt.date | None) -> list[deadlines.Due]:
    """Computes the due dates from what is told, and puts the standing columns on the case."""
    past, case = one.told.past, one.case
    days = {
        Fact.OPENED: case.opened_on, Fact.PHASE_SINCE: case.phase_since, Fact.PLAN_MADE: past.plan_made_on,
        Fact.ASSESSMENT_STARTED: past.assessment_started_on, Fact.REVIEWED: past.last_review_on,
        Fact.CONTACTED: contacted, Fact.ENDED: past.ended_on,
    }  # fmt: skip
    known = {fact.value: day for fact, day in days.items() if day is not None}
    due = deadlines.due(one.definition, Facts(case.state, case.phase, case.need, known))
    case.last_contact_on, case.next_deadline_on = contacted, standing.next_deadline(due)
    return due


def _deadline(actor: Actor, case: Case, found: deadlines.Due) -> Deadline:
    return batches.new(
        Deadline, case_id=case.pk, person_id=case.person_id, unit_id=case.unit_id, rule=found.rule, due_on=found.due_on,
        warn_on=found.warn_on, source=found.source, inputs=found.inputs, subject_id=found.subject_id,
        **recording.provenance(actor),
    )  # fmt: skip


def _tell(actor: Actor, begun: Sequence[_Begun]) -> None:
    def told(one: _Begun, ground: str = "", **details: Any) -> audit.Told:
        return audit.Told(one.case.person_id, one.case, ground, details=details)

    opened = (told(one, one.case.legal_basis, kind_of_case=one.told.kind) for one in begun)
    audit.record_many(actor, "cases.open", opened)
    moved = (told(one, phase=step.after, fact=step.fact) for one in begun for step in one.course.moved)
    audit.record_many(actor, "cases.change_phase", moved)
    recorded = (told(one, facts=one.told.facts) for one in begun if one.told.facts)
    audit.record_many(actor, "cases.record_history", recorded)
