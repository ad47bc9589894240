"""Brings the database up to date: migrations first, then the locks of row-level security."""

import argparse

SUMMARY = "bring the database up to date"
EPILOG = "Safe to run again at any time. `silta serve` does it by itself."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("--quiet", action="store_true", help="print only the last line")


def run(chosen: argparse.Namespace) -> int:
    """Migrates as the owner of the tables."""
    from config import starting

    starting.set_up()
    from config import migrating

    locked = migrating.migrate(verbosity=0 if chosen.quiet else 1)
    print(f"The database is up to date; row-level security holds on {locked} tables.")
    return 0
