"""The first page: what needs whom, the deed in place, and nothing for those outside."""

import html
import re
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from silta.accounts.models import User
from silta.cases.models import Action, Case, Goal, Note
from silta.cases.operations import network, transfers
from silta.cases.queries import worklist
from silta.kernel import clock
from silta.kernel.acting import acting
from tests.cases import worklist_stories as stories
from tests.cast import Cast, as_owner

HTMX = {"HTTP_HX_REQUEST": "true"}
Page = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    with clock.at(clock.now()):
        yield


def body(client: Client, path: str = "/", **headers: str) -> str:
    response = client.get(path, **headers)
    assert response.status_code == 200, response.content[:300]
    return response.content.decode()


def test_eero_sees_whom_what_why_and_the_one_button(cast: Cast, page_of: Page) -> None:
    case = stories.overdue(cast.eero, 1)
    found = body(page_of("eero"))
    assert case.person.name in found
    assert "381/2023 4.3 §" in found
    assert f"/do/{case.pk}/plan/" in found
    assert "row--late" in found


def test_the_reasons_are_told_when_somebody_opens_them(cast: Cast, page_of: Page) -> None:
    case = stories.overdue(cast.eero, 1)
    assert f"/why/{case.pk}/" in body(page_of("eero"))
    for found in (
        body(page_of("eero"), f"/why/{case.pk}/", **HTMX),
        body(page_of("eero"), f"/why/{case.pk}/"),
    ):
        assert "381/2023 4.3 §" in found
        assert "/rules/" in found
    assert "<h1" not in body(page_of("eero"), f"/why/{case.pk}/", **HTMX)
    assert page_of("vaino").get(f"/why/{case.pk}/").status_code == 404


def test_an_offered_case_tells_why_it_is_there(cast: Cast, page_of: Page) -> None:
    case = stories.in_order(cast.eero, 1)
    with acting(cast.eero):
        transfers.propose_transfer(
            cast.eero, case=case, to_unit=cast.unit("employment_other"), reason="Yrittäjyys", note=""
        )
    assert f"/why/{case.pk}/" in body(page_of("vaino"))
    assert str(worklist.RULES[worklist.Reason.TRANSFER]) in body(page_of("vaino"), f"/why/{case.pk}/", **HTMX)


def test_an_employer_reads_of_employees(page_of: Page) -> None:
    for name in ("olli", "hanna"):
        for path in ("/", "/clients/"):
            found = body(page_of(name), path)
            assert "Työntekijät" in found
            assert "Asiakkaat" not in found
            assert "Hae työntekijöitä" in found
            assert "Hae asiakkaita" not in found
    assert "Mikään ei vaadi sinulta nyt mitään." in body(page_of("olli"))
    assert 'href="/clients/"' in body(page_of("olli"))


def test_the_first_page_shows_the_first_of_each_list_and_the_way_on(
    cast: Cast, page_of: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist, "FIRST", 2)
    cases = [stories.opened(cast.eero, number, days_ago=3) for number in range(4)]
    client = page_of("eero")
    found = body(client)
    shown = [case for case in cases if f'id="row-{case.pk}"' in found]
    assert len(shown) == 2
    onward = re.search(r'hx-get="([^"]*after=[^"]+)"', found)
    assert onward
    more = body(client, html.unescape(onward[1]), **HTMX)
    assert [case for case in cases if f'id="row-{case.pk}"' in more] == [
        case for case in cases if case not in shown
    ]


def test_an_empty_day_offers_the_first_step(page_of: Page) -> None:
    assert "/cases/new/" in body(page_of("eero"))


def test_vaino_sees_nothing_of_it(cast: Cast, page_of: Page) -> None:
    case = stories.overdue(cast.eero, 1)
    for path in (
        "/",
        "/?whose=unit",
        "/clients/?of=all",
        f"/search/?q={case.person.last_name}",
        "/calendar/",
    ):
        found = body(page_of("vaino"), path)
        assert case.person.name not in found
        assert str(case.pk) not in found
    for name in ("complete", "step", "goal", "contact", "review", "plan", "responsible", "nonsense"):
        assert page_of("vaino").get(f"/do/{case.pk}/{name}/").status_code == 404
        assert page_of("vaino").post(f"/do/{case.pk}/{name}/", {"text": "x"}).status_code == 404
    assert page_of("vaino").get("/unit/").status_code == 404


