"""The pages that ``silta bench`` asks for, and how it times them."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from silta.kernel import clock
from silta.kernel.identifiers import new_id

WORKER = "eero.virtanen@tyollisyys.example"


@dataclass
class Times:
    """What was measured of one page: seconds of server time, of those this process's own, and the last answer's queries."""

    name: str
    seconds: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    queries: list[tuple[float, str]] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """The time within which this share of the answers came, in milliseconds."""
        return _percentile(self.seconds, share)

    @property
    def least_own(self) -> float:
        """The least processor time this process took for an answer, in milliseconds: what a busy machine hides least."""
        return _percentile(self.own, 0)


def _percentile(seconds: list[float], share: float) -> float:
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


Ask = Callable[[Client, int], Any]


def _cases() -> list[str]:
    from silta.access import queries as access
    from silta.accounts.models import User
    from silta.cases.queries import visible_to
    from silta.kernel.acting import acting

    actor = access.actor_for(User.objects.get(email=WORKER).pk)
    if actor is None:
        raise LookupError("the demonstration's worker has no membership")
    with acting(actor):
        rows = visible_to(actor).filter(responsible_id=actor.user_id, state="open").order_by("number")
        return [str(key) for key in rows.values_list("pk", flat=True)[:40]]


def _registering(number: int) -> dict[str, str]:
    return {
        "first_names": "Testi", "last_name": f"Mittari-{number}-{time.monotonic_ns()}", "no_code_reason": "not_known",
        "mother_tongue": "fi", "service_language": "fi", "kind": "joint_support", "source": "self",
        "submission": str(new_id()), "municipality": "Kajaani", "opened_on": clock.today().isoformat(), "birth_date": "1990-05-17",
    }  # fmt: skip


def pages() -> Iterator[tuple[str, Ask]]:
    """Each page by name, with how to ask for it the n-th time."""
    cases = _cases()

    def of_case(view: str, query: str = "", part: str = "") -> Ask:
        headers = {"HX-Request": "true", "HX-Target": part} if part else {}
        return lambda client, n: client.get(
            reverse(view, args=[cases[n % len(cases)]]) + query, headers=headers
        )

    yield "today", lambda client, _n: client.get(reverse("desk:today"))
    yield "clients", lambda client, _n: client.get(reverse("desk:clients"))
    yield (
        "search",
        lambda client, n: client.get(reverse("desk:search"), {"q": ["kemp", "mäki", "aino", "nen-1"][n % 4]}),
    )
    yield "case page", of_case("cases:case")
    yield "timeline", of_case("cases:case", "?show=contacts", "happened")
    yield "sharing", of_case("cases:sharing")
    yield "invite", of_case("cases:invite")
    yield "form of a step", of_case("cases:action", part="deed")
    yield "form of a service", of_case("cases:service", part="deed")
    yield "form of the end", of_case("cases:end", part="deed")
    yield "open a case", lambda client, n: client.post(reverse("cases:register"), _registering(n))
    yield "log a contact", lambda client, n: client.post(
        reverse("cases:contact", args=[cases[n % len(cases)]]),
        {"result": "reached", "channel": "phone", "text": "Soitettu.", "with_client": "on", "visibility": "shared",
         "submission": str(new_id()),
         "happened_at": clock.now().astimezone(clock.HELSINKI).strftime("%Y-%m-%dT%H:%M")},
    )  # fmt: skip


def measure(rounds: int, *, profile: str = "") -> list[Times]:
    """Asks for each page so many times, signed in as the demonstration's worker; ``profile`` names one to look into."""
    from silta.accounts.models import User

    client = Client(raise_request_exception=True)
    client.force_login(User.objects.get(email=WORKER))
    measured = []
    for name, ask in pages():
        if not profile or profile == name:
            times = Times(name)
            for number in range(-3, rounds):
                _once(client, ask, number, times)
            measured.append(times)
    return measured


def _once(client: Client, ask: Ask, number: int, times: Times) -> None:
    asked: list[tuple[float, str]] = []

    def listen(execute: Callable[..., Any], query: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(query, params, many, context)
        finally:
            asked.append((1000 * (time.perf_counter() - began), str(query)))

    with connection.execute_wrapper(listen):
        began, began_own = time.perf_counter(), time.process_time()
        answer = ask(client, number)
        seconds, own = time.perf_counter() - began, time.process_time() - began_own
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        raise RuntimeError(f"“{times.name}” answered {answer.status_code}: {_refusals(answer)}")
    if number >= 0:
        times.seconds.append(seconds)
        times.own.append(own)
        times.queries = asked


def _refusals(answer: Any) -> str:
    """What the page says is wrong, or the beginning of it."""
    text = answer.content.decode()
    said = re.findall(r'class="[^"]*error[^"]*"[^>]*>([^<]+)<', text)
    return "; ".join(part.strip() for part in said if part.strip()) or text[:300]
