"""What has happened in a case: everything the viewer may see, newest first, read page by page by key.

Each kind of happening is read from its own table up to one page, and the newest of all make the page: the number of
queries stands still however long the history has grown.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from silta.cases import enums
from silta.cases.models import (
    Action,
    AssessmentEntry,
    Case,
    Flag,
    HandOver,
    Note,
    Participation,
    PlanVersion,
    Review,
    StatusChange,
    Transfer,
)
from silta.cases.rules import definitions
from silta.kernel import clock
from silta.kernel.actor import Actor

PAGE = 20
_MIDDAY = dt.time(12)

# The filters of the page, each with the kinds of happening it shows.
SHOWN: dict[str, tuple[Any, tuple[str, ...]]] = {
    "": (_("All"), ("note", "plan", "review", "done", "path", "people", "flag", "known")),
    "contacts": (_("Contacts"), ("contact",)),
    "notes": (_("Notes"), ("observation",)),
    "plan": (_("Plan"), ("plan", "review", "done", "agreed")),
    "path": (_("Path"), ("path",)),
    "people": (_("People"), ("people",)),
    "known": (_("Assessment"), ("known",)),
}
_OF_PLAN = ("goal", "service")


@dataclass(frozen=True, slots=True)
class Moment:
    """One happening: when, what, by whom, and for whose eyes."""

    at: dt.datetime
    key: UUID
    icon: str
    title: str
    text: str = ""
    who: str = ""
    unit: str = ""
    visibility: str = "shared"
    category: str = ""
    note: Note | None = None
    is_own: bool = False
    has_time: bool = False
    withdrawn: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter of the history."""

    code: str
    name: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class _Window:
    """Up to which happening a page reaches: everything before it, newest first."""

    at: dt.datetime
    key: UUID
    is_newest: bool = False

    def rows(self, rows: QuerySet[Any], field: str = "recorded_at") -> list[Any]:
        earlier = Q(**{f"{field}__lt": self.at}) | Q(**{field: self.at, "pk__lt": self.key})
        return list(rows.filter(earlier).order_by(f"-{field}", "-pk")[: PAGE + 1])

    def days(self, rows: QuerySet[Any], field: str) -> list[Any]:
        """Rows of which only the day is known: of the days up to the window's own."""
        last = self.at.astimezone(clock.HELSINKI).date()
        return list(rows.filter(**{f"{field}__lte": last}).order_by(f"-{field}", "-pk")[: 3 * PAGE])

    def holds(self, moment: Moment) -> bool:
        return (moment.at, str(moment.key)) < (self.at, str(self.key))


def _midday(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, _MIDDAY, tzinfo=clock.HELSINKI)


class _Author(TypedDict):
    who: str
    unit: str


def _by(row: Any) -> _Author:
    return {"who": row.recorded_by.name, "unit": str(row.recorded_by_unit or "")}


_AUTHOR = ("recorded_by", "recorded_by_unit")


def _notes(actor: Actor, case: Case, window: _Window, kinds: tuple[str, ...]) -> Iterator[Moment]:
    rows = Note.objects.filter(case=case).select_related(*_AUTHOR)
    if "note" not in kinds:
        rows = rows.filter(kind__in=kinds)
    for note in window.rows(rows, "happened_at"):
        is_contact = note.kind == enums.NoteKind.CONTACT
        title = (
            f"{note.get_channel_display()}: {note.get_result_display()}"
            if is_contact
            else gettext("Observation")
        )
        if note.with_whom:
            title = f"{title}, {note.with_whom}"
        yield Moment(
            note.happened_at, note.pk, "contact" if is_contact else "note", title, note.text,
            visibility=note.visibility, category=note.category, note=note,
            is_own=note.recorded_by_unit_id == actor.unit_id, has_time=True, withdrawn=note.withdrawn_reason,
            **_by(note),
        )  # fmt: skip


def _plans(case: Case, window: _Window) -> Iterator[Moment]:
    for plan in window.rows(PlanVersion.objects.filter(case=case).defer("content").select_related(*_AUTHOR)):
        title = gettext("Version %(number)s of the plan") % {"number": plan.number}
        yield Moment(plan.recorded_at, plan.pk, "plan", title, plan.reason, **_by(plan))