def test_roles_without_clients_get_their_own_start(page_of: Page) -> None:
    for name in ("tiina", "officer", "admin"):
        found = body(page_of(name))
        assert "list-rows" in found
        for path in ("/clients/", "/search/", "/unit/", "/calendar/", "/clients/export.csv"):
            assert page_of(name).get(path).status_code == 404
    assert page_of("tiina").get("/rules/").status_code == 200


def test_the_client_goes_to_her_own_pages(page_of: Page) -> None:
    response = page_of("aino").get("/")
    assert response.status_code in {200, 302}
    assert page_of("aino").get("/clients/").status_code == 404


def test_the_step_is_added_in_place_and_once(cast: Cast, page_of: Page) -> None:
    case = stories.opened(cast.eero, 1, days_ago=3)
    client = page_of("eero")
    form = body(client, f"/do/{case.pk}/step/", **HTMX)
    submission = re.search(r'name="submission" value="([^"]+)"', form)
    assert submission
    words = {
        "text": "Soita",
        "due_on": stories.ahead(20).isoformat(),
        "submission": submission[1],
        "whose": "mine",
    }
    for _ in range(2):
        response = client.post(f"/do/{case.pk}/step/", words, **HTMX)
        assert response.status_code == 200
        assert response["HX-Retarget"] == f"#row-{case.pk}"
    with as_owner():
        assert Action.objects.filter(case=case).count() == 1


def test_what_was_typed_stays_where_it_was_refused(cast: Cast, page_of: Page) -> None:
    case = stories.opened(cast.eero, 1, days_ago=3)
    response = page_of("eero").post(f"/do/{case.pk}/step/", {"text": "Soita Kelaan", "due_on": "2026-02-30"})
    assert response.status_code == 422
    assert "Soita Kelaan" in response.content.decode()
    response = page_of("eero").post(
        f"/do/{case.pk}/plan/", {"reason": "Eka", "how_followed": "Kuukausittain"}, **HTMX
    )
    assert response.status_code == 422
    assert "Kuukausittain" in response.content.decode()
    assert response["HX-Retarget"] == f"#deed-{case.pk}"


@pytest.mark.parametrize("text", ["", "   ", "a\x00b", "a\x07b", "x" * 301])
def test_unsound_words_are_refused_at_the_field(cast: Cast, page_of: Page, text: str) -> None:
    case = stories.opened(cast.eero, 1, days_ago=3)
    assert page_of("eero").post(f"/do/{case.pk}/step/", {"text": text}).status_code == 422
    with as_owner():
        assert not Action.objects.exists()


def test_on_a_page_of_its_own_too_the_answer_of_a_deed_comes_into_a_list(cast: Cast, page_of: Page) -> None:
    case = stories.opened(cast.eero, 1)
    place = rf'<ul class="list-rows">\s*<li class="row" id="row-{case.pk}">'
    assert re.search(place, body(page_of("eero"), f"/do/{case.pk}/step/"))
    done = page_of("eero").post(f"/do/{case.pk}/step/", {"text": "Soita"}, **HTMX)
    assert (done["HX-Retarget"], done.content.decode()[:4]) == (f"#row-{case.pk}", "<li ")


def test_a_contact_ends_the_silence(cast: Cast, page_of: Page) -> None:
    case = stories.quiet(cast.eero, 1)
    client = page_of("eero")
    assert f"/do/{case.pk}/contact/" in body(client)
    words = {"channel": "phone", "result": "reached", "text": "Kuulumiset"}
    assert client.post(f"/do/{case.pk}/contact/", words).status_code == 302
    with as_owner():
        assert Note.objects.get(case=case).with_client
    assert f"/do/{case.pk}/contact/" not in body(client)


