"""How every verb of a case writes: who may, under whose name, once only, and never over somebody else's change."""

import datetime as dt
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Model, QuerySet
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.enums import State
from silta.cases.models import Case, StatusChange
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotFound, RuleBroken
from silta.kernel.identifiers import new_id

Row = TypeVar("Row", bound=Model)


def provenance(actor: Actor) -> dict[str, Any]:
    """Who writes, for which unit (none, where the client writes herself) and when (380/2023 114.4 §)."""
    return {"recorded_by_id": actor.user_id, "recorded_by_unit_id": actor.unit_id, "recorded_at": clock.now()}


def require_work(actor: Actor, case: Case, *categories: str) -> None:
    """Lets through a worker of a unit in the case whose grants cover these categories of data.

    Raises ``NotAllowed`` where the role or the unit does not permit it, and ``RuleBroken`` (on the field
    ``category``) where the unit has no ground to hold such data: what it may not know it may not write.
    """
    access.require(actor, Permission.CASE_WORK, case.scope)
    if set(categories) - access.covered_categories(actor, case.person_id):
        raise RuleBroken(
            _("Your unit has no ground to handle this kind of data about this client."),
            code="cases.category_not_covered",
            field="category",
        )


def require_open(case: Case) -> None:
    """Raises ``RuleBroken`` where the case has ended: then only aftercare is written, and reopening is possible."""
    if case.state != State.OPEN:
        raise RuleBroken(_("The case has ended. Reopen it first, if the work goes on."), code="cases.ended")


def require_text(text: str, *, field: str, message: Any) -> str:
    """The text without surrounding space; raises ``RuleBroken`` at the field where nothing is left."""
    found = text.strip()
    if not found:
        raise RuleBroken(message, code="cases.text_missing", field=field)
    return found


def no_later_than(day: dt.date, today: dt.date, *, field: str) -> dt.date:
    """The day; raises ``RuleBroken`` at the field where it is still to come, for what has happened cannot be ahead."""
    if day > today:
        raise RuleBroken(_("The day is in the future. Give the day on which it happened."), code="cases.future_day",
                         field=field)  # fmt: skip
    return day


def add(row: Row) -> tuple[Row, bool]:
    """Writes a new row once: the same id a second time (a double submit) gives back the row that is there.

    Returns the row and whether it was written now. Raises ``NotFound`` where the id belongs to another case.
    """
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        there = QuerySet(type(row)).filter(pk=row.pk).first()
        if there is None:
            raise
        if getattr(there, "case_id", None) != getattr(row, "case_id", None):
            raise NotFound(_("There is nothing here."), code="cases.id_of_another") from None
        return there, False
    return row, True


def new_row(
    actor: Actor, case: Case, model: type[Row], *, id: UUID | None = None, **fields: Any
) -> tuple[Row, bool]:
    """Writes one row of the case with its provenance; see ``add``."""
    return add(
        model(id=id or new_id(), case_id=case.pk, person_id=case.person_id, **provenance(actor), **fields)
    )


def change(row: Row, version: int, **fields: Any) -> Row:
    """Changes the row where it is still the version that was looked at, and counts the version up.

    Raises ``Conflict`` where somebody else changed it meanwhile; nothing is written then.
    """
    changed = (
        type(row)
        ._default_manager.filter(pk=row.pk, version=version)
        .update(version=F("version") + 1, **fields)
    )
    if not changed:
        raise Conflict(
            _(
                "Somebody else changed this after you opened it. Look at the new version and make your change again."
            ),
            code="cases.conflict",
        )
    for name, value in {**fields, "version": version + 1}.items():
        setattr(row, name, value)
    return row


def note_status(
    actor: Actor,
    case: Case,
    subject: str,
    before: str,
    after: str,
    *,
    on: dt.date,
    reason: str = "",
    subject_id: UUID | None = None,
) -> StatusChange:
    """Writes one step of a state machine of the case to its path."""
    return new_row(
        actor, case, StatusChange, subject=subject, subject_id=subject_id, before=before, after=after, on=on,
        reason=reason,
    )[0]  # fmt: skip
