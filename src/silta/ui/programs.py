"""What every room's ``api.py`` shows programs alike: problems, pages, versions, and who may call.

Below the rooms, because a room's edge cannot know the room ``api`` above it (docs/adr/0007-the-interface-to-programs.md).
"""

import base64
import binascii
import datetime as dt
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from ninja import Field, Schema
from ninja.security.http import HttpAuthBase
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict

from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken

PROBLEM_TYPE = "application/problem+json"
MOST = 100
Item = TypeVar("Item")
KEY_HEADER, MATCH_HEADER = "Idempotency-Key", "If-Match"
KEY_PATTERN, TAG_PATTERN = "^[A-Za-z0-9_.:-]{8,64}$", '^"[0-9]{1,10}"$'
_KEPT_CONTROLS = {"\n", "\t"}
# Days before and after which nobody means them: a slip of the hand, and too far for the sums of the calendar.
_FIRST_DAY, _LAST_DAY = dt.date(1900, 1, 1), dt.date(2199, 12, 31)

TITLES: dict[int, str | Promise] = {
    400: _("The request cannot be read"),
    401: _("A token is needed"),
    403: _("The token does not let this through"),
    404: _("There is no such thing"),
    405: _("This is not done here"),
    409: _("This no longer fits what has happened meanwhile"),
    412: _("This was changed after you read it"),
    422: _("Something in the request does not hold"),
    428: _("Say which version you read"),
    429: _("Too many requests"),
    500: _("Something went wrong"),
}


_UNSOUND: dict[str, str | Promise] = {
    "missing": _("This is missing."),
    "string_too_long": _("The text is too long."),
    "string_too_short": _("The text is too short."),
    "extra_forbidden": _("This is not known here."),
    "enum": _("This is none of the values that may be given."),
    "value_error": _("The text holds characters that cannot be seen, or the day is one that nobody means."),
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


def rule_broken(error: RuleBroken) -> HttpResponse:
    """The problem of a request that a rule of the field refuses, at the field that is at fault."""
    faults = [{"pointer": f"/{error.field}", "detail": str(error.message)}] if error.field else []
    return problem(422, code=error.code, detail=error.message, errors=faults)


def plain(text: str) -> str:
    """The text composed and with one kind of line end; raises ``ValueError`` for characters that cannot be seen."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if any(unicodedata.category(mark) in {"Cc", "Cs", "Co"} and mark not in _KEPT_CONTROLS for mark in text):
        raise ValueError("the text holds characters that cannot be seen")
    return text


def _thinkable(day: dt.date) -> dt.date:
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise ValueError("a day nobody means")
    return day


def _thinkable_moment(moment: dt.datetime) -> dt.datetime:
    _thinkable(moment.date())
    return moment


def _composed(value: object) -> object:
    return plain(value) if isinstance(value, str) else value


# Texts of people by their greatest length. It is counted as they will be kept: composed, which may be longer than as sent.
_PLAIN = BeforeValidator(_composed)
Name = Annotated[str, Field(max_length=150), _PLAIN]
Line = Annotated[str, Field(max_length=300), _PLAIN]
Lines = Annotated[str, Field(max_length=500), _PLAIN]
Text = Annotated[str, Field(max_length=1000), _PLAIN]
LongText = Annotated[str, Field(max_length=4000), _PLAIN]
Day = Annotated[dt.date, AfterValidator(_thinkable)]
Moment = Annotated[AwareDatetime, AfterValidator(_thinkable_moment)]
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


class Token(HttpAuthBase):
    """Lets through programs whose token has the scope; ``access`` has read the token and found the actor before."""

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


def actor_of(request: HttpRequest) -> Actor:
    """The actor that ``Token`` let through."""
    actor: Actor = vars(request)["auth"]
    return actor


class Body(Schema):
    """Something sent; a word that nobody knows is a slip, and refused."""

    model_config = ConfigDict(extra="forbid")


class Receipt(Schema):
    """What was written: its id, and its version where it has one. It is read again by its address, with all that it is."""

    id: UUID
    version: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a write, as it is given and as it is kept to be given again."""

    status: int
    body: str
    etag: str = ""
    location: str = ""

    def told(self) -> HttpResponse:
        """The answer as it goes out."""
        named = {"ETag": self.etag, "Location": self.location}
        return HttpResponse(
            self.body, status=self.status, content_type="application/json",
            headers={name: value for name, value in named.items() if value},
        )  # fmt: skip


class Remembers(Protocol):
    """Who keeps the answers to a token's writes; ``access`` puts it on the request as ``answers``."""

    def before(self, key: str, request: bytes) -> Answer | None:
        """What was answered to this call before; raises ``key_reused`` where the key came with another request."""

    def keep(self, key: str, request: bytes, answer: Answer) -> None:
        """Keeps the answer with what was written."""


def key_reused() -> RefusalError:
    """The refusal of a key that came with another request before."""
    return RefusalError(
        422, "api.key_reused", _("This key came with another request before. Give each request its own.")
    )


def once(
    request: HttpRequest, write: Callable[[], Model | HttpResponse], *, status: int = 200, location: str = ""
) -> HttpResponse:
    """Writes once for each key, and answers with a receipt; the same call again is answered the same and writes nothing.

    ``location`` is the address of the row where it has one, with ``{id}`` in it. A call that was refused has written
    nothing, and its key is free; so is that of a call which ``write`` answers itself. Raises ``RefusalError``: 400
    without a key, 422 where the key came with another request.
    """
    key = request.headers.get(KEY_HEADER, "")
    if not re.fullmatch(KEY_PATTERN, key):
        raise RefusalError(
            400, "api.no_key", _("Give the request an Idempotency-Key of 8 to 64 letters and digits.")
        )
    answers: Remembers = vars(request)["answers"]
    sent = "\n".join([request.method or "", request.path, request.headers.get(MATCH_HEADER, ""), ""]).encode()
    sent += request.body
    answer = answers.before(key, sent)
    if answer is None:
        row = write()
        if isinstance(row, HttpResponse):
            return row
        version: int | None = getattr(row, "version", None)
        answer = Answer(
            status, json.dumps({"id": str(row.pk), "version": version}), "" if version is None else etag(version),
            location.replace("{id}", str(row.pk)),
        )  # fmt: skip
        answers.keep(key, sent, answer)
    return answer.told()


def version_read(request: HttpRequest) -> int:
    """The version that the program read, from If-Match; raises ``RefusalError`` (428) where it names none of ours."""
    tag = request.headers.get(MATCH_HEADER, "")
    if not re.fullmatch(TAG_PATTERN, tag):
        raise RefusalError(
            428, "api.no_version", _("Give in If-Match the ETag of what you read and mean to change.")
        )
    return int(tag.strip('"'))
