"""What every reader of tables gives back, the limits it keeps, and how it refuses."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from silta.kernel.errors import RuleBroken

MEGABYTE = 1024 * 1024
MOST_BYTES = 20 * MEGABYTE
MOST_ROWS = 50_000
MOST_COLUMNS = 200
MOST_CHARACTERS = 32_767  # what a cell of a spreadsheet program can hold
MOST_BLANK_ROWS = 1_000  # after so many in a row the rest is formatting, not data
_NO_CHARACTERS = "\ufeff\ufffe\uffff"

REFUSALS: dict[str, str | Promise] = {
    "empty": _("The file is empty. Choose a file that has headings and at least one row."),
    "too_large": _("The file is larger than 20 MB. Divide it into parts, and bring the parts one by one."),
    "old_excel": _("The file is in the old Excel format, or locked with a password. Open it in the spreadsheet program, save it as .xlsx without a password, and bring that."),
    "open_document": _("The file is an OpenDocument spreadsheet. Save it as .xlsx or .csv, and bring that."),
    "web_page": _("The file is a web page, though its name may say otherwise. Open it in the spreadsheet program, save it as .xlsx, and bring that."),
    "not_a_table": _("The file is not a table. Bring a CSV file or an .xlsx workbook."),
    "bomb": _("The workbook would unpack to more than Silta accepts. Save only the sheet you need as CSV, and bring that."),
    "broken": _("The workbook is damaged and cannot be read. Open it in the spreadsheet program, save it anew, and bring that."),
    "no_sheet": _("There is no sheet with rows in the workbook."),
    "too_many_rows": _("The file has more than 50,000 rows. Divide it into parts, and bring the parts one by one."),
    "too_many_columns": _("The file has more than 200 columns. Keep only the columns you need."),
    "open_quote": _("On row %(row)s a quotation mark opens and is never closed. Close it in the file, or save the file as .xlsx."),
    "no_headings": _("The file has only one column, or no headings. The first row must name the columns."),
    "no_rows": _("The file has headings but no rows."),
}  # fmt: skip


def refuse(code: str, **says: object) -> RuleBroken:
    """The error to raise for a file that cannot be read; ``code`` is a key of ``REFUSALS``."""
    text = str(REFUSALS[code]) % says if says else REFUSALS[code]
    return RuleBroken(text, code=f"intake.{code}", field="file")


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it stands in the file: its number as a spreadsheet program shows it, its cells as text.

    ``stripped`` are the columns from which control characters were taken away.
    """

    number: int
    cells: tuple[str, ...]
    stripped: frozenset[int] = frozenset()

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written in the row."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A readable file. ``records`` streams: it can be gone through once. ``notices`` are told after that."""

    container: str
    records: Iterator[Record]
    encoding: str = ""
    separator: str = ""
    notices: list[dict[str, str]] = field(default_factory=list)


def clean(text: str) -> tuple[str, bool]:
    """The text without control characters (line breaks and tabs stay), and whether there were any.

    PostgreSQL stores no NUL, and no reader can see the others.
    """
    if text.isprintable():
        return text, False
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(char for char in text if char in "\n\t" or not _is_control(char))
    return kept, kept != text


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs"} or char in _NO_CHARACTERS
