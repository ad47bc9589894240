"""How every verb of a case writes: who may, under whose name, once only, and never over somebody else's change."""

import datetime as dt
from typing import Any, Required, TypedDict, TypeVar, Unpack
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Model, QuerySet
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Category, Permission
from silta.audit import operations as audit
from silta.cases.enums import State
from silta.cases.models import Case, StatusChange
from silta.cases.operations import standing
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.kernel.identifiers import new_id
from silta.organisations.models import Unit

Row = TypeVar("Row", bound=Model)
_DECIDING = [
    "version", "state", "phase", "phase_since", "need", "assessment_started_on", "planned_end_on", "ended_on",
    "aftercare_until",
]  # fmt: skip


def provenance(actor: Actor) -> dict[str, Any]:
    """Who writes, for which unit (none, where the client writes herself) and when (380/2023 114.4 §)."""
    return {"recorded_by_id": actor.user_id, "recorded_by_unit_id": actor.unit_id, "recorded_at": clock.now()}


def unit_of(actor: Actor) -> Unit:
    """The acting unit with its organisation; raises ``NotAllowed`` for a client, who has none."""
    if actor.unit_id is None:
        raise NotAllowed(_("This is done for a unit."), code="cases.no_unit")
    return Unit.objects.select_related("organisation").get(pk=actor.unit_id)


def require_work(actor: Actor, case: Case, *categories: str) -> None:
    """Lets through a worker of a unit in the case whose grants cover these categories of data.

    Raises ``NotAllowed`` where the role or the unit does not permit it, and ``RuleBroken`` (on the field
    ``category``) where the unit has no ground to hold such data: what it may not know it may not write.
    """
    access.require(actor, Permission.CASE_WORK, case.scope)
    if set(categories) - access.covered_categories(actor, case.person_id, matter_id=case.pk):
        raise not_covered()


def not_covered() -> RuleBroken:
    """The refusal of data which the unit has no ground to hold."""
    return RuleBroken(
        _("Your unit has no ground to handle this kind of data about this client."),
        code="cases.category_not_covered",
        field="category",
    )


def require_say(actor: Actor, case: Case) -> None:
    """Lets through a worker in the case who may write its plan, and the client herself in her own matter."""
    if actor.is_client:
        access.require(actor, Permission.OWN_PLAN_SAY, case.scope)
    else:
        require_work(actor, case, Category.PLAN)


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


def not_before_opening(day: dt.date, case: Case, *, field: str) -> dt.date:
    """The day; raises ``RuleBroken`` at the field where the case was not open yet."""
    if day < case.opened_on:
        raise RuleBroken(_("The day is before the case was opened."), code="cases.day_too_early", field=field)
    return day


def to_the_minute(moment: dt.datetime) -> dt.datetime:
    """The minute in which a note's happening began: closer nobody tells it, and the history is ordered by it."""
    return moment.replace(second=0, microsecond=0)


def add(row: Row) -> tuple[Row, bool]:
    """Writes a new row once: the same id a second time (a double submit) gives back the row that is there.

    Returns the row and whether it was written now. Raises ``NotFound`` where the id belongs to another case.
    """
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if not str(error).partition("\n")[0].endswith('_pkey"'):
            raise
        there: Any = QuerySet[Any](type(row)).filter(pk=row.pk).first()
        if there is None or there.case_id != getattr(row, "case_id", None):
            raise NotFound(_("There is nothing here."), code="cases.id_of_another") from None
        return there, False
    return row, True


def new_row(
    actor: Actor,
    case: Case,
    model: type[Row],
    *,
    key: UUID | None = None,
    **fields: Any,
) -> tuple[Row, bool]:
    """Writes one row of the case with its provenance, once only where the ``key`` comes from outside; see ``add``."""
    row = model(id=key or new_id(), case=case, person_id=case.person_id, **provenance(actor), **fields)
    if key is not None:
        return add(row)
    row.save(force_insert=True)
    return row, True


def change(row: Row, version: int, **fields: Any) -> Row:
    """Changes the row where it is still the version that was looked at, and counts the version up.

    Raises ``Conflict`` where somebody else changed it meanwhile; nothing is written then.
    """
    rows: QuerySet[Any] = QuerySet(type(row)).filter(pk=row.pk, version=version)
    changed = rows.update(version=F("version") + 1, **fields)
    if not changed:
        raise changed_meanwhile()
    for name, value in {**fields, "version": version + 1}.items():
        setattr(row, name, value)
    return row


class When(TypedDict, total=False):
    """Since which day a step of the path holds, why, and of which row of the case it tells; of the case itself, of none."""

    on: Required[dt.date]
    reason: str
    subject_id: UUID | None


def note_status(
    actor: Actor, case: Case, subject: str, before: str, after: str, **when: Unpack[When]
) -> StatusChange:
    """Writes one step of a state machine of the case to its path."""
    return note_steps(step(actor, case, subject, before, after, **when))[0]


def changed_meanwhile() -> Conflict:
    """What is said to whoever would write over somebody else's change."""
    return Conflict(
        _("Somebody else changed this after you opened it. Look at the new version and make your change again."),
        code="cases.conflict",
    )  # fmt: skip


def step(
    actor: Actor, case: Case, subject: str, before: str, after: str, **when: Unpack[When]
) -> StatusChange:
    """One step of the path, not written yet; see ``note_steps``."""
    return StatusChange(
        case=case,
        person_id=case.person_id,
        subject=subject,
        before=before,
        after=after,
        **when,
        **provenance(actor),
    )


def note_steps(*steps: StatusChange) -> list[StatusChange]:
    """Writes steps that belong together to the path, in one statement and in their order."""
    return StatusChange.objects.bulk_create(steps)


def case_of(row: Any) -> Case:
    """The case a row belongs to, as it stands now; raises ``NotFound`` where the actor may not know of it."""
    case = Case.objects.select_related("unit__organisation", "controller").filter(pk=row.case_id).first()
    if case is None:
        raise NotFound(_("There is no such case."), code="cases.not_found")
    return case


def lock(case: Case) -> None:
    """Makes others who would change this case wait until this transaction is over."""
    Case.objects.select_for_update(of=("self",)).filter(pk=case.pk).values_list("pk").first()


def renew(case: Case) -> Case:
    """Locks the case and reads what decides its path anew: a verb that names no version acts on the newest."""
    lock(case)
    case.refresh_from_db(fields=_DECIDING)
    return case


def finish(actor: Actor, case: Case, action: str, *, subject: Any = None, **details: Any) -> None:
    """Ends every verb: the standing follows the facts, and the journal tells who did what."""
    standing.refresh(case)
    audit.record(actor, f"cases.{action}", person_id=case.person_id, subject=subject or case, **details)
