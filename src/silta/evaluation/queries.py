"""Reading figures: what may be counted at all, the reckonings, and the figures of whoever may see them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.access.models import Membership
from silta.access.rules import ROLES
from silta.cases.queries import counted
from silta.cases.rules import definitions as kinds
from silta.evaluation.enums import RunState
from silta.evaluation.models import Chart, Datum, Run
from silta.evaluation.rules.definitions import Indicator, indicators
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound
from silta.kernel.offers import Offer
from silta.organisations.models import Unit
from silta.people import queries as people
from silta.people.models import Municipality

# After so long without a sign of life a reckoning is taken for dead: its process was killed.
QUIET = dt.timedelta(minutes=30)
# As in ``jobs``: the queue reads its hours in UTC, so that no night of summer time has none or two of them.
NIGHTLY = dt.time(1, 40)
NOT_KNOWN = "-"


def offers() -> tuple[Offer, ...]:
    """Everything the rooms offer to be counted: the extract holds this and nothing else."""
    return (*counted.offers(), *people.offers())


def is_under_way(run: Run | None) -> bool:
    """Whether a reckoning waits or works, and lives."""
    return (
        run is not None
        and run.state in {RunState.ORDERED, RunState.RUNNING}
        and clock.now() - run.progressed_at < QUIET
    )


def latest() -> Run | None:
    """The newest reckoning, in whatever state."""
    return Run.objects.order_by("-ordered_at", "-id").first()


def latest_done() -> Run | None:
    """The reckoning the figures come from."""
    return Run.objects.filter(state=RunState.DONE).order_by("-ordered_at", "-id").first()


def next_nightly() -> dt.datetime:
    """When the next night's reckoning begins."""
    now = clock.now().astimezone(dt.UTC)
    tonight = dt.datetime.combine(now.date(), NIGHTLY, dt.UTC)
    return tonight if now < tonight else tonight + dt.timedelta(days=1)


def visible_to(actor: Actor) -> QuerySet[Datum]:
    """The figures the actor may see: all of them, or those of her own unit."""
    access.require(actor, Permission.FIGURES_VIEW)
    rows = Datum.objects.select_related("unit")
    return (
        rows
        if access.permits(actor, Permission.FIGURES_REGION)
        else rows.filter(unit_id=access.own_unit_id(actor))
    )


def chart_for(actor: Actor, chart_id: UUID) -> Chart:
    """A chart of the figures the actor may see; raises ``NotFound``."""
    access.require(actor, Permission.FIGURES_VIEW)
    rows = Chart.objects.filter(pk=chart_id)
    if not access.permits(actor, Permission.FIGURES_REGION):
        rows = rows.filter(unit_id=access.own_unit_id(actor))
    chart = rows.first()
    if chart is None:
        raise NotFound(_("There is no such page."), code="evaluation.not_found")
    return chart


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: of what it tells, in the reader's words, and the figure."""

    label: str
    datum: Datum


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One table behind the chart."""

    code: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator as the page shows it: the whole, by month, and by what else it is told."""

    indicator: Indicator
    whole: Datum | None
    chart_id: UUID | None
    breakdowns: list[Breakdown]


def figures(actor: Actor, unit: Unit | None) -> list[Figure]:
    """Every indicator of one unit, or of all where there is none, in the order of the definitions."""
    rows = list(visible_to(actor).filter(unit=unit).order_by("month", "municipality", "kind", "id"))
    by_unit = (
        list(visible_to(actor).filter(unit__isnull=False, month__isnull=True).order_by("unit__name_fi", "id"))
        if unit is None
        else []
    )
    charts = dict(Chart.objects.filter(unit=unit).values_list("code", "pk"))
    names = _municipalities()
    return [
        _figure(one, [row for row in rows if row.code == code], [row for row in by_unit if row.code == code],
                charts.get(code), names)
        for code, one in indicators().items()
    ]  # fmt: skip


def _figure(
    indicator: Indicator,
    rows: list[Datum],
    by_unit: list[Datum],
    chart_id: UUID | None,
    names: dict[str, str],
) -> Figure:
    whole = next((row for row in rows if not (row.month or row.municipality or row.kind)), None)
    months = [Line(f"{row.month.month}/{row.month.year}", row) for row in rows if row.month]
    units = [Line(str(row.unit), row) for row in by_unit]
    municipalities = [
        Line(names.get(row.municipality, str(_("Not known"))), row) for row in rows if row.municipality
    ]
    of_kind = [Line(_kind(row.kind), row) for row in rows if row.kind]
    told = [
        Breakdown("month", months[::-1]), Breakdown("unit", units),
        Breakdown("municipality", sorted(municipalities, key=lambda line: line.label)), Breakdown("kind", of_kind),
    ]  # fmt: skip
    return Figure(indicator, whole, chart_id, [one for one in told if one.lines])


def _municipalities() -> dict[str, str]:
    return {row.code: row.name for row in Municipality.objects.order_by("valid_from", "id")}


def _kind(code: str) -> str:
    versions = kinds.definitions().get(code)
    return str(versions[0].name) if versions else code


def units_with_figures(actor: Actor) -> list[Unit]:
    """The units whose figures the actor may look at one by one."""
    found = visible_to(actor).filter(unit__isnull=False).values_list("unit_id", flat=True).distinct()
    return list(Unit.objects.filter(pk__in=found.order_by()).order_by("name_fi", "id"))


def units_to_draw() -> set[UUID]:
    """The units that have somebody who may look at their figures: for them charts are drawn."""
    today = clock.today()
    roles = [code for code, role in ROLES.items() if Permission.FIGURES_VIEW in role.permissions]
    rows = Membership.objects.filter(role__in=roles, valid_from__lte=today).exclude(valid_until__lt=today)
    return set(rows.values_list("unit_id", flat=True))


def all_units() -> Iterable[UUID]:
    """The ids of all units, past and present."""
    return Unit.objects.order_by("id").values_list("pk", flat=True)


def database() -> dict[str, object]:
    """Where the database is, for the tool that takes the extract."""
    return dict(settings.DATABASES["default"])
