"""The session ends in a browser without scripts, and nothing that was typed is lost."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, USERS

pytestmark = pytest.mark.browser

TYPED = "Aino kertoi, että uni on parantunut."


@pytest.fixture
def plain(browser: Browser, product: str) -> Iterator[BrowserContext]:
    """A browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False, base_url=product, locale="fi")
    yield context
    context.close()


def _sign_in(page: Page, name: str) -> None:
    page.locator("input[name=login]").fill(USERS[name])
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form#sign-in button[type=submit]").first.click()


def test_a_note_typed_into_an_ended_session_is_saved_after_signing_in(plain: BrowserContext) -> None:
    page = plain.new_page()
    page.goto("/accounts/login/")
    _sign_in(page, "eero")
    page.goto("/clients/")
    found = re.search(r'href="(/cases/[0-9a-f-]{36}/)', page.content())
    assert found is not None
    page.goto(f"{found[1]}note/")
    page.locator("textarea[name=text]").fill(TYPED)
    plain.clear_cookies(name="sessionid")
    page.locator("form:has(textarea[name=text]) button[type=submit]").first.click()
    expect(page.locator("#messages")).to_contain_text("Kirjoittamasi on tallessa")
    assert TYPED not in page.url
    _sign_in(page, "eero")
    expect(page.locator(".quote")).to_have_text(TYPED)
    page.locator("#send-again button").click()
    expect(page.locator("main")).to_contain_text(TYPED)
