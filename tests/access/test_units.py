"""Looking up a unit: what one's own unit works with comes first, and only who works in a unit looks."""

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from silta.access import queries
from silta.cases.models import Case
from silta.kernel.acting import acting
from tests.cases.situations import case_of_aino, in_network
from tests.cast import Cast, key

Page = Callable[[str], Client]
WHERE = "/access/units/"


def keys(client: Client, **asked: Any) -> list[str]:
    answer = client.get(WHERE, asked)
    assert answer.status_code == 200
    return re.findall(r'data-key="([^"]+)"', answer.content.decode())


def units(*names: str) -> list[str]:
    return [str(key(f"unit {name}")) for name in names]


def test_what_is_typed_is_found(page_of: Page) -> None:
    eero = page_of("eero")
    assert keys(eero, text="kuntoutus kela") == units("kela")
    assert keys(eero, text="tyokyvyn") == units("employment")
    assert keys(eero, text="kainuun", kinds="wellbeing_county") == units("social", "health")
    assert keys(
        eero, text="kainuun", without=key("unit employment"), within=key("organisation authority")
    ) == units("employment_other")
    assert keys(eero, text="\x00 <script>") == []


def test_what_cannot_be_understood_in_an_address_counts_as_not_asked(page_of: Page) -> None:
    assert keys(page_of("eero"), text="kela", within="x", without="y", kinds=",") == units("kela")


def test_those_ones_own_unit_works_with_come_first_without_typing(cast: Cast, page_of: Page) -> None:
    assert keys(page_of("eero")) == units("employment", "employment_other"), (
        "nobody yet: one's own organisation"
    )
    in_network(cast)
    with acting(cast.eero):
        lately = [str(found) for found in queries.recipients_lately(cast.eero)]
    assert lately
    assert keys(page_of("eero"))[: len(lately)] == lately
    assert str(key("unit employment")) not in lately
    assert keys(page_of("vaino")) == units("employment", "employment_other"), (
        "another unit's partners are not his"
    )


def test_those_in_the_case_come_before_all_others(cast: Cast, page_of: Page) -> None:
    case = in_network(cast)
    page = page_of("eero").get(f"/cases/{case.pk}/service/").content.decode()
    with acting(cast.eero):
        inside = {str(found) for found in Case.objects.get(pk=case.pk).scope.unit_ids}
    found = re.findall(r'data-key="([^"]+)"', page)
    assert set(found[: len(inside)]) == inside
    assert found[len(inside) - 1] == str(key("unit employment")), "one's own unit last of them"


def test_the_form_carries_no_list_of_all_units(cast: Cast, page_of: Page) -> None:
    case = case_of_aino(cast)
    for place in ("service/", "transfer/", "invite/"):
        page = page_of("eero").get(f"/cases/{case.pk}/{place}").content.decode()
        assert "Mäkisen Puu Oy" not in page, place


def test_a_case_is_offered_only_to_a_kind_that_can_take_it(cast: Cast, page_of: Page) -> None:
    case = case_of_aino(cast)
    eero, place = page_of("eero"), f"/cases/{case.pk}/transfer/"
    for wrong in ("workplace", "employment"):
        refused = eero.post(place, {"to_unit": key(f"unit {wrong}"), "reason": "Muutti"})
        assert refused.status_code == 422
        assert "to_unit" in refused.context["form"].errors
    several = eero.post(place, {"to_unit_text": "kainuun", "reason": "Muutti"})
    assert "Mäkisen" not in several.content.decode()
    assert eero.post(place, {"to_unit_text": "yrityspalvelut", "reason": "Muutti"}).status_code == 302


def test_typing_asks_one_query_of_the_register(page_of: Page) -> None:
    eero = page_of("eero")
    keys(eero, text="kela")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        keys(eero, text="kela")
    of_units = [
        query for query in asked if 'FROM "organisations_unit"' in query["sql"] and "sought" in query["sql"]
    ]
    assert len(of_units) == 1


def test_only_who_works_in_a_unit_looks(client: Client, page_of: Page) -> None:
    assert page_of("aino").get(WHERE).status_code == 404
    assert client.get(WHERE).status_code == 302
    assert page_of("eero").post(WHERE).status_code == 405
