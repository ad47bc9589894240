"""The client's own journey: her plan in plain Finnish, her yes to a goal, who has seen her data, and the same in Swedish."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import CasePage, Desk

pytestmark = pytest.mark.browser

PROPOSED = "Kokeilen kahta lyhyttä vuoroa viikossa"


def _eero_proposes_a_goal(page: Page) -> CasePage:
    case = Desk(page).open_client("orhon", "Aino Korhonen")
    case.do("Tavoite", own_words=PROPOSED, proposed_by="professional")
    expect(case.goal(PROPOSED)).to_contain_text("Ehdotettu")
    return case


def test_aino_reads_her_plan_and_says_yes_to_a_goal(visit: Callable[..., Page]) -> None:
    of_eero = _eero_proposes_a_goal(visit("eero"))
    page = visit("aino", width=360, height=740)

    expect(page.locator("h1")).to_have_text("Tämä on suunnitelmasi")
    expect(page.locator("html")).to_have_attribute("lang", "fi")
    goal = page.locator(".stack > div, section div", has=page.locator(".quote", has_text=PROPOSED)).last
    expect(goal).to_contain_text("Tämä tavoite on ehdotus. Onko se sinun tavoitteesi? Sinä päätät.")
    goal.get_by_role("button", name="Kyllä, tämä on tavoitteeni").click()
    expect(page.locator("#messages")).to_contain_text("Kiitos. Tämä on nyt tavoitteesi.")
    expect(goal).to_contain_text("Olet sanonut kyllä tälle tavoitteelle")

    step = page.locator("li.row", has=page.get_by_role("button", name="Olen tehnyt tämän")).first
    words = step.locator("strong").inner_text()
    step.get_by_role("button", name="Olen tehnyt tämän").click()
    expect(page.locator("#messages")).to_contain_text("Hienoa. Askel on merkitty tehdyksi.")
    expect(page.get_by_text(words, exact=True)).to_have_count(0)

    page.get_by_role("link", name="Kuka on nähnyt tietoni").click()
    expect(page.locator("h1")).to_have_text("Kuka on nähnyt tietoni")
    expect(page.locator(".timeline__item", has_text="Eero Virtanen").first).to_contain_text("Työkyvyn tuki")
    expect(page.locator(".timeline__item", has_text="ehdotti tavoitetta").first).to_contain_text(
        "Eero Virtanen"
    )
    expect(page.locator(".timeline__item", has_text="Väinö Salo")).to_have_count(0)

    page.get_by_role("link", name="Kuka saa nähdä mitä").click()
    expect(page.get_by_role("heading", name="Kuntoutusratkaisut, Kela")).to_be_visible()
    coaching = page.locator(
        "section.card", has=page.get_by_role("heading", name="Työhönvalmennus, Valmennus Vuoksi ry")
    )
    expect(coaching).to_be_visible()
    expect(coaching.locator("li", has_text="Terveys")).to_have_count(0)

    page.get_by_role("link", name="Suunnitelmani").click()
    page.get_by_role("button", name="Svenska").click()
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    expect(page.locator("h1")).to_have_text("Det här är din plan")
    expect(page.locator(".quote", has_text=PROPOSED)).to_be_visible()

    of_eero.open()
    expect(of_eero.goal(PROPOSED)).to_contain_text("Asiakas on vahvistanut")
    expect(of_eero.band("plan").locator(".row--done", has_text=words)).to_be_visible()
