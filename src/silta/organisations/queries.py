"""Looking up organisations and units as they were on a day. They are public knowledge: everybody may look."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber

from silta.kernel.errors import NotFound
from silta.kernel.folding import fold
from silta.organisations import rules
from silta.organisations.models import Organisation, Succession, Unit

PAGE, MOST_UNITS, MOST_FOUND = 25, 5, 20
Row = TypeVar("Row")
Body = TypeVar("Body", Organisation, Unit)


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


def units_to_choose(
    day: dt.date,
    *,
    kinds: Collection[str] = (),
    within: UUID | None = None,
    without: UUID | None = None,
) -> QuerySet[Unit]:
    """The units of the day that may be chosen: of these kinds of organisation, of this one, all but that unit."""
    rows = units_on(day, kinds)
    if within is not None:
        rows = rows.filter(organisation=within)
    return rows.exclude(pk=without) if without is not None else rows


def units_called(rows: QuerySet[Unit], text: str) -> list[Unit]:
    """Those of the units that are called so, or whose organisation is; at most ``MOST_FOUND``.

    Every word of ``text``, accents and case ignored, is part of a name. What begins so comes first.
    """
    words = fold(text).split()
    for word in words:
        rows = rows.filter(Q(sought__contains=word) | Q(organisation__sought__contains=word))
    begins = Case(
        When(sought__startswith=words[0], then=Value(0)),
        When(organisation__sought__startswith=words[0], then=Value(1)),
        default=Value(2),
    ) if words else Value(0)  # fmt: skip
    return list(rows.order_by(begins, "organisation__name_fi", "name_fi", "pk")[:MOST_FOUND])


def units_nearest(
    rows: QuerySet[Unit], ids: Sequence[UUID], organisation_id: UUID | None, most: int
) -> list[Unit]:
    """Of the units those named, in this order, then others of the organisation by name; at most ``most``."""
    near = rows.filter(Q(pk__in=ids) | Q(organisation=organisation_id))
    place = Case(
        *(When(pk=key, then=Value(number)) for number, key in enumerate(ids)), default=Value(len(ids))
    )
    return list(near.order_by(place, "name_fi", "pk")[:most])


def organisations_called(
    day: dt.date, text: str, *, without: UUID | None = None, most: int = MOST_FOUND
) -> list[Organisation]:
    """The organisations of the day that are called so, or have such a business id; what begins so comes first."""
    words, rows = fold(text).split(), organisations_on(day)
    if without is not None:
        rows = rows.exclude(pk=without)
    for word in words:
        rows = rows.filter(sought__contains=word)
    begins = Case(When(sought__startswith=words[0] if words else "", then=Value(0)), default=Value(1))
    return list(rows.order_by(begins, "name_fi", "pk")[:most])


def units_of(organisation: Organisation, day: dt.date) -> QuerySet[Unit]:
    """The organisation's units on the day."""
    return units_on(day).filter(organisation=organisation)


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


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """One page of a list by name; ``next`` is the key after which the next page begins, none on the last."""

    rows: Sequence[Row]
    next: UUID | None


@dataclass(frozen=True, slots=True)
class WithUnits:
    """An organisation and the first of its units, those that were searched for before others; ``more`` are not named."""

    organisation: Organisation
    units: Sequence[Unit]
    more: int


def organisations_listed(
    day: dt.date, *, text: str = "", kind: str = "", with_closed: bool = False, after: UUID | None = None
) -> Listed[WithUnits]:
    """A page of organisations by name with their units.

    Every word of ``text``, accents and case ignored, is part of a name or business id of the organisation, or of a name
    of one of its units; closed ones come only where they are asked for.
    """
    rows = _kept(Organisation.objects.all(), day, with_closed=with_closed)
    if kind:
        rows = rows.filter(kind=kind)
    words = fold(text).split()
    for word in words:
        units = _kept(
            Unit.objects.filter(sought__contains=word, organisation=OuterRef("pk")),
            day,
            with_closed=with_closed,
        )
        rows = rows.filter(Q(sought__contains=word) | Exists(units))
    found, following = _page(rows, after)
    first = _first_units(found, day, words, with_closed=with_closed)
    return Listed([WithUnits(row, *first.get(row.pk, ([], 0))) for row in found], following)


def units_listed(
    organisation: Organisation,
    day: dt.date,
    *,
    text: str = "",
    with_closed: bool = False,
    after: UUID | None = None,
) -> Listed[Unit]:
    """A page of an organisation's units by name, with the units above them."""
    rows = _kept(organisation.units.select_related("parent"), day, with_closed=with_closed)
    for word in fold(text).split():
        rows = rows.filter(sought__contains=word)
    return Listed(*_page(rows, after))


def _kept(rows: "QuerySet[Body]", day: dt.date, *, with_closed: bool) -> "QuerySet[Body]":
    """Those that exist on the day or begin later; the closed ones too where they are asked for."""
    return rows if with_closed else rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))


def _page(rows: "QuerySet[Body]", after: UUID | None) -> tuple[list[Body], UUID | None]:
    last = (
        rows.model._default_manager.filter(pk=after).values_list("name_fi", "pk").first() if after else None
    )
    if last is not None:
        rows = rows.filter(Q(name_fi__gt=last[0]) | Q(name_fi=last[0], pk__gt=last[1]))
    found = list(rows.order_by("name_fi", "pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def _first_units(
    organisations: Sequence[Organisation], day: dt.date, words: Sequence[str], *, with_closed: bool
) -> dict[UUID, tuple[list[Unit], int]]:
    """The first units of each organisation, and how many there are besides."""
    searched = Q(pk__in=[])
    for word in words:
        searched |= Q(sought__contains=word)
    rows = _kept(Unit.objects.filter(organisation__in=organisations), day, with_closed=with_closed)
    rows = rows.annotate(is_other=Case(When(searched, then=Value(0)), default=Value(1))).annotate(
        place=Window(RowNumber(), partition_by="organisation", order_by=["is_other", "name_fi", "pk"]),
        of_all=Window(Count("pk"), partition_by="organisation"),
    )
    found: dict[UUID, tuple[list[Unit], int]] = {}
    for unit in rows.filter(place__lte=MOST_UNITS).order_by("organisation", "place"):
        units = found.get(unit.organisation_id, ([], 0))[0]
        units.append(unit)
        found[unit.organisation_id] = (units, unit.of_all - len(units))
    return found


def organisation_for(organisation_id: UUID) -> Organisation:
    """The organisation of this id; raises ``NotFound``."""
    row = Organisation.objects.filter(pk=organisation_id).first()
    if row is None:
        raise NotFound("", code="organisations.no_organisation")
    return row


def unit_for(unit_id: UUID) -> Unit:
    """The unit of this id with its organisation; raises ``NotFound``."""
    row = Unit.objects.select_related("organisation").filter(pk=unit_id).first()
    if row is None:
        raise NotFound("", code="organisations.no_unit")
    return row
