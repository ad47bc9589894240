"""Prints the copies of a row in one piece: the row's bytes as often as wanted, with new bytes where a copy differs."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.crowding.planning import Copies, Level, Numbers, Plan
from config.crowding.reading import Fields, Table, ids

Bytes = NDArray[np.uint8]
_HEX = np.frombuffer("".join(f"{value:02x}" for value in range(256)).encode(), np.uint8).reshape(256, 2)
# Ids differ in their first four bytes, or eight letters: sorting looks at the first bytes of a key before all others.
FIRST_BYTES, FIRST_LETTERS = 4, 8
_PIECE = 2**20


@dataclass(frozen=True)
class Patch:
    """New bytes for every copy, from a place within the row on."""

    place: int
    content: Bytes


def tuple_of(fields: Fields) -> tuple[bytes, list[int]]:
    """The row as COPY reads it, and where the content of each field begins."""
    pieces, places = [struct.pack(">h", len(fields))], []
    place = 2
    for value in fields:
        places.append(place + 4)
        pieces.append(struct.pack(">i", -1 if value is None else len(value)) + (value or b""))
        place += len(pieces[-1])
    return b"".join(pieces), places


def tile(row: bytes, copies: int, patches: Iterable[Patch]) -> Bytes:
    """So many copies of a row, one below the other, each with its own bytes."""
    tiled = np.tile(np.frombuffer(row, np.uint8), (copies, 1))
    for patch in patches:
        tiled[:, patch.place : patch.place + patch.content.shape[1]] = patch.content
    return tiled


def tiles(row: bytes, copies: int, patches: list[Patch]) -> Iterator[bytes]:
    """So many copies of a row as ``tile`` makes them, in pieces that stay near the processor."""
    step = max(1, _PIECE // len(row))
    for start in range(0, copies, step):
        many = min(step, copies - start)
        yield tile(
            row, many, [Patch(one.place, one.content[start : start + many]) for one in patches]
        ).tobytes()


def renamed(plan: Plan, table: Table, fields: Fields, places: list[int], copies: Copies) -> list[Patch]:
    """The new ids of every copy of a row."""
    patches = []
    for kind, value, place in zip(table.types, fields, places, strict=True):
        if value:
            patches += ids_in(plan, kind, value, place, copies)
    return patches


def ids_in(plan: Plan, kind: str, value: bytes, place: int, copies: Copies) -> list[Patch]:
    """The new ids within one field that begins at a place of the row."""
    patches = []
    for at, key, is_text in ids(kind, value):
        level = plan.levels.get(key, Level.COMMON)
        if level != Level.COMMON:
            content = new_beginnings(key, copies.of(level))
            if is_text:
                content = _HEX[content].reshape(len(content), FIRST_LETTERS)
            patches.append(Patch(place + at, content))
    return patches


def new_beginnings(key: bytes, numbers: Numbers) -> Bytes:
    """The first four bytes of an id in each copy, a minute earlier by the clock in it than in the copy before.

    Number 0 leaves the id as it is; what is random in it still tells it from every other told one.
    """
    changed = np.uint32(int.from_bytes(key[:FIRST_BYTES])) - numbers
    return changed.astype(">u4").view(np.uint8).reshape(len(numbers), FIRST_BYTES)


def digits(numbers: NDArray[np.int64], width: int) -> Bytes:
    """Numbers written with so many digits."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (numbers[:, None] // powers % 10 + ord("0")).astype(np.uint8)


def counted(first: int, step: int, copies: int, width: int) -> Bytes:
    """Numbers from the first on, one a step, as a column of four or eight bytes holds them."""
    numbers = np.arange(first, first + step * copies, step, dtype=np.int64)
    return numbers.astype(f">i{width}").view(np.uint8).reshape(copies, width)
