"""Makes a backup while Silta works, looks through it again, or follows the log of changes for restoring to a moment."""

import argparse
import os
import sys
from pathlib import Path

SUMMARY = "make a backup while Silta works, and prove it whole"
EPILOG = """\
Each run makes a folder of its own in FOLDER, named by its moment in UTC. Of the embedded database it holds the server's
files; of a server of your own (DATABASE_OWNER_URL) one snapshot of the database. It also holds the secret key and the
files of the data folder, and the checksum of everything: the run reads it all again before it says that it is done.

With --follow the command writes the log of changes of the embedded database into FOLDER/wal until it is stopped; then
`silta restore --until` brings back any moment after a backup. Keep it running beside Silta (docs/operating.md).

A backup holds everything about everybody, and the key to it: keep FOLDER encrypted, elsewhere, read by nobody else."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where backups are kept")
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--follow", action="store_true", help="write the log of changes into FOLDER/wal until stopped"
    )
    way.add_argument(
        "--verify",
        action="store_true",
        help="make nothing; read the newest backup in FOLDER, or this one, again",
    )


def run(chosen: argparse.Namespace) -> int:
    """Makes, follows or verifies; status 1, in words, where a backup is not whole."""
    from config import backups, postgres

    try:
        if chosen.follow:
            return _follow(chosen.folder)
        if chosen.verify:
            place = backups.find(chosen.folder, None)
            backups.verify(place)
            print(f"The backup {place} is whole.")
        else:
            print(f"The backup {backups.make(chosen.folder)} is made and whole.")
            print("It holds the secret key and everybody's data: keep it encrypted, on another machine.")
    except (backups.BackupError, postgres.ProgramError) as error:
        print(str(error), file=sys.stderr)
        return 1
    return 0


def _follow(folder: Path) -> int:
    """Keeps the program that receives the log running; the embedded server stays as long as it does."""
    from config import backups, supervising

    supervising.listen()
    command, environment = backups.follow_command(folder)
    child = supervising.Child("follower of the log", command, environment)
    return supervising.keep(
        [child], ready=lambda: print(f"Following into {os.fspath(folder / 'wal')}.", flush=True)
    )
