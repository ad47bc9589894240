"""Figures about a running Silta for Prometheus, on a port of their own that only whoever watches over the machine reaches.

- What the processes count by themselves (requests by name of route, their time, acts in the journal): each writes into a
  file of its own below ``SILTA_HOME``/metrics, and all of them are added up when somebody asks.
- What the database knows: jobs and messages that wait, the journal, emergency accesses to be reviewed. Asked when
  somebody asks, as the owner of the tables; where this process may not know a figure, it is left out.
- The memory of each process.

Counts, names of routes and codes of acts only: nobody's id, no address, no unit.
"""

import logging
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config import database, logs, memory

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_PATIENCE = 5
_log = logging.getLogger("silta.metrics")


def folder() -> Path:
    """Where the processes of this installation write what they count."""
    return database.home() / "metrics"


def begin_anew() -> dict[str, str]:
    """Throws away what processes counted that are gone, and gives what new ones need in their environment."""
    shutil.rmtree(folder(), ignore_errors=True)
    folder().mkdir(parents=True)
    return {FOLDER_VARIABLE: str(folder())}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure the database knows: its name, what it says, and the query for its value, or for label and value."""

    name: str
    says: str
    query: str
    label: str = ""


FIGURES = (
    Figure(
        "silta_jobs", "Jobs in the queue: due and not begun (waiting), being done, and given up (failed)",
        """SELECT state, count(job.id) FROM unnest(ARRAY['waiting', 'doing', 'failed']) AS state
           LEFT JOIN procrastinate_jobs job ON CASE state
             WHEN 'waiting' THEN job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now()
             ELSE job.status::text = state END
           GROUP BY state ORDER BY state""",
        label="state",
    ),
    Figure(
        "silta_jobs_longest_wait_seconds", "For how long the oldest due job has waited",
        """SELECT coalesce(extract(epoch FROM now() - min(coalesce(job.scheduled_at, event.at))), 0)
           FROM procrastinate_jobs job LEFT JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'
           WHERE job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now()""",
    ),
    Figure(
        "silta_outbox_messages", "Messages to other systems: not delivered yet (waiting), and given up (failed)",
        """SELECT state, count(message.id) FROM unnest(ARRAY['waiting', 'failed']) AS state
           LEFT JOIN outbox_message message USING (state) GROUP BY state ORDER BY state""",
        label="state",
    ),
    Figure(
        "silta_outbox_longest_wait_seconds", "For how long the oldest message that is not delivered yet has waited",
        "SELECT coalesce(extract(epoch FROM now() - min(queued_at)), 0) FROM outbox_message WHERE state = 'waiting'",
    ),
    Figure(
        "silta_journal_events", "Events that the journal keeps",
        "SELECT coalesce(sum(position - kept_from_position + 1), 0) FROM audit_chainhead",
    ),
    Figure(
        "silta_journal_verified_timestamp_seconds", "When the chains of the journal were last found whole; 0: never yet",
        "SELECT coalesce(extract(epoch FROM substring(obj_description('audit_chainhead'::regclass, 'pg_class') from 10)::timestamptz), 0)",
    ),
    Figure(
        "silta_emergency_accesses_to_review", "Emergency accesses that no lead has reviewed yet",
        "SELECT count(*) FROM access_emergencyaccess WHERE reviewed_at IS NULL",
    ),
    Figure(
        "silta_rights_reviews_late", "Reviews of a unit's rights that nobody has closed by their day",
        """SELECT count(*) FROM access_rightsreview
           WHERE closed_at IS NULL AND due_on < (now() AT TIME ZONE 'Europe/Helsinki')::date""",
    ),
)  # fmt: skip


class OfTheDatabase(Collector):
    """What the database knows, asked once for each reading; a database that is away is a figure, too."""

    def __init__(self, address: str) -> None:
        self._address = address

    def collect(self) -> Iterator[Metric]:
        """Every figure that may be known here, and whether the database answered at all."""
        found: list[Metric] = []
        answers = 1
        try:
            with psycopg.connect(self._address, autocommit=True, connect_timeout=_PATIENCE) as connection:
                connection.execute(f"SET statement_timeout = '{_PATIENCE}s'")
                for figure in FIGURES:
                    found.extend(_asked(connection, figure))
        except psycopg.OperationalError:
            answers = 0
        yield GaugeMetricFamily("silta_database_answers", "Whether the database answers", value=answers)
        yield from found


def _asked(connection: "psycopg.Connection[tuple[str | float, ...]]", figure: Figure) -> Iterator[Metric]:
    try:
        rows = connection.execute(figure.query.encode()).fetchall()
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        logs.write(_log, logging.WARNING, "figure not known", figure=figure.name, why=error.sqlstate or "")
        return
    family = GaugeMetricFamily(figure.name, figure.says, labels=[figure.label] if figure.label else [])
    for *labels, value in rows:
        family.add_metric([str(label) for label in labels], float(value))
    yield family


class OfTheProcesses(Collector):
    """The memory of each process that counts, by what it does."""

    def collect(self) -> Iterator[Metric]:
        """One value a process that lives; memory that several share is divided among them."""
        family = GaugeMetricFamily(
            "silta_process_memory_bytes", "Memory of a process, its part of what is shared (PSS)",
            labels=["process", "pid"],
        )  # fmt: skip
        for pid in sorted(
            {
                int(number)
                for path in folder().glob("*.db")
                for number in re.findall(r"_(\d+)\.db$", path.name)
            }
        ):
            if used := memory.of(pid):
                family.add_metric([used.process, str(pid)], used.proportional)
        yield family


def registry() -> CollectorRegistry:
    """Everything there is to read."""
    folder().mkdir(parents=True, exist_ok=True)
    made = CollectorRegistry()
    MultiProcessCollector(made, path=str(folder()))
    made.register(OfTheDatabase(os.environ["DATABASE_OWNER_URL"]))
    made.register(OfTheProcesses())
    return made
