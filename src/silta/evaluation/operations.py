"""Ordering figures and reckoning them: extract, count, hide, draw, and put in the place of the former ones."""

import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from silta.access import queries as access
from silta.access.enums import Permission
from silta.audit import operations as audit
from silta.audit.enums import Outcome
from silta.evaluation import queries
from silta.evaluation.enums import RunState, Stage
from silta.evaluation.models import Chart, Datum, Run
from silta.evaluation.rules import definitions
from silta.evaluation.rules.definitions import Indicator
from silta.evaluation.rules.suppression import Bucket, hidden_cells
from silta.kernel import clock
from silta.kernel.acting import maintaining
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken

if TYPE_CHECKING:
    from silta.evaluation.gateways.counting import Cell

TASK = "evaluation.reckon"
MONTHS_DRAWN = 18
_BATCH = 2000
_log = logging.getLogger(__name__)
Counted = tuple[Indicator, Mapping[Bucket, "Cell"]]


@transaction.atomic
def order(actor: Actor) -> Run:
    """Orders fresh figures from the worker; raises ``RuleBroken`` where some are being worked out already."""
    access.require(actor, Permission.FIGURES_VIEW)
    if queries.is_under_way(queries.latest()):
        raise RuleBroken(_("The figures are being worked out already."), code="evaluation.under_way")
    now = clock.now()
    run = Run(
        ordered_by_id=actor.user_id, ordered_by_unit_id=actor.unit_id, ordered_at=now, progressed_at=now
    )
    run.save(force_insert=True)
    audit.record(actor, "evaluation.order", subject=run)
    app.configure_task(TASK).defer(run_id=str(run.pk))
    return run


def reckon_nightly() -> Run:
    """What the night does by itself; to be called in the worker."""
    now = clock.now()
    with maintaining():
        run = Run(ordered_at=now, progressed_at=now)
        run.save(force_insert=True)
    reckon(run.pk)
    return run


def reckon(run_id: UUID) -> None:
    """Works out an ordered reckoning; one that somebody else has taken, or that is over, is left alone.

    Runs in the worker or on the command line; raises ``PermissionError`` in the web process. What stops it is noted on
    the run and in the journal, and raised to the queue; the former figures then stay.
    """
    if (run := _taken(run_id)) is None:
        return
    try:
        _work_out(run)
    except Exception as error:
        with maintaining():
            _progress(run, Stage.READY, state=RunState.FAILED, failure=type(error).__name__)
            audit.record(None, "evaluation.reckon", subject=run, outcome=Outcome.REFUSED, **_told_by(run))
        raise


def _taken(run_id: UUID) -> Run | None:
    """The run, if this process is the first to take it, or if the one that took it has been dead for long."""
    now = clock.now()
    free = Q(state=RunState.ORDERED) | Q(state=RunState.RUNNING, progressed_at__lt=now - queries.QUIET)
    with maintaining():
        taken = Run.objects.filter(free, pk=run_id).update(
            state=RunState.RUNNING, stage=Stage.EXTRACTING, progressed_at=now, as_of=clock.today()
        )
        return Run.objects.get(pk=run_id) if taken else None


def _progress(run: Run, stage: Stage, **told: object) -> None:
    values = {"stage": stage, "progressed_at": clock.now(), **told}
    for name, value in values.items():
        setattr(run, name, value)
    run.save(update_fields=list(values))


def _told_by(run: Run) -> dict[str, Any]:
    return {"ordered_by": str(run.ordered_by_id or ""), "ordered_by_unit": str(run.ordered_by_unit_id or "")}


