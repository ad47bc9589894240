"""Ending a case together, its aftercare, opening it again, and holding its erasure (381/2023 8 §, 12 §)."""

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.accounts.models import User
from silta.cases.enums import (
    WAITED_FOR,
    ActionState,
    GoalState,
    Joined,
    Onward,
    Outcome,
    Part,
    ServiceState,
    State,
)
from silta.cases.models import Action, AgreedService, Case, Flag, Goal, Participation
from silta.cases.operations import path, recording, responsibility, sharing
from silta.cases.queries import closing
from silta.cases.queries.facts import facts_of
from silta.cases.rules import requirements, sources
from silta.cases.rules.deadlines import Facts
from silta.cases.rules.schema import Moment
from silta.cases.rules.told import Told
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.organisations.models import Unit

_LONGEST = 300
# What was told of the erasure holds no more; it is told anew when the time comes (access.operations.warning).
_UNWARNED = {"erasure_warned_on": None, "erasure_on": None}


@transaction.atomic
def end_case(
    actor: Actor,
    *,
    case: Case,
    version: int,
    outcome: str,
    parties: Collection[str],
    onward: str,
    onward_text: str,
    absence_reason: str = "",
    ended_on: dt.date | None = None,
    aftercare_until: dt.date | None = None,
    winds_up: bool = True,
) -> Case:
    """Ends the case by joint decision: with whom it was decided, what came of it, and who carries on, or why nobody.

    ``parties`` are those who took part in the decision: ``client``, and kinds of organisations that are in the case.
    The closing rule of the definition says whose part is needed (381/2023 8 § for joint support); where its source
    allows an exception, the end needs the reason for it (``absence_reason``).

    Aftercare lasts as long as the definition says, unless another day is given; until then everybody in the case may
    still read it and write contacts, and then what the other units may know ends. Open actions, goals never
    confirmed, services that never started and open transfers are wound up with the end, each with the reason and
    listed on its path; with ``winds_up`` false they refuse the end instead. Raises ``RuleBroken`` at the field at
    fault (REQ-002-58: no end without an onward path or a stated reason), ``Conflict`` where the case was changed.
    """
    responsibility.require_lead(actor, case)
    recording.require_open(recording.renew(case))
    facts = facts_of(case).facts
    decided_by = _decision(case, facts, outcome, parties, absence_reason.strip())
    path_text = recording.require_text(
        onward_text,
        field="onward_text",
        message=_("Tell which path goes on and with whom, or why there is none."),
    )
    today = clock.today()
    day = recording.no_later_than(ended_on or today, today, field="ended_on")
    recording.not_before_opening(day, case, field="ended_on")
    until = _aftercare(case, outcome, day, aftercare_until)
    _require_parts(case, facts)
    _wind_up(actor, case, day, winds_up=winds_up)
    before = case.phase
    recording.change(
        case, version, state=State.ENDED, ended_on=day, outcome=Outcome(outcome), ending_parties=decided_by,
        onward=Onward(onward), onward_text=path_text, aftercare_until=until, responsible_id=None,
        phase=path.definition_of(case).last_phase, phase_since=day,
        **responsibility.TAKEN_ON,
    )  # fmt: skip
    for row in Participation.objects.filter(case=case, left_on__isnull=True):
        responsibility.close(row, on=day, reason=Told.CASE_ENDED, writes_until=until)
    recording.note_steps(
        recording.step(actor, case, "state", State.OPEN, State.ENDED, on=day, reason=path_text),
        recording.step(actor, case, "phase", before, case.phase, on=day),
    )
    recording.finish(actor, case, "end", what_came=str(outcome), onward=str(onward))
    _limit_others(actor, case, until or day)
    return case


def _decision(case: Case, facts: Facts, outcome: str, parties: Collection[str], absence_reason: str) -> str:
    """Who decided, in words, and who did not and why; raises ``RuleBroken`` where somebody's part is missing."""
    took_part, seats = set(parties), closing.seats(case, facts)
    if not took_part:
        raise RuleBroken(
            _("Tell who decided together to end the case."), code="cases.no_parties", field="parties"
        )
    if took_part - {seat.who for seat in seats if seat.is_there}:
        raise RuleBroken(_("Only those who take part in the case can decide its end. Invite the others first."),
                         code="cases.party_elsewhere", field="parties")  # fmt: skip
    absent = [seat for seat in seats if seat.is_needed and seat.who not in took_part]
    if outcome in path.definition_of(case).closing.undecided:
        absent = []
    _require_decided(absent, absence_reason)
    said = ", ".join(seat.name for seat in seats if seat.who in took_part)
    if absent:
        names = ", ".join(seat.name for seat in absent)
        said = gettext("%(parties)s. Without: %(absent)s (%(reason)s)") % {
            "parties": said, "absent": names, "reason": absence_reason,
        }  # fmt: skip
    elif absence_reason:
        said = f"{said} ({absence_reason})"
    if len(said) > _LONGEST:
        raise RuleBroken(_("Say it in fewer words."), code="cases.too_long", field="absence_reason")
    return said


