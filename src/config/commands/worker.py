"""Runs the jobs: retention, standing of cases, and whatever the rooms put in the queue."""

import argparse

SUMMARY = "run the jobs in the queue (serve starts one by itself)"
EPILOG = """\
The worker signs in to the database as the owner (DATABASE_OWNER_URL), because retention works past row-level
security; run it apart from the web processes where they must not know that address (silta serve --no-worker)."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("--once", action="store_true", help="run what is in the queue and end")


def run(chosen: argparse.Namespace) -> int:
    """Runs jobs until told to stop."""
    from config import starting

    starting.set_up()
    import psycopg
    from django.db import InterfaceError, OperationalError
    from procrastinate.exceptions import ConnectorException

    from config import reviving

    away = (ConnectorException, OperationalError, InterfaceError, psycopg.OperationalError)
    reviving.outliving(lambda: _work(once=chosen.once), is_outage=lambda error: isinstance(error, away))
    return 0


def _work(*, once: bool) -> None:
    """Runs what is in the queue, and without ``once`` what comes into it."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    from config import working

    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError("the queue is not Django's own")
    with app.replace_connector(connector.get_worker_connector()) as worker:
        worker.run_worker(
            wait=not once, concurrency=1, install_signal_handlers=True, worker_middleware=[working.told]
        )
