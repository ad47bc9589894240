"""Imports a caseload from a spreadsheet: CSV in any usual encoding and separator, or XLSX."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from silta.intake.operations import Report

SUMMARY = "import a caseload from a CSV or XLSX file"
EPILOG = """\
Without --write nothing is written: the file is read and every problem is told by row and column, with what to do.
With --write sound rows are imported and the others stay out; --bad-rows writes them to a file of their own, to be put
right and imported again. The same file again changes nothing; a changed file updates only what has changed.

Example: silta import caseload.csv --as paula.laine@tyollisyys.example --bad-rows to-mend.csv --write"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the file, .csv or .xlsx")
    parser.add_argument(
        "--as", dest="email", required=True, metavar="EMAIL",
        help="the user in whose name it is done; her role must permit imports (a unit's lead)",
    )  # fmt: skip
    parser.add_argument("--write", action="store_true", help="import the sound rows (otherwise only look)")
    parser.add_argument(
        "--bad-rows", type=Path, metavar="FILE", help="write the rows that stay out to this file"
    )
    parser.add_argument("--source", default="", metavar="NAME", help="the system the file comes from")
    parser.add_argument(
        "--service", action="append", default=[], type=_service, metavar="NAME=KIND",
        help="a service name of the file and the kind of case it means; may be given many times",
    )  # fmt: skip
    parser.add_argument(
        "--language",
        choices=["fi", "sv", "en"],
        default="fi",
        help="the language of the report (default: fi)",
    )


def _service(text: str) -> tuple[str, str]:
    name, found, kind = text.partition("=")
    if not (found and name.strip() and kind.strip()):
        raise argparse.ArgumentTypeError(f"“{text}” is not of the form NAME=KIND")
    return name.strip(), kind.strip()


def run(chosen: argparse.Namespace) -> int:
    """Looks through the file or imports it; status 1 where it cannot be read, 0 also where rows stay out."""
    if not chosen.file.is_file():
        print(f"There is no file {chosen.file}.", file=sys.stderr)
        return 1
    from config import starting

    starting.set_up()
    from django.utils.translation import override

    from silta.access import queries as access
    from silta.access.enums import Permission
    from silta.accounts.models import User
    from silta.intake import operations as intake

    user = User.objects.filter(email=chosen.email.strip().lower(), is_active=True).first()
    if user is None:
        print(f"There is no user {chosen.email}.", file=sys.stderr)
        return 1
    places = (access.actor_for(user.pk, membership.pk) for membership in access.memberships_of(user.pk))
    actor = next((one for one in places if one is not None and access.permits(one, Permission.IMPORT)), None)
    if actor is None:
        print(f"{chosen.email} has no role that permits imports; a unit's lead has.", file=sys.stderr)
        return 1
    with override(chosen.language):
        report = intake.import_path(
            actor, chosen.file, dry_run=not chosen.write, source=chosen.source, services=dict(chosen.service),
            bad_rows=chosen.bad_rows,
        )  # fmt: skip
        _print(report)
    return 0


def _print(report: "Report") -> None:
    for line in report.lines:
        print(f"{line.number:6}  {line.column}: “{line.value}”  {line.wrong} {line.do}")
    print()
    for kind in report.problems:
        print(f"{kind.rows:6}  {kind.wrong}")
    print()
    print("  ".join(f"{name} {number}" for name, number in sorted(report.counts.items())))
