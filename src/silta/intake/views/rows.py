"""What a file would do, row by row; correcting it, and importing it."""

import datetime as dt
import re
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from silta.intake import jobs, operations
from silta.intake.enums import WHERE_TO_REACH, Field, FileState, Outcome, RowState, Severity
from silta.intake.models import File, Row
from silta.intake.queries import files as queries
from silta.intake.queries import handing_back
from silta.intake.queries.matching import cells_of
from silta.intake.rules import problems, values
from silta.intake.views import asking
from silta.intake.views.files import attachment, is_busy, whole
from silta.kernel import clock
from silta.kernel.errors import Conflict, RuleBroken
from silta.kernel.request import Request

_QUIET = dt.timedelta(minutes=2)
_TITLES = {
    FileState.DONE.value: _("What became of the rows"),
    FileState.RUNNING.value: _("The rows are being imported"),
    FileState.CHECKING.value: _("The rows are being checked"),
}
_NAMES = (Field.LAST_NAME, Field.FIRST_NAMES)


@dataclass(frozen=True, slots=True)
class Shown:
    """One problem of a row as the page shows it: in words, with the cell to correct where one is at fault."""

    problem: problems.Problem
    column: str
    text: str
    is_correctable: bool
    accept: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row as the page shows it: folded to one line, or open to be corrected."""

    row: Row
    name: str
    problems: list[Shown]
    changes: list[tuple[str, str, str]]
    is_open: bool = False
    takes_focus: bool = False

    @property
    def first(self) -> Shown | None:
        """What is said of a folded row: the problem that weighs most, unless it is only told."""
        return (
            self.problems[0]
            if self.problems and self.problems[0].problem.severity is not Severity.NOTICE
            else None
        )

    @property
    def further(self) -> int:
        """How many problems it has besides."""
        return len(self.problems) - 1

    @property
    def cell(self) -> Shown | None:
        """The first cell that can be corrected."""
        return next((one for one in self.problems if one.is_correctable), None)


def _line(file: File, row: Row, *, is_open: bool = False, takes_focus: bool = False) -> Line:
    cells, column = cells_of(row), {named: int(index) for index, named in file.columns.items()}
    shown = []
    order = list(Severity)
    for problem in sorted(map(problems.from_data, row.problems), key=lambda one: order.index(one.severity)):
        text = cells.get(column.get(problem.field.value, -1), "") if problem.field else ""
        hidden = row.is_protected and problem.field in WHERE_TO_REACH
        acceptable = problem.kind.accept and problem.code not in row.accepted and row.state == RowState.BAD
        shown.append(
            Shown(
                problem, handing_back.column_name(file, problem.field), values.MASK if hidden and text else text,
                problem.severity is not Severity.NOTICE and problem.field is not None
                and problem.field.value in column and row.state != RowState.DONE,
                str(problem.kind.accept) if acceptable else "",
            )
        )  # fmt: skip
    name = " ".join(cells.get(column.get(named.value, -1), "").strip() for named in reversed(_NAMES)).strip()
    changes = [(str(Field(one["field"]).label), one["old"], one["new"]) for one in row.changes]
    return Line(row, name, shown, changes, is_open or bool(changes), takes_focus)


@require_safe
def file(request: Request, file_id: UUID) -> HttpResponse:
    """The file: how many rows are new, changed, unchanged or at fault, and each problem with its cell to correct."""
    actor = asking.actor_of(request)
    found = queries.get_for(actor, file_id)
    if found.state == FileState.UPLOADED:
        return redirect("intake:columns", found.pk)
    return render(request, "intake/file.html", _page(request, found))


def _page(request: Request, found: File) -> dict[str, object]:
    counts = whole(queries.counts(found))
    showing = request.GET.get("show", "state:bad" if counts[RowState.BAD] else "")
    page = queries.page_of(
        found, showing=showing, after=_number(request.GET.get("after", "")) or 0,
        before=_number(request.GET.get("before", "")) or 0,
    )  # fmt: skip
    rows = page.rows
    bad = next((row.pk for row in rows if row.state == RowState.BAD), None)
    kinds = queries.problem_counts(found)
    return {
        "file": found, "title": _TITLES.get(found.state, _("What the file would do")), "counts": counts, "showing": showing,
        "stopping": [kind for kind in kinds if kind.stops], "others": [kind for kind in kinds if not kind.stops],
        "error": "", "swaps": False, "lines": [_line(found, row, is_open=row.pk == bad) for row in rows],
        "until": rows[-1].number if rows else 0, "filters": _filters(counts),
        "previous": _place(showing, "before", rows[0].number) if rows and page.has_before else "",
        "next": _place(showing, "after", rows[-1].number) if rows and page.has_after else "",
        "step": 4 if found.state in {FileState.RUNNING, FileState.DONE} else 3,
        "is_busy": is_busy(found), "is_quiet": _is_quiet(found), "before": queries.same_file_before(found),
        "percent": min(100, found.rows_done * 100 // max(1, found.rows_total)),
    }  # fmt: skip


def _place(showing: str, side: str, number: int) -> str:
    return f"?{urlencode([('show', showing), (side, str(number))])}#rows"


def _number(text: str) -> int | None:
    """The number of an address or a form; none where it holds none, or one that no row can have."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _filters(counts: dict[str, int]) -> list[tuple[str, object, int]]:
    return [
        (f"state:{RowState.BAD}", _("Need correcting"), counts[RowState.BAD]),
        (f"outcome:{Outcome.NEW}", _("New"), counts[Outcome.NEW]),
        (f"outcome:{Outcome.UPDATED}", _("Changed"), counts[Outcome.UPDATED]),
        (f"outcome:{Outcome.UNCHANGED}", _("Unchanged"), counts[Outcome.UNCHANGED]),
        (f"outcome:{Outcome.SKIPPED}", _("Skipped"), counts[Outcome.SKIPPED]),
        (f"state:{RowState.LEFT_OUT}", _("Left out"), counts[RowState.LEFT_OUT]),
        ("", _("All rows"), counts["all"]),
    ]


