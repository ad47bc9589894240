"""The pages of access, each opened by those it is for and not found by the others."""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from silta.access.enums import Permission
from silta.access.models import Consent, EmergencyAccess, Membership
from silta.audit.models import Event
from silta.kernel import clock
from tests.access.test_operations import REASON, own_client
from tests.cast import Cast, as_owner, key

Page = Callable[[str], Client]
CODE = "010190-900P"
AINO = key("aino person")
OWN_PAGES = {
    "/access/reference/": {
        "eero",
        "paula",
        "saara",
        "kaisa",
        "liisa",
        "vaino",
        "tiina",
        "officer",
        "admin",
        "hanna",
        "olli",
    },
    "/access/emergency/": {"eero", "paula", "saara", "kaisa", "liisa", "vaino"},
    "/access/journal/": {"officer"},
    "/access/members/": {"paula", "admin"},
    f"/access/people/{AINO}/consents/": {"eero", "paula"},
    f"/access/people/{AINO}/sharing/": {"eero", "paula"},
}


@pytest.mark.parametrize("address", OWN_PAGES)
def test_each_page_opens_to_its_own_and_to_nobody_else(cast: Cast, page_of: Page, address: str) -> None:
    own_client(cast)
    for name in (
        "eero",
        "paula",
        "saara",
        "kaisa",
        "liisa",
        "vaino",
        "olli",
        "hanna",
        "tiina",
        "officer",
        "admin",
        "aino",
    ):
        expected = 200 if name in OWN_PAGES[address] else 404
        assert page_of(name).get(address).status_code == expected, name


def test_an_emergency_from_form_to_its_end(cast: Cast, page_of: Page) -> None:
    vaino = page_of("vaino")
    form = {"identity_code": CODE, "reason": REASON, "minutes": 30}
    for wrong in (
        {"identity_code": "010190-900X"},
        {"identity_code": "020190-901K"},
        {"reason": "x"},
        {"minutes": 3},
    ):
        page = vaino.post("/access/emergency/", form | wrong)
        assert page.status_code == 200
        assert page.context["form"].errors, wrong
    assert vaino.post("/access/emergency/", form).status_code == 302
    assert "Aino Korhonen" in vaino.get("/access/emergency/").content.decode()
    with as_owner():
        access = EmergencyAccess.objects.get()
    assert vaino.post(f"/access/emergency/{access.pk}/close/").status_code == 302
    assert page_of("kaisa").post(f"/access/emergency/{access.pk}/close/").status_code == 404


def test_who_opens_nothing_learns_nothing_of_who_is_in_the_register(cast: Cast, page_of: Page) -> None:
    for name, wrong in (
        ("vaino", {"reason": "lyhyt"}),
        ("liisa", {"reveals_protected": "on"}),
        ("liisa", {"reveals_protected": "on", "reason": "lyhyt"}),
    ):
        asked = {"reason": REASON, "minutes": 30, **wrong}
        here, nobody = (
            page_of(name).post("/access/emergency/", {**asked, "identity_code": code})
            for code in (CODE, "010285-9904")
        )
        assert here.status_code == nobody.status_code, (name, wrong)
        if here.status_code == 200:
            assert here.context["form"].errors == nobody.context["form"].errors
    with as_owner():
        assert not EmergencyAccess.objects.exists()


def test_the_officer_searches_her_own_organisation_and_is_journalled(cast: Cast, page_of: Page) -> None:
    own_client(cast)
    own_client(cast, actor=cast.saara, unit="social")
    page = page_of("officer").get("/access/journal/", {"identity_code": CODE})
    told = page.context["page"].events
    assert {event.who for event in told} == {"Eero Virtanen"}
    with as_owner():
        assert Event.objects.get(action="access.read_journal").person_id == str(AINO)
    assert page_of("officer").get("/access/journal/", {"worker": "ei@ketaan.example"}).context["nobody"]
    assert page_of("officer").get("/access/journal/", {"identity_code": "x"}).context["form"].errors
    ahead = (clock.today() + dt.timedelta(days=40)).isoformat()
    assert page_of("officer").get("/access/journal/", {"last": ahead}).context["page"].events
    for year in ("0001", "9999"):
        far = page_of("officer").get("/access/journal/", {"last": f"{year}-12-31"})
        assert "last" in far.context["form"].errors
    backwards = page_of("officer").get("/access/journal/", {"first": "2026-02-01", "last": "2026-01-01"})
    assert "last" in backwards.context["form"].errors
    assert (
        page_of("officer").get("/access/journal/", {"refused": "on", "after": "nonsense"}).status_code == 200
    )


