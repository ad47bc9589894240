"""Version 1 of the interface: the rooms' routers, and every refusal as a problem."""

import logging
from http import HTTPStatus
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError

from silta.access.api import router as access_router
from silta.access.queries import ActingRequest
from silta.api.document import Documented
from silta.cases.api import router as cases_router
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.ui.programs import MATCH_HEADER, RefusalError, problem, rule_broken, unsound

_log = logging.getLogger("silta.api")
# What stands where in a request, as the library calls it: only the body is pointed into.
_BODY = "body"

interface = Documented(urls_namespace="api")
interface.add_router("", cases_router)
interface.add_router("", access_router)


def _refused(request: HttpRequest, error: Exception) -> None:
    """Tells the middleware to undo what the call wrote."""
    cast("ActingRequest", request).refused = error


@interface.exception_handler(NotFound)
@interface.exception_handler(NotAllowed)
@interface.exception_handler(Http404)
def _absent(request: HttpRequest, error: Exception) -> HttpResponse:
    """Absent and forbidden look alike."""
    _refused(request, error)
    return problem(404, code="api.not_found")


@interface.exception_handler(RuleBroken)
def _broken(request: HttpRequest, error: RuleBroken) -> HttpResponse:
    _refused(request, error)
    return rule_broken(error)


@interface.exception_handler(Conflict)
def _too_late(request: HttpRequest, error: Conflict) -> HttpResponse:
    """Somebody was faster: the version that was named is not the newest, or what was decided is decided already."""
    _refused(request, error)
    status = HTTPStatus.PRECONDITION_FAILED if MATCH_HEADER in request.headers else HTTPStatus.CONFLICT
    return problem(status, code=error.code, detail=error.message)


@interface.exception_handler(RefusalError)
def _refusal(request: HttpRequest, error: RefusalError) -> HttpResponse:
    _refused(request, error)
    headers = (
        {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
        if error.status == HTTPStatus.FORBIDDEN
        else None
    )
    return problem(error.status, code=error.code, detail=error.detail, headers=headers)


@interface.exception_handler(AuthenticationError)
def _stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    _refused(request, error)
    return problem(401, code="api.no_token")


@interface.exception_handler(ValidationError)
def _unsound(request: HttpRequest, error: ValidationError) -> HttpResponse:
    _refused(request, error)
    return problem(422, code="api.unsound", errors=[_fault(one) for one in error.errors])


def _fault(one: dict[str, Any]) -> dict[str, str]:
    place = [str(part) for part in one["loc"]]
    inner = place[2:] if place[:1] == [_BODY] else place[1:]
    steps = [part.replace("~", "~0").replace("/", "~1") for part in inner]
    return {"pointer": "".join(f"/{step}" for step in steps), "detail": unsound(one["type"])}


@interface.exception_handler(HttpError)
def _other(request: HttpRequest, error: HttpError) -> HttpResponse:
    _refused(request, error)
    return problem(error.status_code, code="api.unreadable")


@interface.exception_handler(Exception)
def _fallen(request: HttpRequest, error: Exception) -> HttpResponse:
    """Nothing of what is inside goes out; what went wrong stands in the log, by the route and the kind of error."""
    _refused(request, error)
    _log.error("%s failed: %s", getattr(request.resolver_match, "view_name", ""), type(error).__name__)
    return problem(500, code="api.error")
