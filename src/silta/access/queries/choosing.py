"""Which unit is meant: found by a part of its name, the ones one's own unit works with first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F, QuerySet
from django.urls import reverse

from silta.access.models import Grant
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.organisations import queries as organisations
from silta.organisations.models import Unit
from silta.ui.fields import Choice

MOST_USUAL = 8
_LATELY = 60


@dataclass(frozen=True, slots=True)
class Units:
    """The units of today among which a form lets choose: of some kinds of organisation, of one, all but one.

    While nothing is typed, ``first`` come before others (those in the case, say), and then the units of the
    organisation ``near``, which is the actor's own where no other is named.
    """

    actor: Actor
    kinds: Collection[str] = ()
    within: UUID | None = None
    without: UUID | None = None
    first: Collection[UUID] = ()
    near: UUID | None = None

    @property
    def most(self) -> int:
        """How many are found at most."""
        return organisations.MOST_FOUND

    @property
    def address(self) -> str:
        """Where the page asks while somebody types."""
        asked = {
            "kinds": ",".join(sorted(self.kinds)), "within": self.within or "", "without": self.without or "",
        }  # fmt: skip
        return (
            f"{reverse('access:units')}?{urlencode({name: value for name, value in asked.items() if value})}"
        )

    def usual(self) -> list[Choice]:
        """Those in the case, those one's own unit let know something lately, and those of the organisation nearest."""
        ids = list(dict.fromkeys([*self.first, *recipients_lately(self.actor)]))
        near = self.near or self.actor.organisation_id
        return _choices(organisations.units_nearest(self._rows, ids, near, MOST_USUAL))

    def find(self, text: str) -> list[Choice]:
        """Those that are called so, or whose organisation is."""
        return _choices(organisations.units_called(self._rows, text))

    def get(self, key: str) -> Choice | None:
        """The unit of this key, if it may be chosen here today."""
        try:
            found = self._rows.filter(pk=UUID(key)).first()
        except ValueError:
            return None
        return _choice(found) if found else None

    @property
    def _rows(self) -> QuerySet[Unit]:
        return organisations.units_to_choose(
            clock.today(), kinds=self.kinds, within=self.within, without=self.without
        )


def recipients_lately(actor: Actor) -> list[UUID]:
    """The other units which the actor's own let know something lately, the latest first."""
    if actor.unit_id is None:
        return []
    given = Grant.objects.filter(recorded_by_unit=actor.unit_id).exclude(unit=F("recorded_by_unit"))
    lately = given.order_by("-valid_from").values_list("unit_id", flat=True)[:_LATELY]
    return list(dict.fromkeys(lately))


def _choices(units: Sequence[Unit]) -> list[Choice]:
    return [_choice(unit) for unit in units]


def _choice(unit: Unit) -> Choice:
    return Choice(
        str(unit.pk), unit.name, unit.organisation.name, f"{unit.sought} {unit.organisation.sought}", unit
    )
