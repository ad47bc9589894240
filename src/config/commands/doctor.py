"""Examines a set-up: says what is wrong with it, and how to mend it."""

import argparse
from collections.abc import Iterable

from config.examination import Check, Finding

SUMMARY = "say what is wrong with a set-up and how to mend it"
EPILOG = """\
Looked at: Python, the data folder, the database and its roles, migrations, row-level security, translations, static
files, the secret key, the clock. Exit status: 0 where all is well, 1 where something is wrong."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument(
        "--journal", action="store_true", help="also verify the hash chain of the whole journal"
    )
    parser.add_argument(
        "--production",
        action="store_true",
        help="also look for what must hold where real people's data are kept",
    )


def run(chosen: argparse.Namespace) -> int:
    """Runs the checks in order; those of the database only where it answers."""
    from config import examination

    found = _report(examination.BEFORE_THE_DATABASE)
    if not found and (unreachable := _unreachable()):
        found = [unreachable]
        _print(unreachable)
    elif not found:
        checks = [*examination.CHECKS]
        if chosen.journal:
            checks.append(examination.journal)
        if chosen.production:
            checks.append(examination.production)
        found = _report(checks)
    print(f"{len(found)} things to mend." if found else "Nothing to mend.")
    return 1 if found else 0


def _unreachable() -> Finding | None:
    import psycopg
    from django.db import Error, connection

    from config import starting

    mend = "Check that the server runs and that DATABASE_URL and DATABASE_OWNER_URL are right."
    try:
        starting.set_up()
        connection.ensure_connection()
    except (Error, psycopg.Error, OSError, RuntimeError) as error:
        return Finding(f"The database does not answer: {str(error).strip().splitlines()[0]}", mend)
    return None


def _report(checks: Iterable[Check]) -> list[Finding]:
    found: list[Finding] = []
    for check in checks:
        wrong = _findings(check)
        if not wrong:
            print(f"ok     {check.__doc__}")
        for finding in wrong:
            _print(finding)
        found.extend(wrong)
    return found


def _findings(check: Check) -> list[Finding]:
    from django.db import Error

    try:
        return list(check())
    except Error as error:
        reason = str(error).strip().splitlines()[0]
        return [
            Finding(
                f"{check.__name__} could not be looked at: {reason}",
                "Mend what stands above, then run again.",
            )
        ]


def _print(finding: Finding) -> None:
    print(f"WRONG  {finding.wrong}\n       {finding.mend}")
