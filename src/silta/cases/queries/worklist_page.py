"""One page of the worklist: each row tells who, what, by which rule, since when, and the one deed that answers it."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.enums import WAITED_FOR, State, TransferState
from silta.cases.models import Case, Transfer
from silta.cases.queries import worklist
from silta.cases.queries.board import lists
from silta.cases.queries.worklist import Band, Cursor, Reason, Whose
from silta.cases.rules import definitions
from silta.cases.rules.definitions import Definition
from silta.cases.rules.schema import Rule
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.statements import Statement
from silta.people.models import Municipality

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


@dataclass(slots=True)
class Row:
    """One case with all its reasons, the weightiest first; ``waits_for`` names whose its nearest due date is, if not the reader's."""

    case: Case
    kind: str
    phase: str
    whys: list[Why] = field(default_factory=list)
    transfer: Transfer | None = None
    municipality: Municipality | None = None
    waits_for: str = ""

    @property
    def first(self) -> Why | None:
        """The reason whose deed the row offers."""
        return self.whys[0] if self.whys else None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, how many the list holds from here on, and where the next begin; empty on the last page."""

    rows: tuple[Row, ...] = ()
    total: int = 0
    next: str = ""


def board(actor: Actor, whose: Whose) -> dict[Band, Page]:
    """The first pages of the lists, in four queries; all empty for a role that works with no cases."""
    return _pages(actor, whose, tuple(Band), None, worklist.FIRST)


def page(actor: Actor, whose: Whose, band: Band, after: str = "") -> Page:
    """One page of one list, in four queries; ``after`` is the ``next`` of the page before.

    Empty for an actor whose role works with no cases.
    """
    return _pages(actor, whose, (band,), Cursor.read(after), worklist.PAGE)[band]


def _pages(
    actor: Actor, whose: Whose, bands: Sequence[Band], after: Cursor | None, most: int
) -> dict[Band, Page]:
    if not access.permits(actor, Permission.CASE_VIEW):
        return {band: Page() for band in bands}
    listed = lists(actor, whose, clock.today(), bands=bands, after=after, most=most + 1)
    is_first = Band.NEEDS in bands and after is None and actor.unit_id is not None
    offers = _OFFERS(actor.unit_id).rows() if is_first else []
    shown = {band: one.places[:most] for band, one in listed.items()}
    wanted = [place.id for places in shown.values() for place in places]
    cases = {case.pk: case for case in _CASES([*wanted, *(offer.case_id for offer in offers)]).rows()}
    rows = {row.case.pk: row for row in rows_of(actor, whose, [cases[key] for key in wanted if key in cases])}
    pages = {}
    for band, one in listed.items():
        found = [(place, rows[place.id]) for place in shown[band] if place.id in rows]
        waiting = offers if band is Band.NEEDS else []
        offered = [_offered(offer, cases[offer.case_id]) for offer in waiting if offer.case_id in cases]
        late = [row for place, row in found if place.rank == 0]
        others = [row for place, row in found if place.rank != 0]
        more = str(shown[band][-1]) if len(one.places) > len(shown[band]) else ""
        pages[band] = Page((*late, *offered, *others), one.total + len(offered), more)
    return pages


_SHOWN = (
    "person", "kind", "definition_version", "phase", "phase_since", "state", "need", "unit_id", "opened_on", "number",
    "open_goals", "open_steps", "next_deadline_on", "responsible", "person__first_names", "person__last_name",
    "person__call_name", "person__non_disclosure", "responsible__name",
)  # fmt: skip
"""The columns of a case and its people that rows show or are told from; the rest stays in the database."""


def shown(cases: "QuerySet[Case]", *besides: str) -> "QuerySet[Case]":
    """The cases with the person and the responsible worker, as far as rows show them, and these columns besides."""
    return cases.select_related("person", "responsible").only(*_SHOWN, *besides)


_CASES = Statement(lambda ids: shown(Case.objects.filter(pk__any_of=ids)).order_by(), list)


def _open_offers(unit: UUID) -> "QuerySet[Transfer]":
    names = ("from_unit__name_fi", "from_unit__name_sv", "from_unit__name_en")
    rows = Transfer.objects.filter(to_unit_id=unit, state=TransferState.PROPOSED)
    return (
        rows.select_related("from_unit").only("case_id", "recorded_at", *names).order_by("recorded_at", "id")
    )


_OFFERS = Statement(lambda unit: _open_offers(unit)[: worklist.MOST_OFFERS], UUID)


def _offered(transfer: Transfer, case: Case) -> Row:
    row = row_of(case)
    row.transfer = transfer
    row.whys = [
        Why(
            Reason.TRANSFER, str(transfer.from_unit), since=transfer.recorded_at.astimezone(clock.HELSINKI).date(),
            deed=Deed.ACCEPT, subject_id=transfer.pk,
        )
    ]  # fmt: skip
    return row


def _definition(case: Case) -> Definition:
    return definitions.definition(case.kind, case.definition_version)


def row_of(case: Case) -> Row:
    """The row of a case with no reasons told: no query."""
    definition = _definition(case)
    return Row(case, str(definition.name), definition.phase_name(case.phase))


# What a row can be told from: timers that warn, open actions, services that are awaited.
_TOLD = """
SELECT 'timer' AS sort, d.case_id, d.id, d.rule AS what, d.due_on AS on, 0 AS version, NULL::uuid AS unit_id,
  NULL::uuid AS user_id, '' AS whose, NULL::date AS nudged_on, d.source, d.inputs::text AS facts
