"""A page opened in one place and sent after its user went elsewhere in another tab: written in nobody's wrong name."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from silta.access.models import Membership
from silta.audit.models import Event
from silta.cases.models import Note
from silta.intake.models import File
from tests.cases.situations import case_of_aino
from tests.cast import Cast, also_works_in, as_owner, key

Pages = Callable[[str], Client]
UNSENT = "/access/unsent/"
TYPED = "Aino kertoi, että uni on parantunut."
NOTE = {"text": TYPED, "happened_at": "2.1.2026 9.30", "visibility": "shared", "kind": "observation"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def second(cast: Cast) -> Membership:
    """Eero also works in the health services of the county."""
    return also_works_in(cast, "eero", "health")


@pytest.fixture
def address(cast: Cast) -> str:
    return reverse("cases:note", args=[case_of_aino(cast).pk])


@pytest.fixture
def eero(second: Membership, address: str, page_of: Pages) -> Client:
    """Eero's browser, in which a note was opened in one tab, and another place chosen in the other."""
    client: Any = page_of("eero")
    client.mark = _mark(client.get(address).content.decode())
    client.post("/access/switch/", {"membership": second.pk})
    return client


def _mark(page: str) -> str:
    found = re.search(r'<input type="hidden" name="opened_in" value="([^"]+)">', page)
    assert found is not None
    return found[1]


def _notes() -> int:
    with as_owner():
        return Note.objects.count()


def _send(client: Client, address: str, **headers: str) -> Any:
    return client.post(address, {**NOTE, "opened_in": str(key("membership eero"))}, headers=headers)


def test_every_form_tells_where_its_page_was_opened(eero: Client) -> None:
    assert eero.mark == str(key("membership eero"))


def test_a_form_sent_from_the_wrong_place_writes_nothing_and_loses_nothing(
    eero: Client, address: str
) -> None:
    answer = _send(eero, address)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Työkyvyn tuki" in page
    assert "Työttömien terveyspalvelut" in page
    assert TYPED not in page, "it belongs to the other place"
    assert _notes() == 0
    back = eero.post("/access/switch/", {"membership": key("membership eero"), "next": UNSENT})
    assert back["Location"] == UNSENT
    page = eero.get(UNSENT).content.decode()
    assert f'<blockquote class="quote">{TYPED}</blockquote>' in page
    form = page[page.index("send-again") : page.index("</form>", page.index("send-again"))]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert form.count("opened_in") == 1
    assert eero.post(address, fields).status_code == 302
    assert _notes() == 1


def test_the_refusal_is_journalled(eero: Client, address: str) -> None:
    _send(eero, address)
    with as_owner():
        event = Event.objects.filter(action="access.refused").get()
    assert event.details["why"] == "kernel.opened_elsewhere"
    assert event.person_id == str(key("aino person"))


def test_it_can_be_thrown_away(eero: Client, address: str) -> None:
    _send(eero, address)
    eero.post(UNSENT)
    eero.post("/access/switch/", {"membership": key("membership eero")})
    assert TYPED not in eero.get(UNSENT).content.decode()


def test_a_fragments_request_leaves_the_page_as_it_is(eero: Client, address: str) -> None:
    place = str(key("membership eero"))
    for answer in (
        _send(eero, address, **HTMX),
        eero.post(address, NOTE, headers=HTMX | {"X-Silta-Place": place}),
        eero.get(address, headers=HTMX | {"X-Silta-Place": place}),
    ):
        assert answer.status_code == 409
        assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#messages", "innerHTML")
        assert "<html" not in answer.content.decode()
    assert _notes() == 0
    assert "silta.unsent" not in eero.session
    again = eero.post("/access/switch/", {"membership": place, "opened_in": "x"}, headers=HTMX)
    assert again.status_code == 200
    assert "Lähetä nyt uudelleen" in again.content.decode()
    assert eero.post(address, NOTE, headers=HTMX | {"X-Silta-Place": place}).status_code == 200
    assert _notes() == 1


@pytest.mark.parametrize("mark", ["nonsense", "00000000-0000-0000-0000-000000000000", "paula", "ended"])
def test_a_place_that_is_not_hers_any_more_writes_nothing(
    cast: Cast, eero: Client, address: str, second: Membership, mark: str
) -> None:
    eero.post("/access/switch/", {"membership": key("membership eero")})
    if mark == "ended":
        mark = str(second.pk)
        with as_owner():
            second.delete()
    sent = str(key("membership paula")) if mark == "paula" else mark
    answer = eero.post(address, {**NOTE, "opened_in": sent})
    assert answer.status_code == 409
    assert "rooli" in answer.content.decode()
    assert "silta.unsent" not in eero.session
    assert _notes() == 0


def test_what_is_too_long_to_keep_stays_in_the_browser(eero: Client, address: str) -> None:
    answer = eero.post(address, {**NOTE, "more": "x" * 200_001, "opened_in": str(key("membership eero"))})
    assert answer.status_code == 409
    assert "silta.unsent" not in eero.session
    assert "edellisellä sivulla" in answer.content.decode()


def test_a_file_is_not_imported_in_the_name_of_another_unit(eero: Client) -> None:
    eero.post("/access/switch/", {"membership": key("membership eero")})
    sent = {"file": SimpleUploadedFile("a.csv", b"Nimi\nAino\n"), "opened_in": str(key("membership paula"))}
    assert eero.post(reverse("intake:files"), sent).status_code == 409
    with as_owner():
        assert not File.objects.exists()


def test_a_client_is_told_in_her_own_words(cast: Cast, page_of: Pages) -> None:
    answer = page_of("aino").post(UNSENT, {"opened_in": str(key("membership eero"))})
    assert answer.status_code == 409
    assert "omassa asiassasi" in answer.content.decode()
