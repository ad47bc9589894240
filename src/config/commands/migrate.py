"""Brings the database up to date: migrations first, then the locks of row-level security."""

import argparse
from pathlib import Path

SUMMARY = "bring the database up to date"
EPILOG = """\
Safe to run again at any time. `silta serve` does it by itself. An upgrade is one transaction: cut off in the middle, it
was none. The way back from one that is done is the backup made before it (--backup; docs/operating.md, Upgrades)."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("--quiet", action="store_true", help="print only the last line")
    parser.add_argument(
        "--backup", type=Path, metavar="FOLDER", help="first make a backup into FOLDER and prove it whole"
    )


def run(chosen: argparse.Namespace) -> int:
    """Migrates as the owner of the tables; does nothing where the backup asked for is not whole."""
    from config import starting
    from config.commands import backup

    asked = argparse.Namespace(folder=chosen.backup, follow=False, verify=False)
    if chosen.backup is not None and (status := backup.run(asked)):
        return status

    starting.set_up()
    from config import migrating

    locked = migrating.migrate(verbosity=0 if chosen.quiet else 1)
    print(f"The database is up to date; row-level security holds on {locked} tables.")
    return 0
