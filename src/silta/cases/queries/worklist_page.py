"""One page of the worklist: each row tells who, what, by which rule, since when, and the one deed that answers it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import get_language

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.enums import WAITED_FOR, TransferState
from silta.cases.models import Case, Transfer
from silta.cases.queries import worklist
from silta.cases.queries.board import lists
from silta.cases.queries.worklist import Band, Cursor, Reason, Whose
from silta.cases.queries.worklist_reasons import Deed, Teller, Told, Why
from silta.cases.rules import definitions
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.statements import Statement
from silta.people.models import Municipality


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
    "open_goals", "open_steps", "next_deadline_on", "version", "left_on", "left_by__name", "responsible", "person__first_names", "person__last_name",
    "person__call_name", "person__non_disclosure", "responsible__name",
)  # fmt: skip
"""The columns of a case and its people that rows show or are told from; the rest stays in the database."""


def shown(cases: "QuerySet[Case]", *besides: str) -> "QuerySet[Case]":
    """The cases with the person and the responsible worker, as far as rows show them, and these columns besides."""
    return cases.select_related("person", "responsible", "left_by").only(*_SHOWN, *besides)


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


def row_of(case: Case) -> Row:
    """The row of a case with no reasons told: no query."""
    definition = definitions.definition(case.kind, case.definition_version)
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


def rows_of(actor: Actor, whose: Whose, cases: Sequence[Case]) -> list[Row]:
    """The rows of these cases with their reasons: one query, however many cases there are."""
    today = clock.today()
    asked: dict[str, Any] = {
        "cases": [case.pk for case in cases], "today": today, "language": (get_language() or "fi")[:2],
        "waited": sorted(WAITED_FOR),
    }  # fmt: skip
    told: dict[UUID, list[Told]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, asked)
        for values in cursor.fetchall():
            one = Told(*values)
            told[one.case_id].append(one)
    teller = Teller(actor, whose, today)
    found = []
    for case in cases:
        row = row_of(case)
        row.whys = teller.tell(case, told[case.pk])
        row.waits_for = teller.waits_for(case, told[case.pk])
        found.append(row)
    return found


def row_for(actor: Actor, whose: Whose, case: Case) -> Row:
    """The row of one case with all that it asks for, an offer to take it over first; two queries."""
    [row] = rows_of(actor, whose, [case])
    if actor.unit_id is not None:
        for offer in _open_offers(actor.unit_id).filter(case_id=case.pk):
            row.whys = [*_offered(offer, case).whys, *row.whys]
    return row
