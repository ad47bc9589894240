"""Two addresses for the machines around Silta, and the page that people see while the database does not answer.

- ``/healthz``: this process answers. Asks nothing of anybody; whoever restarts processes looks here.
- ``/readyz``: this process can serve: the database answers and is what this version of the code declares. Whoever
  sends people to processes looks here.

Both are answered before anything else: for any host name, without HTTPS, without a session.
"""

import errno
import sys
from collections.abc import Callable

import psycopg
from django.conf import settings
from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

LIVENESS, READINESS = "/healthz", "/readyz"
RETRY_AFTER = "10"
_BROKEN, _UNAVAILABLE = 500, 503
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# What is typed there is secret: it is never written into a page.
_NEVER_GIVEN_BACK = "/accounts/"


class HealthMiddleware:
    """Answers the two addresses; the first of all middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Lets every other address through."""
        if request.path == LIVENESS:
            return _told("ok")
        if request.path == READINESS:
            problem = _problem()
            return _told(problem or "ok", _UNAVAILABLE if problem else 200)
        return self.get_response(request)


def _told(word: str, status: int = 200) -> HttpResponse:
    return HttpResponse(
        f"{word}\n", status=status, content_type="text/plain", headers={"Cache-Control": "no-store"}
    )


def _problem() -> str:
    """Why this process cannot serve, in a word that tells nothing of the inside; empty where it can."""
    from config import migrating

    try:
        return "" if migrating.is_up_to_date() else "migrations"
    except Error:
        return "database"


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of what broke: where the database did not answer, or a disk is full, one that says so, and gives back what was sent."""
    error = sys.exc_info()[1]
    if (is_full := _is_full(error)) or isinstance(error, (OperationalError, InterfaceError)):
        return unavailable(request, is_full=is_full)
    return HttpResponse(loader.get_template("500.html").render(_frame()), status=_BROKEN)


def _frame() -> dict[str, object]:
    """What a page drawn without the request still says: that these are invented people, where they are."""
    return {"demonstration": settings.DEMONSTRATION}


def _is_full(error: BaseException | None) -> bool:
    """Whether a disk is full: this process's own, or the database's."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, OperationalError) and isinstance(error.__cause__, psycopg.errors.DiskFull)


def unavailable(request: HttpRequest, *, is_full: bool = False) -> HttpResponse:
    """Says that Silta cannot answer now, in the reader's language, and asks nothing of the database.

    A form comes back to its sender alone, to be sent again by one press: with its CSRF token, which is looked at then.
    """
    given_back = request.method == "POST" and not request.path.startswith(_NEVER_GIVEN_BACK)
    context = _frame() | {
        "is_full": is_full,
        "is_sent": request.method == "POST",
        "path": request.get_full_path() if given_back else "",
        "had_files": given_back and bool(request.FILES),
        "fields": [(name, value) for name, values in request.POST.lists() for value in values]
        if given_back
        else [],
    }
    return HttpResponse(
        loader.get_template("503.html").render(context),
        status=_UNAVAILABLE,
        headers={"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"},
    )
