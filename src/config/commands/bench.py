"""Measures how fast the pages answer with many people, on a scratch database of its own."""

import argparse
import importlib
import logging
import os
import sys
import tempfile
from pathlib import Path

SUMMARY = "measure how fast the pages answer with many people"
EPILOG = """\
A scratch region is made (`silta demo --people N`), then each page is asked for through the whole stack: middleware, templates, row-level security,
signed in to the database as silta_app. Printed: the median and the 95th percentile of server time, the least processor
time of the server's own process (which tells most on a busy machine), the number of queries, and the rows and entries of
indexes that the server read for one answer. Status 1 where a page is slower than its bar: 80 ms for pages that write.
--keep leaves the region for the next run; a folder with any other database is refused.

--plans prints the plans the server keeps for each page's queries: kinds of node, indexes, and each node that walks through
a table that grows, which gives status 1. Functions of the database plan their own queries, which are not shown.
--growth asks for each page in a region of 10,000 people and in one of N by turns, and prints the ratio (bar: 1.5).
--without-row-security asks by turns as silta_app and as a role past which no policy stands, made in the scratch region for
the run, and prints the share of a page that row-level security costs (bar: 25 %).

--load lets users loose on the production server (`silta serve`, two web processes) for two minutes, by locust: they were
signed in ahead and mix reading and writing as docs/performance.md tells. With thinking nothing may fail, and p95 must be
within 500 ms; with --think 0 they only read, and at least 75 answers a second must come.

--figures takes the extract of the region (bar: 500,000 rows a second) and counts every indicator from it, by Ibis as the
worker does and by hand-written SQL of DuckDB, by turns (bar: twice as long); the cells must be the same.

With --import an invented caseload of so many rows is checked and written instead, then the same again, then one in which
every client has another telephone or a later contact; with --keep each run brings other clients. Printed: seconds on the clock, of the processor in this process and
in the database's, and rows a second by the clock and by the processor."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument(
        "--people", type=int, default=10_000, metavar="N", help="how many people (default: 10000)"
    )
    parser.add_argument(
        "--rounds", type=_count, default=60, help="how often each page is asked for (default: 60)"
    )
    parser.add_argument(
        "--bar", type=float, default=50.0, metavar="MS", help="p95 of what only reads must be within this (default: 50)"
    )  # fmt: skip
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--import",
        dest="rows",
        type=int,
        default=0,
        metavar="ROWS",
        help="measure an import of so many rows instead",
    )
    instead.add_argument("--growth", action="store_true", help="compare with a region of 10,000 people")
    instead.add_argument(
        "--without-row-security", action="store_true", help="compare with the same pages without policies"
    )
    instead.add_argument(
        "--load", type=_count, default=0, metavar="USERS", help="let so many users loose on the production server instead"
    )  # fmt: skip
    instead.add_argument(
        "--figures", action="store_true", help="measure the extract and the indicators instead"
    )
    parser.add_argument(
        "--think", type=float, default=5.0, metavar="S", help="seconds a user thinks between two pages (default: 5)"
    )  # fmt: skip
    parser.add_argument("--page", default="", help="measure this page only, as it is named in the list")
    parser.add_argument("--plans", action="store_true", help="show the plans of each page's queries")
    parser.add_argument("--profile", action="store_true", help="show where the time of each page goes")
    parser.add_argument(
        "--queries", action="store_true", help="show the queries of each page, the slowest first"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep the region in this folder, and use it again"
    )


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"“{text}” is not a number to count to: give 1 or more")
    return int(text)


def run(chosen: argparse.Namespace) -> int:
    """Makes the region, measures and prints; status 1 where a bar is not kept."""
    with tempfile.TemporaryDirectory(prefix="silta-bench-", ignore_cleanup_errors=True) as folder:
        home = (chosen.keep or Path(folder)).resolve()
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "SILTA_DATABASE_ROLE", "SILTA_PRODUCTION"):
            os.environ.pop(name, None)
        os.environ |= {"SILTA_HOME": str(home), "SILTA_DEMONSTRATION": "1"}
        return _measured(chosen, home)


def _measured(chosen: argparse.Namespace, home: Path) -> int:
    from config import database, messages
    from config.benching import scratch

    try:
        server = scratch.region(home, chosen.people)
    except scratch.NotScratchError as error:
        print(error, file=sys.stderr)
        return 1
    messages.compile_all()
    os.environ |= {"DATABASE_URL": database.with_user(server, database.APP), "SILTA_EMBEDDED": "1"}
    import django

    django.setup()
    if chosen.rows:
        return _import(chosen.rows)
    from config import static
    from config.benching import figures, load, reporting

    static.collect()
    importlib.import_module("config.wsgi")  # The process is made ready as the web server's is.
    logging.getLogger("silta").setLevel(
        logging.WARNING
    )  # A line for each page would stand among the figures.
    if chosen.load:
        return 0 if load.run(chosen, home, server) else 1
    if chosen.figures:
        return 0 if figures.run(home, server) else 1
    if chosen.profile:
        return _profile(chosen, home, server)
    return 0 if reporting.pages(chosen, home, server) else 1


def _import(rows: int) -> int:
    from config import caseloads

    print(f"{'stage':22}{'rows':>8}{'clock s':>9}{'own s':>9}{'db s':>9}{'rows/s':>10}{'rows/cpu s':>12}")
    with tempfile.TemporaryDirectory(prefix="silta-import-") as folder:
        for stage in caseloads.measure(Path(folder), rows):
            print(stage, flush=True)
    return 0


def _profile(chosen: argparse.Namespace, home: Path, server: str) -> int:
    import cProfile
    import pstats

    from config.benching import reporting

    with cProfile.Profile() as profile:
        kept = reporting.pages(chosen, home, server)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
    return 0 if kept else 1
