"""The pages and calls that ``silta bench`` asks for, and who asks."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.urls import reverse

from silta.kernel import clock
from silta.kernel.identifiers import new_id

if TYPE_CHECKING:
    from silta.cases.models import Case
    from silta.kernel.actor import Actor

WORKER = "eero.virtanen@tyollisyys.example"
LEAD = "paula.laine@tyollisyys.example"
OFFICER = "reino.aho@tyollisyys.example"
CLIENT = "aino.korhonen@asiakas.example"
PROGRAM = "a program of the worker's"
_CASES = 40
_PARTS = ["kemp", "mäki", "aino", "nen-1"]

Ask = Callable[[Client, int], Any]


@dataclass(frozen=True)
class Page:
    """One page: what it is called, how it is asked for the n-th time, by whom, and whether it writes."""

    name: str
    ask: Ask
    who: str = WORKER
    writes: bool = False


@dataclass
class Asker:
    """Whoever asks in one region: each signed in once, at her first page."""

    clients: dict[str, Client] = field(default_factory=dict)

    def of(self, who: str) -> Client:
        """Her client."""
        if who not in self.clients:
            self.clients[who] = _program() if who == PROGRAM else _signed_in(who)
        return self.clients[who]


def _signed_in(email: str) -> Client:
    from silta.accounts.models import User

    client = Client(raise_request_exception=True)
    client.force_login(User.objects.get(email=email))
    return client


def _program() -> Client:
    from silta.access import operations
    from silta.access.enums import TokenScope
    from silta.kernel.acting import acting

    actor = actor_of(WORKER)
    with acting(actor):
        _token, secret = operations.make_token(
            actor, name="Mittari", scopes=[TokenScope.CASES_READ], expires_on=clock.today() + dt.timedelta(days=2)
        )  # fmt: skip
    return Client(raise_request_exception=True, headers={"Authorization": f"Bearer {secret}"})


def actor_of(email: str) -> "Actor":
    """The user of this address, in the first of her places."""
    from silta.access import queries as access
    from silta.accounts.models import User

    actor = access.actor_for(User.objects.get(email=email).pk)
    if actor is None:
        raise LookupError(f"{email} has no place to act from")
    return actor


def cases_of(actor: "Actor", most: int = _CASES) -> "list[Case]":
    """Open cases this worker is responsible for, in a lasting order."""
    from silta.cases.queries import visible_to
    from silta.kernel.acting import acting

    with acting(actor):
        rows = visible_to(actor).filter(responsible_id=actor.user_id, state="open").order_by("number")
        return list(rows[:most])


def ready_for_a_plan(actor: "Actor", cases: "list[Case]") -> list[str]:
    """Those of the cases that have every part a plan needs."""
    from silta.cases.queries import caseplan
    from silta.cases.rules.schema import Moment
    from silta.kernel.acting import acting

    with acting(actor):
        return [
            str(case.pk)
            for case in cases
            if all(warns for _name, _source, warns in caseplan.lacking(case, Moment.PLAN))
        ]


def _code_of_client() -> str:
    """The identity code of the demonstration's client, as the officer would type it."""
    from silta.kernel.acting import acting
    from silta.people.models import Person

    actor = actor_of(CLIENT)
    if actor.person_id is None:
        raise LookupError(f"{CLIENT} is no client")
    with acting(actor):
        return str(Person.objects.filter(pk=actor.person_id).values_list("identity_code", flat=True)[0])


def registering(number: int) -> dict[str, str]:
    """What is typed to register a new client and open a case."""
    return {
        "first_names": "Testi", "last_name": f"Mittari-{number}-{new_id()}"[:60], "no_code_reason": "not_known",
        "mother_tongue": "fi", "service_language": "fi", "kind": "joint_support", "source": "self",
        "submission": str(new_id()), "municipality": "Kajaani", "opened_on": clock.today().isoformat(), "birth_date": "1990-05-17",
    }  # fmt: skip


def contact() -> dict[str, str]:
    """What is typed to log a call."""
    return {
        "result": "reached", "channel": "phone", "text": "Soitettu.", "with_client": "on", "visibility": "shared",
        "submission": str(new_id()),
        "happened_at": clock.now().astimezone(clock.HELSINKI).strftime("%Y-%m-%dT%H:%M"),
    }  # fmt: skip


def plan() -> dict[str, str]:
    """What is typed to make a version of the plan."""
    return {
        "reason": "Tilanne on muuttunut.", "how_followed": "Soitetaan kerran kuussa.",
        "made_on": clock.today().isoformat(), "submission": str(new_id()),
    }  # fmt: skip


def pages() -> list[Page]:
    """Every page, for the region the process is connected to."""
    actor = actor_of(WORKER)
    found = cases_of(actor)
    cases, plannable = [str(case.pk) for case in found], ready_for_a_plan(actor, found)
    unit = str(actor.unit_id)
    of_case, of_plan = partial(_of_case, cases), partial(_of_case, plannable)
    return [
        Page("today", _get("desk:today")),
        Page("clients", _get("desk:clients")),
        Page("clients, filtered", _get("desk:clients", {"of": "unit", "kind": "joint_support", "need": "intensive", "municipality": "205"})),
        Page("clients, by name", _get("desk:clients", {"of": "all", "text": "nen", "sort": "name"})),
        Page("search", lambda client, n: client.get(reverse("desk:search"), {"q": _PARTS[n % len(_PARTS)]})),
        Page("unit", _get("desk:unit"), LEAD),
        Page("case page", of_case("cases:case")),
        Page("timeline", of_case("cases:case", "?show=contacts", "happened")),
        Page("plans", of_case("cases:plans")),
        Page("sharing", of_case("cases:sharing")),
        Page("invite", of_case("cases:invite")),
        Page("form of a step", of_case("cases:action", part="deed")),
        Page("form of a service", of_case("cases:service", part="deed")),
        Page("form of the end", of_case("cases:end", part="deed")),
        Page("journal of a person", _get("access:journal", {"identity_code": _code_of_client()}), OFFICER),
        Page("my plan", _get("portal:home"), CLIENT),
        Page("who used my data", _get("portal:journal"), CLIENT),
        Page("call: cases", _get("api:cases", {"unit": unit, "limit": "50"}), PROGRAM),
        Page("call: a case", of_case("api:case"), PROGRAM),
        Page("open a case", lambda client, n: client.post(reverse("cases:register"), registering(n)), writes=True),
        Page("log a contact", of_case("cases:contact", typed=contact), writes=True),
        Page("save a plan", of_plan("cases:plan", typed=plan), writes=True),
    ]  # fmt: skip


def _get(view: str, query: Mapping[str, str] | None = None) -> Ask:
    return lambda client, _n: client.get(reverse(view), query or {})


def _of_case(
    cases: list[str],
    view: str,
    query: str = "",
    part: str = "",
    typed: Callable[[], dict[str, str]] | None = None,
) -> Ask:
    headers = {"HX-Request": "true", "HX-Target": part} if part else {}

    def ask(client: Client, n: int) -> Any:
        address = reverse(view, args=[cases[n % len(cases)]]) + query
        return client.post(address, typed()) if typed else client.get(address, headers=headers)

    return ask
