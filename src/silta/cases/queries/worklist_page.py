"""One page of the worklist: each row tells who, what, by which rule, since when, and the one deed that answers it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.enums import WAITED_FOR, ActionState, State
from silta.cases.models import Action, AgreedService, Case, Deadline, Transfer
from silta.cases.queries import worklist
from silta.cases.queries.worklist import Band, Conditions, Cursor, Filters, Reason, Whose
from silta.cases.rules import definitions
from silta.cases.rules.definitions import Definition
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.people.models import Municipality

MOST_COUNTED = 1000
_SATISFIED_BY_DEED = {"plan_made": "plan", "reviewed": "review", "contacted": "contact"}


class Deed(StrEnum):
    """What answers a reason, in place."""

    COMPLETE = "complete"
    STEP = "step"
    GOAL = "goal"
    RESPONSIBLE = "responsible"
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
    inputs: tuple[tuple[str, str | dt.date], ...] = ()
    whose: str = ""
    nudged_on: dt.date | None = None

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


@dataclass(slots=True)
class Row:
    """One case with all its reasons, the weightiest first."""

    case: Case
    kind: str
    phase: str
    whys: list[Why] = field(default_factory=list)
    transfer: Transfer | None = None
    municipality: Municipality | None = None

    @property
    def first(self) -> Why | None:
        """The reason whose deed the row offers."""
        return self.whys[0] if self.whys else None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list and where the next begin; ``next`` is empty on the last page."""

    rows: tuple[Row, ...]
    next: str = ""


def mine(actor: Actor, band: Band = Band.NEEDS, filters: Filters | None = None, after: str = "") -> Page:
    """The worker's own list: cases she is responsible for, and what she promised in cases of others."""
    return page(actor, Whose.MINE, band, filters or Filters(), after)


def units(actor: Actor, band: Band = Band.NEEDS, filters: Filters | None = None, after: str = "") -> Page:
    """The list of the acting unit: its open cases, with those nobody is responsible for."""
    return page(actor, Whose.UNIT, band, filters or Filters(), after)


def page(actor: Actor, whose: Whose, band: Band, filters: Filters, after: str = "") -> Page:
    """One page of one list, in a fixed number of queries; ``after`` is the ``next`` of the page before.

    Empty for an actor whose role works with no cases.
    """
    if not access.permits(actor, Permission.CASE_VIEW):
        return Page(())
    today = clock.today()
    also = worklist.borrowed(actor, whose, today) if band is Band.NEEDS and not filters.reason else ()
    rows = worklist.after(
        worklist.selected(actor, whose, band, filters, today=today, also=also), Cursor.read(after)
    ).select_related("person", "responsible", "unit")
    cases = list(rows[: worklist.PAGE + 1])
    shown = cases[: worklist.PAGE]
    last: Any = shown[-1] if len(cases) > len(shown) else None
    more = str(Cursor(last.rank, last.next_deadline_on, last.pk)) if last else ""
    found = rows_of(actor, whose, shown)
    if band is Band.NEEDS and not after and filters.reason in {"", Reason.TRANSFER}:
        late = [row for row in found if row.first and row.first.reason is Reason.OVERDUE]
        found = [*late, *_transfers(actor), *(row for row in found if row not in late)]
    return Page(tuple(found), more)


def _transfers(actor: Actor) -> list[Row]:
    if actor.unit_id is None:
        return []
    found = []
    for transfer in worklist.offered_to(actor)[: worklist.MOST_OFFERS]:
        row = _row(transfer.case)
        row.transfer = transfer
        row.whys = [
            Why(
                Reason.TRANSFER, str(transfer.from_unit), since=transfer.recorded_at.astimezone(clock.HELSINKI).date(),
                deed=Deed.ACCEPT, subject_id=transfer.pk,
            )
        ]  # fmt: skip
        found.append(row)
    return found


def count(actor: Actor, whose: Whose, band: Band) -> int:
    """How many cases are on one of the three lists; counting stops at ``MOST_COUNTED``."""
    if not access.permits(actor, Permission.CASE_VIEW):
        return 0
    today = clock.today()
    also = worklist.borrowed(actor, whose, today) if band is Band.NEEDS else ()
    rows = worklist.listed(Conditions(actor, whose, today), actor, whose, band, Filters(), also=also)
    found = rows.order_by()[:MOST_COUNTED].count()
    return found + (worklist.offered_to(actor).count() if band is Band.NEEDS else 0)


def _definition(case: Case) -> Definition:
    return definitions.definition(case.kind, case.definition_version)


def _row(case: Case) -> Row:
    definition = _definition(case)
    return Row(case, str(definition.name), definition.phase_name(case.phase))


