"""The frame in a real browser: keys, menus, and nothing typed is lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

GALLERY = "/gallery/#buttons"


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    found = visit("eero")
    found.goto(GALLERY)
    found.evaluate("document.activeElement.blur()")
    return found


def test_the_keys_go_search_and_help(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).not_to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#frame-search")).to_be_focused()
    page.keyboard.type("g c")
    expect(page.locator("#frame-search")).to_have_value("g c")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/clients/")


def test_a_menu_closes_by_escape_and_gives_the_focus_back(page: Page) -> None:
    menu = page.locator(".menu--acting")
    menu.locator("summary").click()
    expect(menu.locator(".menu__panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.locator(".menu__panel")).not_to_be_visible()
    expect(menu.locator("summary")).to_be_focused()


def test_leaving_with_unsaved_text_asks_first(page: Page) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("#id_empty-name").fill("kesken")
    page.goto("/clients/")
    assert asked == ["beforeunload"]


def test_one_press_signs_in_to_the_demonstration(visit: Callable[..., Page]) -> None:
    page = visit(None)
    page.goto("/accounts/login/")
    page.locator('[data-login="saara.niemi@hyvinvointi.example"]').click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    expect(page.locator(".menu__button--me")).to_contain_text("Saara Niemi")


def test_the_rail_is_a_bar_at_the_bottom_of_a_phone(visit: Callable[..., Page]) -> None:
    page = visit("eero", width=360, height=740)
    page.goto(GALLERY)
    box = page.locator(".rail").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == pytest.approx(740, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_language_changes_where_one_stands(page: Page) -> None:
    page.locator(".menu__button--me").click()
    page.get_by_role("button", name="Svenska").click()
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    assert page.url.endswith("/gallery/")


def test_on_paper_only_the_content_is_left(page: Page) -> None:
    page.emulate_media(media="print")
    for gone in (".top", ".rail", ".chips >> nth=0"):
        expect(page.locator(gone)).not_to_be_visible()
    expect(page.locator("h1")).to_be_visible()
