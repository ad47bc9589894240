"""Databases of one test's own: what is committed there is in nobody else's way."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from config import database


@contextmanager
def copied(purpose: str) -> Iterator[str]:
    """A copy of the tests' database, the cast and all; gives its name, and throws it away afterwards."""
    name = f"test_{purpose}_{os.getpid()}"
    with psycopg.connect(os.environ["SILTA_TEST_SERVER"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {database.NAME}")
        try:
            yield name
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