def test_a_promise_is_marked_done_with_one_press(cast: Cast, page_of: Page) -> None:
    case = stories.in_order(cast.eero, 1, step_on=stories.ago(1))
    with as_owner():
        action = Action.objects.get(case=case)
    words = {"subject": str(action.pk), "version": action.version}
    client = page_of("eero")
    assert client.post(f"/do/{case.pk}/complete/", words, **HTMX).status_code == 200
    second = client.post(f"/do/{case.pk}/complete/", words, **HTMX)
    assert second.status_code == 409, "the step is not as it was seen"
    with as_owner():
        assert Action.objects.get(pk=action.pk).state == "done"
    other = stories.in_order(cast.eero, 2)
    assert client.post(f"/do/{other.pk}/complete/", words).status_code == 404


def test_a_reminder_is_sent_once_a_day(cast: Cast, page_of: Page) -> None:
    case = stories.waiting(cast.eero, 1)
    with as_owner():
        action = Action.objects.get(case=case, owner_is_client=True)
    words = {"subject": str(action.pk), "version": action.version}
    assert page_of("eero").post(f"/do/{case.pk}/nudge/", words).status_code == 302
    assert page_of("eero").post(f"/do/{case.pk}/nudge/", words | {"version": 2}).status_code == 422


def test_goal_service_and_responsible_in_place(cast: Cast, page_of: Page) -> None:
    case = stories.opened(cast.eero, 1, without_responsible=True)
    paula = page_of("paula")
    assert f"/do/{case.pk}/responsible/" in body(paula, "/?whose=unit")
    words = {"responsible": str(cast.eero.user_id), "version": case.version}
    assert paula.post(f"/do/{case.pk}/responsible/", words).status_code == 302
    assert page_of("eero").post(f"/do/{case.pk}/goal/", {"own_words": "Haluan metsään"}).status_code == 302
    with as_owner():
        assert Case.objects.get(pk=case.pk).responsible_id == cast.eero.user_id
        assert Goal.objects.get(case=case).proposed_by == "client"
    waiting = stories.waiting(cast.eero, 2)
    with acting(cast.eero):
        service = waiting.services.get()
    words = {"subject": str(service.pk), "version": service.version, "on": clock.today().isoformat()}
    assert page_of("eero").post(f"/do/{waiting.pk}/service/", words).status_code == 302


def test_responsibility_is_not_taken_over_somebody_who_took_it_meanwhile(cast: Cast, page_of: Page) -> None:
    case = stories.opened(cast.eero, 1, without_responsible=True)
    paula = page_of("paula")
    form = paula.get(f"/do/{case.pk}/responsible/").context["form"]
    with acting(cast.eero):
        network.hand_over(cast.eero, case=case, to_user=User.objects.get(pk=cast.eero.user_id))
    words = {"responsible": str(cast.paula.user_id), "note": "Minulle", "version": form["version"].value()}
    answer = paula.post(f"/do/{case.pk}/responsible/", words)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "Joku muutti tätä" in shown
    assert "Vastuuhenkilö nyt: Eero Virtanen" in shown
    assert "Minulle" in shown
    with as_owner():
        assert Case.objects.get(pk=case.pk).responsible_id == cast.eero.user_id


def test_the_lead_sees_the_load_and_what_nobody_has(cast: Cast, page_of: Page) -> None:
    stories.opened(cast.eero, 1, without_responsible=True)
    stories.overdue(cast.eero, 2)
    for path in ("/", "/unit/"):
        found = body(page_of("paula"), path)
        assert "Eero Virtanen" in found
        assert "reason=no_responsible" in found
    assert "reason=no_responsible" not in body(page_of("eero"))


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        body(client, path)
    return len(seen)


@pytest.mark.parametrize(
    "path", ["/", "/?whose=unit", "/clients/", "/clients/?of=unit&sort=name", "/unit/", "/calendar/"]
)
def test_pages_ask_the_same_number_of_queries_for_few_and_many(cast: Cast, page_of: Page, path: str) -> None:
    client = page_of("paula")
    tellers = (stories.opened, stories.overdue, stories.waiting, stories.quiet, stories.in_order)
    for number in range(5):
        tellers[number](cast.paula, number)
    body(client, path)
    few = queries(client, path)
    for number in range(5, 20):
        tellers[number % 5](cast.paula, number)
    assert queries(client, path) == few
