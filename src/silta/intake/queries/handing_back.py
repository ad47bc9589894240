"""What goes back to those who know the clients: every problem as a line, and the bad rows as a file of their own."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext

from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.intake.enums import WHERE_TO_REACH, Field, RowState, Severity
from silta.intake.gateways import spreadsheets
from silta.intake.models import File, Row
from silta.intake.queries.matching import cells_of
from silta.intake.rules import problems, values
from silta.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Line:
    """One problem of one row, in words: where, what it says, what is wrong, what to do."""

    number: int
    severity: Severity
    code: str
    column: str
    value: str
    wrong: str
    do: str


def lines(file: File, *, least: Severity = Severity.NOTICE) -> list[Line]:
    """Every problem of the file in the order of its rows; ``least`` leaves out what weighs less."""
    order = list(Severity)
    found: list[Line] = []
    for row in file.rows.exclude(problems=[]).iterator(chunk_size=500):
        found.extend(line for line in lines_of(file, row) if order.index(line.severity) <= order.index(least))
    return found


def lines_of(file: File, row: Row) -> list[Line]:
    """The problems of one row in words; those of a protected person are kept veiled."""
    return [
        Line(
            row.number, problem.severity, problem.code, column_name(file, problem.field),
            problem.value, problem.wrong, problem.do,
        )
        for problem in map(problems.from_data, row.problems)
    ]  # fmt: skip


def column_name(file: File, field: Field | None) -> str:
    """The heading under which the file holds the field; its name in Silta where no column does; empty for the row."""
    if field is None:
        return ""
    index = next((int(index) for index, named in file.columns.items() if named == field), None)
    return str(field.label) if index is None else file.headings[index]


def bad_rows(file: File) -> tuple[list[str], Iterator[list[str]]]:
    """The rows that stayed out, as they came and were corrected, with what is wrong and what to do behind them.

    Contact details of a protected person are masked; brought back, a masked cell is read as not given.
    """
    headings = [*file.headings, gettext("Problem"), gettext("What to do")]
    return headings, (
        _bad_row(file, row) for row in file.rows.filter(state=RowState.BAD).iterator(chunk_size=500)
    )


def _bad_row(file: File, row: Row) -> list[str]:
    cells = cells_of(row)
    hidden = {int(index) for index, field in file.columns.items() if field in set(WHERE_TO_REACH)}
    shown = [
        values.MASK if row.is_protected and index in hidden and cells.get(index) else cells.get(index, "")
        for index in range(len(file.headings))
    ]
    found = [line for line in lines_of(file, row) if line.severity is not Severity.NOTICE]
    said = [f"{line.column}: {line.wrong}" if line.column else line.wrong for line in found]
    return [*shown, " / ".join(said), " / ".join(dict.fromkeys(line.do for line in found))]


def as_bytes(actor: Actor, file: File, ending: str) -> bytes:
    """The file of bad rows: XLSX where the ending says so, else CSV; taking it out is journalled."""
    headings, rows = bad_rows(file)
    audit.record(
        actor, "intake.take_bad_rows", kind=Kind.READ, subject=file, rows=file.counts.get(RowState.BAD, 0)
    )
    if ending.lower() == ".xlsx":
        return spreadsheets.write_xlsx(headings, rows, title=gettext("Rows to correct"))
    return b"".join(spreadsheets.write_csv(headings, rows))
