"""Requests forged, redirected, replayed and stolen."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.test import Client

from silta.accounts.models import User
from tests.cast import PASSWORD, Cast, as_owner, key
from tests.doors.routes import DOORS
from tests.doors.situation import rows_of_the_situation
from tests.doors.test_doors import address, knock, words

EERO = "eero.virtanen@tyollisyys.example"
LOGIN = "/accounts/login/"
ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "https:evil.example",
    "///evil.example", "http://testserver@evil.example/", "/%09/evil.example", " //evil.example", "\t//evil.example",
]  # fmt: skip


@pytest.fixture
def rows(cast: Cast) -> dict[str, Any]:
    """The situation behind the doors."""
    return rows_of_the_situation(cast)


def test_every_post_without_its_token_is_refused(rows: dict[str, Any]) -> None:
    """The doors' own tests send no token; here the check is on, for somebody whom each door lets in."""
    wrong, clients = [], {}
    for name, door in sorted(DOORS.items()):
        if door.posts is None:
            continue
        who = door.posts.split()[0]
        if who not in clients:
            clients[who] = Client(enforce_csrf_checks=True)
            clients[who].force_login(User.objects.get(pk=key(who)))
        status = knock(clients[who], "post", address(name, door, rows), words(door, rows)).status_code
        if status != 403:
            wrong.append(f"{name}: {status}")
    assert wrong == []


def test_a_token_of_another_session_is_refused(cast: Cast) -> None:
    strangers, client = Client(), Client(enforce_csrf_checks=True)
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', strangers.get(LOGIN).content.decode())
    assert token is not None
    client.force_login(User.objects.get(pk=key("eero")))
    client.get("/")
    answer = client.post(
        "/access/switch/", {"csrfmiddlewaretoken": token[1], "membership": key("membership eero")}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nothing_leads_out_of_the_house(elsewhere: str, cast: Cast, page_of: Callable[[str], Client]) -> None:
    signing_in = Client().post(
        LOGIN,
        {"login": EERO, "password": PASSWORD, "next": elsewhere},
        headers={"Referer": elsewhere.strip()},
    )
    eero = page_of("eero")
    answers = [
        signing_in,
        eero.post("/access/switch/", {"membership": str(key("membership eero")), "next": elsewhere}),
        eero.post(
            "/language/", {"language": "sv", "next": elsewhere}, headers={"Referer": elsewhere.strip()}
        ),
        eero.get(LOGIN, {"next": elsewhere}),
        eero.post("/accounts/logout/", {"next": elsewhere}),
    ]
    for answer in answers:
        assert answer.status_code in {204, 302}, answer.status_code
        there = urlsplit(urljoin("http://testserver/", answer.get("Location", "/")))
        assert (there.scheme, there.netloc) == ("http", "testserver"), answer["Location"]


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(cast: Cast) -> None:
    client = Client()
    client.post(LOGIN, {"login": EERO, "password": PASSWORD})
    client.get("/")
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert session["expires"] == ""
    assert client.cookies["silta_typist"]["httponly"]


def test_a_session_cookie_planted_before_signing_in_opens_nothing_after_it(cast: Cast) -> None:
    """Session fixation."""
    victim = Client()
    victim.get(LOGIN)
    victim.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    victim.post(LOGIN, {"login": EERO, "password": PASSWORD})
    attacker = Client()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert attacker.get("/").status_code == 302
    assert victim.get("/").status_code == 200


def test_a_stolen_session_dies_when_its_owner_signs_out(cast: Cast) -> None:
    owner, thief = Client(), Client()
    owner.post(LOGIN, {"login": EERO, "password": PASSWORD})
    thief.cookies[settings.SESSION_COOKIE_NAME] = owner.cookies[settings.SESSION_COOKIE_NAME].value
    assert thief.get("/").status_code == 200, "the theft itself works, or this test shows nothing"
    owner.post("/accounts/logout/")
    assert thief.get("/").status_code == 302


def test_a_stolen_session_dies_with_a_new_password_and_with_the_user(cast: Cast) -> None:
    thief = Client()
    thief.post(LOGIN, {"login": EERO, "password": PASSWORD})
    with as_owner():
        eero = User.objects.get(pk=key("eero"))
        eero.set_password("aivan uusi salasana 7")
        eero.save()
    assert thief.get("/").status_code == 302
    second = Client()
    second.force_login(User.objects.get(pk=key("eero")))
    assert second.get("/").status_code == 200
    with as_owner():
        User.objects.filter(pk=key("eero")).update(is_active=False)
    assert second.get("/").status_code == 302


def test_every_answer_carries_the_headers_of_defence(
    rows: dict[str, Any], page_of: Callable[[str], Client]
) -> None:
    eero = page_of("eero")
    for where in (
        address("cases:case", DOORS["cases:case"], rows),
        "/nowhere/",
        "/clients/export.csv",
        "/clients/",
    ):
        answer = eero.get(where)
        policy = answer["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_host_that_is_not_ours_is_refused(cast: Cast) -> None:
    client = Client(raise_request_exception=False)
    assert client.get(LOGIN, headers={"Host": "evil.example"}).status_code == 400
    assert "evil" not in client.get(LOGIN, headers={"X-Forwarded-Host": "evil.example"}).content.decode()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace", "head"])
def test_no_other_method_gets_past_a_door(
    method: str, rows: dict[str, Any], page_of: Callable[[str], Client]
) -> None:
    vaino = page_of("vaino")
    for name, door in DOORS.items():
        if "CASE" in door.arguments.values():
            assert knock(vaino, method, address(name, door, rows)).status_code in {404, 405}, name
