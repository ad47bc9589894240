"""What every room's ``api.py`` shows programs alike: problems, pages, versions, and who may call.

Below the rooms, because a room's edge cannot know the room ``api`` above it (docs/adr/0007-the-interface-to-programs.md).
"""

import base64
import binascii
import json
import unicodedata
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from ninja import Field, Schema
from ninja.security import HttpBearer
from pydantic import AfterValidator

from silta.kernel.actor import Actor

PROBLEM_TYPE = "application/problem+json"
MOST = 100
Item = TypeVar("Item")
_KEPT_CONTROLS = {"\n", "\t"}

TITLES: dict[int, str | Promise] = {
    400: _("The request cannot be read"),
    401: _("A token is needed"),
    403: _("The token does not let this through"),
    404: _("There is no such thing"),
    405: _("This is not done here"),
    422: _("Something in the request does not hold"),
    429: _("Too many requests"),
    500: _("Something went wrong"),
}


_UNSOUND: dict[str, str | Promise] = {
    "missing": _("This is missing."),
    "string_too_long": _("The text is too long."),
    "string_too_short": _("The text is too short."),
    "enum": _("This is none of the values that may be given."),
    "value_error": _("The text holds characters that cannot be seen."),
    "": _("This is not of the right kind or size."),
}


def unsound(kind: str) -> str:
    """What is wrong with a value, in the reader's language; ``kind`` is the library's word for it."""
    return str(_UNSOUND.get(kind, _UNSOUND[""]))


class Fault(Schema):
    """What is wrong in one place of the request; ``pointer`` is a JSON pointer (RFC 6901) into it."""

    pointer: str
    detail: str


class Problem(Schema):
    """What went wrong, as RFC 9457 has it; ``code`` is stable, the words follow Accept-Language."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Fault] = []


class RefusalError(Exception):
    """An answer other than what was asked for: its status, its code and its words."""

    def __init__(self, status: int, code: str, detail: str | Promise) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail


def problem(
    status: int,
    *,
    code: str,
    detail: str | Promise = "",
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A problem in the words of the reader; 401 says how to sign in, 429 when to come again."""
    title = str(TITLES.get(status, HTTPStatus(status).phrase))
    told = {
        "type": f"urn:silta:problem:{code}", "title": title, "status": status, "detail": str(detail) or title,
        "code": code, "errors": list(errors),
    }  # fmt: skip
    more = {401: {"WWW-Authenticate": 'Bearer realm="silta"'}, 429: {"Retry-After": "60"}}.get(status, {})
    return HttpResponse(
        json.dumps(told, ensure_ascii=False), status=status, content_type=PROBLEM_TYPE,
        headers={**more, **(headers or {})},
    )  # fmt: skip


def plain(text: str) -> str:
    """The text composed and with one kind of line end; raises ``ValueError`` for characters that cannot be seen."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if any(unicodedata.category(mark) in {"Cc", "Cs", "Co"} and mark not in _KEPT_CONTROLS for mark in text):
        raise ValueError("the text holds characters that cannot be seen")
    return text


Line = Annotated[str, Field(max_length=300), AfterValidator(plain)]
Limit = Annotated[int, Field(ge=1, le=MOST)]


class Page(Schema, Generic[Item]):
    """One page of a list; ``next`` is the ``cursor`` of the page after, empty on the last."""

    items: list[Item]
    next: str = ""


def cursor_of(key: object) -> str:
    """Where a page ended, as a word that means nothing to whoever carries it."""
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def key_of(cursor: str) -> str:
    """The key that a cursor carries, empty for none; raises ``RefusalError`` (400) for one that we did not make."""
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise no_cursor() from None


def no_cursor() -> RefusalError:
    """The refusal of a cursor that leads nowhere."""
    return RefusalError(400, "api.cursor", _("The cursor is not one that this list gave."))


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


class Token(HttpBearer):
    """Lets through programs whose token has the scope; ``access`` has found the actor before."""

    openapi_scheme = "bearer"

    def __init__(self, scope: str) -> None:
        """``scope`` is a value of ``access.enums.TokenScope``."""
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        """The actor; nobody where no token was shown. Raises ``RefusalError`` (403) where it has not the scope."""
        actor: Actor | None = getattr(request, "actor", None)
        if actor is None:
            return None
        if actor.scopes is None or self.scope not in actor.scopes:
            raise RefusalError(403, "api.scope", _("The token has not the scope that this needs."))
        return actor

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Never asked: the token was read before the call came here."""
        raise NotImplementedError


def actor_of(request: HttpRequest) -> Actor:
    """The actor that ``Token`` let through."""
    actor: Actor = vars(request)["auth"]
    return actor
