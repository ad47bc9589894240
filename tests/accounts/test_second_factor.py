"""The second factor through its real pages: taken into use, asked for at sign-in, and recovered without the telephone."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from silta.accounts import operations, rules
from silta.accounts.models import User
from silta.audit.models import Event
from silta.organisations.models import Organisation
from tests.cast import PASSWORD, Cast, as_owner, key

EERO = "eero.virtanen@tyollisyys.example"
LOGIN, ACTIVATE, ASKED = "/accounts/login/", "/accounts/2fa/totp/activate/", "/accounts/2fa/authenticate/"
CODES = "/accounts/2fa/recovery-codes/"


def _code(secret: str) -> str:
    """What the telephone shows now."""
    return str(totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time()))))


def _next_moment() -> None:
    """Half a minute later: the telephone's last code may be used again, for it would show another."""
    cache.clear()


def _sign_in(client: Client, then: str = "/") -> str:
    answer = client.post(LOGIN, {"login": EERO, "password": PASSWORD, "next": then})
    assert answer.status_code == 302
    return str(answer["Location"])


def _confirmed(client: Client, address: str) -> Any:
    """A page that asks the password once more."""
    asking = client.get(address)["Location"]
    assert asking.startswith(reverse("account_reauthenticate"))
    return client.post(asking, {"password": PASSWORD, "next": address}, follow=True)


def _is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still: no code runs out between two steps."""
    moment = time.time()
    monkeypatch.setattr(totp.time, "time", lambda: moment)


@pytest.fixture
def secret(cast: Cast, still: None) -> str:
    """Eero's organisation demands the second factor, and he has taken it into use: what his telephone holds."""
    with as_owner():
        Organisation.objects.filter(pk=key("organisation authority")).update(requires_second_factor=True)
    client = Client()
    assert _sign_in(client) == "/"
    assert client.get("/")["Location"] == ACTIVATE
    page = _confirmed(client, ACTIVATE)
    held: str = page.context["form"].secret
    assert held in page.content.decode()
    assert client.post(ACTIVATE, {"code": "000000"}).status_code == 200
    assert client.get("/").status_code == 302, "a wrong code takes nothing into use"
    assert client.post(ACTIVATE, {"code": _code(held)}).status_code == 302
    assert _is_in(client)
    _next_moment()
    return held


def _codes_of(secret: str) -> list[str]:
    client = Client()
    _sign_in(client)
    client.post(ASKED, {"code": _code(secret)})
    _next_moment()
    page = _confirmed(client, CODES).content.decode()
    found = re.findall(r"\b\d{8}\b", page)
    assert len(found) >= 8
    return found


def test_who_was_invited_by_a_link_takes_the_second_factor_into_use(cast: Cast, still: None) -> None:
    """The link has shown whose the address is; there is no page on which to show it again."""
    with as_owner():
        Organisation.objects.filter(pk=key("organisation authority")).update(requires_second_factor=True)
        link = operations.renew_password_link(User.objects.get(email=EERO))
    client, chosen = Client(), "kolme-lehmusta-pihassa"
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": chosen, "password2": chosen})
    assert client.post(LOGIN, {"login": EERO, "password": chosen})["Location"] == "/"
    page = client.post(client.get(ACTIVATE)["Location"], {"password": chosen, "next": ACTIVATE}, follow=True)
    assert client.post(ACTIVATE, {"code": _code(page.context["form"].secret)}).status_code == 302
    assert _is_in(client)


def test_who_reads_the_table_learns_no_secret(secret: str) -> None:
    codes = _codes_of(secret)
    with as_owner():
        stored = [str(one.data) for one in Authenticator.objects.all()]
    assert len(stored) == 2
    assert not [text for text in stored if secret in text or any(code in text for code in codes)]
    own, other = rules.second_factor_cipher(["new", "old"]), rules.second_factor_cipher(["old"])
    assert own.decrypt(other.encrypt(b"kept")) == b"kept", "the secret of the installation can be changed"


