"""The list of members is searched and paged: by the keeper over all units, by a lead in her own."""

import re
from collections.abc import Callable
from importlib import import_module

import pytest
from django.test import Client

from silta.access import queries
from silta.access.models import Membership
from silta.kernel.acting import acting
from tests.cast import Cast, as_owner, key

Page = Callable[[str], Client]
WHERE = "/access/members/"


def named(page_of: Page, who: str, asked: str = "") -> list[str]:
    page = page_of(who).get(f"{WHERE}{asked}")
    assert page.status_code == 200
    return [item["row"].user.name for item in page.context["members"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("?q=jarvinen", {"Hanna Järvinen"}), ("?q=JÄRV+hanna", {"Hanna Järvinen"}),
        ("?q=kaisa.lehto@kela", {"Kaisa Lehto"}), ("?q=yrityspalvelut", {"Väinö Salo"}),
        ("?q=fpa", {"Kaisa Lehto"}), ("?q=olematon", set()), ("?q=%00&after=x&ended=x", None),
        ("?q=paula+kainuun", {"Paula Laine"}),
    ],
)  # fmt: skip
def test_the_keeper_finds_a_member_by_name_address_or_unit(
    page_of: Page, asked: str, found: set[str] | None
) -> None:
    names = named(page_of, "admin", asked)
    assert len(names) == 11 if found is None else set(names) == found


def test_a_lead_finds_those_of_her_own_unit_only(page_of: Page) -> None:
    assert set(named(page_of, "paula")) == {"Eero Virtanen", "Paula Laine", "Reino Aho"}
    assert named(page_of, "paula", "?q=kaisa") == []


def test_an_ended_membership_is_shown_where_it_is_asked_for_with_its_reason(
    cast: Cast, page_of: Page
) -> None:
    with as_owner():
        Membership.objects.filter(pk=key("membership kaisa")).update(
            valid_until="2024-02-01", ended_reason="Muutti"
        )
    assert "Kaisa Lehto" not in named(page_of, "admin")
    shown = page_of("admin").get(f"{WHERE}?q=kaisa&ended=on").content.decode()
    assert "Muutti" in shown
    assert f"{key('membership kaisa')}/end/" not in shown


def test_the_list_is_paged_by_key(cast: Cast, page_of: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = named(page_of, "admin")
    monkeypatch.setattr(import_module("silta.access.queries.members"), "PAGE", 4)
    found, where = [], ""
    while True:
        page = page_of("admin").get(f"{WHERE}{where}")
        found += [item["row"].user.name for item in page.context["members"]]
        if not page.context["next"]:
            break
        where = page.context["next"]
    assert found == everybody
    assert len(found) == 11


def test_a_page_after_anothers_row_begins_at_the_beginning(cast: Cast) -> None:
    with acting(cast.paula):
        listed = queries.members(cast.paula, after=key("membership kaisa"))
    assert len(listed.rows) == 3


def test_the_keeper_adds_a_member_to_a_unit_she_has_searched_for(page_of: Page) -> None:
    said = {
        "email": "uusi@kela.example", "name": "Uusi Henkilö", "unit_text": "kuntoutus", "role": "network_member",
        "purpose": "joint_support", "language": "fi",
    }  # fmt: skip
    asked = page_of("admin").post(WHERE, said)
    shown = asked.content.decode()
    assert "unit" in asked.context["form"].errors
    [found] = re.findall(r'data-key="([^"]+)"', shown)
    assert found == str(key("unit kela"))
    assert "set-password" in page_of("admin").post(WHERE, said | {"unit": found}).content.decode() or (
        Membership.objects.filter(user__email="uusi@kela.example", unit_id=found).exists()
    )
