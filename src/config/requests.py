"""What is told of every request: one line of the log, and the number by which that line is found again.

The number comes from the proxy (``X-Request-ID``) or is made here; the answer carries it, so that whoever reports a fault
can name it. Of the request the line tells method, route, status and time: no address, for addresses hold secrets and what
people typed, and nobody's id, for the journal tells who did what.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config import health, logs

HEADER = "X-Request-ID"
# 32 hexadecimal digits, with or without the dashes of a UUID: what proxies make. Anything else might be a word.
_WELL_FORMED = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_log = logging.getLogger("silta.requests")


def route(request: HttpRequest) -> str:
    """The name of the route that answers, never the address itself; ``none`` where there is no such route."""
    match = request.resolver_match
    return (match.view_name or match.route) if match is not None else "none"


class RequestMiddleware:
    """The first of all middleware: numbers the request and tells of it; lets no method through that nobody serves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answers with the number of the request among the headers."""
        given = request.headers.get(HEADER, "")
        number = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        before = logs.current_request.set(number)
        began = time.perf_counter()
        try:
            response = self._answer(request)
            _tell(request, response, time.perf_counter() - began)
        finally:
            logs.current_request.reset(before)
        response.headers[HEADER] = number
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        """A made-up method would otherwise become a label of the metrics, as many as somebody cares to make up."""
        if request.method not in _METHODS:
            return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": ", ".join(_METHODS)})
        return self.get_response(request)


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Machines that ask every second whether Silta lives, and files that lie ready, are told of only where they fail."""
    is_fine = response.status_code < HTTPStatus.BAD_REQUEST
    if is_fine and (
        request.path in {health.LIVENESS, health.READINESS} or request.path.startswith(settings.STATIC_URL)
    ):
        return
    logs.write(
        _log,
        logging.ERROR if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO,
        "request",
        method=request.method if request.method in _METHODS else "other",
        route=route(request),
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )
