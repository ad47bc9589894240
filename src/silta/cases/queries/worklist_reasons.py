"""Why a case stands on the worklist, in words: the rule, the day it counts from, and the one deed that answers it."""

import datetime as dt
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext

from silta.cases.enums import State
from silta.cases.models import Case
from silta.cases.queries import worklist
from silta.cases.queries.worklist import Reason, Whose
from silta.cases.rules import definitions
from silta.cases.rules.definitions import Definition
from silta.cases.rules.schema import Rule
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.language import in_figures

_SATISFIED_BY_DEED = {"plan_made": "plan", "reviewed": "review", "contacted": "contact"}
_ORDER = {reason: place for place, reason in enumerate(Reason)}


class Deed(StrEnum):
    """What answers a reason, in place."""

    COMPLETE = "complete"
    STEP = "step"
    GOAL = "goal"
    RESPONSIBLE = "responsible"
    HAND_OVER = "hand_over"
    KEEP = "keep"
    CONTACT = "contact"
    REVIEW = "review"
    PLAN = "plan"
    MARK = "mark"
    NUDGE = "nudge"
    SERVICE = "service"
    ACCEPT = "accept"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Why:
    """One reason of one row: its words, the day it counts from, the rule and its source, and what would answer it."""

    reason: Reason
    what: str
    since: dt.date | None = None
    deed: Deed = Deed.OPEN
    subject_id: UUID | None = None
    version: int = 0
    mark: str = ""
    source: str = ""
    whose: str = ""
    nudged_on: dt.date | None = None
    definition: Definition | None = None
    facts: str = ""

    @property
    def name(self) -> str:
        """The reason in the reader's language."""
        return str(worklist.NAMES[self.reason])

    @property
    def was_nudged_today(self) -> bool:
        """Whether the owner was reminded today already: once a day is enough."""
        return self.nudged_on == clock.today()

    @property
    def rule(self) -> str:
        """The written rule of inclusion."""
        return str(worklist.RULES[self.reason])

    @property
    def inputs(self) -> tuple[tuple[str, str | dt.date], ...]:
        """What a due date was computed from, in words; worked out only where somebody asks."""
        return inputs_in_words(self.definition, json.loads(self.facts)) if self.definition else ()


class Told(NamedTuple):
    """A timer, an action or a service, as the statement tells it."""

    sort: str
    case_id: UUID
    id: UUID
    what: str
    on: dt.date | None
    version: int
    unit_id: UUID | None
    user_id: UUID | None
    whose: str
    nudged_on: dt.date | None
    source: str
    facts: str


