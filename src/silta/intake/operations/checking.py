"""Checking a file, or some rows of it: everything wrong is named, and nothing outside this room is written."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.intake.enums import Field, FileState, RowState
from silta.intake.models import File, Row
from silta.intake.operations.keeping import keep
from silta.intake.operations.mapping import require_changeable
from silta.intake.queries import files as queries
from silta.intake.queries import matching
from silta.intake.queries.context import context_for
from silta.intake.queries.matching import Examined
from silta.intake.rules import repeats
from silta.intake.rules.problems import Problem
from silta.intake.rules.reading import Context
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken

_BATCH = 200
# So many rows take some tens of megabytes.
_AT_HAND = 10_000


@transaction.atomic
def begin_check(actor: Actor, *, file: File) -> File:
    """Marks a long file as being checked, before the background takes it up."""
    held = require_changeable(actor, file)
    held.state, held.progressed_at = FileState.CHECKING, clock.now()
    held.save(update_fields=["state", "progressed_at"])
    return held


@transaction.atomic
def check_file(actor: Actor, *, file: File) -> File:
    """Checks every row that has not been imported yet, and tells what importing it would do.

    Raises ``RuleBroken`` at ``columns`` where the columns are not chosen yet, ``Conflict`` while the file is running.
    """
    held = require_changeable(actor, file, checks=True)
    if not held.columns or not held.source:
        raise RuleBroken(_("Choose what each column holds first."), code="intake.no_columns", field="columns")
    context = context_for(held)
    waiting = held.rows.exclude(state=RowState.DONE)
    # Most files are read once, with all their rows at hand; of a long one the rows are read a second time instead.
    kept = list(_examined(held, waiting, context)) if waiting.count() <= _AT_HAND else None
    seen = (
        matching.seen(one.row, one.checked, context)
        for batch in (kept if kept is not None else _examined(held, waiting, context))
        for one in batch
        if one.row.state != RowState.LEFT_OUT
    )
    repeated = repeats.find(seen)
    for batch in kept if kept is not None else _examined(held, waiting, context):
        _settle(actor, held, batch, repeated)
    held.state, held.progressed_at = FileState.CHECKED, clock.now()
    held.counts = {**_as_received(held), **queries.counts(held)}
    held.save(update_fields=["state", "progressed_at", "counts"])
    audit.record(actor, "intake.check", subject=held, rows=held.rows_total)
    return held


def _as_received(file: File) -> dict[str, int]:
    return {key: file.counts.get(key, 0) for key in ("rows", "blank", "repeated_headings")}


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _examined(file: File, rows: QuerySet[Row], context: Context) -> Iterator[list[Examined]]:
    for batch in _batches(rows.iterator(chunk_size=_BATCH)):
        yield matching.read_rows(batch, context, len(file.headings))


def _settle(actor: Actor, file: File, found: list[Examined], repeated: dict[UUID, list[Problem]]) -> None:
    matching.look_up(file, found)
    for one in found:
        matching.settle(one, repeated)
    # The question tells something of a person whom the unit has no ground to know yet (703/2023 10 §).
    asked = [one.person_id for one in found if one.person_id is not None and one.person is None]
    audit.record_many(actor, "intake.ask_register", [audit.Told(one, file) for one in asked], kind=Kind.READ)
    keep([one.row for one in found])


def recheck(actor: Actor, file: File, rows: list[Row], *, before: Iterable[Row] = ()) -> None:
    """Checks some rows anew, with all rows that share their number, code or contents, before the change or after."""
    context = context_for(file)
    fresh = matching.read_rows(rows, context, len(file.headings))
    keys = {
        (one.values.get(Field.EXTERNAL_ID, ""), one.values.get(Field.IDENTITY_CODE, "")) for one in fresh
    } | {(row.external_id, row.identity_code) for row in before}
    numbers = {
        int(number) for row in rows for problem in row.problems
        for number in str(problem["says"].get("rows", "")).split(", ") if number
    }  # fmt: skip
    wanted = Q(pk__in=[row.pk for row in rows]) | Q(number__in=numbers)
    for external_id, code in keys:
        if external_id:
            wanted |= Q(external_id=external_id)
        if code:
            wanted |= Q(identity_code=code)
    group = list(file.rows.filter(wanted).exclude(state=RowState.DONE))
    changed = {row.pk: row for row in rows}
    group = [changed.get(row.pk, row) for row in group]
    found = matching.read_rows(group, context, len(file.headings))
    repeated = repeats.find(
        matching.seen(one.row, one.checked, context) for one in found if one.row.state != RowState.LEFT_OUT
    )
    _settle(actor, file, found, repeated)
    file.counts = {**_as_received(file), **queries.counts(file)}
    file.save(update_fields=["counts"])
