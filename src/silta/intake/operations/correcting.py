"""Correcting rows in the page: a cell, a word on every row, a problem gone on in spite of, a row left out."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.audit import operations as audit
from silta.intake.enums import Field, RowState
from silta.intake.gateways.reading import MOST_CHARACTERS, clean
from silta.intake.models import File, Row
from silta.intake.operations.checking import recheck
from silta.intake.operations.mapping import require_changeable
from silta.intake.queries import matching
from silta.intake.rules.problems import KINDS
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotFound, RuleBroken


def _held(actor: Actor, row: Row, version: int | None) -> tuple[File, Row]:
    file = require_changeable(actor, row.file)
    held = Row.objects.select_for_update(of=("self",)).filter(pk=row.pk, file=file).first()
    if held is None:
        raise NotFound(_("There is no such row."), code="intake.row_not_found")
    if held.state == RowState.DONE:
        raise RuleBroken(
            _("The row has been imported already. Correct it on the client's page."), code="intake.row_done"
        )
    if version is not None and held.version != version:
        raise Conflict(
            _("Somebody else has changed this row meanwhile. Look at it again before you save."),
            code="intake.version",
        )
    held.file = file
    return file, held


def _keep(actor: Actor, file: File, before: Row, row: Row, action: str, **details: str) -> Row:
    row.version += 1
    row.save(update_fields=["corrected", "accepted", "state", "version"])
    recheck(actor, file, [row], before=[before])
    audit.record(actor, f"intake.{action}", subject=row, **dict[str, Any](details))
    return Row.objects.get(pk=row.pk)


@transaction.atomic
def correct_cell(actor: Actor, *, row: Row, field: Field, text: str, version: int | None = None) -> Row:
    """Puts another text in a cell and checks the row anew; what came in the file is kept beside it.

    Raises ``Conflict`` where the row was changed meanwhile, ``RuleBroken`` where no column holds the field or the row
    has been imported.
    """
    file, held = _held(actor, row, version)
    index = _column(file, field)
    before = Row.objects.get(pk=held.pk)
    _write(held, index, text)
    return _keep(actor, file, before, held, "correct_cell", field=field.value)


def _column(file: File, field: Field) -> str:
    found = next((index for index, named in file.columns.items() if named == field), None)
    if found is None:
        raise RuleBroken(_("No column of the file holds this."), code="intake.no_column", field="field")
    return str(found)


def _write(row: Row, index: str, text: str) -> None:
    kept = clean(text)[0][:MOST_CHARACTERS]
    came = row.cells[int(index)] if int(index) < len(row.cells) else ""
    if kept == came:
        row.corrected.pop(index, None)
    else:
        row.corrected[index] = kept


@transaction.atomic
def correct_all(actor: Actor, *, file: File, field: Field, old: str, new: str) -> int:
    """Puts another text in every cell of the column that holds this one, in rows not yet imported; returns how many.

    One misspelt name of a worker is corrected once, not on forty rows.
    """
    held = require_changeable(actor, file)
    index = _column(held, field)
    wanted = old.strip()
    rows = [
        row
        for row in held.rows.exclude(state=RowState.DONE).iterator(chunk_size=500)
        if matching.cells_of(row).get(int(index), "").strip() == wanted
    ]
    before = [Row(external_id=row.external_id, identity_code=row.identity_code) for row in rows]
    for row in rows:
        _write(row, index, new)
        row.version += 1
    Row.objects.bulk_update(rows, ["corrected", "version"], batch_size=500)
    if rows:
        recheck(actor, held, rows, before=before)
    audit.record(actor, "intake.correct_all", subject=held, field=field.value, rows=len(rows))
    return len(rows)


@transaction.atomic
def accept_problem(actor: Actor, *, row: Row, code: str, version: int | None = None) -> Row:
    """Goes on in spite of a problem of the row, in the way its text names (lesson 16: warn, record the reason, go on).

    Raises ``RuleBroken`` where such a problem cannot be gone on with.
    """
    if code not in KINDS or not KINDS[code].accept:
        raise RuleBroken(_("This has to be corrected first."), code="intake.not_acceptable")
    file, held = _held(actor, row, version)
    before = Row.objects.get(pk=held.pk)
    held.accepted = sorted({*held.accepted, code})
    return _keep(actor, file, before, held, "accept_problem", problem=code)


@transaction.atomic
def leave_out(actor: Actor, *, row: Row, version: int | None = None) -> Row:
    """Leaves a row out of the import; rows that clashed with it are checked anew."""
    file, held = _held(actor, row, version)
    before = Row.objects.get(pk=held.pk)
    held.state = RowState.LEFT_OUT
    return _keep(actor, file, before, held, "leave_out")


@transaction.atomic
def bring_back(actor: Actor, *, row: Row, version: int | None = None) -> Row:
    """Takes a row that was left out back into the file."""
    file, held = _held(actor, row, version)
    before = Row.objects.get(pk=held.pk)
    held.state, held.accepted = RowState.UNCHECKED, []
    return _keep(actor, file, before, held, "bring_back")
