"""The keeper founds, names, closes and finds organisations and units, and nobody else does."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from silta.audit.models import Event
from silta.desk.views.units import unit_of
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.organisations import operations
from silta.organisations.enums import Kind, Sector
from silta.organisations.models import Organisation, Unit
from tests.cases.situations import case_of_aino
from tests.cast import LONG_AGO, Cast, as_owner, key

Page = Callable[[str], Client]
WHERE = "/organisations/"


def body(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.content[:300]
    return response.content.decode()


def many(cast: Cast, how_many: int, *, unit_each: bool = True) -> list[Organisation]:
    """So many small employers, each with a unit."""
    made = []
    with acting(cast.admin):
        for number in range(how_many):
            row = operations.found_organisation(
                cast.admin, kind=Kind.EMPLOYER, name_fi=f"Paja {number:03d} Oy", valid_from=LONG_AGO
            )
            if unit_each:
                operations.found_unit(
                    cast.admin, organisation=row, sector=Sector.WORKING_LIFE, name_fi=f"Verstas {number:03d}",
                    valid_from=LONG_AGO,
                )  # fmt: skip
            made.append(row)
    return made


def test_the_keeper_finds_her_page_from_the_rail(page_of: Page) -> None:
    assert f'href="{WHERE}"' in body(page_of("admin"), "/")
    assert f'href="{WHERE}"' not in body(page_of("paula"), "/")


def test_organisations_are_listed_with_kind_units_sector_and_validity(page_of: Page) -> None:
    found = body(page_of("admin"), WHERE)
    for told in (
        "Kainuun työllisyysalue",
        "Työvoimaviranomainen",
        "Työkyvyn tuki",
        "Yrityspalvelut",
        "1.1.2020",
    ):
        assert told in found, told


@pytest.mark.parametrize(
    ("asked", "named", "not_named"),
    [
        ("q=mäkisen", {"Mäkisen Puu Oy"}, {"Kela"}),
        ("q=kuntoutusratk", {"Kela"}, {"Mäkisen Puu Oy"}),
        ("q=työkyvyn+KAINUUN", {"Kainuun työllisyysalue"}, {"Kainuun hyvinvointialue"}),
        ("kind=kela", {"Kela"}, {"Kainuun työllisyysalue"}),
        ("q=fpa", {"Kela"}, {"Mäkisen Puu Oy"}),
        ("q=olematon", set(), {"Kela", "Mäkisen Puu Oy"}),
        ("kind=nonsense&after=nonsense&q=%00", set(), set()),
    ],
)
def test_the_list_is_searched_and_narrowed(
    page_of: Page, asked: str, named: set[str], not_named: set[str]
) -> None:
    page = page_of("admin").get(f"{WHERE}?{asked}")
    assert page.status_code == 200
    listed = {row.organisation.name_fi for row in page.context["rows"]}
    assert named <= listed
    assert not (not_named & listed)


def test_the_unit_that_was_searched_for_comes_first(cast: Cast, page_of: Page) -> None:
    [row] = many(cast, 1)
    with acting(cast.admin):
        for number in range(8):
            operations.found_unit(
                cast.admin, organisation=row, sector=Sector.WORKING_LIFE, name_fi=f"Osasto {number}",
                valid_from=LONG_AGO,
            )  # fmt: skip
    [listed] = page_of("admin").get(f"{WHERE}?q=verstas").context["rows"]
    assert [unit.name_fi for unit in listed.units][:2] == ["Verstas 000", "Osasto 0"]
    assert (len(listed.units), listed.more) == (5, 4)


def test_the_list_is_paged_by_key_and_leaves_nobody_out(cast: Cast, page_of: Page) -> None:
    many(cast, 60)
    admin, address, seen = page_of("admin"), f"{WHERE}?q=paja", []
    while address:
        page = admin.get(address)
        seen += [row.organisation.name_fi for row in page.context["rows"]]
        address = f"{WHERE}{page.context['next']}" if page.context["next"] else ""
    assert seen == [f"Paja {number:03d} Oy" for number in range(60)]


def test_an_organisations_units_are_paged_and_searched(cast: Cast, page_of: Page) -> None:
    [row] = many(cast, 1, unit_each=False)
    with acting(cast.admin):
        for number in range(40):
            operations.found_unit(
                cast.admin, organisation=row, sector=Sector.WORKING_LIFE, name_fi=f"Osasto {number:02d}",
                valid_from=LONG_AGO,
            )  # fmt: skip
    admin, where = page_of("admin"), reverse("desk:organisation", args=[row.pk])
    first = admin.get(where)
    rest = admin.get(f"{where}{first.context['next']}")
    assert [len(first.context["units"]), len(rest.context["units"])] == [25, 15]
    assert not rest.context["next"]
    assert [unit.name_fi for unit in admin.get(f"{where}?q=17").context["units"]] == ["Osasto 17"]


def test_an_organisation_is_founded_with_its_first_unit(page_of: Page) -> None:
    admin = page_of("admin")
    wanted = {
        "kind": "education", "name_fi": "Kainuun ammattiopisto", "name_sv": "Kajanalands yrkesinstitut",
        "business_id": "0201256-6", "valid_from": "2026-01-01",
    }  # fmt: skip
    for wrong, field in (
        ({"name_fi": ""}, "name_fi"), ({"kind": "guild"}, "kind"), ({"business_id": "0201256-5"}, "business_id"),
        ({"valid_from": "2026-02-30"}, "valid_from"), ({"name_sv": "<b>x</b>"}, "name_sv"),
    ):  # fmt: skip
        refused = admin.post(f"{WHERE}new/", wanted | wrong)
        assert refused.status_code == 422
        assert field in refused.context["form"].errors
    made = admin.post(f"{WHERE}new/", wanted)
    row = Organisation.objects.get(business_id="0201256-6")
    assert made["Location"] == f"{WHERE}{row.pk}/"
    assert "business_id" in admin.post(f"{WHERE}new/", wanted).context["form"].errors
    unit = {"name_fi": "Hakijapalvelut", "sector": "education", "valid_from": "2026-01-01"}
    early = admin.post(f"{WHERE}{row.pk}/units/new/", unit | {"valid_from": "2025-12-31"})
    assert "valid_from" in early.context["form"].errors
    elsewhere = admin.post(f"{WHERE}{row.pk}/units/new/", unit | {"parent": str(key("unit kela"))})
    assert "parent" in elsewhere.context["form"].errors
    assert admin.post(f"{WHERE}{row.pk}/units/new/", unit).status_code == 302
    assert "Hakijapalvelut" in body(admin, f"{WHERE}{row.pk}/")
    with as_owner():
        founded = Event.objects.filter(action__startswith="organisations.found").order_by("at")
        assert [event.user_id for event in founded] == [str(key("admin"))] * 2


@pytest.mark.parametrize(
    ("address", "model", "name"),
    [
        ("organisations/{0}", Organisation, "organisation kela"),
        ("organisations/units/{0}", Unit, "unit kela"),
    ],
)
def test_names_are_corrected(page_of: Page, address: str, model: type[Unit], name: str) -> None:
    admin, where = page_of("admin"), f"/{address.format(key(name))}/names/"
    assert "FPA" in body(admin, where) or "Rehabilitering" in body(admin, where)
    assert admin.post(where, {"name_fi": " "}).context["form"].errors
    assert admin.post(where, {"name_fi": "Uusi nimi", "name_sv": "Nytt namn"}).status_code == 302
    row = model.objects.get(pk=key(name))
    assert (row.name_fi, row.name_sv, row.name_en) == ("Uusi nimi", "Nytt namn", "")


def test_an_organisation_closes_after_its_units(page_of: Page) -> None:
    admin, today = page_of("admin"), clock.today().isoformat()
    whole, part = f"{WHERE}{key('organisation kela')}/close/", f"{WHERE}units/{key('unit kela')}/close/"
    assert "on" in admin.post(whole, {"on": today}).context["form"].errors
    assert "on" in admin.post(part, {"on": "2019-12-31"}).context["form"].errors
    assert admin.post(part, {"on": today}).status_code == 302
    assert admin.post(whole, {"on": today}).status_code == 302
    assert Unit.objects.get(pk=key("unit kela")).valid_until == clock.today()
    assert Organisation.objects.get(pk=key("organisation kela")).valid_until == clock.today()


def test_closed_ones_are_shown_when_asked_for(cast: Cast, page_of: Page) -> None:
    [row] = many(cast, 1)
    last = clock.today() - dt.timedelta(days=1)
    with acting(cast.admin):
        for unit in row.units.order_by("pk"):
            operations.close_unit(cast.admin, unit=unit, on=last)
        operations.close_organisation(cast.admin, organisation=row, on=last)
    admin = page_of("admin")
    assert "Paja 000" not in body(admin, f"{WHERE}?q=Paja")
    found = body(admin, f"{WHERE}?q=Paja&closed=on")
    assert "Paja 000 Oy" in found
    assert "Lakannut" in found


def test_whoever_closes_a_unit_with_clients_is_warned(cast: Cast, page_of: Page) -> None:
    where = f"{WHERE}units/{cast.eero.unit_id}/close/"
    admin = page_of("admin")
    assert not admin.get(where).context["sheet"].warning
    case_of_aino(cast)
    assert admin.get(where).context["sheet"].warning


def test_two_factor_sign_in_is_required_and_let_go(page_of: Page) -> None:
    admin, where = page_of("admin"), f"{WHERE}{key('organisation authority')}/sign-in/"
    assert admin.post(where, {"required": "yes"}).status_code == 302
    assert Organisation.objects.get(pk=key("organisation authority")).requires_second_factor
    stopped = page_of("eero").get("/")
    assert stopped.status_code == 302
    assert "/accounts/" in stopped["Location"]
    assert admin.post(where, {"required": "no"}).status_code == 302
    assert page_of("eero").get("/").status_code == 200
    with as_owner():
        assert Event.objects.filter(action="organisations.require_second_factor").count() == 2


def test_what_is_not_there_is_not_found(page_of: Page) -> None:
    admin, nowhere = page_of("admin"), UUID(int=7)
    for address in (f"{nowhere}/", f"{nowhere}/names/", f"units/{nowhere}/", f"units/{nowhere}/hand-over/"):
        assert admin.get(f"{WHERE}{address}").status_code == 404


def test_the_keepers_pages_name_no_client(cast: Cast, page_of: Page) -> None:
    case = case_of_aino(cast)
    admin = page_of("admin")
    unit = unit_of(case.unit_id)
    for address in (f"units/{unit.pk}/", f"units/{unit.pk}/hand-over/", f"{unit.organisation_id}/", ""):
        found = body(admin, f"{WHERE}{address}")
        assert "Korhonen" not in found
        assert case.number not in found
