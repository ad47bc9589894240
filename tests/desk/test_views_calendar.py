"""The calendar's page and its secret feed, and the page of rules."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from icalendar import Calendar

from silta.audit.models import Event
from silta.desk import navigation
from silta.kernel import clock
from tests.cases import worklist_stories as stories
from tests.cast import Cast, as_owner

Page = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    with clock.at(clock.now()):
        yield


def address(client: Client) -> str:
    found = re.search(r"/calendar/[\w-]+\.ics", client.post("/calendar/address/").content.decode())
    assert found
    return found[0]


def test_the_feed_tells_initials_and_numbers_never_names_or_promises(cast: Cast, page_of: Page) -> None:
    case = stories.in_order(cast.eero, 1, step_on=stories.ahead(3))
    stories.overdue(cast.eero, 2)
    client = page_of("eero")
    assert case.person.name in client.get("/calendar/").content.decode()
    response = Client().get(address(client))
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/calendar")
    feed = Calendar.from_ical(response.content)
    found = {str(event["summary"]) for event in feed.walk("VEVENT")}
    assert any(summary.startswith(f"EK {case.number}: ") for summary in found)
    text = response.content.decode()
    assert case.person.last_name not in text
    assert "leipomoon" not in text
    with as_owner():
        assert Event.objects.filter(action="desk.calendar_feed", user_id=str(cast.eero.user_id)).exists()


def test_a_new_address_closes_the_old_and_a_revoked_one_opens_no_more(page_of: Page) -> None:
    client = page_of("eero")
    first, second = address(client), address(client)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    client.post("/calendar/address/revoke/")
    assert Client().get(second).status_code == 404
    assert Client().get("/calendar/nonsense.ics").status_code == 404


def test_the_rules_are_told_with_their_sources_in_each_language(page_of: Page) -> None:
    client = page_of("tiina")
    for language, words in (
        ("fi", "Monialainen tuki"),
        ("sv", "Sektorsövergripande stöd"),
        ("en", "Joint support"),
    ):
        found = client.get("/rules/", HTTP_ACCEPT_LANGUAGE=language).content.decode()
        assert words in found
        assert "381/2023 4.3 §" in found
    assert "set by the organisation" in found


def test_the_rail_offers_what_the_role_permits(cast: Cast) -> None:
    def addresses(name: str) -> list[str]:
        return [item.url for item in navigation.items(getattr(cast, name))]

    assert "/clients/" in addresses("eero")
    assert "/unit/" not in addresses("eero")
    assert "/unit/" in addresses("paula")
    assert "/clients/" not in addresses("tiina")
    assert addresses("aino") == []