def _require_decided(absent: Sequence[closing.Seat], reason: str) -> None:
    barring = [seat for seat in absent if not seat.may_be_missing]
    if barring:
        raise RuleBroken(
            _("The case is not ended without the part of these: %(parties)s (%(sources)s). Invite those who are not in "
              "the case yet.")
            % {"parties": ", ".join(seat.name for seat in barring),
               "sources": ", ".join(dict.fromkeys(sources.in_words(seat.source) for seat in barring))},
            code="cases.party_missing", field="parties",
        )  # fmt: skip
    if absent and not reason:
        raise RuleBroken(
            _("Tell why these did not take part: %(parties)s.")
            % {"parties": ", ".join(seat.name for seat in absent)},
            code="cases.absence_unexplained",
            field="absence_reason",
        )


def _aftercare(case: Case, outcome: str, ended_on: dt.date, given: dt.date | None) -> dt.date | None:
    if given is not None:
        if given < ended_on:
            raise RuleBroken(_("Aftercare cannot end before the case does."), code="cases.aftercare_too_early",
                             field="aftercare_until")  # fmt: skip
        return given
    days = path.definition_of(case).aftercare_days
    if outcome == Outcome.DIED or days == 0:
        return None
    return ended_on + dt.timedelta(days=days)


def _require_parts(case: Case, facts: Facts) -> None:
    parts = requirements.missing(path.definition_of(case), facts, Moment.END)
    if missing := [str(part.name) for part in parts if not part.warns_only]:
        raise RuleBroken(
            _("Before the case ends, these are needed: %(parts)s.") % {"parts": "; ".join(missing)},
            code="cases.end_parts_missing",
        )


def _wind_up(actor: Actor, case: Case, day: dt.date, *, winds_up: bool) -> None:
    actions = list(Action.objects.filter(case=case, state=ActionState.OPEN))
    goals = list(Goal.objects.filter(case=case, state=GoalState.PROPOSED))
    services = list(AgreedService.objects.filter(case=case, state__in=WAITED_FOR))
    if not winds_up and (actions or goals or services):
        raise RuleBroken(
            _("Still open: %(actions)s promises, %(goals)s goals, %(services)s services. Settle them first, or end "
              "them with the case.") % {"actions": len(actions), "goals": len(goals), "services": len(services)},
            code="cases.open_matters", field="winds_up",
        )  # fmt: skip
    reason = Told.CASE_ENDED.value
    for action in actions:
        recording.change(
            action,
            action.version,
            state=ActionState.DROPPED,
            state_on=day,
            state_reason=reason,
            nudged_on=None,
        )
    for goal in goals:
        recording.change(goal, goal.version, state=GoalState.DROPPED, state_on=day, state_reason=reason)
        recording.note_status(
            actor, case, "goal", GoalState.PROPOSED, GoalState.DROPPED, on=day, subject_id=goal.pk
        )
    for service in services:
        before = service.state
        recording.change(
            service, service.version, state=ServiceState.REFUSED, state_on=day, state_reason=reason
        )
        recording.note_status(
            actor, case, "service", before, ServiceState.REFUSED, on=day, subject_id=service.pk
        )
    for flag in Flag.objects.filter(case=case, resolved_on__isnull=True):
        flag.resolved_on, flag.resolved_by_id, flag.resolution = clock.today(), actor.user_id, reason
        flag.save(update_fields=["resolved_on", "resolved_by", "resolution"])
    responsibility.overtake_transfers(actor, case, reason=reason)


def _limit_others(actor: Actor, case: Case, until: dt.date) -> None:
    """The unit whose case it was keeps its register until erasure; what the others may know ends with the aftercare."""
    others = {grant.unit_id for grant in sharing.current_grants(case)} - {case.unit_id}
    for unit in Unit.objects.filter(pk__in=others).select_related("organisation"):
        if until < clock.today():
            sharing.end(actor, case, unit=unit, reason=Told.CASE_ENDED)
        else:
            sharing.limit(actor, case, unit=unit, until=sharing.end_of(until), reason=Told.CASE_ENDED)


