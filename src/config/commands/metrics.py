"""Tells Prometheus how this installation is, on a port of its own."""

import argparse
import os
import sys

from config.commands.serve import port_number

SUMMARY = "tell Prometheus how this installation is (serve --metrics-port starts it by itself)"
EPILOG = """\
Answers at http://HOST:PORT/metrics with counts of requests by route, of acts in the journal by kind, of jobs that
wait, and with the memory of the processes; docs/operating.md lists them. There are no personal data in
it. It asks for no sign-in: listen on an address that only the machines which watch over Silta reach. What the pages
count is known only beside `silta serve --metrics-port`, which writes it below SILTA_HOME."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=port_number, default="9464", help="port to listen on (default: 9464)")


def run(chosen: argparse.Namespace) -> int:
    """Answers until told to stop; status 1, in words, where the port is taken."""
    import logging.config

    from prometheus_client import start_http_server

    from config import database, logs, metrics, supervising

    logging.config.dictConfig(logs.settings())
    supervising.listen()
    database.provide()
    try:
        _server, thread = start_http_server(chosen.port, chosen.host, metrics.registry())
    except OSError as error:
        print(
            f"Silta cannot listen on {chosen.host}:{chosen.port} ({os.strerror(error.errno or 0)}).",
            file=sys.stderr,
        )
        return 1
    try:
        thread.join()
    except supervising.Stopped:
        return 0
    return 1
