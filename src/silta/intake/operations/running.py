"""The import itself, batch by batch: a row that fails stops no other, and a killed run goes on where it was."""

import logging
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.audit import operations as audit
from silta.intake.enums import WHERE_TO_REACH, Field, FileState, Outcome, RowState
from silta.intake.models import File, Row
from silta.intake.operations import writing
from silta.intake.operations.keeping import keep
from silta.intake.operations.mapping import require_changeable
from silta.intake.queries import files as queries
from silta.intake.queries import matching
from silta.intake.queries.context import context_for
from silta.intake.queries.matching import Examined
from silta.intake.rules import values
from silta.intake.rules.problems import Problem
from silta.intake.rules.reading import Context
from silta.intake.rules.waves import waves
from silta.kernel import batches, clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, RuleBroken, SiltaError

log = logging.getLogger(__name__)
# So many rows are one transaction. While it is open, its author's other journal entries wait for it: it has to be short.
BATCH = 200


@transaction.atomic
def begin(actor: Actor, *, file: File) -> File:
    """Marks a checked file as being imported; ``run_import`` then does the work, now or in the background.

    A second press of the button finds it running and begins nothing. Raises ``RuleBroken`` where the file has not been
    checked, or where no row is sound.
    """
    access.require(actor, Permission.IMPORT)
    current = queries.get_for(actor, file.pk, reading=False)
    if current.state == FileState.RUNNING:
        return current
    held = require_changeable(actor, file)
    if held.state not in {FileState.CHECKED, FileState.DONE}:
        raise RuleBroken(_("Check the file first."), code="intake.not_checked")
    total = held.rows.filter(state=RowState.READY).count()
    if not total:
        raise RuleBroken(_("There is no sound row to import."), code="intake.nothing_to_import")
    now = clock.now()
    held.state, held.started_at, held.progressed_at, held.finished_at = FileState.RUNNING, now, now, None
    held.rows_total, held.rows_done, held.failure = total, 0, ""
    held.save(
        update_fields=[
            "state", "started_at", "progressed_at", "finished_at", "rows_total", "rows_done", "failure",
        ]
    )  # fmt: skip
    audit.record(actor, "intake.begin", subject=held, rows=total)
    return held


def run_import(actor: Actor, *, file_id: UUID) -> File:
    """Brings in every sound row of a file that is marked as running, in batches, each in a transaction of its own.

    Called outside a request, every finished batch is committed at once: what was done stays done if the process dies,
    and calling again goes on with the rest. A row that cannot be written joins the bad rows with the reason, and the
    others of its batch go in. Raises ``NotFound`` for a file the actor may not see, ``RuleBroken`` where it is not
    running, and what the database raises where it is away or full; the rows that are left then wait.
    """
    with acting(actor):
        access.require(actor, Permission.IMPORT)
        file = queries.get_for(actor, file_id)
        if file.state != FileState.RUNNING:
            raise RuleBroken(_("The file is not being imported."), code="intake.not_running")
        context = context_for(file)
    for outcomes in ([Outcome.NEW, Outcome.UNCHANGED, Outcome.SKIPPED], [Outcome.UPDATED]):
        page = _next_page(actor, file, context, outcomes)
        while page.rows:
            following = _next_page(actor, file, context, outcomes, after=page.rows[-1].number)
            _together(actor, file, context, [row.pk for row in page.rows], page=page, following=following)
            page = following
    with acting(actor):
        return _finish(actor, file)


@dataclass(frozen=True)
class _Page:
    """Rows that wait, read before it is their turn."""

    rows: Sequence[Row]
    context: Context
    width: int
    _examined: list[Examined] = field(default_factory=list)

    def examine(self) -> list[Examined]:
        """What can be known of the rows before anything is looked up; once."""
        if not self._examined:
            self._examined.extend(_examined(self.rows, self.context, self.width))
        return self._examined


def _examined(rows: Iterable[Row], context: Context, width: int) -> list[Examined]:
    found = matching.read_rows(rows, context, width)
    for one in found:
        one.take_digests()
    return found


def _next_page(
    actor: Actor, file: File, context: Context, outcomes: Sequence[str], *, after: int = 0
) -> _Page:
    """The next sound rows in their order, read in a short transaction: none stays open between batches."""
    with acting(actor):
        rows = Row.objects.filter(file=file, state=RowState.READY, outcome__in=outcomes, number__gt=after)
        return _Page(list(rows.order_by("number")[:BATCH]), context, len(file.headings))


def _together(
    actor: Actor,
    file: File,
    context: Context,
    row_ids: Sequence[UUID],
    *,
    page: _Page | None = None,
    following: _Page | None = None,
) -> None:
    """Brings rows in in one transaction; where one of them fails, in two halves, down to the row that is at fault.

    While the database still writes, the following page is examined. A database that is away, full or overloaded is no
    row's fault: the run ends there, and is taken up again later.
    """
    try:
        with acting(actor):
            found = _held(file, context, row_ids, page)
            # What a single row breaks is told by the verb that it broke.
            with batches.flowing() if len(found) > 1 else nullcontext():
                _bring_in(actor, file, context, found)
                if following is not None:
                    following.examine()
                _progress(file, len(found))
    except (InterfaceError, OperationalError):
        raise
    except (SiltaError, DatabaseError) as error:
        if len(row_ids) > 1:
            middle = len(row_ids) // 2
            _together(actor, file, context, row_ids[:middle])
            _together(actor, file, context, row_ids[middle:])
        else:
            _fail(actor, file, row_ids[0], _reason(file, row_ids[0], error))


