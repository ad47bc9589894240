"""The frame in a real browser: keys, menus, and nothing typed is lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from silta.kernel import clock
from tests.browser.conftest import sign_in

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
    # The second key counts for a moment only: for this page the moment lasts.
    page.clock.set_fixed_time(clock.now())
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


def test_the_first_key_skips_to_the_content(page: Page) -> None:
    page.goto("/clients/")
    page.keyboard.press("Tab")
    link = page.locator(".skip-link")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    expect(link).to_have_css("clip-path", "none")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_where_the_focus_stands_is_seen_at_every_stop(page: Page) -> None:
    unseen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
                const here = document.activeElement, label = here.nextElementSibling;
                const shown = [getComputedStyle(here), getComputedStyle(here.closest(".top__search") || here)];
                if (here.matches("[type=checkbox], [type=radio]") && label) shown.push(getComputedStyle(label, "::before"));
                const outlined = shown.some(one => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 2);
                return outlined || here === document.body ? "" : here.outerHTML.slice(0, 120);
            }"""
        )
        unseen += [found] if found else []
    assert not unseen, "\n".join(unseen)


def test_a_dialog_keeps_the_focus_and_gives_it_back(page: Page) -> None:
    opener = page.locator(".rail [data-opens=keys]")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#keys")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("dialog => dialog.contains(document.activeElement)")
    dialog.locator("[data-closes]").press("Enter")
    expect(dialog).not_to_be_visible()
    expect(opener).to_be_focused()


def test_in_forced_colours_the_current_place_is_marked(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.goto("/clients/")
    expect(page.locator(".rail [aria-current]")).to_have_css("border-left-width", "4px")
    expect(page.locator(".rail a:not([aria-current])").first).to_have_css("border-left-width", "0px")


def test_nothing_moves_for_whoever_wants_it_so(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator("html")).to_have_css("scroll-behavior", "auto")
    slow = page.evaluate(
        """() => Array.from(document.querySelectorAll("*")).filter(one => {
            const style = getComputedStyle(one);
            return Math.max(...[style.transitionDuration, style.animationDuration].flatMap(
                times => times.split(",").map(time => parseFloat(time) * (time.includes("ms") ? 1 : 1000)))) > 1;
        }).length"""
    )
    assert slow == 0


def test_the_clients_plan_on_paper_has_days_and_telephones(visit: Callable[..., Page]) -> None:
    page = visit("aino")
    page.emulate_media(media="print")
    for gone in (".client-menu", ".languages", "[data-prints]", ".due__words >> nth=0"):
        expect(page.locator(gone)).not_to_be_visible()
    for there in (".print-only", ".quote >> nth=0", "a[href^='tel:'] >> nth=0", ".due time >> nth=0"):
        expect(page.locator(there)).to_be_visible()
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")


def test_the_clients_pages_stand_side_by_side_in_every_language_and_one_below_another_where_it_is_narrow(
    visit: Callable[..., Page],
) -> None:
    page = visit("aino")
    for language, code in (("Svenska", "sv"), ("English", "en"), ("Suomi", "fi")):
        page.set_viewport_size({"width": 1280, "height": 800})
        page.get_by_role("button", name=language).click()
        expect(page.locator("html")).to_have_attribute("lang", code)
        assert len(_tops(page)) == 1, language
        page.set_viewport_size({"width": 320, "height": 800})
        assert len(_tops(page)) == page.locator(".client-menu__item").count()
        expect(page.locator(".plain-top__out button")).to_be_in_viewport()


def _tops(page: Page) -> set[float]:
    boxes = [place.bounding_box() for place in page.locator(".client-menu__item").all()]
    return {box["y"] for box in boxes if box}


def test_the_clients_plan_works_without_scripts(browser: Browser, product: str) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 640}, locale="fi", base_url=product
    )
    page = context.new_page()
    sign_in(page, "aino")
    for button in page.locator("main button, main a.hds-button").all():
        box = button.bounding_box()
        assert box is None or box["height"] >= 44, button.inner_text()
    page.get_by_role("button", name="Svenska").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Det här är din plan")
    page.get_by_role("button", name="Suomi").click()
    page.get_by_role("link", name="Kuka saa nähdä mitä").click()
    page.get_by_text("Miksi?").first.click()
    expect(page.locator("details[open]").first).to_be_visible()
    context.close()
