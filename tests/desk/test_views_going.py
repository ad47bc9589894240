"""Whoever can still do something sees which ended cases go, and when."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from silta.audit.models import Event
from silta.cases.models import Case, Participation
from silta.cases.queries import going
from silta.kernel import clock
from silta.kernel.acting import acting
from tests.access.nights import night
from tests.cases import situations
from tests.cast import Cast, as_owner, key

Page = Callable[[str], Client]
ENDED, WARNED = dt.date(2026, 10, 1), dt.date(2030, 8, 2)


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


@pytest.fixture
def case(cast: Cast) -> Iterator[Case]:
    """Aino's case ended four years ago, and the night has warned of its erasure."""
    with clock.at(_noon(dt.date(2026, 9, 1))):
        opened = situations.in_network(cast)
    with clock.at(_noon(ENDED)):
        case = situations.ended(cast, opened)
    night(WARNED)
    with clock.at(_noon(WARNED + dt.timedelta(3))):
        yield case


def _text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_lead_is_told_on_her_first_page_and_holds_it(page_of: Page, case: Case) -> None:
    paula = page_of("paula")
    first = _text(paula.get("/"))
    assert 'href="/erasure/">1 päättynyt asia' in first
    assert "1.10.2030 alkaen" in first
    page = _text(paula.get("/erasure/"))
    assert "Aino Korhonen" in page
    assert "Poistetaan 1.10.2030" in page
    assert f"/cases/{case.pk}/hold/" in page
    with as_owner():
        version = Case.objects.get(pk=case.pk).version
        assert Event.objects.filter(action="cases.list", user_id=str(key("paula"))).exists()
    held = paula.post(f"/cases/{case.pk}/hold/", {"reason": "Kantelu vireillä", "version": version})
    assert held.status_code == 302
    assert "Aino Korhonen" not in _text(paula.get("/erasure/"))
    assert "/erasure/" not in _text(paula.get("/"))


def test_the_worker_who_was_responsible_last_is_told_and_asks_her_lead(page_of: Page, case: Case) -> None:
    page = _text(page_of("eero").get("/erasure/"))
    assert "Aino Korhonen" in page
    assert "kerro siitä yksikkösi esihenkilölle" in page
    assert "/hold/" not in page
    with as_owner():
        Participation.objects.filter(case=case, user=key("eero")).update(user=key("paula"))
    assert "Aino Korhonen" not in _text(page_of("eero").get("/erasure/"))


@pytest.mark.parametrize("name", ["saara", "vaino", "liisa"])
def test_other_units_are_told_of_nothing(page_of: Page, case: Case, name: str) -> None:
    client = page_of(name)
    assert "Korhonen" not in _text(client.get("/erasure/"))
    assert "/erasure/" not in _text(client.get("/"))


def test_the_case_says_it_above_everything_else(page_of: Page, case: Case) -> None:
    page = _text(page_of("paula").get(f"/cases/{case.pk}/"))
    assert "ne poistetaan 1.10.2030" in page


def test_pages_go_by_key_and_a_mangled_one_begins_anew(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(going, "PAGE", 1)
    with as_owner():
        row = Case.objects.get(pk=case.pk)
        row.pk, row.number, row.kind = key("another case"), "2026-9", "coaching"
        row.definition_version = "2025.1"
        row.erasure_on = dt.date(2030, 10, 2)
        row.save(force_insert=True)
    with acting(cast.paula):
        first = going.page(cast.paula)
        second = going.page(cast.paula, first.next)
        assert [row.case.pk for row in (*first.rows, *second.rows)] == [case.pk, key("another case")]
        assert second.next == ""
        for mangled in ("x", "2030-10-01", "2030-10-01,x", f"x,{case.pk}", ",,"):
            assert going.page(cast.paula, mangled).rows == first.rows
        assert going.counted(cast.paula) == going.Going(2, dt.date(2030, 10, 1))


def test_the_client_reads_when_her_data_go_and_asks_for_her_copy(page_of: Page, case: Case) -> None:
    aino = page_of("aino")
    for where in ("/me/", "/me/data/"):
        page = _text(aino.get(where))
        assert "Tukesi päättyi 1.10.2026." in page
        assert "poistetaan 1.10.2030" in page
    assert 'href="/me/data/"' in _text(aino.get("/me/"))
    with as_owner():
        Case.objects.filter(pk=case.pk).update(erasure_warned_on=None, erasure_on=None)
    assert "Tukesi päättyi" not in _text(aino.get("/me/"))


def test_the_officer_reads_how_many_are_warned(page_of: Page, case: Case) -> None:
    page = _text(page_of("officer").get("/access/erasure/"))
    assert re.search(
        r'<th scope="row">cases.case</th> <td class="numeric">0</td> <td class="numeric">0</td>'
        r' <td class="numeric">1</td> <td class="numeric">0</td>',
        page,
    )
