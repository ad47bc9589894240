"""Signing in: throttled, journalled, in the user's own language; a new user sets her password once."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from silta.access import operations as access
from silta.access.enums import Purpose
from silta.accounts import operations as accounts
from silta.accounts.models import User
from silta.audit.models import Event
from silta.kernel.acting import acting
from silta.kernel.errors import RuleBroken
from tests.cast import PASSWORD, Cast, as_owner, key

EERO = "eero.virtanen@tyollisyys.example"
LOGIN = "/accounts/login/"


def _events(action: str) -> list[Event]:
    with as_owner():
        return list(Event.objects.filter(action=action).order_by("at", "position"))


def _try(client: Client, password: str, email: str = EERO) -> object:
    return client.post(LOGIN, {"login": email, "password": password})


def test_a_sign_in_is_journalled_and_speaks_the_users_language(cast: Cast) -> None:
    with as_owner():
        User.objects.filter(pk=key("eero")).update(language="sv")
    client = Client()
    response = client.post(LOGIN, {"login": EERO, "password": PASSWORD})
    assert response.status_code == 302
    assert response.cookies["silta_language"].value == "sv"
    (event,) = _events("accounts.sign_in")
    assert (event.user_id, event.outcome, event.kind) == (str(key("eero")), "done", "sign_in")
    client.post("/accounts/logout/")
    (event,) = _events("accounts.sign_out")
    assert event.user_id == str(key("eero"))


def test_a_wrong_password_is_journalled_without_what_was_typed(cast: Cast) -> None:
    assert Client().post(LOGIN, {"login": EERO, "password": "salasanani-vahingossa"}).status_code == 200
    Client().post(LOGIN, {"login": "ei.ketaan@example.org", "password": "x"})
    known, unknown = _events("accounts.sign_in")
    assert (known.user_id, known.subject_id, known.outcome) == ("", str(key("eero")), "refused")
    assert (unknown.user_id, unknown.subject_id, unknown.outcome) == ("", "", "refused")
    assert "salasanani" not in str(known.__dict__)
    assert "ketaan" not in str(unknown.__dict__)


def test_the_sixth_wrong_password_in_five_minutes_is_refused_even_if_the_next_is_right(cast: Cast) -> None:
    client = Client()
    for _attempt in range(5):
        page = client.post(LOGIN, {"login": EERO, "password": "wrong"}).content.decode()
        assert "Odota" not in page
    with_right = client.post(LOGIN, {"login": EERO, "password": PASSWORD}, headers={"Accept-Language": "en"})
    assert with_right.status_code == 200
    assert "_auth_user_id" not in client.session
    assert "Wait five minutes, then try again" in with_right.content.decode()
    assert _events("accounts.sign_in")[-1].details == {"why": "too_many_attempts"}
    other = Client(REMOTE_ADDR="192.0.2.9").post(
        LOGIN, {"login": "kaisa.lehto@kela.example", "password": PASSWORD}
    )
    assert other.status_code == 302, "another user is not shut out"


def test_the_session_is_renewed_at_sign_in(cast: Cast) -> None:
    client = Client()
    client.get(LOGIN)
    client.session["x"] = 1
    before = client.session.session_key
    client.post(LOGIN, {"login": EERO, "password": PASSWORD})
    assert client.session.session_key != before


def test_nobody_makes_an_account_for_herself(db: None) -> None:
    response = Client().post(
        "/accounts/signup/",
        {"email": "x@example.org", "password1": "pitkä-salasana-9", "password2": "pitkä-salasana-9"},
    )
    assert not User.objects.filter(email="x@example.org").exists()
    assert response.status_code in {200, 403}


def test_a_new_user_sets_her_password_once(cast: Cast) -> None:
    with acting(cast.admin):
        made = access.invite_member(
            cast.admin, email="uusi@kela.example", name="Uusi Kelalainen", unit=cast.unit("kela"), role="case_worker",
            purpose=Purpose.JOINT_SUPPORT,
        )  # fmt: skip
    assert made.password_path is not None
    client = Client()
    form = client.get(made.password_path, follow=True)
    address = form.redirect_chain[-1][0]
    done = client.post(address, {"password1": "aivan-uusi-lause-77", "password2": "aivan-uusi-lause-77"})
    assert done.status_code == 302
    assert (
        Client().post(LOGIN, {"login": "uusi@kela.example", "password": "aivan-uusi-lause-77"}).status_code
        == 302
    )
    again = Client().get(made.password_path, follow=True)
    assert "password1" not in again.content.decode()


def test_asking_the_password_again_before_a_sensitive_step(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.user("eero"))
    address = reverse("account_reauthenticate")
    assert client.post(address, {"password": "wrong"}).status_code == 200
    assert client.post(address, {"password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    ("email", "name", "language", "field"),
    [
        ("nonsense", "X", "fi", "email"),
        ("a@b.example", "  ", "fi", "name"),
        ("a@b.example", "X", "xx", "language"),
    ],
)
def test_an_unsound_invitation_is_told_at_its_field(
    cast: Cast, email: str, name: str, language: str, field: str
) -> None:
    with pytest.raises(RuleBroken) as refused, acting(cast.admin):
        accounts.find_or_invite(email=email, name=name, language=language)
    assert refused.value.field == field


def test_no_sign_in_is_remembered_past_the_browser(cast: Cast) -> None:
    client = Client()
    assert "remember" not in client.get(LOGIN).content.decode()
    response = client.post(LOGIN, {"login": EERO, "password": PASSWORD, "remember": "on"})
    assert response.cookies["sessionid"]["max-age"] == ""


@pytest.mark.parametrize("deed", ["action_add", "action_primary", "action_remove", "action_send"])
def test_nobody_changes_the_address_she_is_invited_and_known_by(cast: Cast, deed: str) -> None:
    client = Client()
    _try(client, PASSWORD)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    address = reverse("account_email")
    assert client.get(address).status_code == 404
    for email in ("uusi.kollega@kela.example", EERO):
        assert client.post(address, {"email": email, deed: ""}).status_code == 404
    with as_owner():
        assert User.objects.get(pk=key("eero")).email == EERO
        assert not EmailAddress.objects.filter(email="uusi.kollega@kela.example").exists()


def test_a_busy_day_forgets_no_failed_attempt(cast: Cast) -> None:
    client = Client()
    for _attempt in range(5):
        client.post(LOGIN, {"login": EERO, "password": "wrong"})
    for number in range(900):
        cache.add(f"cases.submission.{number}", 1)
    client.post(LOGIN, {"login": EERO, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
