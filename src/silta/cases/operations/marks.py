"""Marks and triggers: dated facts that only one kind of case has, named by its definition.

A mark is the day of something that rules count from or are satisfied by (the first employer contact, a decision, the
first day of an absence). A trigger is a reason for which support was begun; several may hold (REQ-003-13).
"""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.cases.models import Case
from silta.cases.operations import recording
from silta.cases.rules import definitions
from silta.cases.rules.definitions import Definition
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken


@transaction.atomic
def note_mark(actor: Actor, *, case: Case, mark: str, on: dt.date, reason: str = "") -> None:
    """Records the day of a dated fact of this kind of case; a later record of the same mark takes its place.

    Raises ``RuleBroken`` at ``mark`` where this kind of case has no such mark, and where the case has ended.
    """
    if mark not in {one.code for one in _definition(case).marks}:
        raise RuleBroken(_("This kind of case has no such date."), code="cases.no_such_mark", field="mark")
    _note(actor, case, subject="mark", code=mark, on=on, reason=reason)


@transaction.atomic
def withdraw_mark(actor: Actor, *, case: Case, mark: str, reason: str) -> None:
    """The dated fact was recorded by mistake: rules count without it again; the record of it stays on the path."""
    recording.require_text(reason, field="reason", message=_("Tell why it is withdrawn."))
    _note(actor, case, subject="unmark", code=mark, on=clock.today(), reason=reason)


@transaction.atomic
def note_trigger(actor: Actor, *, case: Case, trigger: str, on: dt.date, reason: str = "") -> None:
    """Records a reason for which support was begun.

    Raises ``RuleBroken`` at ``trigger`` where this kind of case knows no such reason, and at ``on`` for a day to come.
    """
    if trigger not in {one.code for one in _definition(case).triggers}:
        raise RuleBroken(
            _("This kind of case has no such reason."), code="cases.no_such_trigger", field="trigger"
        )
    recording.no_later_than(on, clock.today(), field="on")
    _note(actor, case, subject="trigger", code=trigger, on=on, reason=reason)


@transaction.atomic
def withdraw_trigger(actor: Actor, *, case: Case, trigger: str, reason: str) -> None:
    """The reason does not hold after all; that it was recorded stays on the path."""
    recording.require_text(reason, field="reason", message=_("Tell why it is withdrawn."))
    _note(actor, case, subject="untrigger", code=trigger, on=clock.today(), reason=reason)


def _definition(case: Case) -> Definition:
    return definitions.definition(case.kind, case.definition_version)


def _note(actor: Actor, case: Case, *, subject: str, code: str, on: dt.date, reason: str) -> None:
    recording.require_work(actor, case)
    recording.require_open(case)
    recording.note_status(actor, case, subject, "", code, on=on, reason=reason.strip())
    recording.finish(actor, case, f"note_{subject}", fact=code)
