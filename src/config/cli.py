"""The command line: ``silta serve | migrate | demo | import | doctor | bench``."""

import argparse
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="silta", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database up to date")
    manage = commands.add_parser("manage", help="run one of Django's own commands")
    manage.add_argument("rest", nargs=argparse.REMAINDER)
    chosen = parser.parse_args(arguments)

    from config import database

    os.environ["SILTA_DATABASE_ROLE"] = "owner"
    if chosen.command == "migrate":
        os.environ["SILTA_MIGRATING"] = "1"
    database.provide()
    import django

    django.setup()
    if chosen.command == "migrate":
        from config import migrating

        migrating.migrate()
    else:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["silta manage", *chosen.rest])
    return 0


if __name__ == "__main__":
    sys.exit(main())
