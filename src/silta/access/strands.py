"""The socket for what hangs on a membership in the rooms above: their work is looked at before a worker leaves.

``MEMBERSHIP_STRANDS`` of the settings names the modules that plug in, so that ``access`` knows none of them.
"""

from importlib import import_module
from typing import Protocol, cast

from django.conf import settings

from silta.access.models import Membership
from silta.access.queries import OpenWork
from silta.kernel.actor import Actor


class Strand(Protocol):
    """What a module above offers."""

    def open_work(self, actor: Actor, membership: Membership) -> list[OpenWork]:
        """The work in the membership's unit that its worker answers for, as far as the actor may see it."""


def open_work(actor: Actor, membership: Membership) -> list[OpenWork]:
    """All work that a membership leaves behind where it ends now."""
    strands = [cast("Strand", import_module(name)) for name in settings.MEMBERSHIP_STRANDS]
    return [piece for strand in strands for piece in strand.open_work(actor, membership)]
