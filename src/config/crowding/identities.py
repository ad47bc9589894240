"""Invented names and artificial identity codes for the copies of a person, as long as those they replace."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from config.crowding.planning import Numbers
from config.crowding.tiling import Bytes, digits

_EPOCH = dt.date(2000, 1, 1).toordinal()
_CHECK = np.frombuffer(b"0123456789ABCDEFHJKLMNPRSTUVWXY", np.uint8)
# The told people have the hyphen and the A: their copies have the marks of 2023 (law-standards-evidence.md 1.8).
_MARKS = {False: np.frombuffer(b"YXWVU", np.uint8), True: np.frombuffer(b"BCDEF", np.uint8)}
_PER_MARK, _LEAST = 100, 900
_YEAR, _CENTURY = 365, 2000


@dataclass
class Identity:
    """What the copies of one person are born as: days of birth as PostgreSQL counts them, and codes."""

    born: Bytes
    codes: Bytes


def identities(births: dict[bytes, tuple[int, Numbers]]) -> dict[bytes, Identity]:
    """Days of birth within half a year of the told person's, and codes that nobody else has.

    ``births`` has for each told person her day of birth and the numbers of her copies. Raises ``ValueError`` where more
    people are born on a day than there are artificial codes for it.
    """
    if not births:
        return {}
    days = np.concatenate([
        day + (numbers.astype(np.int64) * 37 % _YEAR) - _YEAR // 2 for day, numbers in births.values()
    ])  # fmt: skip
    codes = _codes(days)
    born = days.astype(">i4").view(np.uint8).reshape(len(days), 4)
    found, place = {}, 0
    for key, (_day, numbers) in births.items():
        found[key] = Identity(born[place : place + len(numbers)], codes[place : place + len(numbers)])
        place += len(numbers)
    return found


def _codes(days: NDArray[np.int64]) -> Bytes:
    each, which, sizes = np.unique(days, return_inverse=True, return_counts=True)
    order = np.argsort(which, kind="stable")
    rank = np.empty(len(days), dtype=np.int64)
    rank[order] = np.arange(len(days)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    if rank.max() >= _PER_MARK * len(_MARKS[True]):
        raise ValueError("more people are born on one day than there are artificial identity codes for it")
    dates = [dt.date.fromordinal(_EPOCH + int(day)) for day in each]
    written = np.array([int(f"{date:%d%m%y}") for date in dates], dtype=np.int64)[which]
    is_late = np.array([date.year >= _CENTURY for date in dates])[which]
    number = _LEAST + rank % _PER_MARK
    mark = np.where(is_late, _MARKS[True][rank // _PER_MARK], _MARKS[False][rank // _PER_MARK])
    check = _CHECK[(written * 1000 + number) % 31]
    return np.hstack([digits(written, 6), mark[:, None], digits(number, 3), check[:, None]])


@dataclass
class Names:
    """Names by their length, plain and folded: a copy's name takes exactly the place of the told one."""

    groups: dict[tuple[int, int], list[tuple[bytes, bytes]]] = field(default_factory=dict)

    @classmethod
    def surnames(cls) -> "Names":
        """Every surname that can be put together."""
        from silta.workbench.words import read

        halves = read("surnames")
        return cls._of(
            [*read("people")["last_names"], *(a + b for a in halves["first"] for b in halves["second"])]
        )

    @classmethod
    def given(cls) -> "Names":
        """The given names of the demonstration's people."""
        from silta.workbench.words import read

        return cls._of(read("people")["first_names"])

    @classmethod
    def _of(cls, names: list[str]) -> "Names":
        from silta.kernel.folding import fold

        groups = defaultdict(list)
        for name in sorted(set(names)):
            pair = (name.encode(), fold(name).encode())
            groups[len(pair[0]), len(pair[1])].append(pair)
        return cls(dict(groups))

    def like(self, name: bytes, folded: bytes, numbers: Numbers) -> tuple[Bytes, Bytes]:
        """A name for each copy, plain and folded."""
        choices = self.groups.get((len(name), len(folded)), [(name, folded)])
        which = (numbers.astype(np.uint64) * np.uint64(2654435761) >> np.uint64(9)) % np.uint64(len(choices))
        plain = np.frombuffer(b"".join(one[0] for one in choices), np.uint8).reshape(len(choices), -1)
        sought = np.frombuffer(b"".join(one[1] for one in choices), np.uint8).reshape(len(choices), -1)
        return plain[which], sought[which]
