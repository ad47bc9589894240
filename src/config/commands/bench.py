"""Measures how fast the pages answer with many people, on a scratch database of its own."""

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SUMMARY = "measure how fast the pages answer with many people"
EPILOG = """\
A scratch region is made (`silta demo --people N`), then each page is asked for through the whole stack: middleware, templates, row-level security,
signed in to the database as silta_app. Printed: the median and the 95th percentile of server time, the least processor
time of the server's own process (which tells most on a busy machine), and the number of queries. Status 1 where a page
is slower than the bar. --keep leaves the region for the next run.

With --import an invented caseload of so many rows is checked and written instead, then the same again, then one in which
every client has another telephone or a later contact. Printed: seconds on the clock, of the processor in this process and
in the database's, and rows a second by the clock and by the processor."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument(
        "--people", type=int, default=10_000, metavar="N", help="how many people (default: 10000)"
    )
    parser.add_argument(
        "--rounds", type=int, default=60, help="how often each page is asked for (default: 60)"
    )
    parser.add_argument(
        "--bar", type=float, default=50.0, metavar="MS", help="p95 must be within this (default: 50)"
    )
    parser.add_argument(
        "--import",
        dest="rows",
        type=int,
        default=0,
        metavar="ROWS",
        help="measure an import of so many rows instead",
    )
    parser.add_argument("--page", default="", help="measure this page only, as it is named in the list")
    parser.add_argument("--profile", action="store_true", help="show where the time of each page goes")
    parser.add_argument(
        "--queries", action="store_true", help="show the queries of each page, the slowest first"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep the region in this folder, and use it again"
    )


def run(chosen: argparse.Namespace) -> int:
    """Makes the region, measures and prints; status 1 where a page is too slow."""
    with tempfile.TemporaryDirectory(prefix="silta-bench-", ignore_cleanup_errors=True) as scratch:
        home = chosen.keep or Path(scratch)
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o755)
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "SILTA_DATABASE_ROLE", "SILTA_PRODUCTION"):
            os.environ.pop(name, None)
        os.environ |= {"SILTA_HOME": str(home.resolve()), "SILTA_DEMONSTRATION": "1"}
        return _measured(chosen, _region(home, chosen.people))


def _region(home: Path, people: int) -> str:
    """The address of a scratch region of this size, as the application signs in."""
    from config import database
    from config.crowding import region

    mark = home / "people"
    if not (mark.exists() and int(mark.read_text()) >= people):
        print("Making the region …", flush=True)
        wanted = max(people, region.MOST_TOLD + 1)
        subprocess.run([sys.executable, "-m", "config.cli", "demo", "--people", str(wanted)], check=True)
        mark.write_text(str(wanted))
    print(f"{mark.read_text()} people", flush=True)
    return database.with_user(database.start_embedded().address, database.APP)


def _measured(chosen: argparse.Namespace, address: str) -> int:
    from config import messages

    messages.compile_all()
    os.environ |= {"DATABASE_URL": address, "SILTA_EMBEDDED": "1"}
    import django

    django.setup()
    if chosen.rows:
        return _import(chosen.rows)
    from config import pages, static

    static.collect()
    importlib.import_module("config.wsgi")  # The process is made ready as the web server's is.
    if chosen.profile:
        _profile(chosen)
    slow = 0
    print(f"{'page':16}{'p50 ms':>9}{'p95 ms':>9}{'own ms':>9}{'queries':>9}")
    for times in pages.measure(chosen.rounds, profile=chosen.page):
        late = times.percentile(0.95) > chosen.bar
        slow += late
        print(f"{times.name:16}{times.percentile(0.5):9.1f}{times.percentile(0.95):9.1f}{times.least_own:9.1f}{len(times.queries):9}"
              f"{'  slower than the bar' if late else ''}")  # fmt: skip
        if chosen.queries:
            for spent, query in sorted(times.queries, reverse=True):
                print(f"    {spent:7.1f} ms  {' '.join(query.split())[:400]}")
    return 1 if slow else 0


def _import(rows: int) -> int:
    from config import caseloads

    print(f"{'stage':22}{'rows':>8}{'clock s':>9}{'own s':>9}{'db s':>9}{'rows/s':>10}{'rows/cpu s':>12}")
    with tempfile.TemporaryDirectory(prefix="silta-import-") as folder:
        for stage in caseloads.measure(Path(folder), rows):
            print(stage, flush=True)
    return 0


def _profile(chosen: argparse.Namespace) -> None:
    import cProfile
    import pstats

    from config import pages

    with cProfile.Profile() as profile:
        pages.measure(chosen.rounds, profile=chosen.page)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
