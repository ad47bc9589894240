"""The door of every request: who acts, the second factor, nothing written on reading, refusals journalled."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from config import urls as product
from silta.access import operations as access
from silta.access.enums import Category
from silta.access.middleware import SESSION_KEY
from silta.access.models import Grant, Membership, Representation
from silta.accounts.models import SavedView
from silta.audit.models import Event
from silta.kernel.acting import acting
from silta.kernel.errors import NotAllowed
from silta.organisations.models import Organisation
from tests.cast import Cast, as_owner, key

Page = Callable[[str], Client]


def _writes(request: HttpRequest, end: str) -> HttpResponse:
    """A page that writes, and ends as the test wants."""
    SavedView(user_id=request.user.pk, unit=request.actor.unit_id, page="x", name=f"written {end}").save(
        force_insert=True
    )
    if end == "refused":
        raise NotAllowed("", code="test.refused")
    return HttpResponse("x", status=500 if end == "broken" else 200)


def _who(request: HttpRequest) -> HttpResponse:
    actor = request.actor
    return HttpResponse(f"{actor.unit_id} {actor.role} {actor.person_id}")


def _client_page(request: HttpRequest, person_id: uuid.UUID) -> HttpResponse:
    raise NotAllowed("", code="test.refused")


def _sly(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH x AS (INSERT INTO accounts_savedview SELECT * FROM accounts_savedview RETURNING 1) SELECT 1"
        )
    return HttpResponse()


urlpatterns = [
    *product.urlpatterns,
    path("test/writes/<str:end>/", _writes),
    path("test/who/", _who),
    path("test/sly/", _sly),
    path("test/person/<uuid:person_id>/", _client_page),
]


@pytest.fixture(autouse=True)
def _routes(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def person_with_grant(cast: Cast) -> uuid.UUID:
    with acting(cast.eero):
        access.give_grant(
            cast.eero, person=cast.person(), unit=cast.unit("employment"), ground="own_register",
            categories=list(Category), from_unit=cast.unit("employment"),
        )  # fmt: skip
    return key("aino person")


def _written() -> set[str]:
    with as_owner():
        return set(SavedView.objects.values_list("name", flat=True))


def _refusals() -> list[Event]:
    with as_owner():
        return list(Event.objects.filter(outcome="refused", action="access.refused").order_by("at"))


def test_who_has_not_signed_in_is_sent_to_sign_in(db: None) -> None:
    response = Client().get("/test/who/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_reading_writes_nothing(page_of: Page, headers: dict[str, str]) -> None:
    for ask in (page_of("eero").get, page_of("eero").head):
        with pytest.raises(RuntimeError):
            ask("/test/writes/well/", headers=headers)
    with pytest.raises(RuntimeError):
        page_of("eero").get("/test/sly/", headers=headers)
    assert _written() == set()


def test_writing_is_kept_when_it_ends_well(page_of: Page) -> None:
    assert page_of("eero").post("/test/writes/well/").status_code == 200
    assert _written() == {"written well"}


def test_a_refusal_undoes_the_work_and_stays_in_the_journal(page_of: Page) -> None:
    assert page_of("eero").post("/test/writes/refused/").status_code == 404
    assert _written() == set()
    (event,) = _refusals()
    assert (event.user_id, event.kind, event.details["why"]) == (str(key("eero")), "write", "test.refused")


@pytest.mark.django_db(transaction=False)
def test_a_servers_error_undoes_the_work(page_of: Page) -> None:
    assert page_of("eero").post("/test/writes/broken/").status_code == 500
    assert _written() == set()


def test_refused_and_absent_look_the_same_and_the_journal_knows_whose_it_was(
    page_of: Page, person_with_grant: uuid.UUID
) -> None:
    vaino = page_of("vaino")
    refused, absent = vaino.get(f"/test/person/{person_with_grant}/"), vaino.get("/test/nothing/")
    assert refused.status_code == absent.status_code == 404
    (event,) = _refusals()
    assert (event.user_id, event.person_id, event.kind) == (str(key("vaino")), str(person_with_grant), "read")


def test_the_client_sees_who_tried_in_vain(page_of: Page, person_with_grant: uuid.UUID) -> None:
    page_of("vaino").get(f"/access/people/{person_with_grant}/consents/")
    page = page_of("aino").get("/me/journal/").content.decode()
    assert "Väinö Salo" in page
    assert "pääsy estettiin" in page or "was refused" in page


def test_a_user_without_a_place_sees_a_plain_page(cast: Cast) -> None:
    with as_owner():
        Membership.objects.filter(user_id=cast.tiina.user_id).update(valid_until="2021-01-01")
    client = Client()
    client.force_login(cast.user("tiina"))
    for address in ("/", "/test/who/", "/me/", "/cases/"):
        response = client.get(address)
        assert response.status_code == 403, address
        assert b'action="/accounts/logout/"' in response.content


@pytest.mark.parametrize("address", ["/", "/test/who/", "/clients/", "/accounts/sessions/", "/nowhere/"])
def test_the_browser_keeps_no_page_for_whoever_comes_next(page_of: Page, address: str) -> None:
    assert "no-store" in page_of("eero").get(address).headers["Cache-Control"]


# Switching


@pytest.fixture
def second_place(cast: Cast) -> Membership:
    with as_owner():
        return Membership.objects.create(
            user_id=cast.eero.user_id, unit=cast.unit("health"), role="network_member", purpose="rehabilitation",
            valid_from="2021-01-01",
        )  # fmt: skip


def test_one_switches_to_a_place_of_ones_own(page_of: Page, second_place: Membership) -> None:
    client = page_of("eero")
    assert str(key("unit employment")) in client.get("/test/who/").content.decode()
    assert client.post("/access/switch/", {"membership": second_place.pk}).status_code == 302
    assert client.get("/test/who/").content.decode().startswith(str(key("unit health")))
    with as_owner():
        second_place.valid_until = "2021-02-01"
        second_place.save()
    assert client.get("/test/who/").content.decode().startswith(str(key("unit employment"))), (
        "an ended place falls back"
    )


def test_nobody_switches_to_anothers_place(page_of: Page) -> None:
    client = page_of("vaino")
    for chosen in (key("membership eero"), uuid.uuid4(), "nonsense", ""):
        assert client.post("/access/switch/", {"membership": chosen}).status_code == 404
    assert client.get("/access/switch/").status_code == 405
    assert SESSION_KEY not in client.session
    session = client.session
    session[SESSION_KEY] = str(key("membership eero"))
    session.save()
    assert client.get("/test/who/").content.decode().startswith(str(key("unit employment_other")))


def test_a_worker_who_is_also_a_client_switches_to_her_own_matter(page_of: Page, cast: Cast) -> None:
    with as_owner():
        own = Representation.objects.create(
            user_id=cast.liisa.user_id, person_id=key("aino person"), is_self=False, basis="Edunvalvoja",
            valid_from="2021-01-01",
        )  # fmt: skip
    client = page_of("liisa")
    assert client.get("/me/").status_code == 404, "as a coach she has no plan of her own"
    response = client.post("/access/switch/", {"membership": own.pk})
    assert response["Location"] == "/me/"
    assert client.get("/test/who/").content.decode() == f"None client {key('aino person')}"


@pytest.mark.parametrize(
    "asked", ["https://evil.example/", "//evil.example/", "0", "desk:today", "", "javascript:x"]
)
def test_switching_leads_nowhere_but_to_a_page_of_ours(
    page_of: Page, second_place: Membership, asked: str
) -> None:
    client = page_of("eero")
    response = client.post("/access/switch/", {"membership": second_place.pk, "next": asked})
    assert response["Location"] == "/"


# The second factor


def test_an_organisation_can_demand_the_second_factor(page_of: Page, cast: Cast) -> None:
    from allauth.mfa.models import Authenticator

    with as_owner():
        Organisation.objects.filter(pk=key("organisation authority")).update(requires_second_factor=True)
    client = page_of("eero")
    for ask in (client.get, client.post):
        response = ask("/test/who/")
        assert response.status_code == 302
        assert response["Location"] == "/accounts/2fa/totp/activate/"
    fragment = client.get("/test/who/", headers={"HX-Request": "true"})
    assert fragment["HX-Redirect"] == "/accounts/2fa/totp/activate/"
    assert client.post("/access/switch/", {"membership": key("membership eero")}).status_code == 302
    assert client.get("/accounts/2fa/totp/activate/").status_code in {200, 302}
    assert page_of("kaisa").get("/test/who/").status_code == 200, "another organisation's worker goes on"
    Authenticator.objects.create(user_id=cast.eero.user_id, type="totp", data={"secret": "x"})
    assert client.get("/test/who/").status_code == 200


def test_the_grant_of_a_story_is_there(person_with_grant: uuid.UUID) -> None:
    with as_owner():
        assert Grant.objects.filter(person_id=person_with_grant).count() == 1
