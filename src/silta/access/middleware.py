"""Builds the Actor of each request, opens its transaction and keeps GET from writing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from silta.access import queries
from silta.audit import operations as audit
from silta.audit.enums import Kind, Outcome
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, NotFound

SESSION_KEY = "silta.acting_as"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_READS = ("SELECT", "WITH", "SET ", "SAVEPOINT", "RELEASE", "ROLLBACK", 'INSERT INTO "AUDIT_EVENT"')
_LIBRARY_PATHS = ("/accounts/", "/language/")


class WriteOnGet(RuntimeError):
    """A page that should only read tried to write."""


def _only_reads(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    if not sql.lstrip().upper().startswith(_READS):
        raise WriteOnGet(sql[:120])
    return execute(sql, params, many, context)


class ActingMiddleware:
    """Puts ``request.actor`` in place and runs the view inside its transaction.

    A refused or absent thing becomes the same 404; a refusal is journalled after the work of the view is undone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serves one request as its actor."""
        request.actor = self._actor(request)  # type: ignore[attr-defined]
        if request.path.startswith(_LIBRARY_PATHS):
            return self.get_response(request)
        with acting(request.actor):  # type: ignore[attr-defined]
            if request.method in _SAFE_METHODS:
                with connection.execute_wrapper(_only_reads):
                    response = self._rendered(request)
            else:
                response = self._rendered(request)
            if response.status_code >= 500:  # noqa: PLR2004 - the HTTP class of server errors
                transaction.set_rollback(True)
        return response

    def _rendered(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turns the domain's refusals into a 404 that does not tell absent from forbidden."""
        if not isinstance(error, (NotAllowed, NotFound)):
            return None
        audit.record(
            request.actor,  # type: ignore[attr-defined]
            error.code,
            kind=Kind.READ if request.method in _SAFE_METHODS else Kind.WRITE,
            outcome=Outcome.REFUSED,
            path=request.resolver_match.view_name if request.resolver_match else "",
            subject_id=str(next(iter(request.resolver_match.kwargs.values()), ""))
            if request.resolver_match
            else "",
        )
        return render(request, "404.html", status=404)

    def _actor(self, request: HttpRequest) -> Actor | None:
        if not request.user.is_authenticated:
            return None
        chosen = request.session.get(SESSION_KEY)
        return queries.actor_for(request.user.pk, UUID(chosen) if chosen else None)
