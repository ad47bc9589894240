"""Brings a backup back into an empty place, to its own moment or a later one, and proves the journal whole."""

import argparse
import datetime as dt
import sys
from pathlib import Path

SUMMARY = "bring a backup back into an empty place, to a moment"
EPILOG = """\
FOLDER is one backup, or the folder of several: then the newest from before the moment is taken. It is verified first.
Nothing living is overwritten: a backup of the embedded database goes into a data folder (SILTA_HOME) without one, a
snapshot into an empty database (DATABASE_URL, DATABASE_OWNER_URL; its two roles exist).

Without --until everything comes back that the backup and the log of changes beside it hold. Afterwards the hash chains
of the journal are verified. Then run: silta migrate, silta doctor.

What other systems are told (silta webhook, the page Subscriptions) is paused, for the installation that was backed up may
still tell them; resume it there, or restore with --keep-telling where this one takes the place of the other.

Example: SILTA_HOME=/srv/silta-restored silta restore /backup/silta --until "2026-03-02 13:55" """


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a backup, or the folder of several")
    parser.add_argument(
        "--until", type=_moment, metavar="MOMENT",
        help="restore what was committed up to this moment, as 2026-03-02T13:55 (Finnish time unless it names a zone)",
    )  # fmt: skip

    parser.add_argument(
        "--keep-telling", action="store_true",
        help="leave other systems' subscriptions running: this installation takes the place of the one backed up",
    )  # fmt: skip


def _moment(text: str) -> dt.datetime:
    from config import backups

    try:
        return backups.local_moment(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{text}” is not a moment: write it as 2026-03-02T13:55") from error


def run(chosen: argparse.Namespace) -> int:
    """Restores and verifies; status 1, in words, where it may not or cannot."""
    from config import backups, postgres

    try:
        place = backups.find(chosen.folder, chosen.until)
        backups.restore(place, chosen.until)
    except (backups.BackupError, postgres.ProgramError) as error:
        print(str(error), file=sys.stderr)
        return 1
    print(
        f"The backup {place} is restored{f' as of {chosen.until:%Y-%m-%d %H:%M:%S %z}' if chosen.until else ''}."
    )
    return _verify_journal() or _stop_telling(keep=chosen.keep_telling)


def _stop_telling(*, keep: bool) -> int:
    from silta.subscriptions import operations as subscriptions

    paused = 0 if keep else subscriptions.pause_restored()
    if paused:
        named = "1 subscription" if paused == 1 else f"{paused} subscriptions"
        print(f"Paused: {named} of other systems. Resume on its page what this installation is to tell.")
    print("Now run: silta migrate, silta doctor.")
    return 0


def _verify_journal() -> int:
    from config import starting

    starting.set_up()
    from silta.audit import queries

    broken = queries.first_broken_link()
    if broken is not None:
        print(f"The journal that came back is not whole: {broken}.", file=sys.stderr)
        return 1
    print("The journal is whole.")
    return 0
