"""A lead goes through her unit: each answer is saved where it stands, can be taken back, and all are confirmed at the end."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

UNIT = "Työkyvyn tuki"


def _is_open(officer: Page) -> None:
    """Sees to it that a review of the unit is open: the officer begins one where there is none."""
    officer.goto("/access/rights/")
    begin = officer.get_by_role("button", name=f"Aloita nyt: {UNIT}", exact=True)
    if begin.count():
        begin.click()
    expect(officer.get_by_role("row").filter(has_text=UNIT)).to_contain_text("Kesken")


def test_paula_reviews_her_unit(visit: Callable[..., Page]) -> None:
    officer, paula = visit("officer"), visit("paula")
    _is_open(officer)
    paula.goto("/unit/")
    paula.get_by_role("link", name="Käyttöoikeuksien tarkistus").click()
    # A reload would take this mark away.
    paula.evaluate("document.body.dataset.stayed = 'yes'")

    eero = paula.locator(".rights-row").filter(has_text="Eero Virtanen")
    eero.get_by_text("Päättyy…").click()
    eero.get_by_role("button", name="Päättyy tänä päivänä").click()
    expect(eero).to_contain_text("Kerro, minä päivänä tehtävä päättyy.")
    eero.get_by_role("button", name="Jatkaa: Eero Virtanen").click()
    expect(eero.get_by_role("heading")).to_be_focused()
    eero.get_by_role("button", name="Peru vastaus").click()
    expect(eero.get_by_role("button", name="Jatkaa: Eero Virtanen")).to_be_visible()

    expect(paula.get_by_role("button", name="Päätä tarkistus")).to_have_count(0)
    stays = paula.get_by_role("button", name="Jatkaa:")
    for left in range(stays.count(), 0, -1):
        stays.first.click()
        expect(stays).to_have_count(left - 1)
    assert paula.evaluate("document.body.dataset.stayed") == "yes"
    paula.get_by_role("button", name="Päätä tarkistus").click()
    expect(paula.locator("main")).to_contain_text("Paula Laine päätti tarkistuksen")
    expect(paula.get_by_role("row").filter(has_text="Eero Virtanen")).to_contain_text("Jatkaa")

    officer.reload()
    expect(officer.get_by_role("row").filter(has_text=UNIT)).to_contain_text("Valmis")
