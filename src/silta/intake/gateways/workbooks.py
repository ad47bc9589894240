"""XLSX workbooks, read row by row, after their package has been looked over for bombs."""

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import openpyxl
from openpyxl.utils import get_column_letter, range_boundaries

from silta.intake.enums import Container
from silta.intake.gateways.reading import (
    MEGABYTE,
    MOST_BLANK_ROWS,
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_ROWS,
    Record,
    Table,
    clean,
    refuse,
)

_MOST_UNPACKED = 200 * MEGABYTE
_MOST_SHARED_STRINGS = 60 * MEGABYTE
_MOST_MEMBERS = 2_000
_MOST_RATIO, _RATIO_COUNTS_FROM = 150, 10 * MEGABYTE
_MERGED = re.compile(rb'<mergeCell\s[^>]*ref="([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"')
_MOST_MERGES = 5_000
# A spreadsheet program keeps fifteen digits of a number.
_EXACT_BELOW = 1e15
_CHUNK = 256 * 1024


def read(stream: BinaryIO) -> Table:
    """Opens the first sheet that has rows; raises ``RuleBroken`` with one of ``reading.REFUSALS``.

    Nothing is unpacked before the package's own table of contents shows that it stays within bounds; entities in its
    XML are refused (openpyxl reads through defusedxml).
    """
    try:
        with zipfile.ZipFile(stream) as package:
            _look_over(package)
            merged = _merged(package)
        stream.seek(0)
        book = _open(stream, values=True)
        formulas = _open(stream, values=False)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise refuse("broken") from None
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or list(book.worksheets)
    notices: list[dict[str, str]] = []
    for sheet in sheets:
        if _has_rows(sheet):
            others = ", ".join(other.title for other in sheets if other is not sheet)
            if others:
                notices.append({"code": "other_sheets", "sheet": sheet.title, "others": others[:300]})
            name = sheet._worksheet_path.lstrip("/")  # noqa: SLF001 - openpyxl has no public name for the member
            ranges = merged.get(name, [])
            if ranges:
                notices.append({"code": "merged_cells", "ranges": ", ".join(ranges[:10])})
            return Table(
                container=Container.XLSX, notices=notices,
                records=_records(sheet, formulas[sheet.title], _fills(ranges)),
            )  # fmt: skip
    raise refuse("no_sheet")


def _open(stream: BinaryIO, *, values: bool) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return openpyxl.load_workbook(stream, read_only=True, data_only=values, keep_links=False)
        except Exception:  # noqa: BLE001 - a damaged part can fail anywhere inside the library
            raise refuse("broken") from None


def _look_over(package: zipfile.ZipFile) -> None:
    """Refuses a package that holds too much, or that unpacks to too much, by its table of contents alone.

    Python's reader never unpacks more of a member than its entry declares, so the declared sizes bound the real ones.
    """
    members = package.infolist()
    if "mimetype" in package.namelist() and b"opendocument" in package.read("mimetype")[:100]:
        raise refuse("open_document")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > _MOST_MEMBERS or unpacked > _MOST_UNPACKED:
        raise refuse("bomb")
    if unpacked > _RATIO_COUNTS_FROM and unpacked / packed > _MOST_RATIO:
        raise refuse("bomb")
    if "xl/workbook.xml" not in package.namelist():
        raise refuse("not_a_table")
    for member in members:
        if member.flag_bits & 0x1:
            raise refuse("old_excel")
        if member.filename.endswith("sharedStrings.xml") and member.file_size > _MOST_SHARED_STRINGS:
            raise refuse("bomb")
        if member.filename.endswith((".xml", ".rels")):
            with package.open(member) as part:
                if b"<!DOCTYPE" in part.read(4096):
                    raise refuse("bomb")


def _merged(package: zipfile.ZipFile) -> dict[str, list[str]]:
    """The merged ranges of each sheet; they stand behind the rows, so the sheet is gone through in pieces."""
    found: dict[str, list[str]] = {}
    for name in package.namelist():
        if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
            ranges: list[str] = []
            with package.open(name) as part:
                rest = b""
                while (piece := part.read(_CHUNK)) and len(ranges) < _MOST_MERGES:
                    text = rest + piece
                    ranges.extend(match.decode() for match in _MERGED.findall(text))
                    rest = text[text.rfind(b"<") :][-2048:] if b"<" in text else b""
            if ranges:
                found[name] = list(dict.fromkeys(ranges))
    return found


@dataclass(slots=True)
class _Merges:
    """Merged cells: each to the first of its range, and the texts of those met so far."""

    fills: dict[tuple[int, int], tuple[int, int]]
    anchors: frozenset[tuple[int, int]]
    kept: dict[tuple[int, int], str] = field(default_factory=dict)

    def text(self, place: tuple[int, int], text: str) -> str:
        """What the cell shows: its own text, or that of the range it belongs to."""
        if not text and place in self.fills:
            return self.kept.get(self.fills[place], "")
        if place in self.anchors:
            self.kept[place] = text
        return text


def _fills(ranges: list[str]) -> _Merges:
    """Each cell of a merged range to the range's first cell, whose value it shows; wide bands are left blank."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for text in ranges:
        first_column, first_row, last_column, last_row = (edge or 0 for edge in range_boundaries(text))
        if not first_column or first_column != last_column or last_row - first_row > MOST_BLANK_ROWS:
            continue
        for row in range(first_row + 1, last_row + 1):
            found[row, first_column] = (first_row, first_column)
    return _Merges(found, frozenset(found.values()))


def _has_rows(sheet: Any) -> bool:
    sheet.reset_dimensions()
    try:
        return any(
            any(value not in (None, "") for value in row)
            for row in sheet.iter_rows(max_row=200, max_col=MOST_COLUMNS, values_only=True)
        )
    except Exception:  # noqa: BLE001 - a damaged part can fail anywhere inside the library
        raise refuse("broken") from None


def _records(sheet: Any, formulas: Any, merges: _Merges) -> Iterator[Record]:
    blanks = 0
    formulas.reset_dimensions()
    pairs = zip(_rows(sheet), _rows(formulas), strict=False)
    for number, (row, written) in enumerate(pairs, start=1):
        if number > MOST_ROWS + 1:
            raise refuse("too_many_rows")
        record = _record(number, row, written, merges)
        blanks = blanks + 1 if record.is_blank else 0
        if blanks > MOST_BLANK_ROWS:
            return
        yield record


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    try:
        yield from sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
    except Exception:  # noqa: BLE001 - a damaged part can fail anywhere inside the library
        raise refuse("broken") from None


def _record(number: int, row: tuple[Any, ...], written: tuple[Any, ...], merges: _Merges) -> Record:
    if len(row) > MOST_COLUMNS and row[MOST_COLUMNS] not in (None, ""):
        raise refuse("too_many_columns")
    cells, stripped = [], []
    for index, value in enumerate(row[:MOST_COLUMNS]):
        # A formula whose result was never computed is kept as the text it is.
        shown = written[index] if value is None and index < len(written) else value
        text, had_control = clean(_as_text(shown)[:MOST_CHARACTERS])
        text = merges.text((number, index + 1), text)
        cells.append(text)
        if had_control:
            stripped.append(index)
    while cells and not cells[-1]:
        cells.pop()
    return Record(number, tuple(cells), frozenset(stripped))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return (
            value.date().isoformat()
            if value.time() == dt.time()
            else value.isoformat(sep=" ", timespec="minutes")
        )
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT_BELOW else repr(value)
    return str(value)


def column_name(index: int) -> str:
    """The letter by which a spreadsheet program calls a column; the first is 0."""
    return str(get_column_letter(index + 1))
