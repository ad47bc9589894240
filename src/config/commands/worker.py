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
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError("the queue is not Django's own")
    with app.replace_connector(connector.get_worker_connector()) as worker:
        worker.run_worker(wait=not chosen.once, concurrency=1, install_signal_handlers=True)
    return 0
