"""Every door of the product, tried by everybody: who is let in is let in, and to the others it does not exist.

The list of doors is read from the router: a route without a row in ``routes.py`` fails, and so does a row whose route
has gone. Refused and absent are compared byte by byte.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from silta.accounts.models import SavedView
from silta.audit.models import Event
from tests.cast import Cast, as_owner
from tests.doors.routes import CASE_ROLES, DOORS, EVERYONE, Door
from tests.doors.situation import rows_of_the_situation

# Sign-in's own pages; the doors of programs are tried in tests/api/test_doors.py.
LIBRARIES = ("account_", "mfa_", "usersessions_", "set_language", "api:")
LET_IN = {200, 204, 302, 400, 409, 422}


def routes(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """The names of all routes below a resolver."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}"


def own_routes() -> set[str]:
    """The routes of our rooms; sign-in's own pages are the library's."""
    return {name for name in routes(get_resolver()) if not name.startswith(LIBRARIES)}


def address(name: str, door: Door, rows: dict[str, Any]) -> str:
    """The door's address in the situation."""
    arguments = {key: rows.get(value, value) for key, value in door.arguments.items()}
    return reverse(name, kwargs=arguments)


def words(door: Door, rows: dict[str, Any]) -> dict[str, Any]:
    """What a knock by POST sends along."""
    return {key: str(rows.get(value, value)) for key, value in door.sends.items()}


def test_every_route_has_its_row_and_every_row_its_route() -> None:
    assert own_routes() - DOORS.keys() == set(), "say in tests/doors/routes.py who may come in"
    assert DOORS.keys() - own_routes() == set(), "these doors are gone"


def test_every_named_person_is_of_the_cast() -> None:
    named = {who for door in DOORS.values() for who in f"{door.gets or ''} {door.posts or ''}".split()}
    assert named <= set(EVERYONE.split())


@pytest.fixture
def rows(cast: Cast) -> dict[str, Any]:
    """The situation, built once for all doors; each knock is undone before the next."""
    return rows_of_the_situation(cast)


def knock(client: Client, method: str, where: str, sends: dict[str, Any] | None = None) -> HttpResponse:
    """One request, whatever it wrote undone."""
    with transaction.atomic():
        response: HttpResponse = getattr(client, method)(where, sends or {})
        transaction.set_rollback(True)
    return response


def surprises(door: Door, where: str, sends: dict[str, Any], clients: dict[str, Client]) -> Iterator[str]:
    """What everybody meets at a door that the table does not foresee."""
    for method, admitted in (("get", door.gets), ("post", door.posts)):
        for who, client in clients.items():
            status = knock(client, method, where, sends if method == "post" else None).status_code
            if admitted is None:
                fits = status in {404, 405}
            else:
                fits = status in LET_IN if who in admitted.split() else status == 404
            if not fits:
                yield f"{method} {where} by {who}: {status}"


def test_every_door_opens_to_those_named_and_to_nobody_else(
    rows: dict[str, Any], page_of: Callable[[str], Client]
) -> None:
    clients = {who: page_of(who) for who in EVERYONE.split()}
    wrong = [
        f"{name}: {surprise}"
        for name, door in sorted(DOORS.items())
        for surprise in surprises(door, address(name, door, rows), words(door, rows), clients)
    ]
    assert not wrong, "\n".join(wrong)


def test_what_is_sent_whole_is_done(rows: dict[str, Any], page_of: Callable[[str], Client]) -> None:
    """Beyond being let in: the deed succeeds for whoever it is for, and something is written."""
    wrong, tried = [], 0
    for name, door in sorted(DOORS.items()):
        if not door.done_by:
            continue
        client, where = page_of(door.done_by), address(name, door, rows)
        with transaction.atomic():
            with as_owner():
                before = Event.objects.count(), SavedView.objects.count()
            status = client.post(where, words(door, rows)).status_code
            with as_owner():
                after = Event.objects.count(), SavedView.objects.count()
            transaction.set_rollback(True)
        tried += 1
        if status not in {204, 302} or after == before:
            wrong.append(f"{name}: {status}, {before} → {after}")
    assert not wrong, "\n".join(wrong)
    assert tried > 9


def test_what_is_anothers_stays_where_it_is(rows: dict[str, Any], page_of: Callable[[str], Client]) -> None:
    """A door that answers everybody alike does its deed only on what is one's own."""
    where = reverse("desk:forget_view", kwargs={"view_id": rows["VIEW_OF_EERO"]})
    for name in CASE_ROLES.split():
        if name != "eero":
            assert page_of(name).post(where).status_code == 302
    with as_owner():
        assert SavedView.objects.filter(pk=rows["VIEW_OF_EERO"]).exists()


def test_a_stranger_is_sent_to_sign_in(rows: dict[str, Any]) -> None:
    wrong = []
    for name, door in sorted(DOORS.items()):
        response = knock(Client(), "get" if door.gets is not None else "post", address(name, door, rows))
        if door.public:
            fits = response.status_code in {200, 401, 404}
        else:
            fits = response.status_code == 302 and "/accounts/login/" in response["Location"]
        if not fits:
            wrong.append(f"{name}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


def _without_the_address(content: bytes) -> bytes:
    text = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", content)
    text = re.sub(rb"X-CSRFToken[^}]+", b"", text)
    return re.sub(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", b"", text)


def test_forbidden_and_absent_look_alike(rows: dict[str, Any], page_of: Callable[[str], Client]) -> None:
    vaino, wrong = page_of("vaino"), []
    nowhere = {key: uuid.uuid4() for key in rows}
    for name, door in sorted(DOORS.items()):
        if "CASE" not in door.arguments.values() or door.gets is None:
            continue
        forbidden = knock(vaino, "get", address(name, door, rows))
        absent = knock(vaino, "get", address(name, door, nowhere))
        if not (forbidden.status_code == absent.status_code == HTTPStatus.NOT_FOUND):
            wrong.append(f"{name}: {forbidden.status_code} {absent.status_code}")
        elif _without_the_address(forbidden.content) != _without_the_address(absent.content):
            wrong.append(f"{name}: the two pages differ")
    assert not wrong, "\n".join(wrong)