def _held(file: File, context: Context, row_ids: Sequence[UUID], page: _Page | None) -> list[Examined]:
    """Those of the rows that still wait and that no other run holds, held and examined.

    What was read before is taken where the row is the same still; after a failed attempt everything is read anew.
    """
    waiting = Row.objects.select_for_update(skip_locked=True).filter(
        pk__any_of=list(row_ids), state=RowState.READY
    )
    if page is None:
        return _examined(waiting.order_by("number"), context, len(file.headings))
    versions = dict(waiting.values_list("pk", "version"))
    return [one for one in page.examine() if versions.get(one.row.pk) == one.row.version]


def _reason(file: File, row_id: UUID, error: SiltaError | DatabaseError) -> str:
    if isinstance(error, SiltaError):
        return str(error.message)
    # Ids and the kind of error only: the database's own message may quote the row.
    log.error("a row could not be written: file %s row %s %s", file.pk, row_id, type(error).__name__)
    return gettext("The database refused it.")


def _progress(file: File, rows: int = 1) -> None:
    File.objects.filter(pk=file.pk).update(rows_done=F("rows_done") + rows, progressed_at=clock.now())


def _bring_in(actor: Actor, file: File, context: Context, found: Sequence[Examined]) -> None:
    """Looks the rows up once more, for rows before them may have changed what is known, and writes them."""
    passed = [one.row for one in found if one.row.outcome == Outcome.SKIPPED]
    for row in passed:
        row.state = RowState.DONE
    keep(passed)
    examined = [one for one in found if one.row.outcome != Outcome.SKIPPED]
    for wave in waves([(one, matching.keys(one)) for one in examined]):
        _one_wave(actor, file, context, wave)


def _one_wave(actor: Actor, file: File, context: Context, wave: Sequence[Examined]) -> None:
    matching.look_up(file, wave)
    for one in wave:
        row = one.row
        known = [problem for problem in row.problems if problem["code"] in _KNOWN_BY_OTHER_ROWS]
        matching.settle(one, {})
        row.problems = [*known, *row.problems]
        row.problem_codes = list(dict.fromkeys(problem["code"] for problem in row.problems))
        row.version += 1
    sound = [one for one in wave if one.row.state == RowState.READY]
    writing.bring_in(actor, [one for one in sound if one.outcome == Outcome.NEW])
    writing.bring_up_to_date(actor, [one for one in sound if one.outcome == Outcome.UPDATED])
    writing.tie(actor, file, sound)
    for one in sound:
        one.row.person_id, one.row.case_id, one.row.state = one.person_id, one.case_id, RowState.DONE
        _hide(one.row, context)
    keep([one.row for one in wave])


_KNOWN_BY_OTHER_ROWS = frozenset({"twin_code", "perhaps_same"})


def _hide(row: Row, context: Context) -> None:
    """Takes what tells where to find a protected person out of the kept row, as soon as it is in the register."""
    if not row.is_protected:
        return
    hidden = [index for index, field in context.columns.items() if field in WHERE_TO_REACH]
    row.cells = [values.MASK if index in hidden and cell else cell for index, cell in enumerate(row.cells)]
    row.corrected = {index: text for index, text in row.corrected.items() if int(index) not in hidden}


def _fail(actor: Actor, file: File, row_id: UUID, reason: str) -> None:
    with acting(actor):
        row = Row.objects.get(pk=row_id)
        problem = Problem("failed", Field.LAST_NAME if not row.problems else None, says={"reason": reason})
        row.state, row.outcome = RowState.BAD, ""
        row.problems = [*row.problems, problem.as_data()]
        row.problem_codes = list(dict.fromkeys([*row.problem_codes, "failed"]))
        row.save(update_fields=["state", "outcome", "problems", "problem_codes"])
        _progress(file)


def _finish(actor: Actor, file: File) -> File:
    held = File.objects.select_for_update(of=("self",)).select_related("unit__organisation").get(pk=file.pk)
    if held.state != FileState.RUNNING:
        raise Conflict(_("The file has been imported already."), code="intake.finished")
    received = {key: held.counts.get(key, 0) for key in ("rows", "blank", "repeated_headings")}
    held.state, held.finished_at, held.progressed_at = FileState.DONE, clock.now(), clock.now()
    held.counts = {**received, **queries.counts(held)}
    held.save(update_fields=["state", "finished_at", "progressed_at", "counts"])
    audit.record(
        actor, "intake.finish", subject=held,
        **{name: held.counts.get(name, 0) for name in (*Outcome.values, RowState.BAD.value)},
    )  # fmt: skip
    return held
