"""No hidden cell follows from what is shown: proved by solving the published sums, table by table and all at once."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from silta.evaluation.enums import Hidden
from silta.evaluation.rules.suppression import LEAST, Bucket, hidden_cells

Sums = list[tuple[Bucket, list[Bucket]]]


def tables_of(cells: dict[tuple[str, str, str, str], int]) -> dict[Bucket, int]:
    """All published cells of some people, each with a unit, a municipality, a kind and a month."""
    found: dict[Bucket, int] = {}
    for (unit, municipality, kind, month), n in cells.items():
        for bucket in (
            Bucket(), Bucket(unit=unit), Bucket(month=month), Bucket(unit=unit, month=month),
            Bucket(municipality=municipality), Bucket(kind=kind),
        ):  # fmt: skip
            found[bucket] = found.get(bucket, 0) + n
    return found


def sums_of(counts: dict[Bucket, int]) -> Sums:
    """Every sum the reader can make: a whole and its parts."""
    units = [b for b in counts if b.unit and not b.month]
    months = [b for b in counts if b.month and not b.unit]
    inner = [b for b in counts if b.unit and b.month]
    return [
        (Bucket(), units), (Bucket(), months),
        (Bucket(), [b for b in counts if b.municipality]), (Bucket(), [b for b in counts if b.kind]),
        *((unit, [b for b in inner if b.unit == unit.unit]) for unit in units),
        *((month, [b for b in inner if b.month == month.month]) for month in months),
    ]  # fmt: skip


def worked_out(counts: dict[Bucket, int], hidden: dict[Bucket, Hidden]) -> set[Bucket]:
    """The hidden cells that the published sums determine: exact elimination over rational numbers."""
    names = sorted(hidden, key=str)
    rows = []
    for whole, parts in sums_of(counts):
        row = [Fraction(0)] * len(names)
        for bucket, sign in [(whole, -1), *((part, 1) for part in parts)]:
            if bucket in hidden:
                row[names.index(bucket)] += sign
        if any(row):
            rows.append(row)
    place = 0
    for column in range(len(names)):
        pivot = next((i for i in range(place, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[place], rows[pivot] = rows[pivot], rows[place]
        rows[place] = [value / rows[place][column] for value in rows[place]]
        for i in range(len(rows)):
            if i != place and rows[i][column]:
                rows[i] = [a - rows[i][column] * b for a, b in zip(rows[i], rows[place], strict=True)]
        place += 1
    return {names[row.index(1)] for row in rows if sum(map(bool, row)) == 1 and 1 in row}


cell = st.tuples(
    st.sampled_from("abcd"),
    st.sampled_from("xyz"),
    st.sampled_from("jk"),
    st.sampled_from(["1", "2", "3", "4"]),
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(cell, st.integers(1, 9), min_size=1, max_size=24))
def test_nothing_hidden_can_be_worked_out_and_nothing_small_is_shown(
    cells: dict[tuple[str, str, str, str], int],
) -> None:
    counts = tables_of(cells)
    hidden = hidden_cells(counts)
    assert {bucket for bucket, n in counts.items() if n < LEAST} == {
        b for b, why in hidden.items() if why is Hidden.SMALL
    }
    assert not worked_out(counts, hidden)
    for whole, parts in sums_of(counts):
        lost = sum(counts[part] for part in parts if part in hidden)
        assert whole in hidden or lost == 0 or lost >= LEAST


def test_one_small_unit_takes_the_next_smallest_with_it() -> None:
    counts = {Bucket(): 53, Bucket(unit="a"): 3, Bucket(unit="b"): 20, Bucket(unit="c"): 30}
    assert hidden_cells(counts) == {Bucket(unit="a"): Hidden.SMALL, Bucket(unit="b"): Hidden.PROTECTING}


def test_where_all_are_many_nothing_is_hidden() -> None:
    assert (
        hidden_cells({Bucket(): 50, Bucket(kind="a"): 20, Bucket(kind="b"): 30, Bucket(municipality=""): 50})
        == {}
    )


def test_where_there_are_few_in_all_nothing_is_shown() -> None:
    counts = {Bucket(): 4, Bucket(unit="a"): 4, Bucket(month="m"): 4, Bucket(unit="a", month="m"): 4}
    assert set(hidden_cells(counts)) == set(counts)


@pytest.mark.parametrize("nought", [Bucket(unit="a"), Bucket(municipality="x")])
def test_a_nought_is_shown(nought: Bucket) -> None:
    assert nought not in hidden_cells({Bucket(): 9, nought: 0})
