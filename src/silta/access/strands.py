"""The socket for what hangs on a membership in the rooms above: their work is looked at before a worker leaves.

``MEMBERSHIP_STRANDS`` of the settings names the modules that plug in, so that ``access`` knows none of them.
"""

from collections import Counter
from importlib import import_module
from typing import Protocol, cast
from uuid import UUID

from django.conf import settings

from silta.access.models import Membership
from silta.access.queries import OpenWork
from silta.kernel.actor import Actor


class Strand(Protocol):
    """What a module above offers."""

    def open_work(self, actor: Actor, membership: Membership) -> list[OpenWork]:
        """The work in the membership's unit that its worker answers for, as far as the actor may see it."""

    def open_work_counts(self, actor: Actor, unit_id: UUID) -> dict[UUID, int] | None:
        """How many pieces of such work each user answers for in the unit; none where the actor may not know."""


def open_work(actor: Actor, membership: Membership) -> list[OpenWork]:
    """All work that a membership leaves behind where it ends now."""
    strands = [cast("Strand", import_module(name)) for name in settings.MEMBERSHIP_STRANDS]
    return [piece for strand in strands for piece in strand.open_work(actor, membership)]


def open_work_counts(actor: Actor, unit_id: UUID) -> dict[UUID, int] | None:
    """How much each user of a unit answers for, in all rooms together; none where the actor may not know of any."""
    strands = [cast("Strand", import_module(name)) for name in settings.MEMBERSHIP_STRANDS]
    told = [counts for strand in strands if (counts := strand.open_work_counts(actor, unit_id)) is not None]
    return dict(sum(map(Counter, told), Counter[UUID]())) if told else None
