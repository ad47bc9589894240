"""One engine: the worklist, the head of a case and the calendar feed show the due dates that it has computed."""

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from silta.cases.models import Case, Deadline
from silta.cases.operations import path
from silta.cases.rules import calendar
from silta.kernel import clock
from silta.kernel.acting import acting
from tests.cases import worklist_stories as stories
from tests.cast import Cast, as_owner

Pages = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    with clock.at(clock.now()):
        yield


def feed_days(client: Client) -> dict[str, dt.date]:
    """The days of the feed, by what they say."""
    found = re.search(r"/calendar/[\w-]+\.ics", client.post("/calendar/address/").content.decode())
    assert found
    feed = Calendar.from_ical(Client().get(found[0]).content)
    return {str(event["summary"]): event["dtstart"].dt for event in feed.walk("VEVENT")}


def shown_everywhere(client: Client, case: Case, day: dt.date) -> None:
    written = f'datetime="{day.isoformat()}"'
    assert written in client.get("/").content.decode(), "the worklist"
    assert written in client.get(reverse("cases:case", args=[case.pk])).content.decode(), (
        "the head of the case"
    )
    assert any(case.number in text and on == day for text, on in feed_days(client).items()), "the feed"


def test_one_due_date_stands_on_the_worklist_in_the_head_and_in_the_feed(cast: Cast, page_of: Pages) -> None:
    case, client = stories.overdue(cast.eero, 1), page_of("eero")
    with as_owner():
        row = Deadline.objects.get(case=case, rule="plan_due")
    assert row.due_on == calendar.add_months(stories.ago(100), 3)
    shown_everywhere(client, case, row.due_on)


def test_the_head_says_whose_each_due_date_is(cast: Cast, page_of: Pages) -> None:
    """A promise is its maker's, a service its provider's; what the rules of the case demand is the responsible worker's."""
    case = stories.waiting(cast.eero, 1)
    with acting(cast.eero):
        path.start_assessment(cast.eero, case=case)
    head = page_of("eero").get(reverse("cases:case", args=[case.pk])).context["head"]
    assert [one.whose for one in head.deadlines[:2]] == ["Asiakas", "Kaupunki"]
    assert {one.whose for one in head.deadlines[2:]} == {"Eero Virtanen"}
    shown = page_of("eero").get(reverse("cases:case", args=[case.pk])).content.decode()
    assert re.search(r"<summary>.*· Asiakas</span></span></summary>", shown)


def test_they_read_what_the_engine_has_written_and_count_nothing_themselves(
    cast: Cast, page_of: Pages
) -> None:
    case, client = stories.overdue(cast.eero, 1), page_of("eero")
    moved = stories.ago(2)
    with as_owner():
        Deadline.objects.filter(case=case, rule="plan_due").update(due_on=moved)
        Case.objects.filter(pk=case.pk).update(next_deadline_on=moved)
    shown_everywhere(client, case, moved)
