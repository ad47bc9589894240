"""Runs one of Django's own commands, on the same database and with the same settings."""

import argparse

SUMMARY = "run one of Django's own commands"
EPILOG = "Example: silta manage showmigrations. Set SILTA_MIGRATING=1 to act as the owner of the tables."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument(
        "rest", nargs=argparse.REMAINDER, metavar="ARGUMENT", help="the command and its arguments"
    )


def run(chosen: argparse.Namespace) -> int:
    """Hands the rest of the line to Django."""
    from config import starting

    starting.set_up()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["silta manage", *chosen.rest])
    return 0
