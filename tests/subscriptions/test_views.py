"""The pages of subscriptions."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from procrastinate import testing
from procrastinate.contrib.django import app

from silta.kernel import clock
from silta.kernel.acting import acting
from silta.outbox.enums import State
from silta.outbox.models import Message
from silta.subscriptions import operations
from silta.subscriptions.models import Subscription
from tests.cast import Cast, as_owner

Page = Callable[[str], Client]
SAID = {
    "name": "Oma rekisteri",
    "url": "https://vastaanottaja.example/silta",
    "kinds": ["case.opened", "plan.made"],
}


@pytest.fixture
def queue() -> Iterator[testing.InMemoryConnector]:
    """The queue of jobs, in memory."""
    connector = testing.InMemoryConnector()
    with app.replace_connector(connector):
        yield connector


def test_a_lead_makes_tries_and_ends_a_subscription(
    cast: Cast, page_of: Page, queue: testing.InMemoryConnector, settings: Any
) -> None:
    settings.MESSAGES_STAY_HERE = False
    paula = page_of("paula")
    refused = paula.post("/subscriptions/", SAID | {"url": "http://vastaanottaja.example/"}).content.decode()
    assert "Anna koko osoite. Sen alussa on https://." in refused
    page = paula.post("/subscriptions/", SAID).content.decode()
    secret = page.partition("<code>")[2].partition("</code>")[0]
    assert secret.startswith("whsec_")
    assert secret not in paula.get("/subscriptions/").content.decode()
    with acting(cast.paula):
        row = Subscription.objects.get()
    where = f"/subscriptions/{row.pk}/"
    assert "Asia avattiin" in paula.get(where).content.decode()
    assert paula.post(f"{where}test/", follow=True).status_code == 200
    assert [job["task_name"] for job in queue.jobs.values()] == ["subscriptions.send"]
    rotated = paula.post(f"{where}secret/").content.decode()
    assert rotated.partition("<code>")[2].partition("</code>")[0] not in {"", secret}
    ended = paula.post(f"{where}end/", follow=True).content.decode()
    assert "Tilaus on päättynyt." in ended
    assert "Lähetä koeilmoitus" not in ended


def test_failures_are_shown_with_their_reason_and_sent_again(
    cast: Cast, page_of: Page, queue: testing.InMemoryConnector
) -> None:
    paula = page_of("paula")
    paula.post("/subscriptions/", SAID)
    with acting(cast.paula):
        row = Subscription.objects.get()
        message = operations.send_test(cast.paula, subscription=row)
    with as_owner():
        Message.objects.update(
            state=State.FAILED, reason="status", status=503, tries=8, settled_at=clock.now()
        )
        Subscription.objects.update(paused_at=clock.now(), pause_reason="failures", failures=5)
    where = f"/subscriptions/{row.pk}/"
    page = paula.get(f"{where}?failed=on").content.decode()
    assert "Palvelin ei ottanut ilmoitusta vastaan" in page
    assert "(503)" in page
    assert "Liian moni ilmoitus peräkkäin jäi toimittamatta" in page
    assert "Liian moni" in paula.get("/subscriptions/").content.decode()
    paula.post(f"{where}resume/")
    assert paula.post(f"{where}messages/{message.pk}/retry/", follow=True).status_code == 200
    with acting(cast.paula):
        assert Message.objects.get().state == State.WAITING
    assert page_of("vaino").post(f"{where}messages/{message.pk}/retry/").status_code == 404


def test_the_keeper_oversees_and_makes_none(cast: Cast, page_of: Page) -> None:
    page_of("paula").post("/subscriptions/", SAID)
    admin = page_of("admin")
    page = admin.get("/subscriptions/").content.decode()
    assert "Oma rekisteri" in page
    assert "Työkyvyn tuki" in page
    assert 'name="url"' not in page
    assert admin.post("/subscriptions/", SAID).status_code == 404


@pytest.mark.parametrize("name", ["vaino", "eero", "aino", "tiina", "officer"])
def test_for_others_there_are_no_such_pages(cast: Cast, page_of: Page, name: str) -> None:
    page_of("paula").post("/subscriptions/", SAID)
    with acting(cast.paula):
        row = Subscription.objects.get()
    client = page_of(name)
    assert client.get("/subscriptions/").status_code == 404
    assert client.get(f"/subscriptions/{row.pk}/").status_code == 404
    for deed in ("test", "secret", "resume", "end"):
        assert client.post(f"/subscriptions/{row.pk}/{deed}/").status_code == 404
