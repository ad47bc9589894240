"""What programs may ask of access: the registers of organisations, roles and grounds, may-I-share, one's own journal."""

import datetime as dt
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from silta.access import queries, rules
from silta.access.enums import Category, Permission, TokenScope
from silta.access.views.answers import person_known_to
from silta.kernel import clock
from silta.organisations import queries as organisations
from silta.organisations.enums import Kind
from silta.ui.programs import Line, Page, Token, actor_of, cursor_of, key_of, no_cursor

router = Router(tags=["reference"])
_reads = Token(TokenScope.REFERENCE_READ)


class OrganisationShape(Schema):
    """An organisation that exists today."""

    id: UUID
    kind: str
    name: str
    business_id: str


class UnitShape(Schema):
    """A unit that exists today."""

    id: UUID
    organisation_id: UUID
    name: str
    sector: str


class GroundShape(Schema):
    """A legal ground of sharing, with its source."""

    code: str
    citation: str
    name: str
    text: str
    categories: list[str]
    needs: str
    valid_from: dt.date
    valid_until: dt.date | None


class SharingShape(Schema):
    """Whether data of one category may go to the unit, on which ground, or what is missing."""

    category: str
    allowed: bool
    ground: str
    citation: str
    missing: str
    already: bool


class EventShape(Schema):
    """One act that was done in the caller's name."""

    at: dt.datetime
    what: str
    kind: str
    refused: bool
    person_id: str


def _key(cursor: str) -> UUID | None:
    try:
        return UUID(key_of(cursor)) if cursor else None
    except ValueError:
        raise no_cursor() from None


@router.get("/organisations", response=Page[OrganisationShape], auth=_reads, url_name="organisations")
def list_organisations(
    request: HttpRequest, name: Line = "", kind: Kind | None = None, cursor: str = ""
) -> dict[str, object]:
    """Organisations by name; `name` is a part of it, or of a unit's, or a business id."""
    queries.require(actor_of(request), Permission.DEFINITIONS_VIEW)
    found = organisations.organisations_listed(clock.today(), text=name, kind=kind or "", after=_key(cursor))
    return {
        "items": [one.organisation for one in found.rows],
        "next": cursor_of(found.next) if found.next else "",
    }


@router.get(
    "/organisations/{uuid:organisation_id}/units",
    response=Page[UnitShape],
    auth=_reads,
    url_name="organisation_units",
)
def list_units(
    request: HttpRequest, organisation_id: UUID, name: Line = "", cursor: str = ""
) -> dict[str, object]:
    """The units of an organisation, by name."""
    queries.require(actor_of(request), Permission.DEFINITIONS_VIEW)
    organisation = organisations.organisation_for(organisation_id)
    found = organisations.units_listed(organisation, clock.today(), text=name, after=_key(cursor))
    return {"items": found.rows, "next": cursor_of(found.next) if found.next else ""}


@router.get("/grounds", response=list[GroundShape], auth=_reads, url_name="grounds")
def list_grounds(request: HttpRequest) -> list[dict[str, object]]:
    """Every ground on which data are shared, with its source and its time."""
    queries.require(actor_of(request), Permission.DEFINITIONS_VIEW)
    return [
        {"code": one.code, "citation": one.citation, "name": str(one.name), "text": str(one.text),
         "categories": sorted(one.categories), "needs": one.needs, "valid_from": one.valid_from,
         "valid_until": one.valid_until}
        for one in rules.grounds().values()
    ]  # fmt: skip


@router.get(
    "/people/{uuid:person_id}/sharing", response=list[SharingShape], auth=Token(TokenScope.SHARING_ASK), url_name="sharing",
    tags=["sharing"],
)  # fmt: skip
def may_share(
    request: HttpRequest,
    person_id: UUID,
    to_unit: UUID,
    category: Annotated[list[Category], Query(min_length=1, max_length=7)],
) -> list[queries.SharingAnswer]:
    """May the acting unit let another know these data of a client? The question is journalled."""
    actor = actor_of(request)
    # The question is for those whose role shares data; the token itself lets nothing be shared.
    queries.require(replace(actor, scopes=None), Permission.GRANT_GIVE)
    person = person_known_to(actor, person_id)
    unit = organisations.unit_for(to_unit)
    return queries.may_share(actor, person=person, to_unit=unit, categories=list(dict.fromkeys(category)))


@router.get(
    "/journal",
    response=Page[EventShape],
    auth=Token(TokenScope.JOURNAL_READ),
    url_name="journal",
    tags=["journal"],
)
def own_acts(request: HttpRequest, cursor: str = "") -> dict[str, object]:
    """What was done in the caller's own name, by her or by her programs, the newest first."""
    page = queries.own_acts(actor_of(request), key=key_of(cursor) if cursor else "")
    return {"items": page.events, "next": cursor_of(page.next_key) if page.next_key else ""}
