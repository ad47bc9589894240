"""A unit is searched for and picked: with the keys alone, with the pointer, and without script."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations

pytestmark = pytest.mark.browser

SIZES = ({"width": 1280, "height": 900}, {"width": 360, "height": 740})


def open_case(page: Page) -> str:
    """Aino's case before Eero; returns its address."""
    page.goto("/clients/?q=Aino")
    page.get_by_role("link", name="Aino Korhonen").first.click()
    page.wait_for_url("**/cases/*/**")
    return page.url.split("#")[0]


@contextmanager
def without_script(page: Page) -> Iterator[Page]:
    """The same person, whose browser runs no script."""
    browser = page.context.browser
    assert browser is not None
    state = page.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=state, locale="fi-FI")
    try:
        yield context.new_page()
    finally:
        context.close()


def test_the_keys_alone_find_and_pick_a_unit(visit: Callable[..., Page]) -> None:
    page = visit("eero")
    page.goto(f"{open_case(page)}invite/")
    field = page.get_by_role("combobox", name="Mikä yksikkö")
    listbox = page.get_by_role("listbox")
    expect(field).to_have_attribute("aria-expanded", "false")

    field.focus()
    expect(listbox).to_be_visible()
    usual = listbox.get_by_role("option").count()
    assert 0 < usual <= 8, "what is usual comes without typing, and not everything"

    field.press_sequentially("KUNTOUTUSR")
    expect(listbox.get_by_role("option")).to_have_count(1)
    expect(page.locator(".pick [role=status]")).to_have_text(re.compile("Löytyi 1"))
    field.press("ArrowDown")
    marked = listbox.get_by_role("option", selected=True)
    expect(field).to_have_attribute("aria-activedescendant", str(marked.get_attribute("id")))
    field.press("Escape")
    expect(listbox).to_be_hidden()
    expect(field).to_have_value("KUNTOUTUSR")
    field.press("ArrowDown")
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("Kuntoutusratkaisut, Kela")
    expect(listbox).to_be_hidden()
    assert "unit=" not in page.url, "picking sends nothing yet"
    field.press("Enter")
    expect(page.get_by_role("heading", name="Saammeko kertoa yksikölle Kuntoutusratkaisut?")).to_be_visible()
    expect(field).to_have_value("Kuntoutusratkaisut, Kela")


def test_typing_on_after_a_pick_takes_it_back(visit: Callable[..., Page]) -> None:
    page = visit("eero")
    page.goto(f"{open_case(page)}service/")
    field, key = (
        page.get_by_role("combobox", name="Kuka sen tuottaa"),
        page.locator("input[type=hidden][name=provider_unit]"),
    )
    field.press_sequentially("kuntoutusr")
    page.get_by_role("option").first.click()
    expect(key).not_to_have_value("")
    expect(field).to_be_focused()
    field.press("Backspace")
    expect(key).to_have_value("")
    field.fill("zzzz")
    expect(page.locator(".pick__said")).to_have_text(re.compile("ei löytynyt"))
    expect(field).to_have_attribute("aria-expanded", "false")
    page.locator("input[name=name]").fill("Työpaja")
    page.get_by_role("button", name="Kirjaa palvelu").click()
    expect(page.locator(".error-summary")).to_contain_text("ei löytynyt")
    expect(field).to_have_value("zzzz")
    page.locator(".error-summary a").first.click()
    expect(field).to_be_focused()


@pytest.mark.parametrize("size", SIZES, ids=["wide", "phone"])
def test_the_open_list_is_accessible_and_stays_on_the_screen(
    visit: Callable[..., Page], size: dict[str, int]
) -> None:
    page = visit("eero", **size)
    page.goto(f"{open_case(page)}transfer/")
    field = page.get_by_role("combobox")
    found: list[str] = []
    for typed in ("", "yri", "zzzz"):
        field.fill(typed)
        field.focus()
        expect(page.locator(".pick__found")).to_be_visible()
        field.press("ArrowDown")
        found += violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", SIZES, ids=["wide", "phone"])
def test_without_script_the_form_comes_back_with_what_was_found(
    visit: Callable[..., Page], size: dict[str, int]
) -> None:
    page = visit("eero", **size)
    address = open_case(page)
    with without_script(page) as plain:
        plain.set_viewport_size({"width": size["width"], "height": size["height"]})
        plain.goto(f"{address}invite/")
        expect(plain.get_by_role("radio").first).to_be_visible()
        plain.locator("input[name=unit_text]").fill("kuntoutusr")
        plain.get_by_role("button", name="Katso, mitä saa jakaa").click()
        expect(plain.locator(".error-summary")).to_contain_text("Valitse yksi löytyneistä")
        expect(plain.locator("input[name=unit_text]")).to_have_value("kuntoutusr")
        plain.get_by_text("Kuntoutusratkaisut", exact=True).click()
        plain.get_by_role("button", name="Katso, mitä saa jakaa").click()
        expect(plain.locator("h2", has_text="Saammeko kertoa")).to_contain_text("Kuntoutusratkaisut")
