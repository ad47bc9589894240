"""Which column is which: headings in Finnish, Swedish or English, and the row they stand in."""

import difflib
from collections.abc import Mapping, Sequence

from silta.intake.enums import REQUIRED, Field
from silta.intake.rules import words
from silta.kernel.folding import fold

_SURE = 0.88
_A_ROW_OF_HEADINGS = 2  # One lucky word does not make one.


def guess(names: Sequence[str], saved: Mapping[str, str] | None = None) -> dict[int, Field]:
    """Each column's field, where it can be told: from a saved mapping first, then by the known headings.

    A field is given to one column only, the first that fits; a heading spelt almost like a known one fits too.
    """
    found: dict[int, Field] = {}
    keys = [fold(name) for name in names]
    chosen = {fold(name): field for name, field in (saved or {}).items()}
    for index, heading in enumerate(keys):
        if heading in chosen:
            if (field := chosen[heading]) in set(Field) and Field(field) not in found.values():
                found[index] = Field(field)
        elif (known := words.headings().get(heading)) and known not in found.values():
            found[index] = known
    for index, heading in enumerate(keys):
        if index not in found and heading and heading not in chosen:
            close = difflib.get_close_matches(heading, words.headings(), n=1, cutoff=_SURE)
            if close and words.headings()[close[0]] not in found.values():
                found[index] = words.headings()[close[0]]
    return found


def find_row(records: Sequence[Sequence[str]]) -> int:
    """The index of the row of headings among the first rows: the one that names the most fields, else the first full."""
    scores = [len({words.headings().get(fold(cell)) for cell in record} - {None}) for record in records]
    if (
        max(scores, default=0) < _A_ROW_OF_HEADINGS
    ):  # almost known headings count where there are hardly known ones
        scores = [len(guess(record)) for record in records]
    if scores and max(scores) >= _A_ROW_OF_HEADINGS:
        return scores.index(max(scores))
    return next((index for index, record in enumerate(records) if any(cell.strip() for cell in record)), 0)


def missing(columns: Mapping[int, Field]) -> list[Field]:
    """The fields without which no row can be imported and that no column holds."""
    return [field for field in REQUIRED if field not in columns.values()]
