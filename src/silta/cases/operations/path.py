"""The path of a case: its phases, the start of the assessment, the need of support, and the dates of its kind."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.audit import operations as audit
from silta.cases.enums import Need
from silta.cases.models import Case
from silta.cases.operations import recording
from silta.cases.rules import definitions
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken


def definition_of(case: Case) -> definitions.Definition:
    """The version of the definition that the case follows."""
    return definitions.definition(case.kind, case.definition_version)


@transaction.atomic
def change_phase(
    actor: Actor,
    *,
    case: Case,
    phase: str,
    reason: str,
    on: dt.date | None = None,
    version: int | None = None,
) -> Case:
    """Moves the case to another phase, with the reason; the path keeps every move (REQ-003-16).

    Raises ``RuleBroken`` where the definition does not allow the move, where it would end the case (``end_case``
    does that), where the reason is missing or the day is to come or before the present phase began; ``Conflict`` where
    the case is no longer the ``version`` that was looked at.
    """
    recording.require_work(actor, case)
    recording.require_open(recording.renew(case))
    if version is not None and version != case.version:
        raise recording.changed_meanwhile()
    words = recording.require_text(reason, field="reason", message=_("Tell why the phase changes."))
    definition = definition_of(case)
    if phase == definition.last_phase:
        raise RuleBroken(_("A case is ended by a joint decision, not by a change of phase."),
                         code="cases.phase_is_the_end", field="phase")  # fmt: skip
    if not definition.may_move(case.phase, phase):
        raise RuleBroken(
            _("From this phase the path does not go there."), code="cases.phase_step", field="phase"
        )
    _move(actor, case, phase, on=_day(case, on), reason=words, version=version)
    recording.finish(actor, case, "change_phase", phase=phase)
    return case


def _day(case: Case, on: dt.date | None) -> dt.date:
    today = clock.today()
    return recording.not_before_opening(
        recording.no_later_than(on or today, today, field="on"), case, field="on"
    )


def _move(
    actor: Actor, case: Case, phase: str, *, on: dt.date, reason: str = "", version: int | None = None
) -> None:
    if on < case.phase_since:
        raise RuleBroken(
            _("The day is before the present phase began."), code="cases.day_too_early", field="on"
        )
    before = case.phase
    recording.change(case, case.version if version is None else version, phase=phase, phase_since=on)
    recording.note_status(actor, case, "phase", before, phase, on=on, reason=reason)


def follow(actor: Actor, case: Case, fact: str, *, on: dt.date) -> None:
    """Moves the case on by itself where its definition says that this fact does so; the verb's own end comes after."""
    phase = definition_of(recording.renew(case)).phase_entered_by(fact, case.phase)
    if phase is not None:
        _move(actor, case, phase, on=max(on, case.phase_since))
        audit.record(
            actor, "cases.change_phase", person_id=case.person_id, subject=case, phase=phase, fact=fact
        )


@transaction.atomic
def start_assessment(
    actor: Actor, *, case: Case, on: dt.date | None = None, version: int | None = None
) -> Case:
    """Starts the assessment of the need for services; with it the clienthood begins (381/2023 4.1 §).

    The plan's deadline counts from this day. Raises ``RuleBroken`` where it was started already, ``Conflict`` where the
    case is no longer the ``version`` that was looked at.
    """
    recording.require_work(actor, case)
    recording.require_open(recording.renew(case))
    if case.assessment_started_on is not None:
        raise RuleBroken(
            _("The assessment was started already."), code="cases.assessment_started", field="on"
        )
    day = _day(case, on)
    recording.change(case, case.version if version is None else version, assessment_started_on=day)
    follow(actor, case, "assessment_started", on=day)
    recording.finish(actor, case, "start_assessment", on=day.isoformat())
    return case


@transaction.atomic
def explain_duties(
    actor: Actor, *, case: Case, how: str, on: dt.date | None = None, version: int | None = None
) -> Case:
    """Records that the client's duties were explained to her, and how (381/2023 7 §).

    Raises ``Conflict`` where the case is no longer the ``version`` that was looked at.
    """
    recording.require_work(actor, case)
    recording.require_open(recording.renew(case))
    words = recording.require_text(how, field="how", message=_("Tell how the duties were explained."))
    recording.change(
        case,
        case.version if version is None else version,
        duties_explained_on=_day(case, on),
        duties_explained_how=words,
    )
    recording.finish(actor, case, "explain_duties")
    return case


@transaction.atomic
def set_need(actor: Actor, *, case: Case, need: str, reason: str, version: int | None = None) -> Case:
    """Changes how much support the case takes; caseloads weigh by it (REQ-004-07).

    Raises ``Conflict`` where the case is no longer the ``version`` that was looked at.
    """
    recording.require_work(actor, case)
    recording.require_open(recording.renew(case))
    words = recording.require_text(reason, field="reason", message=_("Tell why the need of support changes."))
    before = case.need
    if need == before:
        raise RuleBroken(_("The need of support is that already."), code="cases.same_need", field="need")
    recording.change(case, case.version if version is None else version, need=Need(need))
    recording.note_status(actor, case, "need", before, need, on=clock.today(), reason=words)
    recording.finish(actor, case, "set_need", need=str(need))
    return case


@transaction.atomic
def plan_the_end(
    actor: Actor, *, case: Case, on: dt.date | None, reason: str = "", version: int | None = None
) -> Case:
    """Sets, moves or takes away the day on which the support is planned to end; a length out of the usual only warns.

    Raises ``Conflict`` where the case is no longer the ``version`` that was looked at.
    """
    recording.require_work(actor, case)
    recording.require_open(recording.renew(case))
    if on is not None:
        recording.not_before_opening(on, case, field="on")
    before = case.planned_end_on.isoformat() if case.planned_end_on else ""
    recording.change(case, case.version if version is None else version, planned_end_on=on)
    recording.note_status(
        actor,
        case,
        "planned_end",
        before,
        on.isoformat() if on else "",
        on=clock.today(),
        reason=reason.strip(),
    )
    recording.finish(actor, case, "plan_the_end")
    return case
