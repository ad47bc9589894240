"""Builds the Actor of each request, of a person or a program, opens its transaction and keeps GET from writing."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from http import HTTPStatus
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter as sign_in
from allauth.mfa.adapter import get_adapter as second_factors
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation
from django.utils.translation import gettext as _

from silta.access import operations, queries
from silta.access.queries import ActingRequest
from silta.access.views import elsewhere
from silta.audit import operations as audit
from silta.audit.enums import Kind, Outcome
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import NotAllowed, NotFound, OpenedElsewhere, SiltaError
from silta.kernel.request import require_same_place
from silta.ui import programs

SESSION_KEY = "silta.acting_as"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_READS = ("SELECT", "SET ", "SAVEPOINT", "RELEASE", "ROLLBACK", 'INSERT INTO "AUDIT_EVENT"')
_WRITES_WITHIN = ("INSERT ", "UPDATE ", "DELETE ", "MERGE ")
_LIBRARY_PATHS = ("/accounts/", "/language/")
_PROGRAM_PATHS = "/api/"
_SERVER_ERROR = 500
_MINUTE = 60


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
    asked = list(_ids(match.kwargs.values() if match else ()))
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


def _ids(values: Iterable[object]) -> Iterator[UUID]:
    for value in values:
        try:
            yield value if isinstance(value, UUID) else UUID(str(value))
        except ValueError:
            continue


class ProgramMiddleware:
    """Serves programs: whoever shows a token acts as its maker, within its scopes; there is no session and no cookie.

    It stands before sessions, and what lies under ``/api/`` goes no further: a page's session opens nothing there, and
    no form of a foreign page can send anything in a signed-in user's name. What a call wrote is undone where it ends in
    a refusal; the refusal itself stays in the journal.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: ActingRequest) -> HttpResponse:
        """Serves one call in the language it asks for."""
        if not request.path.startswith(_PROGRAM_PATHS):
            return self.get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            response = self._served(request)
            response.headers["Content-Language"] = translation.get_language() or ""
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Accept-Language, Authorization"
        response.headers["Content-Length"] = str(len(response.content))
        return response

    def _served(self, request: ActingRequest) -> HttpResponse:
        request.actor, request.place, request.place_key, request.refused = None, None, None, None
        if "Authorization" in request.headers and (refusal := _sign_in(request)):
            return refusal
        try:
            request.resolver_match = resolve(request.path_info)
        except Resolver404:
            return programs.problem(404, code="api.no_route")
        return self._answered(request, request.resolver_match)

    def _answered(self, request: ActingRequest, match: ResolverMatch) -> HttpResponse:
        is_safe = request.method in _SAFE_METHODS
        with acting(request.actor):
            if request.actor is not None and request.actor.token_id is not None:
                request.answers = operations.Answers(request.actor.token_id)
            with connection.execute_wrapper(_only_reads) if is_safe else nullcontext():
                response: HttpResponse = match.func(request, *match.args, **match.kwargs)
            if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                response = programs.problem(405, code="api.no_method", headers={"Allow": response["Allow"]})
            if request.refused is not None or response.status_code >= _SERVER_ERROR:
                transaction.set_rollback(True)
        if isinstance(request.refused, (NotAllowed, NotFound)):
            with acting(request.actor):
                _journal_refusal(request, request.refused)
        return response


def _sign_in(request: ActingRequest) -> HttpResponse | None:
    """Finds who acts by the token shown; answers where none does, or it comes too often."""
    address = f"refused.{sign_in().get_client_ip(request)}"
    if _counted("refused", address, more=0):
        return programs.problem(429, code="api.too_many")
    scheme, _space, secret = request.headers["Authorization"].partition(" ")
    program = queries.program_of(secret.strip()) if scheme.lower() == "bearer" and secret.strip() else None
    if program is None or program.actor is None:
        _counted("refused", address)
        if program is not None:
            with acting(None):
                operations.note_refusal(token=program.token, why=program.refused)
        return programs.problem(401, code="api.no_token")
    if _counted("calls", f"calls.{program.token.pk}"):
        return programs.problem(429, code="api.too_many")
    if program.is_first_today:
        with acting(program.actor):
            operations.note_use(program.actor, token=program.token)
    request.actor = program.actor
    return None


def _counted(limit: str, name: str, *, more: int = 1) -> bool:
    """Counts one more of these in this minute, and says whether there are too many by now."""
    key = f"silta.programs.{name}.{int(clock.now().timestamp()) // _MINUTE}"
    so_far: int = cache.get(key, 0)
    most: int = settings.PROGRAM_LIMITS[limit]
    if more and so_far <= most:
        cache.set(key, so_far + more, timeout=_MINUTE)
    return so_far + more > most if more else so_far >= most
