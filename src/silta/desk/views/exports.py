"""Exports of the client list: typed in XLSX, and safe against formulas in both kinds of file."""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from openpyxl import Workbook
from openpyxl.styles import Font

from silta.access.enums import Permission
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.cases import queries
from silta.cases.models import Case
from silta.cases.queries import clientlist
from silta.cases.rules import definitions
from silta.desk.views import asking, clients
from silta.kernel import clock
from silta.kernel.errors import NotFound

MOST = 2000
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
Cell = str | int | dt.date | None

_HEADINGS: tuple[str | Promise, ...] = (
    _("Case number"), _("Name"), _("Municipality"), _("Kind of case"), _("Phase"), _("Need of support"),
    _("Responsible person"), _("Opened"), _("Next deadline"), _("Last contact"), _("Open actions"), _("Goals"),
)  # fmt: skip


def safe(value: Cell) -> Cell:
    """The value as a spreadsheet may open it: a text that would begin a formula is made a text by an apostrophe."""
    if isinstance(value, str) and value.lstrip(" ").startswith(_STARTS_FORMULA):
        return f"'{value}"
    return value


@require_safe
def export(request: HttpRequest, form: str) -> HttpResponse:
    """The clients of the page's filters as a file. Each person's data in it is an entry of the journal.

    At most ``MOST`` rows; more are said in the file's last row, so that nobody takes a part for the whole.
    """
    actor = asking.actor_of(request, Permission.CASE_VIEW, Permission.EXPORT)
    if form not in {"csv", "xlsx"}:
        raise NotFound(_("There is no such page."), code="desk.no_export")
    asked = clients.asked_of(request, actor)
    rows = clientlist.clients(actor, asked).select_related("person", "responsible")
    cases = list(rows.order_by("person__search_name", "id")[: MOST + 1])
    grounds = queries.grounds_of(actor, cases[:MOST])
    told = (
        audit.Told(case.person_id, case, grounds[case.pk], details={"form": form}) for case in cases[:MOST]
    )
    audit.record_many(actor, "desk.export", told, kind=Kind.READ)
    lines = list(_lines(cases[:MOST]))
    if len(cases) > MOST:
        lines.append([str(_("Only the first %(most)d are here. Narrow the filters.")) % {"most": MOST}])
    content = _csv(lines) if form == "csv" else _xlsx(lines)
    kind = (
        "text/csv; charset=utf-8"
        if form == "csv"
        else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="silta-{clock.today():%Y-%m-%d}.{form}"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(cases: Sequence[Case]) -> Iterator[list[Cell]]:
    yield [str(heading) for heading in _HEADINGS]
    municipalities = clientlist.municipalities_of(cases)
    for case in cases:
        definition = definitions.definition(case.kind, case.definition_version)
        municipality = municipalities.get(case.person_id)
        hidden = str(_("hidden")) if case.person.non_disclosure else ""
        yield [
            case.number, case.person.name, municipality.name if municipality else hidden, str(definition.name),
            definition.phase_name(case.phase), str(case.get_need_display()),
            case.responsible.name if case.responsible else "", case.opened_on, case.next_deadline_on,
            case.last_contact_on, case.open_steps, case.open_goals,
        ]  # fmt: skip


def _csv(lines: Sequence[Sequence[Cell]]) -> bytes:
    """Semicolons and a byte-order mark: Finnish spreadsheets open it as it is."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for line in lines:
        writer.writerow(["" if cell is None else safe(cell) for cell in line])
    return text.getvalue().encode("utf-8-sig")


def _xlsx(lines: Sequence[Sequence[Cell]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has a sheet
    for line in lines:
        sheet.append([safe(cell) for cell in line])
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"
            elif isinstance(cell.value, dt.date):
                cell.number_format = "d.m.yyyy"
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFGHIJKL", (13, 26, 16, 26, 22, 16, 24, 12, 14, 14, 14, 10), strict=True):
        sheet.column_dimensions[column].width = width
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