def test_a_member_is_added_with_an_address_shown_once_and_ended(cast: Cast, page_of: Page) -> None:
    paula = page_of("paula")
    wanted = {
        "email": "uusi@tyollisyys.example", "name": "Uusi Työntekijä", "unit": key("unit employment"),
        "role": "case_worker", "purpose": "joint_support", "language": "fi",
    }  # fmt: skip
    page = paula.post("/access/members/", wanted)
    assert "/accounts/password/reset/key/" in page.content.decode()
    assert "/accounts/password/reset/key/" not in paula.get("/access/members/").content.decode()
    assert paula.post("/access/members/", wanted).context["form"].errors["email"]
    assert paula.post("/access/members/", wanted | {"role": "keeper"}).context["form"].errors["role"]
    assert paula.post("/access/members/", wanted | {"unit": key("unit kela")}).context["form"].errors["unit"]
    with as_owner():
        row = Membership.objects.get(user__email="uusi@tyollisyys.example")
    address = f"/access/members/{row.pk}/end/"
    assert paula.get(address).status_code == 200
    assert paula.post(address, {"reason": ""}).context["form"].errors
    assert paula.post(address, {"reason": "Väärä henkilö", "at_once": "on"}).status_code == 302
    assert page_of("paula").get(f"/access/members/{key('membership kaisa')}/end/").status_code == 404


def test_a_consent_is_recorded_and_withdrawn(cast: Cast, page_of: Page) -> None:
    own_client(cast)
    eero, address = page_of("eero"), f"/access/people/{AINO}/consents/"
    wanted = {
        "ground": "written_consent_health", "to_unit": key("unit coaching"), "categories": ["health"],
        "purpose_text": "Valmennus", "channel": "writing", "language": "fi", "given_on": "2026-01-15",
    }  # fmt: skip
    assert eero.post(address, wanted | {"categories": ["plan"]}).context["form"].errors["categories"]
    assert eero.post(address, wanted | {"given_on": "31.2.2026"}).context["form"].errors["given_on"]
    assert eero.post(address, wanted).status_code == 302
    with as_owner():
        consent = Consent.objects.get()
    assert page_of("vaino").post(f"/access/consents/{consent.pk}/withdraw/").status_code == 404
    assert eero.post(f"/access/consents/{consent.pk}/withdraw/").status_code == 302
    with as_owner():
        assert Consent.objects.get().withdrawn_at is not None


def test_the_question_answers_before_anything_is_sent(cast: Cast, page_of: Page) -> None:
    own_client(cast)
    asked = {"to_unit": key("unit coaching"), "categories": ["plan", "health"]}
    page = page_of("eero").get(f"/access/people/{AINO}/sharing/", asked)
    assert [answer.allowed for answer in page.context["answers"]] == [True, False]
    assert "380/2023 116 §" in page.content.decode()
    fragment = page_of("eero").get(f"/access/people/{AINO}/sharing/", asked, headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content
    assert page_of("eero").get(f"/access/people/{uuid.uuid4()}/sharing/", asked).status_code == 404


def test_the_reference_page_shows_every_ground_with_its_citation(page_of: Page) -> None:
    page = page_of("officer").get("/access/reference/").content.decode()
    for citation in ("381/2023 15 §", "380/2023 116 §", "703/2023 53 §"):
        assert citation in page
    for permission in Permission:
        assert permission in page