FROM cases_deadline d
WHERE d.case_id = ANY (%(cases)s) AND d.warn_on <= %(today)s AND d.subject_id IS NULL
UNION ALL
SELECT 'action', a.case_id, a.id, a.text, a.due_on, a.version, n.id, u.id,
  coalesce(u.name, CASE %(language)s WHEN 'sv' THEN nullif(n.name_sv, '') WHEN 'en' THEN nullif(n.name_en, '') END,
    n.name_fi, ''), a.nudged_on, '', ''
FROM cases_action a
LEFT JOIN organisations_unit n ON n.id = a.owner_unit_id AND NOT a.owner_is_client
LEFT JOIN accounts_user u ON u.id = a.owner_id AND NOT a.owner_is_client
WHERE a.case_id = ANY (%(cases)s) AND a.state = 'open'
UNION ALL
SELECT 'service', s.case_id, s.id, s.name, coalesce(s.expected_on, s.agreed_on), s.version, s.provider_unit_id, NULL,
  coalesce(CASE %(language)s WHEN 'sv' THEN nullif(n.name_sv, '') WHEN 'en' THEN nullif(n.name_en, '') END,
    n.name_fi, s.provider_name), NULL, '', ''
FROM cases_agreedservice s LEFT JOIN organisations_unit n ON n.id = s.provider_unit_id
WHERE s.case_id = ANY (%(cases)s) AND s.state = ANY (%(waited)s)
ORDER BY "on", id
"""


class _Told(NamedTuple):
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


def rows_of(actor: Actor, whose: Whose, cases: Sequence[Case]) -> list[Row]:
    """The rows of these cases with their reasons: one query, however many cases there are."""
    today = clock.today()
    asked: dict[str, Any] = {
        "cases": [case.pk for case in cases], "today": today, "language": (get_language() or "fi")[:2],
        "waited": sorted(WAITED_FOR),
    }  # fmt: skip
    told: dict[UUID, list[_Told]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, asked)
        for values in cursor.fetchall():
            one = _Told(*values)
            told[one.case_id].append(one)
    teller = _Teller(actor, whose, today)
    found = []
    for case in cases:
        row = row_of(case)
        row.whys = teller.tell(case, told[case.pk])
        row.waits_for = teller.waits_for(case, told[case.pk])
        found.append(row)
    return found


_ORDER = {reason: place for place, reason in enumerate(Reason)}


def row_for(actor: Actor, whose: Whose, case: Case) -> Row:
    """The row of one case with all that it asks for, an offer to take it over first; two queries."""
    [row] = rows_of(actor, whose, [case])
    if actor.unit_id is not None:
        for offer in _open_offers(actor.unit_id).filter(case_id=case.pk):
            row.whys = [*_offered(offer, case).whys, *row.whys]
    return row


class _Teller:
    """Tells the reasons of one case; the same rules as ``board`` and ``worklist.Conditions``, in words."""

    def __init__(self, actor: Actor, whose: Whose, today: dt.date) -> None:
        self._actor, self._whose, self._today = actor, whose, today
        self._soon = today + dt.timedelta(days=worklist.SOON_DAYS)

    def tell(self, case: Case, told: list[_Told]) -> list[Why]:
        """All reasons of the case, in the order of ``Reason``, the older first."""
        leads = self._leads(case)
        whys = [why for one in told if one.sort == "action" for why in self._of_action(one, leads=leads)]
        if leads:
            whys += [self._of_timer(case, one) for one in told if one.sort == "timer" and self._speaks(one)]
            whys += [self._of_service(one) for one in told if one.sort == "service"]
            whys += self._of_standing(case)
        return sorted(whys, key=lambda why: (_ORDER[why.reason], why.since or self._today))

    def _speaks(self, timer: _Told) -> bool:
        if timer.what in worklist.quiet_rules():
            return timer.on is not None and timer.on < self._today
        return timer.what not in worklist.silent_rules()

    def _leads(self, case: Case) -> bool:
        return case.unit_id == self._actor.unit_id and (
            self._whose is Whose.UNIT
            or case.responsible_id == self._actor.user_id
            or case.state == State.ENDED
        )

    def waits_for(self, case: Case, told: list[_Told]) -> str:
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

    def _is_own(self, action: _Told) -> bool:
        return action.unit_id == self._actor.unit_id and (
            self._whose is Whose.UNIT or action.user_id in {self._actor.user_id, None}
        )

    def _of_timer(self, case: Case, timer: _Told) -> Why:
        definition = _definition(case)
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

    def _of_action(self, action: _Told, *, leads: bool) -> list[Why]:
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

    def _own_reason(self, action: _Told) -> Reason | None:
        if action.on is not None and action.on < self._today:
            return Reason.OVERDUE
        if action.on is not None and action.on <= self._soon:
            return Reason.DUE_SOON
        return Reason.REMINDED if action.nudged_on is not None else None

    def _of_service(self, service: _Told) -> Why:
        return Why(
            Reason.WAITING, service.what, since=service.on, deed=Deed.SERVICE, subject_id=service.id,
            version=service.version, whose=service.whose,
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
