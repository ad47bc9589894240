"""Clients: the question before a new one, registering, opening a case, and what is known of who she is and where."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission, TokenScope
from silta.cases import queries
from silta.cases.api import bodies, shapes
from silta.cases.api.reading import router, worker_of
from silta.cases.api.writing import Words, Write, mount, named, pointing_at
from silta.cases.models import Case
from silta.cases.operations import opening, person, registering
from silta.cases.queries import gate, registered
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound, RuleBroken
from silta.kernel.identifiers import normalise_identity_code
from silta.people.models import ContactPoint, Person
from silta.ui.programs import Receipt, Token, actor_of, etag, once, problem, rule_broken

_WRITES_PEOPLE = Token(TokenScope.PEOPLE_WRITE)
_OF_CASE = ("kind", "source", "contact_reason", "opened_on", "official_reference")


def _opener(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    access.require(actor, Permission.CASE_OPEN)
    return actor


@router.post(
    "/cases", response={201: Receipt}, auth=Token(TokenScope.CASES_WRITE),
    operation_id="open_case", summary="Open a case for somebody in the register",
)  # fmt: skip
def open_case(request: HttpRequest, body: bodies.OpenCase) -> HttpResponse:
    """A client of the unit is named by her id, anybody else by her identity code; the question who that is is journalled."""
    return once(request, lambda: _open(_opener(request), body), status=201, location=f"{request.path}/{{id}}")


def _open(actor: Actor, body: bodies.OpenCase) -> Case | HttpResponse:
    words = body.model_dump()
    found = gate.who_is_meant(
        actor, identity_code=_code(words.pop("identity_code")), person_id=words.pop("person_id")
    )
    if found.known is None:
        raise NotFound(_("There is no such page."), code="cases.person_not_found")
    whom = found.known.person_id
    return _after_the_question(lambda: opening.open_case(actor, person=whom, **named(None, words)), words)


def _after_the_question(write: Callable[[], Case], words: Words) -> Case | HttpResponse:
    """Writes, or tells the refusal without raising it: that somebody was asked for stays in the journal either way.

    Whoever is refused by a rule of the field has been told besides whether the person is in the register.
    """
    try:
        with transaction.atomic(), pointing_at(words):
            return write()
    except RuleBroken as broken:
        return rule_broken(broken)


@router.post(
    "/clients/matches", response=shapes.Matches, auth=_WRITES_PEOPLE, operation_id="find_matches",
    tags=["clients"], summary="Ask whether somebody is in the register already",
)  # fmt: skip
def find_matches(request: HttpRequest, body: bodies.Gate) -> dict[str, Any]:
    """The question before a new client. It is journalled; of people one may not know it is told only that there are some."""
    actor = _opener(request)
    found = gate.who_is(actor, **_asked(body))
    return {
        "is_known": found.known is not None,
        "known": _candidate(found.known) if found.known else None,
        "likely": [_candidate(one) for one in found.likely],
        "unseen": found.unseen,
    }


def _asked(body: bodies.Gate | bodies.Register) -> dict[str, Any]:
    """Whom the program means: by code, or whole by names and birth date; raises ``RuleBroken`` where it is neither."""
    code = _code(body.identity_code)
    names = {"first_names": body.first_names.strip(), "last_name": body.last_name.strip()}
    if not code and not (all(names.values()) and (body.birth_date or isinstance(body, bodies.Register))):
        raise RuleBroken(_("Give the identity code, or the name and the date of birth."), code="cases.gate_unclear",
                         field="identity_code")  # fmt: skip
    return {"identity_code": code, **names, "birth_date": body.birth_date}


def _code(text: str) -> str:
    """The identity code as law writes it; raises ``RuleBroken`` at the field where it does not hold."""
    try:
        return normalise_identity_code(text) if text else ""
    except ValueError:
        raise RuleBroken(
            _("The identity code does not hold. Check the date, the separator and the last character."),
            code="cases.code", field="identity_code",
        ) from None  # fmt: skip


def _candidate(found: gate.Candidate) -> dict[str, Any] | None:
    if found.person is None:
        return None
    return {
        "person": found.person, "case_ids": [case.pk for case in found.cases], "reasons": list(found.reasons),
    }  # fmt: skip


@router.post(
    "/clients", response={201: Receipt}, auth=_WRITES_PEOPLE, url_name="register_client",
    operation_id="register_client", tags=["clients"], summary="Register a client and open her first case",
)  # fmt: skip
def register_client(request: HttpRequest, body: bodies.Register) -> HttpResponse:
    """All or nothing. Whoever is in the register is not registered again (409); who looks the same is looked at first."""
    cases = f"{request.path.removesuffix('/clients')}/cases/{{id}}"
    return once(request, lambda: _register(_opener(request), body), status=201, location=cases)


def _register(actor: Actor, body: bodies.Register) -> Case | HttpResponse:
    access.require(actor, Permission.PERSON_REGISTER)
    found = gate.who_is(actor, **_asked(body))
    # Not raised: a refusal would undo the journal of the question, and the answer tells something of a person.
    if found.known is not None:
        return problem(409, code="people.already_registered",
                       detail=_("A person with this identity code is already in the register."))  # fmt: skip
    if (found.likely or found.unseen) and not body.none_of_these:
        return problem(409, code="people.likely_same", detail=_(
            "Somebody like this is in the register. Ask for matches, and say none_of_these if it is somebody else."
        ))  # fmt: skip
    words = body.model_dump(exclude={"none_of_these"})
    of_case = {name: words.pop(name) for name in _OF_CASE}
    words["no_code_reason"] = words["no_code_reason"] or ""
    return _after_the_question(
        lambda: registering.register_and_open(actor, person_fields=words, **of_case), {}
    )


@router.get(
    "/cases/{uuid:case_id}/person", response=shapes.DetailsShape, auth=Token(TokenScope.PEOPLE_READ),
    url_name="case_person", tags=["clients"],
)  # fmt: skip
def read_person(request: HttpRequest, case_id: UUID, response: HttpResponse) -> dict[str, Any]:
    """Who the client is and how to reach her. Where non-disclosure hides it, nothing of where she is is told."""
    actor = worker_of(request)
    details = registered.details_of(actor, queries.get_for(actor, case_id))
    response["ETag"] = etag(details.person.version)
    fields = {name: getattr(details.person, name) for name in shapes.DetailsShape.model_fields
              if hasattr(details.person, name) and name != "contact_points"}  # fmt: skip
    return fields | {
        "is_hidden": details.is_hidden,
        "municipality": details.municipality.name if details.municipality else "",
        "contact_points": list(details.contact_points),
    }


def _correct(actor: Actor, *, case: Case, version: int, **changed: Any) -> Person:
    """What is not named stays; the database keeps what was there before."""
    return person.correct_person(actor, person=case.person, version=version, **changed)


mount(
    router,
    [
        Write("correct_person", "person", "Put a client's details right", bodies.Correction, _correct, partly=True),
        Write("move_person", "person/residence", "Record where the client lives", bodies.Dwelling, person.move_person,
              creates=True),
        Write("add_contact_point", "person/contacts", "Add a way to reach the client", bodies.Contact,
              person.add_contact_point, creates=True),
        Write("end_contact_point", "person/contacts/{uuid:row_id}/end", "A way no longer reaches the client",
              bodies.Nothing, person.end_contact_point, "contact", ContactPoint),
    ],
    auth=_WRITES_PEOPLE,
    tags=["clients"],
)  # fmt: skip
