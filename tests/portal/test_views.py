"""The client's own pages: her plan, her say, who knows what of her and who has looked."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from silta.access import operations as access
from silta.access.models import Consent
from silta.audit.models import Event
from silta.cases.models import Action, Case, Goal
from silta.cases.operations import actions, goals, opening
from silta.kernel.acting import acting
from tests.cast import Cast, as_owner, key

Page = Callable[[str], Client]


@pytest.fixture
def case(cast: Cast) -> Case:
    """Aino's case: a proposed goal, her own next step, and one of Eero's."""
    with acting(cast.eero):
        case = opening.open_case(cast.eero, person=key("aino person"), kind="joint_support", source="self")
        goals.propose_goal(cast.eero, case=case, own_words="Haluan takaisin puutöihin.", proposed_by="client")
        actions.add_action(cast.eero, case=case, text="Soita Kelaan", owner_is_client=True)
        actions.add_action(cast.eero, case=case, text="Varaa aika terveydenhoitajalle")
    return case


def _goal() -> Goal:
    with as_owner():
        return Goal.objects.get()


def test_the_first_screen_is_her_plan(page_of: Page, case: Case) -> None:
    page = page_of("aino").get("/me/").content.decode()
    assert "Haluan takaisin puutöihin." in page
    assert "Soita Kelaan" in page
    assert "Eero Virtanen" in page
    with as_owner():
        assert Event.objects.filter(action="portal.view", user_id=str(key("aino"))).count() == 1


def test_she_says_yes_to_a_goal(page_of: Page, case: Case) -> None:
    goal = _goal()
    assert page_of("aino").post(f"/me/goals/{goal.pk}/confirm/", {"version": goal.version}).status_code == 302
    assert _goal().state == "confirmed"


def test_she_says_no_without_a_reason(page_of: Page, case: Case) -> None:
    goal = _goal()
    client = page_of("aino")
    client.post(f"/me/goals/{goal.pk}/decline/", {"version": goal.version})
    assert _goal().state == "declined"


def test_whatever_her_keyboard_sends_her_no_is_recorded(page_of: Page, case: Case) -> None:
    goal = _goal()
    client = page_of("aino")
    client.post(f"/me/goals/{goal.pk}/decline/", {"version": "9" * 5000})
    assert _goal().state == "proposed"
    client.post(
        f"/me/goals/{goal.pk}/decline/", {"version": goal.version, "reason": "En\x00 halua\x07 tätä."}
    )
    assert (_goal().state, _goal().state_reason) == ("declined", "En halua tätä.")


def test_a_stale_answer_overwrites_nothing(page_of: Page, case: Case) -> None:
    client, goal = page_of("aino"), _goal()
    page = client.post(f"/me/goals/{goal.pk}/confirm/", {"version": 99}, follow=True)
    assert _goal().state == "proposed"
    assert list(page.context["messages"])


def test_she_marks_her_own_step_done_and_no_other(page_of: Page, case: Case) -> None:
    client = page_of("aino")
    with as_owner():
        own, eeros = Action.objects.get(owner_is_client=True), Action.objects.get(owner_is_client=False)
    assert client.post(f"/me/steps/{own.pk}/done/", {"version": own.version}).status_code == 302
    assert client.post(f"/me/steps/{eeros.pk}/done/", {"version": eeros.version}).status_code == 404
    with as_owner():
        assert Action.objects.get(pk=own.pk).state == "done"
        assert Action.objects.get(pk=eeros.pk).state == "open"


def test_she_sees_who_may_know_and_takes_a_consent_back(page_of: Page, cast: Cast, case: Case) -> None:
    with acting(cast.eero):
        consent = access.record_consent(
            cast.eero, person=cast.person(), ground="written_consent_health", to_unit=cast.unit("coaching"),
            categories=["health"], purpose_text="Valmennus", channel="writing", language="fi",
        )  # fmt: skip
    client = page_of("aino")
    page = client.get("/me/sharing/").content.decode()
    assert "Työkyvyn tuki" in page
    assert "Valmennus" in page
    assert client.post(f"/me/consents/{consent.pk}/withdraw/").status_code == 302
    with as_owner():
        assert Consent.objects.get().withdrawn_at is not None


def test_she_reads_who_has_used_her_data_in_sentences(page_of: Page, cast: Cast, case: Case) -> None:
    page = page_of("aino").get("/me/journal/").content.decode()
    assert "Eero Virtanen" in page
    assert "avasi asian" in page


def test_the_same_use_one_after_another_is_told_once(page_of: Page, cast: Cast, case: Case) -> None:
    client = page_of("aino")
    for _time in range(3):
        client.get("/me/")
    page = client.get("/me/journal/").content.decode()
    assert page.count("katsoi omaa suunnitelmaansa") == 1
    assert "3 kertaa" in page


@pytest.mark.parametrize("name", ["eero", "vaino", "admin", "tiina"])
def test_nobody_else_has_these_pages(page_of: Page, case: Case, name: str) -> None:
    client, goal = page_of(name), _goal()
    for address in ("/me/", "/me/journal/", "/me/sharing/"):
        assert client.get(address).status_code == 404
    assert client.post(f"/me/goals/{goal.pk}/confirm/", {"version": 1}).status_code == 404
    assert client.post(f"/me/steps/{uuid.uuid4()}/done/").status_code == 404
    assert client.post(f"/me/consents/{uuid.uuid4()}/withdraw/").status_code == 404


def test_without_a_matter_the_page_says_so(page_of: Page) -> None:
    assert page_of("aino").get("/me/").status_code == 200
