"""What happened in a case before it came to Silta: days without their contents, as another system tells them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Category, Permission
from silta.audit import operations as audit
from silta.cases.enums import Channel, ContactResult, NoteKind, Onward, Outcome, State, Visibility
from silta.cases.models import Case, CaseScope, Note, Participation, PlanVersion, Review
from silta.cases.operations import path, recording, responsibility, standing
from silta.cases.operations.plan import snapshot
from silta.cases.rules.past import Past
from silta.cases.rules.told import Told
from silta.kernel import batches, clock
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken


@transaction.atomic
def record_history(
    actor: Actor,
    *,
    case: Case,
    assessment_started_on: dt.date | None = None,
    plan_made_on: dt.date | None = None,
    last_review_on: dt.date | None = None,
    last_contact_on: dt.date | None = None,
    ended_on: dt.date | None = None,
    note: str = "",
) -> Case:
    """Records what an earlier system tells of the case: when it was assessed, planned, reviewed, contacted and ended.

    The definition's required parts are not asked for: the days are facts, their contents stay where they were written,
    and each row says that it was imported. Deadlines then count from these days. ``note`` becomes an internal note of
    the unit. Raises ``NotAllowed`` without the permission to import, ``RuleBroken`` where a day is to come, before the
    case was opened or before the start of the assessment it belongs to, or where the case has ended.
    """
    access.require(actor, Permission.IMPORT, case.scope)
    recording.require_work(actor, case, Category.PLAN)
    if any((assessment_started_on, plan_made_on, last_review_on, ended_on)):
        recording.require_open(case)
    past = Past(
        assessment_started_on=assessment_started_on, plan_made_on=plan_made_on, last_review_on=last_review_on,
        last_contact_on=last_contact_on, ended_on=ended_on,
    )  # fmt: skip
    require_possible(case.opened_on, past)
    if assessment_started_on is not None and case.assessment_started_on is None:
        recording.change(case, case.version, assessment_started_on=assessment_started_on)
        path.follow(actor, case, "assessment_started", on=assessment_started_on)
    if plan_made_on is not None:
        _plan(actor, case, plan_made_on)
    if last_review_on is not None:
        _review(actor, case, last_review_on)
    if last_contact_on is not None:
        _contact(actor, case, last_contact_on)
    if note:
        recording.new_row(actor, case, Note, **internal_note(note))
    if ended_on is not None:
        _end(actor, case, ended_on)
    facts = [*past.facts, *(["note"] if note else [])]
    recording.finish(actor, case, "record_history", facts=facts)
    return case


_MOVING = frozenset({"assessment_started_on", "plan_made_on", "ended_on"})


@transaction.atomic
def record_histories(actor: Actor, told: Sequence[tuple[Case, Mapping[str, Any]]]) -> None:
    """Records for each case what ``record_history`` records, given by the same names; no case twice.

    Reviews, contacts and notes are written for all at once; a fact that moves its case along the path goes by itself.
    Raises what ``record_history`` raises, for the first that breaks a rule; then nothing is written.
    """
    still: list[_History] = []
    for case, days in told:
        if days.keys() & _MOVING:
            record_history(actor, case=case, **days)
        else:
            past = {name: day for name, day in days.items() if name != "note"}
            still.append(_History(case, Past(**past), str(days.get("note", ""))))
    if not still:
        return
    _require_each(actor, still)
    _reviews(actor, still)
    _notes(actor, still)
    standing.refresh_each([one.case for one in still])
    facts = (audit.Told(one.case.person_id, one.case, details={"facts": one.facts}) for one in still)
    audit.record_many(actor, "cases.record_history", facts)


@dataclass(frozen=True, slots=True)
class _History:
    """What is told of one case, none of which moves it along its path."""

    case: Case
    past: Past
    note: str

    @property
    def facts(self) -> list[str]:
        return [*self.past.facts, *(["note"] if self.note else [])]


def _require_each(actor: Actor, told: Sequence[_History]) -> None:
    cases = [one.case for one in told]
    grants = access.own_grants(actor, {case.person_id for case in cases})
    for scope in _scopes(cases):
        access.require(actor, Permission.IMPORT, scope)
        access.require(actor, Permission.CASE_WORK, scope)
    for one in told:
        known = access.covered_by(actor, grants[one.case.person_id], matter_id=one.case.pk)
        if Category.PLAN not in known:
            raise recording.not_covered()
        if one.past.last_review_on is not None:
            recording.require_open(one.case)
        require_possible(one.case.opened_on, one.past)


def _scopes(cases: Sequence[Case]) -> Iterator[CaseScope]:
    """What ``Case.scope`` answers of each, in one query."""
    units: dict[UUID, set[UUID]] = defaultdict(set)
    takes_part = Q(left_on__isnull=True) | Q(writes_until__gte=clock.today())
    rows = Participation.objects.filter(takes_part, case__in=cases, unit__isnull=False)
    for case_id, unit_id in rows.values_list("case_id", "unit_id"):
        units[case_id].add(unit_id)
    for case in cases:
        yield CaseScope(case.person_id, frozenset({*units[case.pk], case.unit_id}))


def _reviews(actor: Actor, told: Sequence[_History]) -> None:
    days = {one.case.pk: one.past.last_review_on for one in told if one.past.last_review_on is not None}
    held = set(Review.objects.filter(case__in=days).values_list("case_id", "held_on"))
    plans = dict(PlanVersion.objects.filter(case__in=days).order_by("number").values_list("case_id", "pk"))
    batches.bulk_insert(
        [
            batches.new(
                Review, case_id=one.case.pk, person_id=one.case.person_id, held_on=days[one.case.pk], findings=words_of_review(),
                plan_version_id=plans.get(one.case.pk), **recording.provenance(actor),
            )
            for one in told
            if one.case.pk in days and (one.case.pk, days[one.case.pk]) not in held
        ]
    )  # fmt: skip


def _notes(actor: Actor, told: Sequence[_History]) -> None:
    notes: list[tuple[Case, dict[str, Any]]] = []
    for one in told:
        day, last = one.past.last_contact_on, one.case.last_contact_on
        if day is not None and (last is None or last < day):
            notes.append((one.case, contact_on(day)))
        if one.note:
            notes.append((one.case, internal_note(one.note)))
    batches.bulk_insert(
        [
            batches.new(
                Note, case_id=case.pk, person_id=case.person_id, **recording.provenance(actor), **words
            )
            for case, words in notes
        ]
    )


def require_possible(opened_on: dt.date, past: Past) -> None:
    """Raises ``RuleBroken`` where a day of the past is to come or before one it must follow."""
    today = clock.today()
    before = opened_on
    for day in past.in_order:
        if day is None:
            continue
        recording.no_later_than(day, today, field="on")
        if day < before:
            raise RuleBroken(
                _("The days of the imported history are not in an order that can be true."),
                code="cases.day_too_early", field="on",
            )  # fmt: skip
        before = day


def words_of_plan() -> dict[str, Any]:
    """What a plan says that another system holds."""
    return {
        "reason": gettext("Imported from an earlier system"),
        "how_followed": gettext("The plan itself is in the earlier system."),
    }


def words_of_review() -> str:
    """What a review says that another system holds."""
    return gettext("Imported: the findings are in the earlier system.")


def contact_on(day: dt.date) -> dict[str, Any]:
    """The note of a contact of which the earlier system tells the day only: at noon, or now where noon is to come."""
    noon = dt.datetime.combine(day, dt.time(12), tzinfo=clock.HELSINKI)
    return {
        "kind": NoteKind.CONTACT, "visibility": Visibility.SHARED, "category": Category.CLIENTHOOD,
        "happened_at": min(noon, recording.to_the_minute(clock.now())), "channel": Channel.OTHER, "result": ContactResult.REACHED,
        "text": gettext("Imported from an earlier system"),
    }  # fmt: skip


def day_of(note: Note) -> dt.date:
    """The day in Finland on which a contact happened."""
    return note.happened_at.astimezone(clock.HELSINKI).date()


def internal_note(text: str) -> dict[str, Any]:
    """The note of the unit that keeps what the earlier system wrote."""
    return {
        "kind": NoteKind.OBSERVATION, "visibility": Visibility.INTERNAL, "category": Category.CLIENTHOOD,
        "happened_at": recording.to_the_minute(clock.now()), "with_client": False, "text": text,
    }  # fmt: skip


def _plan(actor: Actor, case: Case, made_on: dt.date) -> None:
    if PlanVersion.objects.filter(case=case, made_on=made_on).exists():
        return
    words = words_of_plan()
    last = PlanVersion.objects.filter(case=case).aggregate(last=Max("number"))["last"] or 0
    recording.new_row(
        actor, case, PlanVersion, number=last + 1, made_on=made_on, content=snapshot(case, words["how_followed"]),
        **words,
    )  # fmt: skip
    path.follow(actor, case, "plan_made", on=made_on)


def _review(actor: Actor, case: Case, held_on: dt.date) -> None:
    if Review.objects.filter(case=case, held_on=held_on).exists():
        return
    recording.new_row(
        actor, case, Review, held_on=held_on, findings=words_of_review(),
        plan_version=PlanVersion.objects.filter(case=case).first(),
    )  # fmt: skip


def _contact(actor: Actor, case: Case, day: dt.date) -> None:
    if case.last_contact_on is not None and case.last_contact_on >= day:
        return
    recording.new_row(actor, case, Note, **contact_on(day))


def _end(actor: Actor, case: Case, day: dt.date) -> None:
    reason = Told.IMPORTED_END.value
    before = case.phase
    recording.change(
        case, case.version, state=State.ENDED, ended_on=day, outcome=Outcome.OTHER, ending_parties=reason,
        onward=Onward.NONE, onward_text=reason, responsible_id=None, **responsibility.TAKEN_ON, phase=path.definition_of(case).last_phase,
        phase_since=day,
    )  # fmt: skip
    for row in Participation.objects.filter(case=case, left_on__isnull=True):
        responsibility.close(row, on=day, reason=Told.CASE_ENDED)
    recording.note_status(actor, case, "state", State.OPEN, State.ENDED, on=day, reason=reason)
    recording.note_status(actor, case, "phase", before, case.phase, on=day)
