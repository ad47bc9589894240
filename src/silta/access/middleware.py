"""Builds the Actor of each request, opens its transaction, asks for the second factor and keeps GET from writing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.mfa.adapter import get_adapter as second_factors
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from silta.access import queries
from silta.access.queries import ActingRequest
from silta.access.views import elsewhere
from silta.audit import operations as audit
from silta.audit.enums import Kind, Outcome
from silta.kernel.acting import acting
from silta.kernel.errors import NotAllowed, NotFound, OpenedElsewhere, SiltaError
from silta.kernel.request import require_same_place

SESSION_KEY = "silta.acting_as"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_READS = ("SELECT", "SET ", "SAVEPOINT", "RELEASE", "ROLLBACK", 'INSERT INTO "AUDIT_EVENT"')
_WRITES_WITHIN = ("INSERT ", "UPDATE ", "DELETE ", "MERGE ")
_LIBRARY_PATHS = ("/accounts/", "/language/")
_SERVER_ERROR = 500


class WriteOnGetError(RuntimeError):
    """A page that should only read tried to write."""


def _only_reads(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    statement = sql.lstrip().upper()
    reads = statement.startswith(_READS)
    if statement.startswith("WITH"):
        reads = not any(word in statement for word in _WRITES_WITHIN)
    if not reads:
        raise WriteOnGetError(sql[:120])
    return execute(sql, params, many, context)


def _chosen(request: HttpRequest) -> UUID | None:
    """The place the user chose to act from, as her session keeps it; none where it keeps nothing sound."""
    try:
        return UUID(request.session[SESSION_KEY])
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


class ActingMiddleware:
    """Puts ``request.actor`` in place and runs the view inside its transaction.

    Everything a view wrote is undone where it ends in a refusal or a server's error; a refused or absent thing becomes
    the same 404, and the refusal alone stays, in the journal. The pages of sign-in run without an actor.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: ActingRequest) -> HttpResponse:
        """Serves one request as its actor; at a shared desk the browser keeps nothing of it for whoever comes next."""
        response = self._served(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _served(self, request: ActingRequest) -> HttpResponse:
        place = queries.place_of(request.user.pk, _chosen(request)) if request.user.is_authenticated else None
        request.place = place
        request.actor = place.actor if place else None
        request.place_key = place.choice if place else None
        if request.path.startswith(_LIBRARY_PATHS):
            return self.get_response(request)
        if request.user.is_authenticated and place is None:
            return render(request, "access/no_place.html", status=403)
        if (
            place is not None
            and place.requires_second_factor
            and not second_factors().is_mfa_enabled(request.user)
        ):
            return _to_second_factor(request)
        with acting(request.actor):
            if request.method in _SAFE_METHODS:
                with connection.execute_wrapper(_only_reads):
                    response = self.get_response(request)
            else:
                request.before_view = transaction.savepoint()
                response = self.get_response(request)
            if response.status_code >= _SERVER_ERROR:
                transaction.set_rollback(True)
        return response

    def process_view(
        self, request: ActingRequest, view_func: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Refuses what comes from a page that was opened in another place; a view that takes files asks that itself."""
        if request.place is None or request.path.startswith(_LIBRARY_PATHS) or _is_switch(request):
            return None
        if request.method == "POST" and getattr(view_func, "csrf_exempt", False):
            return None
        try:
            require_same_place(request)
        except OpenedElsewhere as error:
            return _elsewhere(request, error)
        return None

    def process_exception(self, request: ActingRequest, error: Exception) -> HttpResponse | None:
        """Turns the domain's refusals into a 404 that does not tell absent from forbidden."""
        if isinstance(error, OpenedElsewhere):
            return _elsewhere(request, error)
        if not isinstance(error, (NotAllowed, NotFound)):
            return None
        if request.method not in _SAFE_METHODS:
            transaction.savepoint_rollback(request.before_view)
        _journal_refusal(request, error)
        return render(request, "404.html", status=404)


def _is_switch(request: ActingRequest) -> bool:
    """Whether she changes places: from wherever the page was opened."""
    return request.resolver_match is not None and request.resolver_match.view_name == "access:switch"


def _elsewhere(request: ActingRequest, error: OpenedElsewhere) -> HttpResponse:
    if request.method not in _SAFE_METHODS:
        _journal_refusal(request, error)
    return elsewhere.answer(request, error.place)


def _to_second_factor(request: HttpRequest) -> HttpResponse:
    """Sends the user to the page where she takes a second factor into use; a fragment's request takes the page there."""
    response = redirect("mfa_activate_totp")
    if request.headers.get("HX-Request") == "true":
        fragment = HttpResponse(_("Your organisation requires two-factor sign-in."), status=403)
        fragment["HX-Redirect"] = response["Location"]
        return fragment
    return response


def _journal_refusal(request: ActingRequest, error: SiltaError) -> None:
    """Writes who asked for whose data in vain. Whose they are is found across row-level security, for the journal only."""
    match = request.resolver_match
    asked = [value for value in (match.kwargs if match else {}).values() if isinstance(value, UUID)]
    # Each id is asked for, whatever the first one told: the time of the answer must not tell absent from forbidden.
    found = [queries.whose(value) for value in asked]
    person_id = error.person_id or next(filter(None, found), None)
    audit.record(
        request.actor,
        "access.refused",
        kind=Kind.READ if request.method in _SAFE_METHODS else Kind.WRITE,
        outcome=Outcome.REFUSED,
        person_id=person_id,
        page=match.view_name if match else "",
        why=error.code,
        subject_id=str(asked[0]) if asked else "",
    )
