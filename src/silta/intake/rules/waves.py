"""In which order rows can be brought in together: a row that may mean the same person waits for the one before it."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

Row = TypeVar("Row")


def waves(rows: Sequence[tuple[Row, Iterable[Hashable]]]) -> Iterator[list[Row]]:
    """Splits rows into as few rounds as keep rows that share a key apart, in their order; a row comes with its keys.

    The second row of one person then finds her registered by the first.
    """
    rest = list(rows)
    while rest:
        taken: set[Hashable] = set()
        later: list[tuple[Row, Iterable[Hashable]]] = []
        now: list[Row] = []
        for row, keys in rest:
            own = set(keys)
            if own & taken:
                later.append((row, own))
            else:
                now.append(row)
            taken |= own
        yield now
        rest = later