def _is_quiet(found: File) -> bool:
    """Whether a run has told nothing of itself for a while: then it may be taken up again."""
    return is_busy(found) and (found.progressed_at is None or clock.now() - found.progressed_at > _QUIET)


@require_safe
def progress(request: Request, file_id: UUID) -> HttpResponse:
    """How far a run is; HTMX asks every few seconds, and the page loads anew when it is over."""
    actor = asking.actor_of(request)
    found = queries.get_for(actor, file_id, reading=False)
    response = render(request, "intake/_progress.html", _page(request, found))
    if not is_busy(found):
        response["HX-Refresh"] = "true"
    return response


@require_POST
def correct(request: Request, file_id: UUID, row_id: UUID) -> HttpResponse:
    """Corrects a row: a cell, the same word on every row, going on in spite of a problem, leaving the row out."""
    actor = asking.actor_of(request)
    row = queries.row_for(actor, file_id, row_id)
    deed = request.POST.get("deed", "cell")
    expected = _number(request.POST.get("version", ""))
    error = ""
    try:
        if deed == "accept":
            row = operations.accept_problem(
                actor, row=row, code=request.POST.get("code", ""), version=expected
            )
        elif deed == "leave_out":
            row = operations.leave_out(actor, row=row, version=expected)
        elif deed == "bring_back":
            row = operations.bring_back(actor, row=row, version=expected)
        elif (named := request.POST.get("field", "")) in set(Field):
            text = request.POST.get("suggestion") or request.POST.get("text", "")
            if deed == "all":
                count = operations.correct_all(
                    actor, file=row.file, field=Field(named), old=request.POST.get("old", ""), new=text
                )
                messages.success(request, _("Corrected on %(count)s rows.") % {"count": count})
                return _back(request, file_id)
            row = operations.correct_cell(actor, row=row, field=Field(named), text=text, version=expected)
    except (RuleBroken, Conflict) as broken:
        error = str(broken.message)
    if asking.is_fragment(request):
        return _changed(request, queries.row_for(actor, file_id, row_id), error)
    if error:
        messages.error(request, error)
    # Without scripts the page begins at the row where it still is to be corrected, and behind it where it is not.
    return _back(request, file_id, after=row.number - (1 if error or row.state == RowState.BAD else 0))


def _changed(request: Request, row: Row, error: str) -> HttpResponse:
    """The row as it is now, with the figures; where it needs nothing more, the next row to correct is opened or linked."""
    showing, until = request.POST.get("showing", ""), _number(request.POST.get("until", "")) or 0
    counts, is_settled = whole(queries.counts(row.file)), not error and row.state != RowState.BAD
    following = queries.next_bad(row.file, showing=showing, after=row.number) if is_settled else None
    if following is not None and showing.removeprefix("problem:") not in following.problem_codes:
        showing = f"state:{RowState.BAD}"
    is_here = following is not None and row.number < following.number <= until
    page = {
        "file": row.file, "line": _line(row.file, row, is_open=not is_settled, takes_focus=not is_settled),
        "error": error, "swaps": True, "counts": counts, "settled_row": row.pk if is_settled else None,
        "filters": _filters(counts), "showing": request.POST.get("showing", ""), "until": until, "is_busy": is_busy(row.file),
        "opened": _line(row.file, following, is_open=True, takes_focus=True) if following and is_here else None,
        "further": _place(showing, "after", following.number - 1) if following and not is_here else "",
    }  # fmt: skip
    return render(request, "intake/_row_changed.html", page, status=422 if error else 200)


def _back(request: Request, file_id: UUID, *, after: int = 0) -> HttpResponse:
    return redirect(
        reverse("intake:file", args=[file_id]) + _place(request.POST.get("showing", ""), "after", after)
    )


@require_POST
def run(request: Request, file_id: UUID) -> HttpResponse:
    """Imports the sound rows: a short file at once, a long one in the background."""
    actor = asking.actor_of(request)
    found = queries.get_for(actor, file_id, reading=False)
    try:
        if found.state == FileState.RUNNING:
            if _is_quiet(found):
                jobs.defer(jobs.run_file, actor, found)
            return redirect("intake:file", file_id)
        found = operations.begin(actor, file=found)
        if found.rows_total > jobs.ROWS_WHILE_WAITING:
            jobs.defer(jobs.run_file, actor, found)
        else:
            operations.run_import(actor, file_id=found.pk)
    except (RuleBroken, Conflict) as error:
        messages.error(request, str(error.message))
    return redirect("intake:file", file_id)


@require_POST
def recheck(request: Request, file_id: UUID) -> HttpResponse:
    """Checks the rows that are left anew, against what Silta knows by now."""
    actor = asking.actor_of(request)
    found = queries.get_for(actor, file_id, reading=False)
    try:
        operations.check_file(actor, file=found)
    except (RuleBroken, Conflict) as error:
        messages.error(request, str(error.message))
    return redirect("intake:file", file_id)


@require_safe
def bad_rows(request: Request, file_id: UUID, ending: str) -> HttpResponse:
    """The rows that stayed out, as a file of their own with what is wrong and what to do."""
    actor = asking.actor_of(request)
    found = queries.get_for(actor, file_id, reading=False)
    body = handing_back.as_bytes(actor, found, f".{ending}")
    return attachment(body, _("silta-to-correct.%(ending)s") % {"ending": ending})
