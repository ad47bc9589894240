"""Loads the demonstration region: organisations, professionals and life stories, written by the real operations."""

import argparse
import os
import sys
import time

SUMMARY = "load the demonstration region into an empty database"
EPILOG = """\
People are invented and have artificial identity codes (900-999). The same seed on the same day gives the same
stories. It is loaded once: a database that holds anything is left as it is, save that an interrupted load goes on.
`silta serve` does it by itself in demonstration mode. Every sign-in has the password silta-demo; `silta serve` prints them.

Up to 5,000 people each have a story told by the real operations. Above that, 136 stories are told and then copied in bulk:
each copy has ids, names, codes and numbers of its own, its history and its events in the journal's chains, and every 480
people have units and workers of their own. About a quarter of the cases are open. That needs the embedded database, which
is restarted, and for a million people tens of gigabytes; a load cut short is to be made anew in another SILTA_HOME."""
_MOST = 2_000_000


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument(
        "--people", type=_people, default=300, metavar="N", help="how many people, at least 50 (default: 300)"
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help="another seed gives other stories (default: 1)"
    )


def _people(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _MOST):
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of people from 50 to {_MOST}")
    return int(text)


def run(chosen: argparse.Namespace) -> int:
    """Loads the region; refuses outside demonstration mode and where anything is there already."""
    from config import migrating, progress, starting
    from config.crowding import region as crowd

    starting.set_up()
    from django.conf import settings

    from silta.workbench import region

    if not settings.DEMONSTRATION:
        print("Demonstration mode is off (SILTA_DEMONSTRATION=0 or SILTA_PRODUCTION=1): nothing is loaded.",
              file=sys.stderr)  # fmt: skip
        return 1
    migrating.bring_up_to_date()
    if region.is_empty() and chosen.people > crowd.MOST_TOLD:
        return _copied(chosen)
    if region.is_empty():
        progress.begin(people=chosen.people, seed=chosen.seed)
    elif progress.unfinished() is None:
        print(
            "The database holds something already, so nothing was loaded. Use another SILTA_HOME for a new region."
        )
        return 0
    if (load := progress.unfinished()) is not None:
        progress.go_on(load)
    return 0


def _copied(chosen: argparse.Namespace) -> int:
    from config.crowding import region as crowd

    if os.environ.get("SILTA_EMBEDDED") != "1":
        print(f"More than {crowd.MOST_TOLD} people are copied in bulk, which needs the embedded database: unset DATABASE_URL.",
              file=sys.stderr)  # fmt: skip
        return 1
    began = time.monotonic()
    made = crowd.make(people=chosen.people, seed=chosen.seed, tell=lambda line: print(line, flush=True))
    print(f"The demonstration region is complete: {made} people in {time.monotonic() - began:.0f} s.")
    return 0
