"""Every page a role can reach by links, in a real browser: accessible, without script errors, and within 360 pixels."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from tests.browser.accessibility import violations
from tests.browser.conftest import USERS

pytestmark = pytest.mark.browser

_LEFT_OUT = {"account_logout", "desk:export", "desk:calendar_feed", "intake:template", "intake:bad_rows"}


def route_of(address: str) -> str | None:
    """The name of the route behind an address; none for another site or a file."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return None


def reachable(page: Page, most: int = 60) -> Iterator[str]:
    """Walks the links from the page on, one page of each route; yields the routes' names with the page standing there."""
    queue, seen = [page.url], set[str]()
    while queue and len(seen) < most:
        address = queue.pop(0)
        route = route_of(address)
        if route is None or route in seen or route in _LEFT_OUT:
            continue
        seen.add(route)
        response = page.goto(address)
        assert response is not None
        assert response.status < 500, address
        if "text/html" not in response.headers.get("content-type", ""):
            continue
        yield route
        queue += page.eval_on_selector_all("a[href]", "links => links.map(link => link.href.split('#')[0])")


@pytest.mark.parametrize("name", [None, *USERS])
def test_every_page_is_accessible(visit: Callable[..., Page], name: str | None) -> None:
    page = visit(name)
    if name is None:
        page.goto("/accounts/login/")
    found = [problem for _ in reachable(page) for problem in violations(page)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", ["eero", "paula", "liisa", "aino", "admin"])
def test_every_page_fits_a_phone(visit: Callable[..., Page], name: str) -> None:
    page = visit(name, width=360, height=740)
    wide = [
        f"{route} is {page.evaluate('document.documentElement.scrollWidth')} px wide"
        for route in reachable(page)
        if page.evaluate("document.documentElement.scrollWidth") > 360
    ]
    assert not wide, "\n".join(wide)
