"""Makes, tries, lists and ends the subscriptions by which other systems are told that something has happened."""

import argparse
import sys
from typing import TYPE_CHECKING
from uuid import UUID

from config import in_name_of

if TYPE_CHECKING:
    from silta.kernel.actor import Actor

SUMMARY = "have another system told that something has happened"
EPILOG = """\
A lead's subscription tells what she may know in her unit: kinds of events and ids, never names or texts. Its secret is
printed once. She keeps it on the page /subscriptions/; this command does the same in her name, and the journal tells so.
docs/webhooks.md says what is sent and how its signature is checked.

Examples:
  silta webhook make --as paula.laine@tyollisyys.example --name "Own register" --url https://register.example/silta \\
    --kind case.opened --kind plan.accepted
  silta webhook list --as paula.laine@tyollisyys.example
  silta webhook test 01893e1a-0000-7000-8000-000000000000 --as paula.laine@tyollisyys.example
  silta webhook end 01893e1a-0000-7000-8000-000000000000 --as paula.laine@tyollisyys.example"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("deed", choices=["make", "list", "test", "resume", "end"], help="what is to be done")
    parser.add_argument(
        "subscription", nargs="?", type=UUID, metavar="SUBSCRIPTION", help="the id of the subscription"
    )
    in_name_of.arguments(parser, "the lead in whose name it is done")
    parser.add_argument("--name", default="", metavar="NAME", help="which system is told")
    parser.add_argument("--url", default="", metavar="URL", help="where it receives the messages")
    parser.add_argument(
        "--kind", action="append", default=[], metavar="KIND",
        help="what it is told of (case.opened, plan.accepted, …); may be given many times",
    )  # fmt: skip


def run(chosen: argparse.Namespace) -> int:
    """Does what was asked; status 1, in words, where it cannot be."""
    return in_name_of.run(chosen, _do)


def _do(actor: "Actor", chosen: argparse.Namespace) -> int:
    from silta.subscriptions import operations, queries

    if chosen.deed == "make":
        made, secret = operations.subscribe(actor, name=chosen.name, url=chosen.url, kinds=chosen.kind)
        print(f"{made.pk} tells from now on. Its secret, told this once:\n{secret}")
        return 0
    if chosen.deed == "list":
        for one in queries.subscriptions(actor):
            state = "ended" if one.row.ended_at else "paused" if one.row.paused_at else "in use"
            counts = f"{one.waiting} waiting, {one.failed} not delivered"
            print(f"{one.row.pk}  {state:7}  {one.row.name}  {one.row.url}  ({counts})")
        return 0
    if chosen.subscription is None:
        print("Say which subscription; `silta webhook list` names them.", file=sys.stderr)
        return 1
    row = queries.subscription_for(actor, chosen.subscription)
    if chosen.deed == "test":
        operations.send_test(actor, subscription=row)
        print("A test message is sent within a minute; `silta webhook list` tells if it failed.")
    elif chosen.deed == "resume":
        operations.resume(actor, subscription=row)
        print("Messages are sent again, of what happens from now on.")
    else:
        operations.end(actor, subscription=row)
        print(f"{row.pk} has ended.")
    return 0
