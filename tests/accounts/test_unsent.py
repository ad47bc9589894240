"""A session ends while somebody types: what she typed is given back to her, and to nobody else."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from silta.accounts import operations as accounts
from silta.accounts import rules
from silta.accounts.middleware import COOKIE
from silta.cases.models import Note
from silta.kernel import clock
from tests.cases.situations import case_of_aino
from tests.cast import PASSWORD, PROFESSIONALS, Cast, also_works_in, as_owner, key

LOGIN, UNSENT = "/accounts/login/", "/access/unsent/"
TYPED = "Aino kertoi, että uni on parantunut."
NOTE = {"text": TYPED, "happened_at": "2.1.2026 9.30", "visibility": "shared", "kind": "observation"}


def sign_in(client: Client, name: str, then: str = "") -> str:
    """Signs in by the form; gives where it led."""
    email = PROFESSIONALS[name][1]
    answer = client.post(f"{LOGIN}?next={then}", {"login": email, "password": PASSWORD, "next": then})
    assert answer.status_code == 302
    return str(answer["Location"])


@pytest.fixture
def note_address(cast: Cast) -> str:
    return reverse("cases:note", args=[case_of_aino(cast).pk])


@pytest.fixture
def expired(cast: Cast, note_address: str) -> Client:
    """Eero's browser, in which the session ended while a note was on the page."""
    client = Client()
    sign_in(client, "eero")
    assert client.get(note_address).status_code == 200
    with as_owner():
        Session.objects.update(expire_date=clock.now() - dt.timedelta(minutes=1))
    return client


def send(client: Client, address: str, **more: str) -> str:
    """Sends the note too late; gives the address of the sign-in page."""
    answer = client.post(address, {**NOTE, **more})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_what_was_typed_comes_back_after_signing_in_and_is_saved_once(
    expired: Client, note_address: str
) -> None:
    where = send(expired, note_address)
    assert where == f"{LOGIN}?next={UNSENT}", "nothing that was typed stands in an address"
    assert "tallessa" in expired.get(where).content.decode()
    assert sign_in(expired, "eero", UNSENT) == UNSENT
    page = expired.get(UNSENT).content.decode()
    assert f'<blockquote class="quote">{TYPED}</blockquote>' in page
    assert f'action="{note_address}"' in page
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert NOTE.items() <= fields.items()
    assert expired.post(note_address, fields).status_code == 302
    with as_owner():
        assert Note.objects.get().text == TYPED
    assert TYPED not in expired.get(UNSENT).content.decode(), "what was sent waits no longer"


def test_another_user_never_sees_it(expired: Client, note_address: str) -> None:
    send(expired, note_address)
    sign_in(expired, "paula")
    assert TYPED not in expired.get(UNSENT).content.decode()
    expired.post(UNSENT)
    expired.post("/accounts/logout/")
    sign_in(expired, "eero")
    assert TYPED not in expired.get(UNSENT).content.decode(), "thrown away meanwhile"


def test_it_lies_in_the_database_unreadable(expired: Client, note_address: str) -> None:
    send(expired, note_address)
    kept = expired.session["silta.unsent"]
    assert "uni" not in kept
    assert note_address not in kept


def test_it_waits_an_hour_and_no_longer(expired: Client, note_address: str) -> None:
    send(expired, note_address)
    sign_in(expired, "eero")
    with clock.at(clock.now() + dt.timedelta(minutes=59)):
        assert TYPED in expired.get(UNSENT).content.decode()
    with clock.at(clock.now() + dt.timedelta(minutes=61)):
        assert TYPED not in expired.get(UNSENT).content.decode()


def test_ended_sessions_go_in_the_night_with_all_that_lies_in_them(
    expired: Client, note_address: str
) -> None:
    send(expired, note_address)
    kept = expired.session.session_key
    with as_owner():
        Session.objects.filter(pk=kept).update(expire_date=clock.now() - dt.timedelta(minutes=1))
        accounts.forget_sessions()
        assert not Session.objects.filter(pk=kept).exists()


def test_it_can_be_thrown_away(expired: Client, note_address: str) -> None:
    send(expired, note_address)
    sign_in(expired, "eero")
    assert expired.post(UNSENT).status_code == 302
    assert TYPED not in expired.get(UNSENT).content.decode()


