"""What programs may ask of access: the registers of organisations and grounds, may-I-share, consents, one's own journal."""

import datetime as dt
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Field, Query, Router, Schema

from silta.access import operations, queries, rules
from silta.access.enums import Category, ConsentChannel, Permission, TokenScope
from silta.access.models import Consent
from silta.access.views.answers import person_known_to
from silta.audit import operations as audit
from silta.audit.enums import Kind as EventKind
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound, RuleBroken
from silta.organisations import queries as organisations
from silta.organisations.enums import Kind
from silta.people.models import Person
from silta.ui.programs import (
    Body,
    Day,
    Line,
    Lines,
    Page,
    Receipt,
    Token,
    actor_of,
    cursor_of,
    key_of,
    no_cursor,
    once,
)

router = Router(tags=["reference"])
_reads = Token(TokenScope.REFERENCE_READ)
_NETWORK = Token(TokenScope.NETWORK_WRITE)


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


class ConsentShape(Schema):
    """What a client has permitted; withdrawn and expired consents stay."""

    id: UUID
    ground: str
    from_unit_id: UUID | None
    to_unit_id: UUID
    categories: list[str]
    purpose_text: str
    channel: str
    language: str
    given_on: dt.date
    valid_until: dt.date | None
    withdrawn_at: dt.datetime | None


class NewConsent(Body):
    """What the client permits: which data, to whom, for what, how long; from the acting unit, unless another is named."""

    ground: Annotated[str, Field(max_length=40, pattern="^[a-z_]+$")]
    to_unit_id: UUID
    from_unit_id: UUID | None = None
    categories: Annotated[list[Category], Field(min_length=1, max_length=7)]
    purpose_text: Lines
    channel: ConsentChannel
    language: Annotated[str, Field(pattern="^(fi|sv|en)$")] = "fi"
    given_on: Day | None = None
    valid_until: Day | None = None


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


def _unit(name: str, unit_id: UUID | None) -> Any:
    """The unit that is named; raises ``RuleBroken`` at the field where there is none."""
    try:
        return organisations.unit_for(unit_id) if unit_id else None
    except NotFound:
        raise RuleBroken(_("There is no such unit."), code="api.no_such_id", field=f"{name}_id") from None


def _client(request: HttpRequest, person_id: UUID) -> tuple[Actor, Person]:
    """Who asks, and the client whose consents her role keeps; raises ``NotAllowed`` or ``NotFound``."""
    actor = actor_of(request)
    queries.require(actor, Permission.CONSENT_RECORD)
    return actor, person_known_to(actor, person_id)


@router.get("/people/{uuid:person_id}/consents", response=list[ConsentShape], auth=_NETWORK, url_name="consents",
            tags=["consents"])  # fmt: skip
def read_consents(request: HttpRequest, person_id: UUID) -> list[Consent]:
    """What a client has permitted, the newest first."""
    actor, person = _client(request, person_id)
    audit.record(actor, "access.read_consents", kind=EventKind.READ, person_id=person.pk)
    return queries.consents_of(person.pk)


@router.post("/people/{uuid:person_id}/consents", response={201: Receipt}, auth=_NETWORK, tags=["consents"],
             summary="Record a client's consent")  # fmt: skip
def record_consent(request: HttpRequest, person_id: UUID, body: NewConsent) -> HttpResponse:
    """A consent is recorded as the client gave it; what rests on it begins with the sharing itself."""

    def record() -> Consent:
        actor, person = _client(request, person_id)
        words = body.model_dump(exclude={"to_unit_id", "from_unit_id"})
        units = {name: _unit(name, getattr(body, f"{name}_id")) for name in ("to_unit", "from_unit")}
        return operations.record_consent(actor, person=person, **units, **words)

    return once(request, record, status=201)


@router.post("/consents/{uuid:consent_id}/withdraw", response=Receipt, auth=_NETWORK, tags=["consents"],
             summary="The client takes a consent back")  # fmt: skip
def withdraw_consent(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """Withdrawing needs no reason, and no body; what rested on it ends at once."""

    def withdraw() -> Consent:
        actor = actor_of(request)
        queries.require(actor, Permission.CONSENT_RECORD)
        consent = queries.consent_for(actor, consent_id)
        operations.withdraw_consent(actor, consent=consent)
        return consent

    return once(request, withdraw)


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
