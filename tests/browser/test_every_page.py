"""Every page that opens to somebody, in a real browser: accessible, without script errors, and within 360 pixels.

The pages are found over HTTP; each route is then looked at once in full (in Finnish, on a wide screen and on a phone),
and in Swedish and English on a phone. Pages that differ by role are looked at in each role.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page

from tests.browser import walking
from tests.browser.accessibility import violations
from tests.browser.conftest import USERS

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
ENLARGED = {"width": 320, "height": 256}
DESK = {"width": 1280, "height": 900}
# What these show depends on who looks.
BY_ROLE = {"desk:today", "cases:case", "access:reference"}
CASELOAD = Path(__file__).resolve().parents[1] / "intake" / "data" / "caseload-export.csv"
AINOS_CODE = "010190-900P"
# A piece of a page that htmx asks for: the page around it is looked at; and what no story of the region leads to.
NOT_MET = {"intake:progress", "cases:note_restore", "access:erasure_release"}


@pytest.fixture(scope="module")
def met() -> set[str]:
    """The routes looked at so far in this module, whoever looked."""
    return set()


@pytest.fixture(scope="module")
def pages_of() -> Callable[[Page, str | None], dict[str, str]]:
    """One address of each route that opens to a member of the cast; found once for all tests of this module."""
    found: dict[str | None, dict[str, str]] = {}

    def walked(page: Page, name: str | None) -> dict[str, str]:
        if name not in found:
            found[name] = walking.pages(page.request, page.url, name)
        return found[name]

    return walked


def wide(page: Page) -> list[str]:
    """What stands out over the right edge of a phone, and of a page enlarged four times (WCAG 1.4.10)."""
    found = []
    for size in (PHONE, ENLARGED):
        page.set_viewport_size(size)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            found.append(f"{page.url} is {width} px wide on {size['width']} px")
    return found


def looked_at(page: Page, address: str) -> list[str]:
    """Everything wrong with a page, on a wide screen and on a phone."""
    page.set_viewport_size(DESK)
    page.goto(address)
    found = violations(page)
    page.set_viewport_size(PHONE)
    return found + violations(page) + wide(page)


@pytest.mark.parametrize("name", [None, *USERS])
def test_every_page_is_accessible(
    visit: Callable[..., Page], pages_of: Callable[..., dict[str, str]], met: set[str], name: str | None
) -> None:
    page = visit(name)
    if name is None:
        page.goto("/accounts/login/")
    found: list[str] = []
    for route, address in pages_of(page, name).items():
        if route not in met or route in BY_ROLE:
            met.add(route)
            found += looked_at(page, address)
    assert not found, "\n".join(found)


def test_the_pages_of_an_import_are_accessible(visit: Callable[..., Page], met: set[str]) -> None:
    page = visit("paula")
    page.goto("/import/")
    page.locator("input[type=file]").set_input_files(CASELOAD)
    page.locator("main form:has(input[type=file]) button[type=submit]").first.click()
    page.wait_for_url("**/columns/")
    columns = page.url
    page.locator("input[name=source]").fill("Typpi")
    page.locator("main form:has(input[name=source]) button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/columns/" not in url)
    page.wait_for_selector("#progress", state="detached", timeout=120_000)
    found = looked_at(page, page.url) + looked_at(page, columns)
    met |= {"intake:columns", "intake:file"}
    assert not found, "\n".join(found)


def test_the_pages_of_a_subscription_are_accessible_and_kept_with_the_keyboard(
    visit: Callable[..., Page], met: set[str]
) -> None:
    page = visit("paula")
    page.goto("/subscriptions/")
    page.locator("input[name=name]").press_sequentially("Oma rekisteri")
    page.keyboard.press("Tab")
    page.keyboard.type("https://vastaanottaja.example/silta?avain=pitka-avain-osoitteessa")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_selector("#secret-title")
    found = violations(page) + wide(page)
    page.set_viewport_size(DESK)
    page.get_by_role("link", name="Oma rekisteri").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#messages-title")
    page.get_by_role("button", name="Lähetä koeilmoitus").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("table .badge")
    found += looked_at(page, page.url)
    met.add("subscriptions:subscription")
    assert not found, "\n".join(found)


def test_the_pages_of_a_clients_own_data_are_accessible(visit: Callable[..., Page], met: set[str]) -> None:
    page = visit("aino")
    page.goto("/me/data/")
    page.get_by_role("button", name="Kokoa tietoni").click()
    found = read_when_ready(page, "main .card a.hds-button--primary")
    page = visit("officer")
    page.goto("/access/exports/")
    page.locator("input[name=identity_code]").fill(AINOS_CODE)
    page.locator("[name=reason]").fill("Kävi toimistossa ja näytti passinsa.")
    page.locator("main form:has([name=reason]) button[type=submit]").click()
    found += read_when_ready(page, "main .row__action a")
    met |= {"portal:own_data_read", "access:export_read"}
    assert not found, "\n".join(found)


def test_the_figures_are_accessible_while_they_are_worked_out_and_afterwards(
    visit: Callable[..., Page],
) -> None:
    """From here on the region has figures, whatever the hour: the walk in other languages meets them too."""
    page = visit("paula")
    page.goto("/figures/")
    page.locator("main form[action*=order] button").click()
    page.wait_for_selector("#progress")
    found = violations(page) + wide(page)
    page.wait_for_selector("#progress", state="detached", timeout=120_000)
    page.wait_for_selector(".figure__chart")
    found += looked_at(page, page.url)
    assert not found, "\n".join(found)


def read_when_ready(page: Page, link: str) -> list[str]:
    """Follows the link once the worker has put together what it leads to; everything wrong with both pages."""
    asked = page.url
    for _second in range(240):
        if page.locator(link).count():
            break
        page.wait_for_timeout(1000)
        page.goto(asked)
    found = looked_at(page, asked)
    page.locator(link).first.click()
    page.wait_for_url(lambda url: url != asked)
    return found + looked_at(page, page.url)


def test_no_page_was_left_out(met: set[str]) -> None:
    assert walking.unmet(met) <= NOT_MET


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_page_fits_a_phone_in_other_languages(
    visit: Callable[..., Page], pages_of: Callable[..., dict[str, str]], language: str
) -> None:
    found: list[str] = []
    fitted: set[str] = set()
    for name in ("eero", "paula", "aino"):
        page = visit(name, language=language, **PHONE)
        cookie = {"name": "silta_language", "value": language, "url": urljoin(page.url, "/")}
        for route, address in pages_of(page, name).items():
            if route in fitted:
                continue
            fitted.add(route)
            page.context.add_cookies([cookie])
            page.goto(address)
            assert page.locator("html").get_attribute("lang") == language, address
            found += wide(page)
    assert not found, "\n".join(found)
