"""A lead goes through her unit: each answer is saved where it stands, can be taken back, and all are confirmed at the end."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

UNIT = "Työkyvyn tuki"
STAYS = "button[value=stays]"


def _is_open(officer: Page) -> None:
    """Sees to it that a review of the unit is open: the officer begins one where there is none."""
    officer.goto("/access/rights/")
    row = officer.get_by_role("row").filter(has_text=UNIT)
    if (begin := row.get_by_role("button", name="Aloita nyt")).count():
        begin.click()
    expect(row).to_contain_text("Kesken")


def _takes_back_every_answer(paula: Page) -> None:
    """Whatever was answered before: the list begins anew."""
    answers = paula.locator("button[name=verdict][value='']")
    for left in range(answers.count(), 0, -1):
        answers.first.click()
        expect(answers).to_have_count(left - 1)


def test_paula_reviews_her_unit(visit: Callable[..., Page]) -> None:
    officer, paula = visit("officer"), visit("paula")
    _is_open(officer)
    paula.goto("/unit/")
    paula.get_by_role("link", name="Käyttöoikeuksien tarkistus").click()
    _takes_back_every_answer(paula)
    # A reload would take this mark away.
    paula.evaluate("document.body.dataset.stayed = 'yes'")

    eero = paula.locator(".rights-row").filter(has_text="Eero Virtanen")
    eero.get_by_text("Päättyy…").click()
    eero.get_by_role("button", name="Päättyy tänä päivänä").click()
    expect(eero).to_contain_text("Kerro, minä päivänä tehtävä päättyy.")
    eero.locator(STAYS).click()
    expect(eero.locator(".rights-answer")).to_contain_text("Jatkaa")
    expect(eero.locator(".row__title")).to_be_focused()
    eero.get_by_role("button", name="Peru vastaus").click()
    expect(eero.locator(STAYS)).to_be_visible()

    expect(paula.get_by_role("button", name="Päätä tarkistus")).to_have_count(0)
    stays = paula.locator(STAYS)
    for left in range(stays.count(), 0, -1):
        stays.first.click()
        expect(stays).to_have_count(left - 1)
    assert paula.evaluate("document.body.dataset.stayed") == "yes"
    paula.get_by_role("button", name="Päätä tarkistus").click()
    expect(paula.locator("main")).to_contain_text("Paula Laine päätti tarkistuksen")
    expect(paula.get_by_role("row").filter(has_text="Eero Virtanen")).to_contain_text("Jatkaa")

    officer.reload()
    expect(officer.get_by_role("row").filter(has_text=UNIT)).to_contain_text("Valmis")
