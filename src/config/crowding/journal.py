"""The copies of the journal's events, linked into its chains as the database links an event that is written."""

from binascii import hexlify
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from config.crowding.planning import Copies, Level, Plan
from config.crowding.reading import Connection, Table
from config.crowding.tiling import (
    FIRST_LETTERS,
    Bytes,
    Patch,
    ids_in,
    new_beginnings,
    renamed,
    tile,
    tuple_of,
)

_CHAINS = 64
_DIGEST = 64
_NO_DIGEST = bytes(_DIGEST)
# What a digest covers beside the link itself, in the order of the trigger ``audit_digest``.
_CONTENT = """
SELECT jsonb_build_array(e.id, e.at, e.kind, e.action, e.outcome, e.user_id, e.unit_id, e.organisation_id, e.role, e.purpose,
  e.person_id, e.subject_type, e.subject_id, e.ground, e.recipient_unit_id, e.details)::text FROM audit_event e ORDER BY e.at, e.id
"""


@dataclass
class Heads:
    """How far each chain has come: the last position and the last digest."""

    positions: list[int]
    digests: list[bytes]


def heads(connection: Connection) -> Heads:
    """The chains' heads as they are."""
    rows = connection.execute("SELECT position, digest FROM audit_chainhead ORDER BY chain").fetchall()
    return Heads([int(row[0]) for row in rows], [str(row[1]).encode() for row in rows])


def copies(connection: Connection, table: Table, plan: Plan, ends: Heads) -> Iterator[bytes]:
    """The copies of every event in the order of their moments, linked to the heads, which move on with them.

    The connection is for reading only, and another than the one that writes.
    """
    with connection.transaction():
        connection.execute("SET LOCAL timezone = 'UTC'")
        contents = [str(row[0]).encode() for row in connection.execute(_CONTENT).fetchall()]
    chains: dict[tuple[bytes, int], list[int]] = {}
    for fields, content in zip(table.rows, contents, strict=True):
        made = plan.row(table, fields)
        if made is None or not len(made):
            continue
        user = fields[table.at("user_id")] or b""
        key = (user, id(made))
        if key not in chains:
            chains[key] = _chains(connection, plan, user, made)
        row, places = tuple_of((*fields[: table.at("previous_digest")], bytes(_DIGEST), bytes(_DIGEST)))
        patches = renamed(plan, table, (*fields[:-2], b"", b""), places, made)
        told = tile(content[1:], len(made), ids_in(plan, "jsonb", content[1:], 0, made)).tobytes()
        links = _linked(told, len(content) - 1, chains[key], ends)
        patches += [Patch(places[table.at(column)], link) for column, link in
                    zip(("chain", "position", "previous_digest", "digest"), links, strict=True)]  # fmt: skip
        printed = tile(row, len(made), patches)
        yield b"".join(_pieces(printed, places[table.at("previous_digest")], links[2]))


def _pieces(printed: Bytes, place: int, before: Bytes) -> Iterator[bytes]:
    """The printed rows; the first of a chain has no digest before it, so its field is empty."""
    start = 0
    for first in np.flatnonzero(before[:, 0] == 0):
        yield printed[start:first].tobytes()
        row = printed[first].tobytes()
        yield row[: place - 4] + bytes(4) + row[place + _DIGEST :]
        start = int(first) + 1
    yield printed[start:].tobytes()


def _linked(told: bytes, length: int, chains: list[int], ends: Heads) -> list[Bytes]:
    """Chain, position, the digest before and the own one of each copy, as the columns hold them.

    Every event of the region passes here one by one, for each needs the digest before it: what can be done for many at
    once is done outside the loop.
    """
    many = len(chains)
    positions, own, before = [], [], []
    last, digests, fresh = ends.positions, ends.digests, sha256()
    start = 0
    for chain in chains:
        end = start + length
        position = last[chain] = last[chain] + 1
        previous = digests[chain]
        digest = fresh.copy()
        digest.update(b'["%b", %d, %d, %b' % (previous, chain, position, told[start:end]))
        digests[chain] = link = hexlify(digest.digest())
        positions.append(position)
        before.append(previous or _NO_DIGEST)
        own.append(link)
        start = end
    return [
        np.array(chains, dtype=">i2").view(np.uint8).reshape(many, 2),
        np.array(positions, dtype=">i8").view(np.uint8).reshape(many, 8),
        np.frombuffer(b"".join(before), np.uint8).reshape(many, _DIGEST),
        np.frombuffer(b"".join(own), np.uint8).reshape(many, _DIGEST),
    ]


def _chains(connection: Connection, plan: Plan, user: bytes, made: Copies) -> list[int]:
    """The chain of each copy: by the hash of who did it, as the trigger chooses it."""
    if not user:
        users = [""]
        which = np.zeros(len(made), dtype=np.int64)
    else:
        key = bytes.fromhex(user.replace(b"-", b"").decode())
        numbers, which = np.unique(made.of(plan.levels.get(key, Level.COMMON)), return_inverse=True)
        beginnings = new_beginnings(key, numbers)
        users = [one.tobytes().hex() + user[FIRST_LETTERS:].decode() for one in beginnings]
    found = connection.execute(
        "SELECT abs(mod(hashtext(u), %s)) FROM unnest(%s::text[]) WITH ORDINALITY AS t(u, n) ORDER BY n",
        [_CHAINS, users],
    )
    chain = np.array([row[0] for row in found.fetchall()], dtype=np.int64)
    return list(chain[which].tolist())


def move(connection: Connection, ends: Heads) -> None:
    """Writes down how far the chains have come."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE audit_chainhead SET position = %s, digest = %s WHERE chain = %s",
            [(ends.positions[chain], ends.digests[chain].decode(), chain) for chain in range(_CHAINS)],
        )