def _reviews(case: Case, window: _Window) -> Iterator[Moment]:
    for review in window.rows(Review.objects.filter(case=case).select_related(*_AUTHOR)):
        title = (
            gettext("Review of the plan, asked for by the client")
            if review.asked_by_client
            else gettext("Review of the plan")
        )
        yield Moment(review.recorded_at, review.pk, "review", title, review.findings, **_by(review))


def _done(case: Case, window: _Window) -> Iterator[Moment]:
    rows = Action.objects.filter(case=case, state=enums.ActionState.DONE).select_related(
        "owner", "owner_unit"
    )
    for action in window.days(rows, "state_on"):
        owner = gettext("The client") if action.owner_is_client else str(action.owner or action.owner_unit)
        title = gettext("Done: %(what)s") % {"what": action.text}
        yield Moment(_midday(action.state_on), action.pk, "done", title, action.state_reason, who=owner)


def _known(case: Case, window: _Window) -> Iterator[Moment]:
    for entry in window.rows(AssessmentEntry.objects.filter(case=case).select_related(*_AUTHOR)):
        verb = gettext("Put right: %(domain)s") if entry.replaces_id else gettext("Recorded: %(domain)s")
        title = verb % {"domain": entry.get_domain_display()}
        yield Moment(
            entry.recorded_at,
            entry.pk,
            "assessment",
            title,
            entry.text,
            category=entry.category,
            **_by(entry),
        )


def _flags(case: Case, window: _Window) -> Iterator[Moment]:
    for flag in window.rows(Flag.objects.filter(case=case).select_related(*_AUTHOR)):
        text = gettext("Resolved: %(how)s") % {"how": flag.resolution} if flag.resolved_on else ""
        yield Moment(
            flag.recorded_at,
            flag.pk,
            "flag",
            gettext("Flag: %(text)s") % {"text": flag.text},
            text,
            **_by(flag),
        )


def _people(case: Case, window: _Window) -> Iterator[Moment]:
    rows = Participation.objects.filter(case=case).select_related("unit", "user", *_AUTHOR)
    came = window.rows(rows)
    for row in came:
        title = gettext("%(name)s came in: %(how)s") % {
            "name": _name(row),
            "how": row.get_joined_how_display(),
        }
        yield Moment(
            row.recorded_at, row.pk, "people", title, row.joined_reason or row.answers_for, **_by(row)
        )
    # The newest page holds everybody who ever came, unless they are more than a page: then those who left are there too.
    is_everybody = window.is_newest and len(came) <= PAGE
    left = came if is_everybody else window.days(rows.filter(left_on__isnull=False), "left_on")
    for row in left:
        if row.left_on is None:
            continue
        yield Moment(
            _midday(row.left_on),
            row.pk,
            "people",
            gettext("%(name)s left") % {"name": _name(row)},
            row.left_reason,
        )
    hand_overs = HandOver.objects.filter(case=case).select_related("from_user", "to_user", *_AUTHOR)
    for row in window.rows(hand_overs):
        title = gettext("%(name)s became responsible") % {"name": row.to_user.name}
        yield Moment(row.recorded_at, row.pk, "hand-over", title, row.note, **_by(row))


def _name(row: Participation) -> str:
    if row.user is not None:
        return f"{row.user.name} ({row.unit})"
    return str(row.unit or row.outsider_name)


def _path(case: Case, window: _Window, kinds: tuple[str, ...]) -> Iterator[Moment]:
    rows = StatusChange.objects.filter(case=case).select_related(*_AUTHOR)
    if "path" not in kinds:
        rows = rows.filter(subject__in=_OF_PLAN)
    elif "plan" not in kinds:
        rows = rows.exclude(subject__in=_OF_PLAN)
    changes = window.rows(rows)
    names = _names(case, changes)
    for change in changes:
        title = _title(case, change, names)
        if title:
            yield Moment(change.recorded_at, change.pk, "next", title, change.reason, **_by(change))


