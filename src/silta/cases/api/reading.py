"""Reading: cases one may know of, each with its parts, the worklist and the search; every reading is journalled."""

from collections.abc import Callable, Sequence
from types import GenericAlias
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from silta.access import queries as access
from silta.access.enums import Permission, TokenScope
from silta.cases import queries
from silta.cases.api import shapes
from silta.cases.enums import State
from silta.cases.models import Case
from silta.cases.queries import casehistory, caserows, gate, listing, worklist_page
from silta.cases.queries.worklist import Band, Whose
from silta.cases.rules import definitions
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.ui.programs import Limit, Line, Page, Token, actor_of, cursor_of, etag, key_of, no_cursor

router = Router(tags=["cases"])
READS = Token(TokenScope.CASES_READ)
Kind = Annotated[str, Field(max_length=40, pattern="^[a-z_]*$")]


def _key(cursor: str) -> UUID | None:
    try:
        return UUID(key_of(cursor)) if cursor else None
    except ValueError:
        raise no_cursor() from None


def _page(found: listing.Listed[Any]) -> dict[str, object]:
    return {"items": found.rows, "next": cursor_of(found.next) if found.next else ""}


def worker_of(request: HttpRequest) -> Actor:
    """The actor, whose role works with cases; for any other there is nothing here."""
    actor = actor_of(request)
    access.require(actor, Permission.CASE_VIEW)
    return actor


@router.get("/cases", response=Page[shapes.CaseRow], auth=READS, url_name="cases")
def list_cases(
    request: HttpRequest, state: State | None = None, kind: Kind = "", unit: UUID | None = None, cursor: str = "",
    limit: Limit = 50,
) -> dict[str, object]:  # fmt: skip
    """The cases the acting unit takes part in, in the order in which they were opened."""
    actor = worker_of(request)
    return _page(
        listing.cases(actor, state=state or "", kind=kind, unit=unit, after=_key(cursor), limit=limit)
    )


@router.get(
    "/search",
    response=Page[shapes.CaseRow],
    auth=Token(TokenScope.PEOPLE_SEARCH),
    url_name="search",
    tags=["search"],
)
def search(
    request: HttpRequest,
    q: Annotated[Line, Field(min_length=2, max_length=100)],
    cursor: str = "",
    limit: Limit = 50,
) -> dict[str, object]:
    """Clients by part of a name, identity code, birth date or case number, among the cases one works in and no others."""
    return _page(listing.cases(worker_of(request), text=q.strip(), after=_key(cursor), limit=limit))


@router.get("/kinds", response=list[shapes.KindShape], auth=Token(TokenScope.REFERENCE_READ), url_name="kinds",
            tags=["reference"])  # fmt: skip
def list_kinds(request: HttpRequest) -> list[dict[str, object]]:
    """The kinds of case the acting organisation may open today."""
    actor = actor_of(request)
    access.require(actor, Permission.DEFINITIONS_VIEW)
    return [
        {"code": one.code, "version": one.version, "name": str(one.name), "ground": one.ground,
         "phases": [phase.code for phase in one.phases]}
        for one in definitions.kinds_open_to(gate.organisation_kind(actor), on=clock.today())
    ]  # fmt: skip


@router.get(
    "/worklist", response=Page[shapes.WorklistRow], auth=READS, url_name="worklist", tags=["worklist"]
)
def worklist(
    request: HttpRequest, band: Band = Band.NEEDS, whose: Whose = Whose.MINE, cursor: str = ""
) -> dict[str, object]:
    """The cases that ask for somebody, with all the reasons why, as the first page shows them."""
    actor = worker_of(request)
    page = worklist_page.page(actor, whose, band, key_of(cursor))
    whole = listing.whole([row.case for row in page.rows])
    listing.journal(actor, list(whole.values()))
    items = [
        {"case": whole[row.case.pk], "reasons": [
            {"code": why.reason, "name": why.name, "what": str(why.what), "since": why.since, "source": why.source}
            for why in row.whys
        ]}
        for row in page.rows if row.case.pk in whole
    ]  # fmt: skip
    return {"items": items, "next": cursor_of(page.next) if page.next else ""}


@router.get("/cases/{uuid:case_id}", response=shapes.CaseShape, auth=READS, url_name="case")
def read_case(request: HttpRequest, case_id: UUID, response: HttpResponse) -> Case:
    """One case; its ETag is what a change of it demands in If-Match."""
    case = queries.get_for(worker_of(request), case_id)
    response["ETag"] = etag(case.version)
    return case


def _part(table: str, shape: type[Schema], words: str) -> None:
    """Adds the address of one of a case's lists: a case has tens of these rows, and they come whole."""
    name = table if table != "actions" else "steps"

    def read(request: HttpRequest, case_id: UUID) -> Sequence[Any]:
        case = queries.get_for(worker_of(request), case_id)
        rows: Sequence[Any] = getattr(caserows.read(case, {table}), table)
        return rows

    read.__name__ = f"read_{name}"
    read.__doc__ = words
    add: Callable[..., Any] = router.get(
        f"/cases/{{uuid:case_id}}/{_PATHS.get(table, table)}", response=GenericAlias(list, (shape,)),
        auth=READS, url_name=f"case_{name}",
    )  # fmt: skip
    add(read)


_PATHS = {"entries": "assessment", "actions": "steps", "versions": "plans", "participations": "participants"}
_part("goals", shapes.GoalShape, "The goals of the case, in the client's own words.")
_part(
    "actions",
    shapes.StepShape,
    "What was promised, by whom and by when; what was not needed after all is left out.",
)
_part("entries", shapes.EntryShape, "What is known of the client, as far as the acting unit may know it.")
_part("transfers", shapes.TransferShape, "The offers of the case to other units.")
_part("services", shapes.ServiceShape, "The services agreed with the client.")
_part("versions", shapes.PlanShape, "The versions of the plan, the newest first.")
_part("reviews", shapes.ReviewShape, "When the plan was looked at together, and what was found.")
_part("flags", shapes.FlagShape, "What all in the case should notice.")
_part(
    "participations", shapes.ParticipantShape, "Who takes part or has taken part, and for what they answer."
)
_part("deadlines", shapes.DeadlineShape, "The nearest days by which something is due, each with its source.")


@router.get("/cases/{uuid:case_id}/notes", response=Page[shapes.NoteShape], auth=READS, url_name="case_notes")
def read_notes(request: HttpRequest, case_id: UUID, cursor: str = "", limit: Limit = 50) -> dict[str, object]:
    """The contacts and observations the acting unit may read, the one recorded last first."""
    case = queries.get_for(worker_of(request), case_id)
    return _page(listing.notes(case, after=_key(cursor), limit=limit))


@router.get(
    "/cases/{uuid:case_id}/timeline", response=shapes.TimelinePage, auth=READS, url_name="case_timeline"
)
def read_timeline(request: HttpRequest, case_id: UUID, cursor: str = "") -> dict[str, object]:
    """What has happened in the case, the newest first."""
    actor = worker_of(request)
    case = queries.get_for(actor, case_id)
    asked = casehistory.window("", key_of(cursor))
    if cursor and asked.before is None:
        raise no_cursor()
    rows = caserows.read(case, asked.tables, notes=asked.notes(case))
    told = casehistory.happened_of(actor, rows, asked)
    return {"items": told["moments"], "next": cursor_of(told["more"]) if told["more"] else ""}
