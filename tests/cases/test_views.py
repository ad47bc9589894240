"""The pages of a case, as the people who use them see them."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse

from silta.cases.models import Action, Case, Note
from silta.cases.operations import notes
from silta.cases.urls import urlpatterns
from silta.kernel.acting import acting
from tests.cases.situations import (
    OWN_WORDS,
    again,
    case_of_aino,
    ended,
    in_network,
    with_assessment,
    with_plan,
)
from tests.cast import Cast, as_owner

Pages = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
FULL = ("plan", "path", "happened", "known")


def planned(cast: Cast) -> Case:
    """Aino's case with its first plan, as Eero sees it."""
    plan = with_plan(cast)
    with acting(cast.eero):
        return Case.objects.select_related("person", "unit__organisation", "controller").get(pk=plan.case_id)


def address(name: str, case: Case, *more: object) -> str:
    return reverse(f"cases:{name}", args=[case.pk, *more])


def text(response: Any) -> str:
    return response.content.decode()


def fragment(page: str, ident: str) -> str:
    """The element of that id in a page, marks that differ from answer to answer taken out."""
    found = re.search(rf'<section class="band"\s+id="{ident}".*?\n</section>', page, re.DOTALL)
    assert found is not None
    plain = re.sub(r'value="[^"]{30,}"', 'value=""', found[0])
    return re.sub(r"\s+", " ", plain)


def addresses(case: Case) -> list[str]:
    """Every address of the room, about this case and about rows that may or may not be."""
    found = []
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        wanted = dict.fromkeys(pattern.pattern.converters, uuid.uuid4())
        if "case_id" in wanted:
            wanted |= {"case_id": case.pk} | ({"form": "contact"} if "form" in wanted else {})
            found.append(reverse(f"cases:{pattern.name}", kwargs=wanted))
    return found


def test_the_page_tells_where_the_case_stands(cast: Cast, page_of: Pages) -> None:
    case = planned(cast)
    page = text(page_of("eero").get(address("case", case)))
    assert "Aino Korhonen" in page
    assert "Eero Virtanen" in page
    assert OWN_WORDS.split(",")[0] in page
    assert "Soita Mäkisen Puuhun" in page
    for band in FULL:
        assert f'id="{band}"' in page


def test_others_in_the_case_see_their_share_and_outsiders_nothing(cast: Cast, page_of: Pages) -> None:
    case = with_assessment(cast)
    for name in ("saara", "kaisa"):
        assert "Taitava käsistään" in text(page_of(name).get(address("case", case)))
    for name in ("vaino", "liisa", "olli", "hanna", "tiina", "officer", "admin", "aino"):
        assert page_of(name).get(address("case", case)).status_code == 404


def test_to_vaino_nothing_is_found_at_any_address(cast: Cast, page_of: Pages) -> None:
    case = planned(cast)
    vaino = page_of("vaino")
    for place in addresses(case):
        assert vaino.get(place).status_code in {404, 405}, place
        assert vaino.post(place, {"reason": "uteliaisuus"}).status_code in {404, 405}, place
        assert 404 in {vaino.get(place).status_code, vaino.post(place).status_code}, place


@pytest.mark.parametrize("name", ["sharing", "members", "plans", "person", "invite"])
def test_the_other_pages_of_a_case_open(name: str, cast: Cast, page_of: Pages) -> None:
    case = planned(cast)
    page = page_of("eero").get(address(name, case))
    assert page.status_code == 200
    assert "Korhonen" in text(page)


@pytest.mark.parametrize("band", FULL)
def test_a_fragment_is_the_same_as_its_part_of_the_page(band: str, cast: Cast, page_of: Pages) -> None:
    case = planned(cast)
    eero = page_of("eero")
    whole = text(eero.get(address("case", case)))
    part = text(eero.get(address("case", case), headers=HTMX | {"HX-Target": band}))
    assert "<html" not in part
    assert fragment(part, band) == fragment(whole, band)


def test_the_page_asks_the_same_of_the_database_however_long_the_story(cast: Cast, page_of: Pages) -> None:
    case = planned(cast)
    eero = page_of("eero")

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert eero.get(address("case", case)).status_code == 200
        return len(asked)

    def write(times: int) -> None:
        with acting(cast.eero):
            for _number in range(times):
                notes.write_note(
                    cast.eero, case=again(cast, case), kind="contact", channel="phone", text="Soitto"
                )

    write(5)
    count()
    few = count()
    write(45)
    assert count() == few


def test_history_is_read_on_by_key_without_losing_or_repeating(cast: Cast, page_of: Pages) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        for number in range(50):
            notes.write_note(cast.eero, case=case, kind="contact", channel="phone", text=f"soitto-{number}.")
    eero, seen, place = page_of("eero"), [], f"{address('case', case)}?show=contacts"
    for _page in range(4):
        part = text(eero.get(place, headers=HTMX | {"HX-Target": "more-moments"}))
        seen += re.findall(r"soitto-\d+\.", part)
        more = re.search(r'hx-get="([^"]+before=[^"]+)"', part)
        if more is None:
            break
        place = more[1].replace("&amp;", "&")
    assert sorted(seen) == sorted(f"soitto-{number}." for number in range(50))


@pytest.mark.parametrize("day", ["9999-12-31T23:59:00+00:00", "0001-01-01T00:00:00+00:00"])
def test_a_place_in_the_history_beyond_the_calendar_is_answered(day: str, cast: Cast, page_of: Pages) -> None:
    answer = page_of("eero").get(address("case", case_of_aino(cast)), {"before": f"{day}_{uuid.uuid4()}"})
    assert answer.status_code == 200


def test_an_internal_note_is_marked_and_stays_in_the_unit(cast: Cast, page_of: Pages) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        notes.write_note(cast.eero, case=case, kind="observation", text="Vain meille.", visibility="internal")
    page = text(page_of("eero").get(address("case", case)))
    assert "Vain meille." in page
    assert "seen-by--internal" in page
    assert "Vain meille." not in text(page_of("saara").get(address("case", case)))


def test_the_preview_shows_the_case_as_another_unit_sees_it(cast: Cast, page_of: Pages) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        notes.write_note(cast.eero, case=case, kind="observation", text="Vain meille.", visibility="internal")
        notes.write_note(cast.eero, case=case, kind="observation", text="Kaikille.")
    page = text(page_of("eero").get(address("preview", case, cast.unit("kela").pk)))
    assert "Kuntoutusratkaisut" in page
    assert "Kaikille." in page
    assert "Vain meille." not in page
    assert '<form class="quick-add"' not in page
    other = page_of("eero").get(address("preview", case, cast.unit("employment_other").pk))
    assert other.status_code == 404


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_an_ended_case_opens_in_each_language(language: str, cast: Cast, page_of: Pages) -> None:
    case = ended(cast)
    eero = page_of("eero")
    eero.cookies["silta_language"] = language
    page = eero.get(address("case", case))
    assert page.status_code == 200
    assert f'lang="{language}"' in text(page)


def test_addresses_hold_no_names(cast: Cast) -> None:
    case = case_of_aino(cast)
    assert not any("aino" in place.lower() or "korhonen" in place.lower() for place in addresses(case))


def test_words_of_others_are_shown_as_words(cast: Cast, page_of: Pages) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        notes.write_note(cast.eero, case=case, kind="observation", text="<script>alert(1)</script>")
    page = text(page_of("eero").get(address("case", case)))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    with as_owner():
        assert Note.objects.count() == 1
        assert Action.objects.count() == 0
