"""The list of clients: filters, order, pages, many at once, files and the search."""

import csv
import dataclasses
import io
import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from silta.accounts.models import SavedView
from silta.audit.models import Event
from silta.cases.models import Action, Case
from silta.cases.operations import actions, path
from silta.cases.queries import clientlist
from silta.desk.views.exports import safe
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.people import operations as people
from silta.people.models import Person
from tests.cases import worklist_stories as stories
from tests.cases.situations import invited
from tests.cast import Cast, also_works_in, as_owner, key

Page = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    with clock.at(clock.now()):
        yield


def body(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_filters_are_kept_in_the_address_and_narrow_the_list(cast: Cast, page_of: Page) -> None:
    light, regular = stories.opened(cast.eero, 1, need="light"), stories.opened(cast.eero, 2)
    client = page_of("eero")
    assert light.number in body(client, "/clients/")
    found = body(client, "/clients/?need=light")
    assert light.number in found
    assert regular.number not in found
    assert "need=light" in found
    assert light.number in body(client, f"/clients/?text={light.person.last_name[:4].lower()}")
    assert light.number not in body(client, "/clients/?text=zzz")
    assert regular.number in body(client, "/clients/?reason=no_step")
    assert regular.number not in body(client, "/clients/?state=ended")


def test_a_reason_that_holds_twice_is_told_once(cast: Cast, page_of: Page) -> None:
    case = stories.in_order(cast.eero, 1, step_on=stories.ago(2))
    with acting(cast.eero):
        actions.add_action(cast.eero, case=case, text="Soitto Kelaan", due_on=stories.ago(1))
    row = body(page_of("eero"), "/clients/").split("<tbody>")[1]
    assert row.count("badge--late") == 1


def test_the_filters_are_drawn_when_somebody_opens_them(cast: Cast, page_of: Page) -> None:
    stories.opened(cast.eero, 1)
    client = page_of("eero")
    assert 'name="municipality"' not in body(client, "/clients/")
    assert 'name="municipality"' in body(client, "/clients/?narrow=open")
    assert 'name="municipality"' in body(client, "/clients/?need=light")
    fragment = client.get("/clients/?narrow=open", headers={"HX-Request": "true"}).content.decode()
    assert 'name="municipality"' in fragment
    assert "<h1" not in fragment


@pytest.mark.parametrize(
    "query",
    [
        "sort=x",
        "of=x",
        "after=x,y",
        "responsible=1",
        "reason=%00",
        "kind='--",
        "municipality=999",
        "after=,",
        f"sort=name&after={key('aino person')},%00",
    ],
)
def test_a_mangled_address_is_read_as_far_as_it_makes_sense(cast: Cast, page_of: Page, query: str) -> None:
    stories.opened(cast.eero, 1)
    assert page_of("eero").get(f"/clients/?{query}").status_code == 200


@pytest.mark.parametrize("sort", ["deadline", "name", "contact", "opened"])
def test_pages_follow_each_other_in_every_order(
    cast: Cast, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clientlist, "PAGE", 2)
    numbers = {stories.opened(cast.eero, number, days_ago=20 + number % 2).number for number in range(4)}
    numbers.add(stories.overdue(cast.eero, 5).number)
    seen: list[str] = []
    after = ""
    with acting(cast.eero):
        for _ in range(3):
            page = clientlist.page(cast.eero, clientlist.Asked(sort=clientlist.Sort(sort)), after)
            seen += [case.number for case in page.cases]
            after = page.next
    assert sorted(seen) == sorted(numbers)
    assert not after


def test_a_view_is_saved_under_a_name_and_forgotten(cast: Cast, page_of: Page) -> None:
    client = page_of("eero")
    client.post("/clients/views/save/", {"name": "Kevyet", "query": "need=light"})
    client.post("/clients/views/save/", {"name": "Kevyet", "query": "need=light&of=unit"})
    found = body(client, "/clients/")
    assert "Kevyet" in found
    assert "need=light&amp;of=unit" in found
    assert "Kevyet" not in body(page_of("paula"), "/clients/")
    with as_owner():
        view = SavedView.objects.get()
    page_of("paula").post(f"/clients/views/{view.pk}/forget/")
    assert "Kevyet" in body(client, "/clients/")
    client.post(f"/clients/views/{view.pk}/forget/")
    assert "Kevyet" not in body(client, "/clients/")


def test_a_view_saved_in_one_organisation_does_not_show_in_another(cast: Cast, page_of: Page) -> None:
    second, client = also_works_in(cast, "eero", "health"), page_of("eero")
    client.post("/clients/views/save/", {"name": "Kevyet", "query": "need=light"})
    client.post("/access/switch/", {"membership": second.pk})
    assert "Kevyet" not in body(client, "/clients/")
    with as_owner():
        view = SavedView.objects.get()
    client.post(f"/clients/views/{view.pk}/forget/")
    client.post("/clients/views/save/", {"name": "Kevyet", "query": "need=regular"})
    client.post("/access/switch/", {"membership": key("membership eero")})
    found = body(client, "/clients/")
    assert "need=light" in found
    assert "need=regular" not in found
    elsewhere = dataclasses.replace(
        cast.eero, unit_id=second.unit_id, organisation_id=cast.unit("health").organisation_id
    )
    with acting(elsewhere):
        assert not SavedView.objects.filter(pk=view.pk).exists(), "the database shows it as little"


def protected(cast: Cast, case: Case) -> Person:
    with acting(cast.eero):
        person = Person.objects.get(pk=case.person_id)
        people.set_residence(cast.eero, person=person, municipality_code="205")
        person = Person.objects.get(pk=case.person_id)
        return people.correct(cast.eero, person=person, version=person.version, non_disclosure=True)


def test_municipality_is_shown_and_of_a_protected_person_hidden_everywhere(cast: Cast, page_of: Page) -> None:
    case = stories.opened(cast.eero, 1)
    with acting(cast.eero):
        people.set_residence(cast.eero, person=Person.objects.get(pk=case.person_id), municipality_code="205")
    client = page_of("eero")
    assert case.number in body(client, "/clients/?municipality=205")
    hidden = stories.opened(cast.eero, 2)
    protected(cast, hidden)
    found = body(client, "/clients/?municipality=205")
    assert hidden.number not in found
    lines = client.get("/clients/export.csv").content.decode("utf-8-sig").splitlines()
    of = {line.split(";")[0]: line for line in lines}
    assert "Kajaani" in of[case.number]
    assert "Kajaani" not in of[hidden.number]


def test_many_at_once_tells_what_became_of_each(cast: Cast, page_of: Page) -> None:
    mine, strangers = stories.opened(cast.eero, 1), stories.opened(cast.vaino, 2)
    client = page_of("eero")
    words = {"deed": "action", "text": "Soita", "case": [str(mine.pk), str(strangers.pk), "nonsense"]}
    found = client.post("/clients/batch/", words).content.decode()
    assert mine.person.name in found
    assert strangers.person.name not in found
    with as_owner():
        assert [action.case_id for action in Action.objects.all()] == [mine.pk]
    words = {
        "deed": "need",
        "need": "intensive",
        "reason": "Kriisi",
        "case": boxes(body(client, "/clients/")),
    }
    client.post("/clients/batch/", words)
    paula = page_of("paula")
    words = {"deed": "assign", "responsible": str(cast.paula.user_id), "note": "Loma"}
    paula.post("/clients/batch/", words | {"case": boxes(body(paula, "/clients/?of=unit"))})
    with as_owner():
        after = Case.objects.get(pk=mine.pk)
    assert after.need == "intensive"
    assert after.responsible_id == cast.paula.user_id


def boxes(shown: str) -> list[str]:
    """What the boxes of the list say: each case with the version of it that is looked at."""
    return re.findall(r'type="checkbox" name="case" value="([^"]+)"', shown)


def test_a_case_that_changed_after_the_list_was_drawn_is_told_and_left_as_it_is(
    cast: Cast, page_of: Page
) -> None:
    changed, same = stories.opened(cast.eero, 1), stories.opened(cast.eero, 2)
    paula = page_of("paula")
    ticked = boxes(body(paula, "/clients/?of=unit"))
    with acting(cast.eero):
        path.set_need(cast.eero, case=changed, need="intensive", reason="Kriisi")
    words = {"deed": "assign", "responsible": str(cast.paula.user_id), "note": "Loma", "case": ticked}
    answer = paula.post("/clients/batch/", words)
    told = {one.case.pk: (one.is_done, str(one.message)) for one in answer.context["outcomes"]}
    assert told[same.pk][0]
    assert told[changed.pk] == (
        False, "Joku muutti tätä sen jälkeen, kun avasit sen. Katso uusi versio ja tee muutoksesi uudelleen."
    )  # fmt: skip
    with as_owner():
        assert Case.objects.get(pk=changed.pk).responsible_id == cast.eero.user_id
        assert Case.objects.get(pk=same.pk).responsible_id == cast.paula.user_id


def test_a_batch_without_a_choice_says_so(page_of: Page) -> None:
    assert page_of("eero").post("/clients/batch/", {"deed": "action"}).status_code == 302
    assert page_of("eero").post("/clients/batch/", {"deed": "explode", "case": ["x"]}).status_code == 302


@pytest.mark.parametrize(
    "words",
    [
        {"deed": "action", "text": "So\x00ita"},
        {"deed": "action", "text": "Soita", "due_on": "0001-01-01"},
        {"deed": "action", "text": "Soita", "due_on": "31.2.2026"},
        {"deed": "need", "need": "intensive", "reason": "\x00"},
    ],
)
def test_unsound_words_do_nothing_to_any_case(cast: Cast, page_of: Page, words: dict[str, str]) -> None:
    case = stories.opened(cast.eero, 1)
    answer = page_of("eero").post("/clients/batch/", {**words, "case": [str(case.pk)]}, follow=True)
    assert answer.status_code == 200
    assert list(answer.context["messages"])
    with as_owner():
        assert not Action.objects.exists()
        assert Case.objects.get(pk=case.pk).need == case.need


def test_a_step_by_a_day_no_work_reaches_is_refused_at_its_field(cast: Cast, page_of: Page) -> None:
    case = stories.opened(cast.eero, 1)
    for day in ("0001-01-01", "9999-12-31"):
        answer = page_of("eero").post(f"/do/{case.pk}/step/", {"text": "Soita", "due_on": day})
        assert answer.status_code == 422
        assert "due_on" in answer.context["form"].errors


def test_the_files_are_typed_safe_and_journalled_person_by_person(cast: Cast, page_of: Page) -> None:
    with acting(cast.eero):
        wild = people.register(
            cast.eero, first_names="=HYPERLINK(1)", last_name="Karhu", no_code_reason="not_yet"
        )
        from silta.cases.operations import opening

        case = opening.open_case(cast.eero, person=wild.pk, kind="joint_support", source="self")
    client = page_of("eero")
    rows = list(
        csv.reader(io.StringIO(client.get("/clients/export.csv").content.decode("utf-8-sig")), delimiter=";")
    )
    assert rows[1][1].startswith("'=")
    sheet = load_workbook(io.BytesIO(client.get("/clients/export.xlsx").content)).active
    assert sheet is not None
    assert sheet["B2"].data_type == "s"
    assert sheet["H2"].is_date
    assert sheet["K2"].value == 0
    with as_owner():
        assert Event.objects.filter(action="desk.export", person_id=str(case.person_id)).count() == 2
    assert page_of("vaino").get("/clients/export.csv").content.decode("utf-8-sig").count("\n") == 1
    assert page_of("kaisa").get("/clients/export.csv").status_code == 404
    assert client.get("/clients/export.pdf").status_code == 404


@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n '\"a1;"), max_size=8))
def test_no_text_begins_a_formula(text: str) -> None:
    found = safe(text)
    assert isinstance(found, str)
    assert not found.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert found.endswith(text)


def test_absent_and_forbidden_are_answered_alike(cast: Cast, page_of: Page) -> None:
    case = stories.opened(cast.eero, 1)
    name = case.person.last_name
    assert case.number in body(page_of("eero"), f"/search/?q={name.lower()}")
    forbidden = body(page_of("vaino"), f"/search/?q={name}")
    absent = body(page_of("vaino"), "/search/?q=Xyzzy")
    assert forbidden.replace(name, "?") == absent.replace("Xyzzy", "?") or case.number not in forbidden
    assert case.number not in forbidden


@pytest.mark.parametrize("text", ["", "%", "'", "\\", "a" * 500, "<b>", "010190-900P", "1.1.1990"])
def test_any_search_text_is_answered(cast: Cast, page_of: Page, text: str) -> None:
    assert page_of("eero").get("/search/", {"q": text}).status_code == 200


def test_whoever_is_never_responsible_begins_with_all_she_works_with(cast: Cast, page_of: Page) -> None:
    case = stories.opened(cast.eero, 1)
    invited(cast, case, "kaisa", "kela")
    assert case.number in body(page_of("kaisa"), "/clients/")
    own = body(page_of("kaisa"), "/clients/?of=mine")
    assert case.number not in own
    assert 'href="/clients/?of=all"' in own
    assert case.number not in body(page_of("vaino"), "/clients/?of=all")


def test_a_deadline_tells_whose_it_is(cast: Cast, page_of: Page) -> None:
    case = stories.in_order(cast.eero, 1, step_on=stories.ago(-40))
    invited(cast, case, "kaisa", "kela")
    with acting(cast.kaisa):
        actions.add_action(cast.kaisa, case=case, text="Päätös kuntoutuksesta", due_on=stories.ago(3))
    with acting(cast.eero):
        actions.add_action(cast.eero, case=case, text="Oma soitto", due_on=stories.ago(2))
    assert "odottaa: Kaisa" in body(page_of("eero"), "/clients/")
    assert "odottaa:" not in body(page_of("kaisa"), "/clients/")
    with acting(cast.eero):
        actions.add_action(cast.eero, case=case, text="Vanhempi lupaus", due_on=stories.ago(5))
    assert "odottaa:" not in body(page_of("eero"), "/clients/")
    assert "odottaa: Eero" in body(page_of("kaisa"), "/clients/")


@pytest.mark.parametrize(("name", "ways"), [("eero", 3), ("kaisa", 2), ("olli", 0)])
def test_a_search_in_vain_tells_the_ways_and_nothing_of_the_person(
    cast: Cast, page_of: Page, name: str, ways: int
) -> None:
    stories.opened(cast.vaino, 1)
    client = page_of(name)
    somebody, nobody = (
        body(client, f"/search/?q={text}").split("<main")[1] for text in ("Karjalainen", "Xyz")
    )
    assert somebody.replace("Karjalainen", "Xyz") == nobody
    offered = [
        way for way in ("/cases/new/", "/cases/join/", "/access/emergency/") if f'href="{way}"' in nobody
    ]
    assert len(offered) == ways
