"""One door for files of tables: what a file is, is told by its content, never by its name."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import openpyxl
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.writer.excel import save_workbook

from silta.intake.gateways import delimited, workbooks
from silta.intake.gateways.reading import MOST_BYTES, Table, refuse
from silta.intake.rules import values

_SIGNS = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "old_excel",
    b"%PDF-": "not_a_table",
    b"\x89PNG": "not_a_table",
    b"\xff\xd8\xff": "not_a_table",
    b"GIF8": "not_a_table",
    b"{\\rtf": "not_a_table",
    b"\x1f\x8b": "not_a_table",
    b"7z\xbc\xaf": "not_a_table",
    b"Rar!": "not_a_table",
    b"\x7fELF": "not_a_table",
    b"MZ": "not_a_table",
    b"SQLite format 3": "not_a_table",
}
# These move what follows to a cell of its own, or are trimmed away before it is judged.
_SHIFTED = ("\t", "\r", "\n")


def read(stream: BinaryIO) -> Table:
    """Opens a CSV file or an XLSX workbook as rows of text, streaming.

    Raises ``RuleBroken`` at the field ``file`` with one of ``reading.REFUSALS``: empty, too large, of another kind,
    damaged, a bomb.
    """
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise refuse("empty")
    if size > MOST_BYTES:
        raise refuse("too_large")
    head = stream.read(4096)
    stream.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return workbooks.read(stream)
    _refuse_other_kinds(head)
    return delimited.read(stream)


def _refuse_other_kinds(head: bytes) -> None:
    for sign, code in _SIGNS.items():
        # "MZ" may begin a heading; a real program file has zeros right behind.
        if head.startswith(sign) and (sign != b"MZ" or b"\x00" in head[:64]):
            raise refuse(code)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<svg")):
        raise refuse("web_page")
    if start.startswith((b'{"', b'[{"', b"{\n", b"{\r")):
        raise refuse("not_a_table")
    if not head.strip(b'\x00 \t\r\n;,|\xef\xbb\xbf\xff\xfe"'):
        raise refuse("empty")


def safe(text: str) -> str:
    """The text so that no spreadsheet program runs it as a formula: an apostrophe is put before what would start one.

    Programs may trim what stands before it, so that spaces do not hide a formula. Telephone numbers and plain numbers
    with a sign stay as they are; reading such a file takes the apostrophe away again.
    """
    return f"'{text}" if values.is_formula(text) or text.startswith(_SHIFTED) else text


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The table as CSV that Finnish spreadsheet programs open as it is: UTF-8 with its mark, semicolons."""
    yield b"\xef\xbb\xbf"
    for row in (headings, *rows) if isinstance(rows, Sequence) else _chained(headings, rows):
        line = io.StringIO()
        csv.writer(line, delimiter=";", lineterminator="\r\n").writerow([safe(cell) for cell in row])
        yield line.getvalue().encode()


def _chained(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    yield headings
    yield from rows


def write_xlsx(headings: Sequence[str], rows: Iterable[Sequence[str]], *, title: str) -> bytes:
    """The table as a workbook; every cell is text, none is a formula."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title=title[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_text_cell(sheet, heading, bold=True) for heading in headings])
    for row in rows:
        sheet.append([_text_cell(sheet, cell) for cell in row])
    stream = io.BytesIO()
    save_workbook(book, stream)
    return stream.getvalue()


def _text_cell(sheet: Any, text: str, *, bold: bool = False) -> Cell:
    cell = WriteOnlyCell(sheet, value=safe(text))
    cell.data_type = "s"
    cell.number_format = "@"
    if bold:
        cell.font = Font(bold=True)
    return cell