class Teller:
    """Tells the reasons of one case; the same rules as ``board`` and ``worklist.Conditions``, in words."""

    def __init__(self, actor: Actor, whose: Whose, today: dt.date) -> None:
        self._actor, self._whose, self._today = actor, whose, today
        self._soon = today + dt.timedelta(days=worklist.SOON_DAYS)

    def tell(self, case: Case, told: list[Told]) -> list[Why]:
        """All reasons of the case, in the order of ``Reason``, the older first."""
        leads = self._leads(case)
        whys = [why for one in told if one.sort == "action" for why in self._of_action(one, leads=leads)]
        if leads:
            whys += [self._of_timer(case, one) for one in told if one.sort == "timer" and self._speaks(one)]
            whys += [self._of_service(one) for one in told if one.sort == "service"]
            whys += self._of_standing(case)
        return sorted(whys, key=lambda why: (_ORDER[why.reason], why.since or self._today))

    def waits_for(self, case: Case, told: list[Told]) -> str:
        """Whose the nearest due date of the case is; empty where it is the reader's own, or there is none.

        What nobody promised is a timer of the case: it asks whoever is responsible.
        """
        due = [one for one in told if one.on is not None and one.on == case.next_deadline_on]
        if case.next_deadline_on is None or any(one.sort == "action" and self._is_own(one) for one in due):
            return ""
        promises = [one for one in due if one.sort != "timer"]
        if promises and len(promises) == len(due):
            return promises[0].whose or gettext("the client")
        return "" if self._leads(case) or case.responsible is None else str(case.responsible.name)

    def _speaks(self, timer: Told) -> bool:
        if timer.what in worklist.quiet_rules():
            return timer.on is not None and timer.on < self._today
        return timer.what not in worklist.silent_rules()

    def _leads(self, case: Case) -> bool:
        return case.unit_id == self._actor.unit_id and (
            self._whose is Whose.UNIT
            or case.responsible_id == self._actor.user_id
            or case.state == State.ENDED
        )

    def _is_own(self, action: Told) -> bool:
        return action.unit_id == self._actor.unit_id and (
            self._whose is Whose.UNIT or action.user_id in {self._actor.user_id, None}
        )

    def _of_timer(self, case: Case, timer: Told) -> Why:
        definition = definitions.definition(case.kind, case.definition_version)
        rule = definition.rule(timer.what)
        reason = Reason.OVERDUE if timer.on is not None and timer.on < self._today else Reason.DUE_SOON
        if timer.what in worklist.quiet_rules():
            reason = Reason.QUIET
        elif case.state == State.ENDED:
            reason = Reason.AFTERCARE
        deed, mark = _answering(definition, rule)
        return Why(
            reason, str(rule.name) if rule else timer.what, since=timer.on, deed=deed, mark=mark, source=timer.source,
            definition=definition, facts=timer.facts,
        )  # fmt: skip

    def _of_action(self, action: Told, *, leads: bool) -> list[Why]:
        own, own_unit = self._is_own(action), action.unit_id == self._actor.unit_id
        reason: Reason | None = Reason.WAITING if leads and not own_unit else None
        if own:
            reason = self._own_reason(action)
        if reason is None:
            return []
        return [
            Why(
                reason, action.what, since=action.on, deed=Deed.COMPLETE if own else Deed.NUDGE, subject_id=action.id,
                version=action.version, whose=action.whose, nudged_on=action.nudged_on,
            )
        ]  # fmt: skip

    def _own_reason(self, action: Told) -> Reason | None:
        if action.on is not None and action.on < self._today:
            return Reason.OVERDUE
        if action.on is not None and action.on <= self._soon:
            return Reason.DUE_SOON
        return Reason.REMINDED if action.nudged_on is not None else None

    def _of_service(self, service: Told) -> Why:
        return Why(
            Reason.WAITING, service.what, since=service.on, deed=Deed.SERVICE, subject_id=service.id,
            version=service.version, whose=service.whose,
        )  # fmt: skip

    def _of_standing(self, case: Case) -> list[Why]:
        if case.state != State.OPEN:
            return []
        whys = []
        if case.left_by is not None and case.left_on is not None:
            told = gettext("from %(name)s, who left on %(day)s")
            words = told % {"name": case.left_by.name, "day": in_figures(case.left_on)}
            whys.append(
                Why(Reason.LEFT, words, since=case.left_on, deed=Deed.HAND_OVER, version=case.version)
            )
        if case.responsible_id is None:
            whys.append(Why(Reason.NO_RESPONSIBLE, "", since=case.opened_on, deed=Deed.RESPONSIBLE))
        if case.open_goals == 0 and case.opened_on < self._today - dt.timedelta(
            days=worklist.GOAL_GRACE_DAYS
        ):
            whys.append(Why(Reason.NO_GOAL, "", since=case.opened_on, deed=Deed.GOAL))
        if case.open_steps == 0:
            whys.append(Why(Reason.NO_STEP, "", since=case.phase_since, deed=Deed.STEP))
        return whys


def _answering(definition: Definition, rule: Rule | None) -> tuple[Deed, str]:
    """The deed that satisfies a rule, and the mark it notes where it notes one."""
    marks = {one.code for one in definition.marks}
    for fact in rule.satisfied_by if rule else ():
        if fact in marks:
            return Deed.MARK, fact
        if fact in _SATISFIED_BY_DEED:
            return Deed(_SATISFIED_BY_DEED[fact]), ""
    return Deed.OPEN, ""


def inputs_in_words(
    definition: Definition, inputs: dict[str, str | int]
) -> tuple[tuple[str, str | dt.date], ...]:
    """What a due date was computed from, in the reader's words; dates come as dates, to be shown in his way."""
    return tuple((definition.fact_name(name), _value(value)) for name, value in inputs.items())


def _value(value: str | int) -> str | dt.date:
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return str(value)
