"""Writing: one way for programs to do every verb of a case, once for each key, on the version that they read."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router

from silta.accounts.models import User
from silta.cases import queries
from silta.cases.api.reading import worker_of
from silta.cases.models import Case, Goal
from silta.cases.queries import casepage
from silta.kernel.errors import NotFound, RuleBroken
from silta.organisations.models import Unit
from silta.ui.programs import Body, Receipt, Token, once, version_read

Words = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Write:
    """A verb as an address: where it stands below the case, what is sent, and the one operation that does it.

    The operation is given the row of ``part`` as ``takes``, or else the case. Where it takes a version, the program names the
    one it read (``needs_version``). ``creates`` says that the verb makes a row, ``partly`` that what was not sent is not
    given to it.
    """

    name: str
    path: str
    summary: str
    body: type[Body]
    operation: Callable[..., Any]
    takes: str = "case"
    part: type[Model] | None = None
    creates: bool = False
    partly: bool = False

    @property
    def needs_version(self) -> bool:
        """Whether the verb changes something that others may have changed since it was read."""
        return "version" in inspect.signature(self.operation).parameters


def mount(router: Router, writes: list[Write], *, auth: Token, tags: list[str]) -> None:
    """Gives each verb its address."""
    for write in writes:
        options: Any = {
            "operation_id": write.name, "summary": write.summary, "auth": auth, "tags": tags,
            "response": {201 if write.creates else 200: Receipt},
            "openapi_extra": {"x-needs-version": write.needs_version},
        }  # fmt: skip
        router.post(f"/cases/{{uuid:case_id}}/{write.path}", **options)(_view_of(write))


def _view_of(write: Write) -> Callable[..., HttpResponse]:
    def to_case(request: HttpRequest, case_id: UUID, body: Any) -> HttpResponse:
        return _answer(write, request, case_id, None, body)

    def to_part(request: HttpRequest, case_id: UUID, row_id: UUID, body: Any) -> HttpResponse:
        return _answer(write, request, case_id, row_id, body)

    view: Callable[..., HttpResponse] = to_part if "row_id" in write.path else to_case
    view.__annotations__["body"] = write.body
    view.__name__, view.__doc__ = write.name, write.operation.__doc__
    return view


def _answer(
    write: Write, request: HttpRequest, case_id: UUID, row_id: UUID | None, body: Body
) -> HttpResponse:
    return once(
        request, lambda: _do(write, request, case_id, row_id, body), status=201 if write.creates else 200
    )


def _do(write: Write, request: HttpRequest, case_id: UUID, row_id: UUID | None, body: Body) -> Model:
    actor = worker_of(request)
    case = queries.get_for(actor, case_id)
    subject: Model | None = case if write.part is None else casepage.part_of(case, write.part, row_id)
    if subject is None:
        raise NotFound(_("There is nothing here."), code="cases.part_not_found")
    words = body.model_dump(exclude_unset=write.partly)
    version = {"version": version_read(request)} if write.needs_version else {}
    with pointing_at(words):
        row: Model = write.operation(actor, **{write.takes: subject}, **version, **named(case, words))
    return row


@contextmanager
def pointing_at(words: Words) -> Iterator[None]:
    """Lets a refusal point at a field by the name that the program sent: ``goal_id``, where the operation says ``goal``."""
    try:
        yield
    except RuleBroken as broken:
        if f"{broken.field}_id" in words:
            broken.field = f"{broken.field}_id"
        raise


def named(case: Case | None, words: Words) -> Words:
    """The words with the rows that are named by id in them: ``goal_id`` becomes ``goal``.

    Raises ``RuleBroken`` at the field where there is no such row.
    """
    found: Words = {}
    for name, value in words.items():
        if name.endswith("_id"):
            found[name.removesuffix("_id")] = None if value is None else _row(case, name, value)
        else:
            found[name] = value
    return found


def _row(case: Case | None, name: str, key: UUID) -> Model:
    if name.endswith("unit_id"):
        rows: QuerySet[Any] = Unit.objects.select_related("organisation")
    elif name == "goal_id":
        rows = Goal.objects.filter(case=case)
    else:
        rows = User.objects.filter(is_active=True)
    row: Model | None = rows.filter(pk=key).first()
    if row is None:
        raise RuleBroken(_("There is nobody and nothing with this id."), code="api.no_such_id", field=name)
    return row
