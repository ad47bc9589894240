"""The path of a case drawn: lanes by organisation over time, services as bars, contacts as dots, waits hatched."""

import datetime as dt
from dataclasses import dataclass, field

from django.utils.translation import gettext

from silta.cases import enums
from silta.cases.models import AgreedService, Case
from silta.cases.queries.casepath import Moments
from silta.kernel import clock
from silta.kernel.language import in_figures

WIDTH = 960
LABEL = 168
TOP = 40
ROW = 22
_PAD = 8
_SHORTEST = 6
_LETTER = 7


@dataclass(frozen=True, slots=True)
class Bar:
    """One service, or the wait for it."""

    x: int
    y: int
    width: int
    name: str
    title: str
    tone: str
    is_wait: bool
    text_x: int = 0
    text_y: int = 0


@dataclass(frozen=True, slots=True)
class Dot:
    """One contact or review."""

    x: int
    y: int
    kind: str
    title: str


@dataclass(slots=True)
class Lane:
    """What one organisation does."""

    name: str
    top: int = 0
    label_y: int = 0
    bars: list[Bar] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mark:
    """The beginning of a month, or of a quarter or year on a long path."""

    x: int
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of the picture as a line of the table behind it."""

    lane: str
    what: str
    first: dt.date
    last: dt.date | None
    state: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole drawing, in whole numbers."""

    title: str
    width: int
    height: int
    months: tuple[Mark, ...]
    lanes: tuple[Lane, ...]
    table: tuple[Line, ...]
    today_x: int | None


@dataclass(frozen=True, slots=True)
class _Scale:
    first: dt.date
    last: dt.date

    def x(self, day: dt.date) -> int:
        whole = max((self.last - self.first).days, 1)
        place = min(max((day - self.first).days, 0), whole)
        return LABEL + round((WIDTH - LABEL - _PAD) * place / whole)


def _months(scale: _Scale) -> tuple[Mark, ...]:
    length = (scale.last - scale.first).days
    step = 1 if length < 400 else 3 if length < 1200 else 12  # noqa: PLR2004 - days: about a year, about three
    year, month = scale.first.year, scale.first.month
    marks: list[Mark] = []
    while (day := dt.date(year, month, 1)) <= scale.last:
        if day >= scale.first and (month - 1) % step == 0:
            marks.append(Mark(scale.x(day), f"{month}/{year}"))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)  # noqa: PLR2004 - December
    return tuple(marks)


def _parts(service: AgreedService, today: dt.date) -> list[tuple[dt.date, dt.date, bool]]:
    """The wait and the service itself, as far as each has come."""
    if service.state == enums.ServiceState.REFUSED:
        return []
    started = service.started_on
    parts = [
        (
            service.agreed_on,
            started or (today if service.state in enums.WAITED_FOR else service.state_on),
            True,
        )
    ]
    if started is not None:
        parts.append((started, service.ended_on or today, False))
    return [part for part in parts if part[2] is False or part[1] > part[0]]


def _lane_of(service: AgreedService) -> str:
    return str(service.provider_unit.organisation) if service.provider_unit else service.provider_name


def _period(first: dt.date, last: dt.date | None) -> str:
    shown = [in_figures(day) if day else "" for day in (first, last)]
    return "–".join(shown)


def _shortened(name: str, pixels: int) -> str:
    room = pixels // _LETTER
    return name if len(name) <= room else f"{name[: max(room - 1, 1)]}…"


def draw(case: Case, services: list[AgreedService], moments: Moments) -> Picture:
    """The picture of a case: pure arithmetic over what the actor may know."""
    today = clock.today()
    days = [
        case.opened_on,
        *(one.agreed_on for one in services),
        *(contact.day for contact in moments.contacts),
    ]
    last = max(case.ended_on or today, case.opened_on + dt.timedelta(days=60))
    scale = _Scale(min(days), last + dt.timedelta(days=(last - min(days)).days // 20 + 3))
    lanes: list[Lane] = []
    table: list[Line] = []
    y = TOP
    for name in dict.fromkeys([*moments.lanes, *map(_lane_of, services)]):
        lane = Lane(_shortened(name, LABEL), top=y - 6)
        lane.label_y = y + 12
        dots = [contact for contact in moments.contacts if contact.lane == name]
        for contact in dots:
            lane.dots.append(
                Dot(scale.x(contact.day), y + 8, contact.kind, f"{contact.day:%d.%m.%Y} {contact.what}")
            )
            table.append(Line(name, contact.what, contact.day, None, contact.result))
        y += ROW if dots else 0
        for service in services:
            if _lane_of(service) == name:
                table.append(
                    Line(
                        name,
                        service.name,
                        service.agreed_on,
                        service.ended_on,
                        str(enums.ServiceState(service.state).label),
                    )
                )
                if bars := _bars(service, scale, today, y):
                    lane.bars.extend(bars)
                    y += ROW
        y = max(y, lane.top + 6 + ROW) + _PAD
        if lane.bars or lane.dots:
            lanes.append(lane)
        else:
            y = lane.top + 6
    return Picture(
        title=gettext("The path from %(first)s on: who does what, when, and where the client waits")
        % {"first": in_figures(case.opened_on)},
        width=WIDTH,
        height=y + _PAD,
        months=_months(scale),
        lanes=tuple(lanes),
        table=tuple(sorted(table, key=lambda line: line.first)),
        today_x=scale.x(today) if case.ended_on is None else None,
    )


def _bars(service: AgreedService, scale: _Scale, today: dt.date, y: int) -> list[Bar]:
    bars = []
    parts = _parts(service, today)
    for first, last, is_wait in parts:
        x = scale.x(first)
        width = max(scale.x(last) - x, _SHORTEST)
        title = f"{service.name}: {gettext('waiting') if is_wait else enums.ServiceState(service.state).label}, {_period(first, last)}"
        is_named = not is_wait or len(parts) == 1
        # The name stands after a bar too short for it, and before one that ends at the edge.
        fits = width > len(service.name) * _LETTER
        is_left = not fits and x + width + len(service.name) * _LETTER > WIDTH
        text_x = x + 5 if fits else x - len(service.name) * _LETTER if is_left else x + width + 5
        bars.append(
            Bar(
                x, y, width, service.name if is_named else "", title, "wait" if is_wait else str(service.state),
                is_wait, max(text_x, LABEL), y + 12,
            )
        )  # fmt: skip
    return bars