def test_the_password_alone_does_not_sign_in(secret: str) -> None:
    client = Client()
    assert _sign_in(client, "/clients/").startswith(ASKED)
    for address in (
        "/",
        "/clients/",
        "/access/switch/",
        "/access/unsent/",
        "/accounts/2fa/",
        CODES,
        "/accounts/sessions/",
    ):
        for answer in (
            client.get(address),
            client.post(address),
            client.get(address, headers={"HX-Request": "true"}),
        ):
            assert answer.status_code in {302, 404}, address
            assert answer.get("Location", LOGIN).startswith((LOGIN, ASKED, "/accounts/reauthenticate/")), (
                address
            )
    for address in (
        reverse("mfa_deactivate_totp"),
        reverse("mfa_reauthenticate"),
        reverse("account_change_password"),
    ):
        assert client.post(address, {"code": "", "password": PASSWORD})["Location"].startswith((LOGIN, ASKED))
    assert "_auth_user_id" not in client.session


def test_password_and_code_together_sign_in_and_the_journal_knows(secret: str) -> None:
    client = Client()
    _sign_in(client, "/clients/")
    wrong = client.post(ASKED, {"code": "000000"})
    assert wrong.status_code == 200
    assert "_auth_user_id" not in client.session
    right = client.post(ASKED, {"code": _code(secret), "next": "/clients/"})
    assert right.status_code == 302
    assert _is_in(client)
    with as_owner():
        done = Event.objects.filter(action="accounts.sign_in", user_id=str(key("eero")), outcome="done")
        assert done.count() == 2, (
            "one when the factor was taken into use, one now; the half-way of the code is none"
        )


def test_a_code_that_was_overlooked_signs_nobody_in_again(secret: str) -> None:
    first, second = Client(), Client()
    _sign_in(first)
    first.post(ASKED, {"code": _code(secret)})
    assert _is_in(first)
    _sign_in(second)
    second.post(ASKED, {"code": _code(secret)})
    assert "_auth_user_id" not in second.session


def test_a_recovery_code_signs_in_once(secret: str) -> None:
    code, other = _codes_of(secret)[:2]
    client = Client()
    _sign_in(client)
    assert client.post(ASKED, {"code": code}).status_code == 302
    assert _is_in(client)
    again = Client()
    _sign_in(again)
    assert again.post(ASKED, {"code": code}).status_code == 200
    assert "_auth_user_id" not in again.session
    assert again.post(ASKED, {"code": other}).status_code == 302
    assert _is_in(again)


def test_codes_are_not_guessed(secret: str) -> None:
    client = Client()
    _sign_in(client)
    for number in range(5):
        client.post(ASKED, {"code": f"00000{number}"})
    client.post(ASKED, {"code": _code(secret)}, headers={"X-Forwarded-For": "192.0.2.7"})
    assert "_auth_user_id" not in client.session, "after five wrong codes the right one waits too"
    other = Client()
    _sign_in(other)
    other.post(ASKED, {"code": _code(secret)})
    assert "_auth_user_id" not in other.session, "nor does another browser help"


def _refusals() -> list[Event]:
    with as_owner():
        found = Event.objects.filter(action="accounts.sign_in", outcome="refused")
        return list(found.order_by("at", "position"))


@pytest.mark.parametrize("typed", ["123123", "12345678", "väärä koodi"])
def test_a_wrong_code_is_journalled_without_what_was_typed(secret: str, typed: str) -> None:
    client = Client()
    _sign_in(client)
    assert client.post(ASKED, {"code": typed}).status_code == 200
    (event,) = _refusals()
    assert (event.user_id, event.subject_id, event.kind) == ("", str(key("eero")), "sign_in")
    assert event.details == {"why": "wrong_second_factor"}
    assert typed not in str(event.__dict__)


def test_a_wrong_code_asked_for_once_more_is_journalled(secret: str) -> None:
    client = Client()
    _sign_in(client)
    client.post(ASKED, {"code": _code(secret)})
    _next_moment()
    client.post(reverse("mfa_reauthenticate"), {"code": "123123"})
    assert [event.details["why"] for event in _refusals()] == ["wrong_second_factor"]


def test_whoever_tries_codes_is_stopped_and_journalled_so(secret: str) -> None:
    client = Client()
    _sign_in(client)
    for number in range(6):
        client.post(ASKED, {"code": f"12312{number}"})
    told = [event.details["why"] for event in _refusals()]
    assert told == ["wrong_second_factor"] * 5 + ["too_many_attempts"]
