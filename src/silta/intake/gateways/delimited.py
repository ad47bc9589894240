"""CSV in any usual encoding and separator, read as a stream."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

import charset_normalizer

from silta.intake.enums import Container
from silta.intake.gateways.reading import (
    MOST_BLANK_ROWS,
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_ROWS,
    Record,
    Table,
    clean,
    refuse,
)

SAMPLE = 256 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_SEPARATORS = ";,\t|"
# A spreadsheet program may name the separator on a line before the first, as in ``sep=;``.
_HINT = "sep="
# One-byte encodings that Finnish offices' programs have written, the commonest first.
_ONE_BYTE = ("cp1252", "iso8859-15", "mac-roman", "cp850")
_LETTERS = frozenset("åäöÅÄÖ")
_ALSO_LIKELY = frozenset("éèüÉÜæøÆØšžŠŽõÕ’‘“”–—€§´\N{NO-BREAK SPACE}")
_SAMPLE_ROWS = 60
_MOST_LINES_IN_CELL = 200


def read(stream: BinaryIO) -> Table:
    """Opens a CSV file; raises ``RuleBroken`` with one of ``reading.REFUSALS`` where it is no table.

    Rows are read as they are asked for; a quotation mark that is never closed is found while reading.
    """
    sample = stream.read(SAMPLE)
    whole = len(sample) < SAMPLE
    encoding = _encoding(sample, whole=whole)
    stream.seek(0)
    separator = _separator(_decoded(sample, encoding, whole=whole))
    lines = _without_hint(io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline=""))
    return Table(
        container=Container.CSV, records=_records(lines, separator), encoding=encoding, separator=separator
    )


def _encoding(sample: bytes, *, whole: bool) -> str:
    """The encoding: by its mark, by where zeros stand, UTF-8 where it holds, else the likeliest one-byte encoding."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) // 8:
        return "utf-16-le" if odd >= even else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=whole)
    except UnicodeDecodeError:
        return _one_byte_encoding(sample)
    return "utf-8"


def _one_byte_encoding(sample: bytes) -> str:
    """The one-byte encoding in which the letters beyond ASCII look most like Finnish and Swedish.

    Where none does, the detector of charset-normalizer is asked (a Cyrillic or Baltic file, say).
    """
    scores = {name: _likeness(sample, name) for name in _ONE_BYTE}
    best = max(_ONE_BYTE, key=lambda name: scores[name])
    if scores[best] > 0:
        return best
    found = charset_normalizer.from_bytes(sample[: SAMPLE // 8]).best()
    return found.encoding if found is not None else "cp1252"


def _likeness(sample: bytes, name: str) -> float:
    counts = Counter(char for char in sample.decode(name, errors="replace") if not char.isascii())
    weights = ((_LETTERS, 2.0), (_ALSO_LIKELY, 0.5))
    score = sum(
        count * weight for chars, weight in weights for char, count in counts.items() if char in chars
    )
    unlikely = sum(count for char, count in counts.items() if char not in _LETTERS | _ALSO_LIKELY)
    return score - unlikely


def _decoded(sample: bytes, encoding: str, *, whole: bool) -> str:
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(sample, final=whole)
    return text.removeprefix("\ufeff")


def _separator(text: str) -> str:
    """The separator that gives the most rows of one same width; ``sep=;`` on the first line decides at once."""
    named = text[len(_HINT) : len(_HINT) + 1]
    if _begins_with_hint(text) and named and named in _SEPARATORS:
        return named
    best, best_score = ";", 0.0
    for separator in _SEPARATORS:
        widths = [len(row) for row in _first_rows(text, separator)]
        if not widths:
            continue
        width, times = Counter(widths).most_common(1)[0]
        score = times / len(widths) * min(width, 60) if width > 1 else 0.0
        if score > best_score:
            best, best_score = separator, score
    return best


def _begins_with_hint(text: str) -> bool:
    return text[: len(_HINT)].lower() == _HINT


def _first_rows(text: str, separator: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) >= _SAMPLE_ROWS:
                break
    except csv.Error:
        return rows
    return rows


def _without_hint(lines: io.TextIOWrapper) -> Iterator[str]:
    """The lines, without a byte order mark and without Excel's first line ``sep=;``."""
    first = lines.readline(MOST_CHARACTERS).removeprefix("\ufeff")
    if not (_begins_with_hint(first) and len(first.strip()) <= len(_HINT) + 1):
        yield first
    # Limited reads keep a file without line ends from filling the memory; the pieces join again inside csv.
    while line := lines.readline(MOST_CHARACTERS * 4):
        yield line


def _records(lines: Iterator[str], separator: str) -> Iterator[Record]:
    csv.field_size_limit(MOST_CHARACTERS * 8)
    number, blanks = 0, 0
    reader = csv.reader(lines, delimiter=separator)
    while True:
        number += 1
        try:
            row = next(reader, None)
        except csv.Error:
            raise refuse("open_quote", row=number) from None
        if row is None:
            return
        record = _record(number, row)
        blanks = blanks + 1 if record.is_blank else 0
        if blanks > MOST_BLANK_ROWS:
            return
        if number > MOST_ROWS + 1:
            raise refuse("too_many_rows")
        yield record


def _record(number: int, row: list[str]) -> Record:
    if len(row) > MOST_COLUMNS and any(cell.strip() for cell in row[MOST_COLUMNS:]):
        raise refuse("too_many_columns")
    cells, stripped = [], []
    for index, raw in enumerate(row[:MOST_COLUMNS]):
        text, had_control = clean(raw)
        if len(text) > MOST_CHARACTERS or text.count("\n") > _MOST_LINES_IN_CELL:
            raise refuse("open_quote", row=number)
        cells.append(text)
        if had_control:
            stripped.append(index)
    return Record(number, tuple(cells), frozenset(stripped))