@transaction.atomic
def reopen_case(
    actor: Actor, *, case: Case, reason: str, responsible: User | None = None, version: int | None = None
) -> Case:
    """Takes an ended case up again without starting from nothing (REQ-004-88).

    During the aftercare everybody who was in it at the end comes back with what they knew; after it only the unit
    whose case it is, and the others are invited anew. The acting worker becomes responsible unless another of the
    unit is named. The case returns to the phase before the end. Raises ``RuleBroken`` where it has not ended, or
    another case of the kind is open; ``Conflict`` where it is no longer the ``version`` that was looked at.
    """
    responsibility.require_lead(actor, case)
    recording.renew(case)
    if case.state != State.ENDED or case.ended_on is None:
        raise RuleBroken(_("The case is open already."), code="cases.not_ended")
    words = recording.require_text(reason, field="reason", message=_("Tell why the case is opened again."))
    user = responsible or User.objects.get(pk=actor.user_id)
    if sharing.works_in(user.pk, [case.unit_id]) is None:
        raise RuleBroken(_("The responsible person must work in the unit of the case."),
                         code="cases.responsible_elsewhere", field="responsible")  # fmt: skip
    today, ended_on, in_aftercare = clock.today(), case.ended_on, _in_aftercare(case)
    back = _phase_before(case)
    before = case.phase
    try:
        with transaction.atomic():
            recording.change(
                case, case.version if version is None else version,
                state=State.OPEN, ended_on=None, outcome="", ending_parties="", onward="",
                onward_text="", aftercare_until=None, responsible_id=user.pk, phase=back, phase_since=today,
                **_UNWARNED,
            )  # fmt: skip
    except IntegrityError as error:
        raise RuleBroken(_("Your organisation already has an open case of this kind for this person."),
                         code="cases.already_open") from error  # fmt: skip
    if in_aftercare:
        _bring_back(actor, case, ended_on, today)
    responsibility.appoint(
        actor, case, user_id=user.pk, unit_id=case.unit_id, on=today, how=Joined.OPENED, reason=words
    )
    recording.note_steps(
        recording.step(actor, case, "state", State.ENDED, State.OPEN, on=today, reason=words),
        recording.step(actor, case, "phase", before, back, on=today),
    )
    recording.finish(actor, case, "reopen")
    return case


def _in_aftercare(case: Case) -> bool:
    return case.aftercare_until is not None and case.aftercare_until >= clock.today()


def _phase_before(case: Case) -> str:
    last = path.definition_of(case).last_phase
    earlier = (
        case.status_changes.filter(subject="phase")
        .exclude(after=last)
        .order_by("-recorded_at", "-id")
        .first()
    )
    return earlier.after if earlier else path.definition_of(case).first_phase


def _bring_back(actor: Actor, case: Case, ended_on: dt.date, today: dt.date) -> None:
    """Those who left with the end come back in new periods, and what they knew until the aftercare has no end again."""
    gone = Participation.objects.filter(case=case, left_on__gte=ended_on, left_reason=Told.CASE_ENDED)
    units: set[UUID] = set()
    for row in gone.exclude(part=Part.RESPONSIBLE):
        back, _made = recording.new_row(
            actor, case, Participation, unit_id=row.unit_id, user_id=row.user_id, outsider_name=row.outsider_name,
            part=row.part, answers_for=row.answers_for, joined_on=today, joined_how=row.joined_how,
        )  # fmt: skip
        responsibility.tell_why(actor, back, Told.CASE_REOPENED)
        if row.unit_id is not None and row.unit_id != case.unit_id:
            units.add(row.unit_id)
    for unit in Unit.objects.filter(pk__in=units).select_related("organisation"):
        sharing.restore(actor, case, unit=unit, reason=Told.CASE_REOPENED)


@transaction.atomic
def hold_erasure(actor: Actor, *, case: Case, reason: str, version: int | None = None) -> Case:
    """Stops the erasure of the case, for a pending matter or a statutory task (381/2023 12 §).

    Whoever was told that it will be erased is told anew when the hold is released and its time has come.
    Raises ``Conflict`` where the case is no longer the ``version`` that was looked at: perhaps it is held already.
    """
    access.require(actor, Permission.RETENTION_HOLD, case.scope)
    recording.renew(case)
    words = recording.require_text(reason, field="reason", message=_("Tell why the data must be kept."))
    seen = case.version if version is None else version
    recording.change(case, seen, is_held=True, held_reason=words, **_UNWARNED)
    recording.finish(actor, case, "hold_erasure")
    return case


@transaction.atomic
def release(actor: Actor, *, case: Case, version: int | None = None) -> Case:
    """Lets the case be erased when its time comes.

    Raises ``Conflict`` where the case is no longer the ``version`` that was looked at: perhaps it is held anew.
    """
    access.require(actor, Permission.RETENTION_HOLD, case.scope)
    recording.renew(case)
    seen = case.version if version is None else version
    recording.change(case, seen, is_held=False, held_reason="")
    recording.finish(actor, case, "release")
    return case