def test_it_is_shown_only_in_the_place_it_was_typed_for(
    cast: Cast, expired: Client, note_address: str
) -> None:
    second = also_works_in(cast, "eero", "health")
    send(expired, note_address)
    sign_in(expired, "eero")
    expired.post("/access/switch/", {"membership": second.pk})
    page = expired.get(UNSENT).content.decode()
    assert TYPED not in page
    assert "Työkyvyn tuki" in page
    back = expired.post("/access/switch/", {"membership": key("membership eero"), "next": UNSENT})
    assert back["Location"] == UNSENT
    assert TYPED in expired.get(UNSENT).content.decode()


def test_a_form_typed_in_a_second_place_waits_there(cast: Cast, note_address: str) -> None:
    second, client = also_works_in(cast, "eero", "health"), Client()
    sign_in(client, "eero")
    client.post("/access/switch/", {"membership": second.pk})
    with as_owner():
        Session.objects.update(expire_date=clock.now() - dt.timedelta(minutes=1))
    send(client, note_address)
    sign_in(client, "eero")
    page = client.get(UNSENT).content.decode()
    assert TYPED not in page
    assert str(second.pk) in page
    with as_owner():
        second.delete()
    page = client.get(UNSENT).content.decode()
    assert TYPED not in page
    assert str(second.pk) not in page, "a place that has ended is nowhere to go to"


@pytest.mark.parametrize(
    ("headers", "cookie"),
    [
        ({"HX-Request": "true"}, None),
        ({"Sec-Fetch-Mode": "cors"}, None),
        ({}, "forged"),
        ({}, ""),
    ],
)
def test_nothing_is_kept_of_scripts_and_strangers(
    expired: Client, note_address: str, headers: dict[str, str], cookie: str | None
) -> None:
    if cookie is not None:
        expired.cookies[COOKIE] = cookie
    answer = expired.post(note_address, NOTE, headers=headers)
    assert answer.status_code == 302
    assert "silta.unsent" not in expired.session


def test_whoever_signs_out_leaves_no_trace_in_the_browser(expired: Client, note_address: str) -> None:
    sign_in(expired, "eero")
    assert expired.cookies[COOKIE].value
    assert expired.cookies[COOKIE]["httponly"]
    expired.post("/accounts/logout/")
    assert not expired.cookies[COOKIE].value
    assert send(expired, note_address) == f"{LOGIN}?next={note_address}"


def test_a_page_left_open_by_an_earlier_user_keeps_nothing_for_the_next(
    cast: Cast, note_address: str
) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get(LOGIN).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    typed = {"login": PROFESSIONALS["eero"][1], "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    assert client.post(LOGIN, typed).status_code == 302
    answer = client.post(note_address, {**NOTE, "csrfmiddlewaretoken": token[1]})
    assert answer.status_code == 403, "a token from before the sign-in is no longer sound"


def test_what_nobody_types_is_not_kept(expired: Client, note_address: str) -> None:
    where = send(expired, note_address, more="x" * rules.MOST_CHARACTERS)
    assert where == f"{LOGIN}?next=/"
    assert "silta.unsent" not in expired.session


NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@given(st.lists(st.tuples(st.text(), st.text())), st.booleans())
def test_what_is_sealed_is_unsealed_by_its_user_alone(fields: list[tuple[str, str]], had_files: bool) -> None:
    unsent = rules.Unsent("place", "/x/", fields, had_files)
    sealed = rules.seal(unsent, user_id=key("eero"), secret="s" * 50, now=NOW)

    def opened(user: str = "eero", secret: str = "s" * 50, text: str = sealed) -> rules.Unsent | None:
        return rules.unseal(text, user_id=key(user), secret=secret, now=NOW)

    assert opened() == unsent
    assert opened(user="paula") is None
    assert opened(secret="t" * 50) is None
    assert opened(text=sealed[:-2]) is None


def test_a_page_asked_for_leads_back_to_itself(note_address: str) -> None:
    assert Client().get(note_address)["Location"] == f"{LOGIN}?next={note_address}"


def test_where_nothing_waits_the_page_says_so(cast: Cast, page_of: Callable[[str], Client]) -> None:
    for name in ("vaino", "aino"):
        assert "Mikään ei odota" in page_of(name).get(UNSENT).content.decode()