def rows_of(actor: Actor, whose: Whose, cases: Sequence[Case]) -> list[Row]:
    """The rows of these cases with their reasons: three queries, however many cases there are."""
    today = clock.today()
    ids = [case.pk for case in cases]
    deadlines, actions, services = defaultdict(list), defaultdict(list), defaultdict(list)
    for deadline in Deadline.objects.filter(case__in=ids, warn_on__lte=today, subject_id__isnull=True):
        deadlines[deadline.case_id].append(deadline)
    open_actions = Action.objects.filter(case__in=ids, state=ActionState.OPEN).select_related(
        "owner", "owner_unit"
    )
    for action in open_actions:
        actions[action.case_id].append(action)
    waiting = AgreedService.objects.filter(case__in=ids, state__in=WAITED_FOR).select_related("provider_unit")
    for service in waiting:
        services[service.case_id].append(service)
    teller = _Teller(actor, whose, today)
    found = []
    for case in cases:
        row = _row(case)
        row.whys = teller.tell(case, deadlines[case.pk], actions[case.pk], services[case.pk])
        found.append(row)
    return found


class _Teller:
    """Tells the reasons of one case; the same rules as ``worklist.Conditions``, in words."""

    def __init__(self, actor: Actor, whose: Whose, today: dt.date) -> None:
        self._actor, self._whose, self._today = actor, whose, today

    def tell(
        self, case: Case, deadlines: list[Deadline], actions: list[Action], services: list[AgreedService]
    ) -> list[Why]:
        """All reasons of the case, in the order of ``Reason``, the older first."""
        leads = case.unit_id == self._actor.unit_id and (
            self._whose is Whose.UNIT
            or case.responsible_id == self._actor.user_id
            or case.state == State.ENDED
        )
        whys = [why for action in actions for why in self._of_action(action, leads=leads)]
        if leads:
            whys += [self._of_timer(case, one) for one in deadlines if self._speaks(one)]
            whys += [self._of_service(service) for service in services]
            whys += self._of_standing(case)
        order = list(Reason)
        return sorted(whys, key=lambda why: (order.index(why.reason), why.since or self._today))

    def _speaks(self, deadline: Deadline) -> bool:
        if deadline.rule in worklist.quiet_rules():
            return deadline.due_on < self._today
        return deadline.rule not in worklist.silent_rules()

    def _of_timer(self, case: Case, deadline: Deadline) -> Why:
        definition = _definition(case)
        rule = definition.rule(deadline.rule)
        deed, mark = Deed.OPEN, ""
        marks = {one.code for one in definition.marks}
        for fact in rule.satisfied_by if rule else ():
            if fact in marks:
                deed, mark = Deed.MARK, fact
            elif fact in _SATISFIED_BY_DEED:
                deed = Deed(_SATISFIED_BY_DEED[fact])
            if deed is not Deed.OPEN:
                break
        reason = Reason.OVERDUE if deadline.due_on < self._today else Reason.DUE_SOON
        if deadline.rule in worklist.quiet_rules():
            reason = Reason.QUIET
        elif case.state == State.ENDED:
            reason = Reason.AFTERCARE
        return Why(
            reason, str(rule.name) if rule else deadline.rule, since=deadline.due_on, deed=deed, mark=mark,
            source=deadline.source, inputs=inputs_in_words(definition, deadline.inputs),
        )  # fmt: skip

    def _of_action(self, action: Action, *, leads: bool) -> list[Why]:
        own_unit = not action.owner_is_client and action.owner_unit_id == self._actor.unit_id
        own = own_unit and (self._whose is Whose.UNIT or action.owner_id in {self._actor.user_id, None})
        told = Why(
            Reason.WAITING, action.text, since=action.due_on, deed=Deed.NUDGE, subject_id=action.pk,
            version=action.version, whose=_whose(action), nudged_on=action.nudged_on,
        )  # fmt: skip
        if own:
            reason = self._own_reason(action)
            return [replace(told, reason=reason, deed=Deed.COMPLETE)] if reason else []
        return [told] if leads and not own_unit else []

    def _own_reason(self, action: Action) -> Reason | None:
        if action.due_on is not None and action.due_on < self._today:
            return Reason.OVERDUE
        if action.due_on is not None and action.due_on <= self._today + dt.timedelta(days=worklist.SOON_DAYS):
            return Reason.DUE_SOON
        return Reason.REMINDED if action.nudged_on is not None else None

    def _of_service(self, service: AgreedService) -> Why:
        return Why(
            Reason.WAITING, service.name, since=service.expected_on or service.agreed_on, deed=Deed.SERVICE,
            subject_id=service.pk, version=service.version,
            whose=str(service.provider_unit) if service.provider_unit else service.provider_name,
        )  # fmt: skip

    def _of_standing(self, case: Case) -> list[Why]:
        if case.state != State.OPEN:
            return []
        whys = []
        if case.responsible_id is None:
            whys.append(Why(Reason.NO_RESPONSIBLE, "", since=case.opened_on, deed=Deed.RESPONSIBLE))
        if case.open_goals == 0 and case.opened_on < self._today - dt.timedelta(
            days=worklist.GOAL_GRACE_DAYS
        ):
            whys.append(Why(Reason.NO_GOAL, "", since=case.opened_on, deed=Deed.GOAL))
        if case.open_steps == 0:
            whys.append(Why(Reason.NO_STEP, "", since=case.phase_since, deed=Deed.STEP))
        return whys


def _whose(action: Action) -> str:
    if action.owner_is_client:
        return ""
    return str(action.owner or action.owner_unit or "")


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
