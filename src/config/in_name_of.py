"""Commands done in a worker's name: which worker it is, where she acts, and what she is refused, in words."""

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from silta.kernel.actor import Actor

Deed = Callable[["Actor", argparse.Namespace], int]


def arguments(parser: argparse.ArgumentParser, whom: str) -> None:
    """Declares how a worker and her place are named; ``whom`` says in the help what she is to the deed."""
    parser.add_argument("--as", dest="email", required=True, metavar="EMAIL", help=whom)
    parser.add_argument(
        "--unit",
        default="",
        metavar="NAME",
        help="the unit, where she works in more than one (its Finnish name)",
    )


def run(chosen: argparse.Namespace, deed: Deed) -> int:
    """Does the deed as that worker and returns its status; 1, in words, where she cannot act or is refused."""
    from config import starting

    starting.set_up()
    from django.utils.translation import override

    from silta.kernel.acting import acting
    from silta.kernel.errors import SiltaError

    actor = _actor(chosen.email, chosen.unit)
    if actor is None:
        print(f"{chosen.email} has no such place to act from.", file=sys.stderr)
        return 1
    with override("en"):
        try:
            with acting(actor):
                return deed(actor, chosen)
        except SiltaError as error:
            print(str(error.message), file=sys.stderr)
            return 1


def _actor(email: str, unit: str) -> "Actor | None":
    """The worker of this address in the unit of this name (in any, without one); none where there is no such place."""
    from silta.access import queries as access
    from silta.accounts.models import User

    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    places = access.memberships_of(user.pk) if user else []
    named = [row for row in places if not unit or row.unit.name_fi == unit]
    return access.actor_for(user.pk, named[0].pk) if user and named else None
