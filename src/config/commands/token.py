"""Makes, lists and revokes the tokens by which programs act in a worker's name."""

import argparse
import datetime as dt
import sys
from typing import TYPE_CHECKING
from uuid import UUID

from config import in_name_of

if TYPE_CHECKING:
    from silta.kernel.actor import Actor

SUMMARY = "make, list or revoke the token of a program"
EPILOG = """\
A token stands for a worker in one of her places: the program sees what she sees there, within the scopes given, until
the last day. Its secret is printed once and kept nowhere. A worker makes and revokes her own on the page
/access/tokens/; this command does the same in her name, and the journal tells so.

Examples:
  silta token make --as eero.virtanen@tyollisyys.example --name "Own client system" --scope cases.read --days 90
  silta token list --as eero.virtanen@tyollisyys.example
  silta token revoke 01893e1a-0000-7000-8000-000000000000 --as eero.virtanen@tyollisyys.example"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("deed", choices=["make", "list", "revoke"], help="what is to be done")
    parser.add_argument("token", nargs="?", type=UUID, metavar="TOKEN", help="the id of the token to revoke")
    in_name_of.arguments(parser, "the worker in whose name the program acts")
    parser.add_argument("--name", default="", metavar="NAME", help="which program the token is for")
    parser.add_argument(
        "--scope", action="append", default=[], metavar="SCOPE",
        help="what it may do, such as cases.read or cases.write; docs/api.md lists every scope; may be given many times",
    )  # fmt: skip
    parser.add_argument(
        "--days", type=int, default=90, metavar="N", help="for how many days, 366 at most (default: 90)"
    )


def run(chosen: argparse.Namespace) -> int:
    """Does what was asked; status 1, in words, where it cannot be."""
    return in_name_of.run(chosen, _do)


def _do(actor: "Actor", chosen: argparse.Namespace) -> int:
    from silta.access import operations, queries
    from silta.kernel import clock

    if chosen.deed == "make":
        last = clock.today() + dt.timedelta(days=chosen.days)
        token, secret = operations.make_token(actor, name=chosen.name, scopes=chosen.scope, expires_on=last)
        print(f"{token.pk} holds until {last.isoformat()}. Its secret, told this once:\n{secret}")
        return 0
    if chosen.deed == "list":
        for token in queries.tokens_of(actor):
            state = "revoked" if token.revoked_at else f"until {token.expires_on.isoformat()}"
            print(f"{token.pk}  {state:16}  {token.name}  ({', '.join(token.scopes)})")
        return 0
    if chosen.token is None:
        print("Say which token is to be revoked; `silta token list` names them.", file=sys.stderr)
        return 1
    operations.revoke_token(actor, token=queries.token_for(actor, chosen.token))
    print(f"{chosen.token} no longer opens anything.")
    return 0
