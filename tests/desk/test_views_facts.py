"""The keeper puts right what an organisation or a unit is; every change is a line of the journal."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from silta.access import operations as access
from silta.audit.models import Event
from silta.kernel.acting import acting
from silta.kernel.errors import NotAllowed
from silta.organisations.models import Organisation, Unit
from tests.cases.situations import case_of_aino
from tests.cast import Cast, key

Page = Callable[[str], Client]
COUNTY, EVALUATOR, KELA = (key(f"organisation {name}") for name in ("county", "evaluator", "kela"))


def facts(organisation: Any) -> str:
    return f"/organisations/{organisation}/facts/"


def acts() -> list[str]:
    rows = Event.objects.filter(action__startswith="organisations.").order_by("at", "id")
    return list(rows.values_list("action", flat=True))


def test_kind_business_id_and_parent_are_put_right_each_with_its_line(cast: Cast, page_of: Page) -> None:
    admin = page_of("admin")
    said = {"kind": "association", "business_id": "0246246-0", "parent": str(KELA)}
    assert admin.post(facts(EVALUATOR), said).status_code == 302
    row = Organisation.objects.get(pk=EVALUATOR)
    assert (row.kind, row.business_id, row.parent_id) == ("association", "0246246-0", KELA)
    with acting(cast.admin):
        assert acts() == [
            "organisations.change_kind", "organisations.change_business_id", "organisations.move_under",
        ]  # fmt: skip
    assert "Kela" in admin.get(f"/organisations/{EVALUATOR}/").content.decode()
    assert admin.post(facts(EVALUATOR), said).status_code == 302
    with acting(cast.admin):
        assert len(acts()) == 3, "what stays as it was is no event"
    alone = {"kind": "association", "business_id": "", "parent": "", "parent_text": ""}
    assert admin.post(facts(EVALUATOR), alone).status_code == 302
    assert Organisation.objects.get(pk=EVALUATOR).parent_id is None


def test_the_form_knows_how_things_stand(cast: Cast, page_of: Page) -> None:
    with acting(cast.admin):
        access.correct_organisation(
            cast.admin, organisation=Organisation.objects.get(pk=EVALUATOR), kind="evaluator", business_id="",
            parent=Organisation.objects.get(pk=KELA),
        )  # fmt: skip
    shown = page_of("admin").get(facts(EVALUATOR)).content.decode()
    assert 'value="Kela"' in shown
    assert re.search(r'<option value="evaluator" selected', shown)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "kingdom"}, "kind"), ({"business_id": "0246246-1"}, "business_id"),
        ({"parent": str(EVALUATOR)}, "parent"), ({"parent_text": "kainuun"}, "parent"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_told_at_its_field(page_of: Page, said: dict[str, str], field: str) -> None:
    refused = page_of("admin").post(facts(EVALUATOR), {"kind": "evaluator", **said})
    assert refused.status_code == 422
    assert field in refused.context["form"].errors


def test_an_organisation_does_not_come_under_one_below_it(page_of: Page) -> None:
    admin = page_of("admin")
    assert admin.post(facts(EVALUATOR), {"kind": "evaluator", "parent": str(KELA)}).status_code == 302
    refused = admin.post(facts(KELA), {"kind": "kela", "parent": str(EVALUATOR)})
    assert "parent" in refused.context["form"].errors


def test_the_kind_stays_where_rights_to_know_clients_rest_on_it(cast: Cast, page_of: Page) -> None:
    case_of_aino(cast)
    authority = key("organisation authority")
    refused = page_of("admin").post(facts(authority), {"kind": "provider", "business_id": ""})
    assert "kind" in refused.context["form"].errors
    assert Organisation.objects.get(pk=authority).kind == "employment_authority"
    allowed = page_of("admin").post(
        facts(authority), {"kind": "employment_authority", "business_id": "0246246-0"}
    )
    assert allowed.status_code == 302


def test_a_parent_is_searched_for_among_the_others(page_of: Page) -> None:
    where = f"/organisations/{COUNTY}/parents/"
    found = page_of("admin").get(where, {"text": "kainuun"}).content.decode()
    assert re.findall(r'data-key="([^"]+)"', found) == [str(key("organisation authority"))]
    assert page_of("eero").get(where).status_code == 404


def test_the_sector_and_the_unit_above_are_put_right(cast: Cast, page_of: Page) -> None:
    admin, health, social = page_of("admin"), key("unit health"), key("unit social")
    where = f"/organisations/units/{health}/facts/"
    assert admin.post(where, {"sector": "social", "parent": str(social)}).status_code == 302
    row = Unit.objects.get(pk=health)
    assert (row.sector, row.parent_id) == ("social", social)
    with acting(cast.admin):
        assert acts() == ["organisations.change_sector", "organisations.move_under"]
    for wrong in (health, key("unit kela")):
        refused = admin.post(where, {"sector": "social", "parent": str(wrong)})
        assert "parent" in refused.context["form"].errors
    refused = admin.post(f"/organisations/units/{social}/facts/", {"sector": "social", "parent": str(health)})
    assert "parent" in refused.context["form"].errors


def test_nobody_else_puts_anything_right(cast: Cast, page_of: Page) -> None:
    for name in ("paula", "eero", "vaino", "officer", "aino"):
        assert page_of(name).get(facts(EVALUATOR)).status_code == 404
        assert page_of(name).post(facts(EVALUATOR), {"kind": "kela"}).status_code == 404
    row = Organisation.objects.get(pk=EVALUATOR)
    with acting(cast.paula), pytest.raises(NotAllowed):
        access.correct_organisation(cast.paula, organisation=row, kind="kela", business_id="", parent=None)
