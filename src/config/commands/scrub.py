"""Makes a copy for support with nobody in it: invented names, no words, no contacts, no keys."""

import argparse
import secrets
import sys
from pathlib import Path

SUMMARY = "make a copy for support with nobody in it"
EPILOG = """\
FOLDER is a new data folder: the copy is a database of its own there, with the same tables, counts and ids. Names and
identity codes are invented, free text and contacts are emptied, the journal keeps who did what when and loses its
details. Sessions, passwords, second factors, tokens, exports and attachments are not copied. Invented values come from a
key made for this run and kept nowhere.

What is left (ids, days, phases) still speaks of real people to whoever has the original: give the copy to nobody but
those who help, under agreement, and remove it afterwards.

The original is the database of SILTA_HOME or DATABASE_URL; it is only read. To copy a backup, restore it first into a
folder of its own (silta restore) and run this there.

Example: silta scrub /srv/silta-support; SILTA_HOME=/srv/silta-support silta serve"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new data folder for the copy")


def run(chosen: argparse.Namespace) -> int:
    """Makes the new database and copies; status 1, in words, where the folder holds a database already."""
    from config import starting

    starting.set_up()
    from config import scrubbing

    try:
        counts = scrubbing.into_folder(chosen.folder.resolve(), key=secrets.token_bytes(32))
    except scrubbing.ScrubError as error:
        print(str(error), file=sys.stderr)
        return 1
    print(
        f"{sum(counts.values())} rows of {len(counts)} tables are copied to {chosen.folder}, with nobody in them."
    )
    return 0
