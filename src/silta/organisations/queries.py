"""Looking up organisations and units as they were on a day. They are public knowledge: everybody may look."""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from silta.kernel.identifiers import normalise_business_id
from silta.organisations import rules
from silta.organisations.models import Organisation, Succession, Unit


def _standing(day: dt.date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gte=day))


def organisations_on(day: dt.date, kinds: Collection[str] = ()) -> QuerySet[Organisation]:
    """The organisations that exist on the day; of these kinds only, where kinds are given."""
    rows = Organisation.objects.filter(_standing(day))
    return rows.filter(kind__in=kinds) if kinds else rows


def units_on(day: dt.date, kinds: Collection[str] = ()) -> QuerySet[Unit]:
    """The units that exist on the day, with their organisations; of these kinds of organisation, where kinds are given."""
    rows = Unit.objects.filter(_standing(day)).select_related("organisation")
    return rows.filter(organisation__kind__in=kinds) if kinds else rows


class UnitName(NamedTuple):
    """A unit and its organisation by their names, in the reader's language."""

    organisation: str
    unit: str
    id: UUID


def unit_names(day: dt.date) -> list[UnitName]:
    """The names of all units that exist on the day, by organisation and name: for choosing one of hundreds."""
    names = [f"{whose}name_{language}" for whose in ("organisation__", "") for language in ("fi", "sv", "en")]
    language = get_language() or "fi"
    return sorted(
        UnitName(rules.in_language(language, *row[:3]), rules.in_language(language, *row[3:6]), row[6])
        for row in Unit.objects.filter(_standing(day)).values_list(*names, "id")
    )


def units_of(organisation: Organisation, day: dt.date) -> QuerySet[Unit]:
    """The organisation's units on the day."""
    return units_on(day).filter(organisation=organisation)


def organisation_by_business_id(text: str) -> Organisation | None:
    """The organisation that has this business id, however it is written; ``None`` for none, or an id that does not hold."""
    try:
        business_id = normalise_business_id(text)
    except ValueError:
        return None
    return Organisation.objects.filter(business_id=business_id).first()


def successors_of(unit: Unit, day: dt.date) -> list[Unit]:
    """The units that answer on the day for this unit's work: itself while it has not gone over, all heirs of a split."""
    steps = [
        rules.HandOver(*row) for row in Succession.objects.values_list("from_unit_id", "to_unit_id", "on")
    ]
    ids = rules.heirs(steps, unit.pk, day)
    rows = Unit.objects.select_related("organisation").in_bulk(ids)
    return [rows[key] for key in ids]


def successor_of(unit: Unit, day: dt.date) -> Unit | None:
    """The one unit that answers on the day for this unit's work, through all reforms (REQ-001-96); itself before any.

    ``None`` where the work was split among several: somebody has to choose, and ``successors_of`` lists them.
    """
    found = successors_of(unit, day)
    return found[0] if len(found) == 1 else None


def history_of(unit: Unit) -> QuerySet[Succession]:
    """The hand-overs to and from the unit, the earliest first."""
    rows = Succession.objects.filter(Q(from_unit=unit) | Q(to_unit=unit))
    return rows.select_related("from_unit", "to_unit").order_by("on", "pk")
