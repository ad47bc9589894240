"""A gate before the end of each batch of an import: how many batches are brought in before a blow is the test's to say.

Without it that would be the machine's: a quick one is at the end of the file before anybody has looked.
"""

from typing import Any

import psycopg

from tests.hostile.serving import until

_MADE = """
CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END';
CREATE TRIGGER gate BEFORE UPDATE OF rows_done ON intake_file FOR EACH ROW WHEN (NEW.rows_done > OLD.rows_done)
  EXECUTE FUNCTION gate()
"""
_WAITING = """
FROM pg_locks JOIN pg_database d ON d.oid = database WHERE d.datname = current_database()
AND locktype = 'advisory' AND objid = 1 AND NOT granted
"""


class Gate:
    """Shut from the beginning; whoever waits at it has written a whole batch and committed nothing of it."""

    def __init__(self, superuser: "psycopg.Connection[Any]") -> None:
        self._superuser = superuser
        superuser.execute(_MADE)
        superuser.execute("SELECT pg_advisory_lock(1)")

    def reached(self) -> None:
        """Waits until somebody stands at it."""
        until(lambda: self._superuser.execute(f"SELECT count(*) {_WAITING}").fetchone() != (0,), "a batch")

    def let_one_through(self) -> None:
        """Whoever stands at it goes through and commits; the next finds it shut."""
        self._superuser.execute("SELECT pg_advisory_unlock(1), pg_advisory_lock(1)")

    def bury(self) -> None:
        """Of a killed process the server would hear only after the gate: it is told now."""
        self._superuser.execute(f"SELECT pg_terminate_backend(pid) {_WAITING}")
        until(lambda: self._superuser.execute(f"SELECT count(*) {_WAITING}").fetchone() == (0,), "its end")

    def open(self) -> None:
        """From now on nobody waits."""
        self._superuser.execute("SELECT pg_advisory_unlock(1)")