def _names(case: Case, changes: list[StatusChange]) -> dict[UUID, str]:
    ids: dict[str, set[UUID]] = defaultdict(set)
    for change in changes:
        if change.subject_id:
            ids[change.subject].add(change.subject_id)
    # An empty set of ids asks the database nothing.
    goals = case.goals.filter(pk__in=ids["goal"])
    services = case.services.filter(pk__in=ids["service"])
    transfers = Transfer.objects.filter(case=case, pk__in=ids["transfer"]).select_related("to_unit")
    return (
        {goal.pk: goal.wording or goal.own_words for goal in goals}
        | {service.pk: service.name for service in services}
        | {transfer.pk: str(transfer.to_unit) for transfer in transfers}
    )


_STATES: dict[str, Callable[[str], str]] = {
    "goal": lambda code: str(enums.GoalState(code).label),
    "service": lambda code: str(enums.ServiceState(code).label),
    "transfer": lambda code: str(enums.TransferState(code).label),
    "state": lambda code: str(enums.State(code).label),
    "need": lambda code: str(enums.Need(code).label),
}


def _title(case: Case, change: StatusChange, names: dict[UUID, str]) -> str:
    definition = definitions.definition(case.kind, case.definition_version)
    name = names.get(change.subject_id, "") if change.subject_id else ""
    said = _STATES[change.subject](change.after) if change.subject in _STATES else change.after
    titles = {
        "phase": lambda: gettext("Phase: %(name)s") % {"name": definition.phase_name(change.after)},
        "goal": lambda: gettext("Goal “%(name)s”: %(state)s") % {"name": name, "state": said},
        "service": lambda: gettext("Service “%(name)s”: %(state)s") % {"name": name, "state": said},
        "transfer": lambda: gettext("Transfer to %(name)s: %(state)s") % {"name": name, "state": said},
        "state": lambda: gettext("The case: %(state)s") % {"state": said},
        "need": lambda: gettext("Need of support: %(state)s") % {"state": said},
        "mark": lambda: f"{definition.fact_name(change.after)} {change.on:%d.%m.%Y}",
        "trigger": lambda: next(
            (str(one.name) for one in definition.triggers if one.code == change.after), said
        ),
        "planned_end": lambda: gettext("Planned end: %(day)s") % {"day": change.after or "–"},
    }
    return titles[change.subject]() if change.subject in titles else ""


def _read(actor: Actor, case: Case, window: _Window, kinds: tuple[str, ...]) -> Iterator[Moment]:
    if {"note", "contact", "observation"} & set(kinds):
        yield from _notes(actor, case, window, kinds)
    if "path" in kinds or "agreed" in kinds:
        yield from _path(case, window, kinds)
    readers: dict[str, Callable[[Case, _Window], Iterator[Moment]]] = {
        "plan": _plans, "review": _reviews, "done": _done, "known": _known, "flag": _flags, "people": _people,
    }  # fmt: skip
    for kind in kinds:
        if kind in readers:
            yield from readers[kind](case, window)


def _window(before: str) -> _Window:
    at, _sep, key = before.partition("_")
    try:
        return _Window(dt.datetime.fromisoformat(at).astimezone(clock.HELSINKI), UUID(key))
    except (ValueError, OverflowError):
        return _Window(clock.now() + dt.timedelta(days=1), UUID(int=2**128 - 1), is_newest=True)


def happened_of(actor: Actor, case: Case, *, show: str = "", before: str = "") -> dict[str, Any]:
    """One page of the history under a filter: the moments, the key of the page after, and the filters themselves."""
    chosen = show if show in SHOWN else ""
    window = _window(before)
    found = sorted(
        (moment for moment in _read(actor, case, window, SHOWN[chosen][1]) if window.holds(moment)),
        key=lambda moment: (moment.at, str(moment.key)),
        reverse=True,
    )
    page = found[:PAGE]
    return {
        "moments": page,
        "more": f"{page[-1].at.astimezone(dt.UTC).isoformat()}_{page[-1].key}" if len(found) > PAGE else "",
        "show": chosen,
        "chips": [Chip(code, str(name), code == chosen) for code, (name, _kinds) in SHOWN.items()],
    }