def _work_out(run: Run) -> None:
    # Heavy tools, brought in where they are used: no web process ever comes here.
    from silta.evaluation.gateways import counting, extracting

    root, as_of = Path(settings.FIGURES_ROOT), run.as_of or clock.today()
    key = extracting.kept_key(root)
    told = {"as_of": as_of, "run": run.pk, "taken_at": clock.now(), "definitions": definitions.versions()}
    taken = extracting.extract(
        extracting.address(queries.database()), queries.offers(), key, root / str(run.pk), told=told
    )
    with maintaining():
        _progress(run, Stage.COUNTING, rows=dict(taken.rows))
        units = {extracting.keyed(key, one).hex(): one for one in queries.all_units()}
    counted = list(counting.count(taken.folder, as_of, list(definitions.indicators().values())))
    data = [row for one, cells in counted for row in figures_of(one, cells, units, as_of)]
    with maintaining():
        _progress(run, Stage.DRAWING)
        kept = _earlier_months(as_of)
        drawn = queries.units_to_draw()
    charts = list(_charts([*kept, *data], drawn))
    with maintaining():
        _replace(data, charts, as_of)
        _progress(run, Stage.READY, state=RunState.DONE, finished_at=clock.now())
        audit.record(
            None, "evaluation.reckon", subject=run, figures=len(data), rows=run.rows, **_told_by(run)
        )
    extracting.forget_others(taken.folder)


def figures_of(
    indicator: Indicator, cells: Mapping[Bucket, "Cell"], units: Mapping[str, UUID], as_of: dt.date
) -> list[Datum]:
    """The figures to keep of one indicator: what is to be hidden is hidden, and nothing of it is left in them."""
    hidden = hidden_cells({bucket: cell.people for bucket, cell in cells.items()})
    unknown = {bucket: cell.unknown for bucket, cell in cells.items() if bucket.month is None}
    veiled = hidden_cells(unknown)
    now, found = clock.now(), []
    for bucket, cell in cells.items():
        why = hidden.get(bucket, "")
        found.append(
            Datum(
                code=indicator.code, version=indicator.version, computed_at=now, as_of=as_of, hidden=why,
                unit_id=units[bucket.unit] if bucket.unit else None, kind=bucket.kind or "",
                municipality="" if bucket.municipality is None else bucket.municipality or queries.NOT_KNOWN,
                month=dt.date.fromisoformat(bucket.month) if bucket.month else None,
                value=None if why else cell.value, n=None if why else cell.n,
                unknown=unknown.get(bucket) if bucket not in veiled else None,
            )
        )  # fmt: skip
    return found


def _snapshots() -> list[str]:
    return [code for code, one in definitions.indicators().items() if one.snapshot]


def _earlier_months(as_of: dt.date) -> list[Datum]:
    """What indicators of a day told of earlier months: it cannot be counted again, and stays."""
    return list(Datum.objects.filter(code__in=_snapshots(), month__lt=as_of.replace(day=1)).order_by("id"))


def _replace(data: Iterable[Datum], charts: Iterable[Chart], as_of: dt.date) -> None:
    Datum.objects.exclude(code__in=_snapshots(), month__lt=as_of.replace(day=1)).delete()
    Datum.objects.bulk_create(data, batch_size=_BATCH)
    Chart.objects.all().delete()
    Chart.objects.bulk_create(charts, batch_size=_BATCH)


def _charts(data: Iterable[Datum], drawn: set[UUID]) -> Iterable[Chart]:
    from silta.evaluation.gateways import drawing

    lines: dict[tuple[str, UUID | None], list[Datum]] = {}
    for row in data:
        if row.month and (row.unit_id is None or row.unit_id in drawn):
            lines.setdefault((row.code, row.unit_id), []).append(row)
    now = clock.now()
    for (code, unit_id), rows in lines.items():
        shown = {row.month: row.value for row in rows if row.month}
        months = list(_months(min(shown), max(shown)))[-MONTHS_DRAWN:]
        points = [drawing.Point(month.isoformat(), shown.get(month)) for month in months]
        if all(point.value is None for point in points):
            continue  # All of it is hidden: an empty picture would say that there was nothing.
        svg = drawing.draw(points, definitions.indicators()[code].measure)
        yield Chart(code=code, unit_id=unit_id, computed_at=now, svg=svg)


def _months(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    """Every month from the first to the last, so that one without figures is a gap and not left out."""
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield dt.date(number // 12, number % 12 + 1, 1)
