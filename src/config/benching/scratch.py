"""Scratch regions: made for measuring, entered by one role or another, and never anybody's data."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from config import database
from config.crowding import region as crowd

_MARK = "people"
_UNLOCKED = "silta_unlocked"


class NotScratchError(RuntimeError):
    """The folder holds something that the bench did not make."""


def region(home: Path, people: int) -> str:
    """The address of a region of at least so many people in this folder, made there where it is not yet.

    Raises ``NotScratchError`` where the folder holds a database without the mark of a whole region: measuring writes,
    and must write into nobody's data.
    """
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)
    mark = home / _MARK
    if not mark.exists():
        if (home / "postgres").exists():
            raise NotScratchError(
                f"{home} holds a database that the bench did not make, or not to its end: choose another folder."
            )
        _make(home, people)
    elif int(mark.read_text()) < people:
        raise NotScratchError(
            f"{home} holds a region of {mark.read_text()} people: choose another folder for {people}."
        )
    else:
        _bring_up_to_date(home)
    return database.start_embedded(home / "postgres").address


def environment(home: Path) -> dict[str, str]:
    """What a command is told that works on the region of this folder, whichever region this process is on."""
    other = ("DATABASE_", "SILTA_EMBEDDED", "SILTA_DATABASE_ROLE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(other)}
    return kept | {"SILTA_HOME": str(home.resolve())}


def _bring_up_to_date(home: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "config.cli", "migrate"],
        env=environment(home), check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _make(home: Path, people: int) -> None:
    print(f"Making a region of {people} people …", flush=True)
    wanted = max(people, crowd.MOST_TOLD + 1)
    subprocess.run(
        [sys.executable, "-m", "config.cli", "demo", "--people", str(wanted)],
        env=environment(home), check=True,
    )  # fmt: skip
    (home / _MARK).write_text(str(wanted))


def connected(server: str, role: str = database.APP, name: str = database.NAME) -> BaseDatabaseWrapper:
    """A connection of its own to the region of this server, as a process that serves pages has it."""
    made = connections.create_connection("default")
    made.settings_dict = made.settings_dict | database.django_settings(
        database.with_user(server, role, name), serves=True
    )
    return made


@contextmanager
def entered(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Within, this connection is the process's own."""
    before = connections["default"]
    connections["default"] = connection
    try:
        yield
    finally:
        connections["default"] = before


@contextmanager
def unlocked(server: str) -> Iterator[str]:
    """A role of a scratch region with the application's rights, past which no policy stands; it is gone afterwards.

    Only a server's superuser can make it; the bench has her address for none but the scratch regions it made.
    """
    role = sql.Identifier(_UNLOCKED)
    with psycopg.connect(database.with_user(server, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(role))
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN BYPASSRLS").format(role))
        try:
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(database.APP), role))
            yield _UNLOCKED
        finally:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [_UNLOCKED]
            )
            connection.execute(sql.SQL("DROP ROLE {}").format(role))
