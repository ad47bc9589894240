"""A deed on the page of a case: what it changed is drawn anew, and the page itself stays."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SAID = "Sovittiin tapaaminen torstaiksi."


def test_after_a_deed_the_plan_the_history_and_the_head_tell_of_it_without_a_reload(
    visit: Callable[..., Page],
) -> None:
    page = visit("eero")
    page.goto("/clients/?q=Aino")
    page.get_by_role("link", name="Aino Korhonen").first.click()
    step = page.locator("#plan .row:has(.tick-button)").first
    what = step.locator(".step-text").inner_text()
    # A reload would take this mark away.
    page.evaluate("document.body.dataset.stayed = 'yes'")

    step.locator(".tick-button").click()
    expect(page.locator("#plan .row--done").filter(has_text=what)).to_be_visible()
    expect(page.locator("#happened .timeline__item").filter(has_text=f"Valmis: {what}")).to_be_visible()

    page.locator("#case-menu .hds-button--primary").click()
    form = page.locator("#deed form").filter(has=page.locator("textarea[name=text]"))
    form.locator("textarea[name=text]").fill(SAID)
    form.locator(".hds-button--primary").click()
    expect(page.locator("#happened .timeline__item").filter(has_text=SAID)).to_be_visible()
    expect(page.locator("#case-head .case-head__cell").last).to_contain_text("tänään")
    expect(page.locator("#deed")).to_be_empty()
    assert page.evaluate("document.body.dataset.stayed") == "yes"
