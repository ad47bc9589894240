"""Finds the pages of the product without a browser: follows links over HTTP, and remembers one address of each route."""

import html
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve, reverse
from playwright.sync_api import APIRequestContext

from tests.doors.routes import DOORS

# Not pages: files, and what ends the session.
_LEFT_OUT = {
    "account_logout",
    "desk:export",
    "desk:calendar_feed",
    "intake:template",
    "intake:bad_rows",
    "portal:own_data_file",
    "access:export_file",
    "ui:alive",
    # A piece of a page: what was found by a name, looked at where it stands (test_pick).
    "access:units",
    "desk:parents",
    # A piece of the page of figures, which htmx asks for, and its pictures.
    "evaluation:progress",
    "evaluation:chart",
}
# How many pages of a route are read for the links on them.
_MOST = {"cases:case": 70, "cases:person": 70, "cases:offer": 6, "desk:clients": 5, "desk:receiver": 8}
_MOST_OF_OTHERS = 2
# Where links may lead that stand on a page in a certain state only.
_FURTHER = ("/clients/", "/clients/?state=ended", "/clients/?of=unit&state=ended", "/search/?q=zzz")
_PICKED = re.compile(
    r'<input class="hds-radio-button__input"\s+type="radio"\s+name="(\w+)"\s+value="([0-9a-f-]{36})"'
)
_LINK = re.compile(r"""<(?:a|form|button)\b[^>]*?\b(?:href|action|formaction)="([^"#]+)""")


def route_of(address: str) -> str | None:
    """The name of the route behind an address; none for another site or a file."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return None


def pages(request: APIRequestContext, first: str, name: str | None) -> dict[str, str]:
    """One address of each route that opens to this member of the cast, who is signed in.

    Follows links and the forms' own addresses from the first page, and tries the doors without arguments that
    ``tests.doors.routes`` opens to her. Fails where a page answers with an error of the server.
    """
    begins = [first, *(urljoin(first, path) for path in [*_FURTHER, *_doors_of(name)])]
    queue, fetched, found = begins if name else [first], dict[str, int](), dict[str, str]()
    known = set(queue)
    while queue:
        address = queue.pop(0)
        route = route_of(address)
        if route is None or route in _LEFT_OUT:
            continue
        if fetched.get(route, 0) >= _MOST.get(route, _MOST_OF_OTHERS):
            continue
        fetched[route] = fetched.get(route, 0) + 1
        answer = request.get(address)
        assert answer.status < 500, f"{address}: {answer.status}"
        if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        found.setdefault(route_of(answer.url) or route, answer.url)
        for link in _links(answer.url, answer.text()):
            if link not in known:
                known.add(link)
                queue.append(link)
    return found


def _doors_of(name: str | None) -> Iterator[str]:
    for route, door in DOORS.items():
        if name in (door.gets or "").split() and not door.arguments:
            yield reverse(route)


def _links(base: str, text: str) -> Iterator[str]:
    for link in _LINK.findall(text):
        address = urljoin(base, html.unescape(link))
        if urlsplit(address).netloc == urlsplit(base).netloc:
            yield address
    # What is offered to be picked leads on where the form asks for a page.
    for name, key in _PICKED.findall(text) if '<form class="form" method="get"' in text else ():
        yield urljoin(base, f"?{name}={key}")


def unmet(met: set[str]) -> set[str]:
    """The routes with a page of their own that nobody has met."""
    return {name for name, door in DOORS.items() if door.gets is not None} - met - _LEFT_OUT
