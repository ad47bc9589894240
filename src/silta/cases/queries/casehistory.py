"""What has happened in a case: everything the viewer may see, newest first, read page by page by key.

Moments are ordered by the minute, and within a minute in the order in which they were recorded: a note tells its time
to the minute only. Notes are read from their table up to one page; the other rows, of which a case has tens, come from
``caserows``, where the other bands of the page find them too.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Model, Q, QuerySet, TextChoices
from django.utils.translation import gettext, gettext_noop
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
)
from silta.cases.queries import casepage
from silta.cases.queries.caserows import Rows
from silta.cases.rules import definitions, told
from silta.cases.rules.definitions import Definition
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.language import in_figures
from silta.kernel.statements import Asked, Statement

# The newest page is short, so that the page of the case opens fast and fits a phone; what is asked for after it is longer.
NEWEST, PAGE = 10, 20
_EVENING = dt.time(23, 59)

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
_NOTES = ("note", "contact", "observation")
# From which tables the moments of each kind come.
_TABLES = {
    "plan": ("versions",), "review": ("reviews",), "done": ("actions",), "known": ("entries",), "flag": ("flags",),
    "people": ("participations", "hand_overs"), "path": ("changes", "goals", "services", "transfers"),
    "agreed": ("changes", "goals", "services"),
}  # fmt: skip
Place = tuple[dt.datetime, dt.datetime, str]


@dataclass(frozen=True, slots=True)
class Moment:
    """One happening: when, what, by whom, and for whose eyes."""

    at: dt.datetime
    recorded_at: dt.datetime
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

    @property
    def iso(self) -> str:
        """The moment for machines, in Finnish time; the day alone where no more is shown."""
        local = self.at.astimezone(clock.HELSINKI)
        return local.isoformat(timespec="minutes") if self.has_time else local.date().isoformat()

    @property
    def when(self) -> str:
        """The day, and the time where it is known."""
        local = self.at.astimezone(clock.HELSINKI)
        day = in_figures(local)
        return f"{day} {local:%H.%M}" if self.has_time else day


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter of the history."""

    code: str
    name: str
    is_on: bool


def _notes_of(case: UUID, kinds: list[str]) -> QuerySet[Note]:
    rows = Note.objects.filter(case_id=case, kind__any_of=kinds)
    return rows.order_by("-happened_at", "-recorded_at", "-pk")


def _notes_before(
    case: UUID, kinds: list[str], minute: dt.datetime, recorded_at: dt.datetime, key: UUID
) -> QuerySet[Note]:
    return _notes_of(
        case, kinds
    ).filter(
        Q(happened_at__lt=minute)
        | Q(happened_at=minute, recorded_at__lt=recorded_at)
        | Q(happened_at=minute, recorded_at=recorded_at, pk__lt=key),
        happened_at__lte=minute,  # Said apart, so that the index is entered at this minute.
    )[: PAGE + 1]


_NEWEST_NOTES = Statement(lambda case, kinds: _notes_of(case, kinds)[: NEWEST + 1], UUID, list)
_EARLIER_NOTES = Statement(_notes_before, UUID, list, dt.datetime, dt.datetime, UUID)


@dataclass(frozen=True, slots=True)
class Window:
    """One page of the history: which kinds of moments under which filter, and up to which moment."""

    show: str
    before: Place | None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of happening that the filter shows."""
        return SHOWN[self.show][1]

    @property
    def length(self) -> int:
        """How many moments the page holds at most."""
        return PAGE if self.before else NEWEST

    @property
    def tables(self) -> frozenset[str]:
        """The tables of ``caserows`` from which the page is drawn."""
        return frozenset(table for kind in self.kinds for table in _TABLES.get(kind, ()))

    def notes(self, case: Case) -> Asked[Note] | None:
        """The notes of the page: as many as it can hold, and one more to tell whether there is another page."""
        if not set(self.kinds) & set(_NOTES):
            return None
        kinds = list(_NOTES if "note" in self.kinds else self.kinds)
        if self.before is None:
            return _NEWEST_NOTES(case.pk, kinds)
        minute, recorded_at, key = self.before
        return _EARLIER_NOTES(case.pk, kinds, minute, recorded_at, UUID(key))

    def holds(self, place: Place) -> bool:
        """Whether a moment in this place belongs to this page or to a later one."""
        return self.before is None or place < self.before


def window(show: str = "", before: str = "") -> Window:
    """The page that an address asks for; what it does not understand is the newest page of all."""
    chosen = show if show in SHOWN else ""
    try:
        minute, recorded_at, key = before.split("_")
        at, recorded = (dt.datetime.fromisoformat(part).astimezone(dt.UTC) for part in (minute, recorded_at))
        return Window(chosen, (at, recorded, str(UUID(key))))
    except (ValueError, OverflowError):
        return Window(chosen, None)


def _evening(day: dt.date) -> dt.datetime:
    """The moment of what is known by its day only: what was done today stands first of today."""
    return dt.datetime.combine(day, _EVENING, tzinfo=clock.HELSINKI)


@dataclass(frozen=True, slots=True)
class _Happening:
    """A moment by its place alone; it is put into words only where the page shows it."""

    place: Place
    told: Callable[[], Moment]


def _place(at: dt.datetime, recorded_at: dt.datetime, key: UUID) -> Place:
    """Where a moment stands among the others: by the minute, then as it was recorded."""
    return at.replace(second=0, microsecond=0), recorded_at, str(key)


def _recorded(row: Any, tell: Callable[..., Moment], *more: Any) -> _Happening:
    """What happened when it was recorded."""
    return _Happening(_place(row.recorded_at, row.recorded_at, row.pk), partial(tell, row, *more))


def _on(day: dt.date, row: Model, tell: Callable[..., Moment]) -> _Happening:
    """What happened on a day of which no more is known: after all of the day, its last minute too, and before the next."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=clock.HELSINKI)
    return _Happening(_place(midnight, _evening(day), row.pk), partial(tell, row))


class _Author(TypedDict):
    who: str
    unit: str


def _by(row: Any) -> _Author:
    return {"who": row.recorded_by.name, "unit": str(row.recorded_by_unit or "")}


def _moment(row: Any, icon: str, title: str, text: str = "", category: str = "") -> Moment:
    """A moment that happened when it was recorded."""
    return Moment(
        row.recorded_at, row.recorded_at, row.pk, icon, title, told.in_words(text), category=category, **_by(row)
    )  # fmt: skip


def _moment_of_day(day: dt.date, row: Model, icon: str, *, title: str, text: str, who: str = "") -> Moment:
    """A moment of which only the day is known."""
    return Moment(_evening(day), _evening(day), row.pk, icon, title, told.in_words(text), who=who)


def _notes(actor: Actor, rows: Rows) -> Iterator[_Happening]:
    for note in rows.notes:
        yield _Happening(_place(note.happened_at, note.recorded_at, note.pk), partial(_note, actor, note))


def _note(actor: Actor, note: Note) -> Moment:
    is_contact = note.kind == enums.NoteKind.CONTACT
    title = gettext("Observation")
    if is_contact:
        title = f"{enums.Channel(note.channel).label}: {enums.ContactResult(note.result).label}"
    if note.with_whom:
        title = f"{title}, {note.with_whom}"
    return Moment(
        note.happened_at, note.recorded_at, note.pk, "contact" if is_contact else "note", title, note.text,
        visibility=note.visibility, category=note.category, note=note,
        is_own=note.recorded_by_unit_id == actor.unit_id, has_time=True, withdrawn=note.withdrawn_reason, **_by(note),
    )  # fmt: skip


def _plan(plan: PlanVersion) -> Moment:
    title = gettext("Version %(number)s of the plan") % {"number": plan.number}
    return _moment(plan, "plan", title, plan.reason)


def _review(review: Review) -> Moment:
    title = gettext("Review of the plan")
    if review.asked_by_client:
        title = gettext("Review of the plan, asked for by the client")
    return _moment(review, "review", title, review.findings)


def _done(action: Action) -> Moment:
    owner = gettext("The client") if action.owner_is_client else str(action.owner or action.owner_unit)
    title = gettext("Done: %(what)s") % {"what": action.text}
    return _moment_of_day(action.state_on, action, "done", title=title, text=action.state_reason, who=owner)


def _known(entry: AssessmentEntry) -> Moment:
    verb = gettext("Put right: %(domain)s") if entry.replaces_id else gettext("Recorded: %(domain)s")
    title = verb % {"domain": enums.Domain(entry.domain).label}
    return _moment(entry, "assessment", title, entry.text, entry.category)


def _flag(flag: Flag) -> Moment:
    how = told.in_words(flag.resolution)
    text = gettext("Resolved: %(how)s") % {"how": how} if flag.resolved_on else ""
    return _moment(flag, "flag", gettext("Flag: %(text)s") % {"text": told.in_words(flag.text)}, text)


def _people(rows: Rows) -> Iterator[_Happening]:
    for row in rows.participations:
        yield _recorded(row, _came)
        if row.left_on is not None:
            yield _on(row.left_on, row, _left)
    for hand_over in rows.hand_overs:
        yield _recorded(hand_over, _handed_over)


def _came(row: Participation) -> Moment:
    how = enums.Joined(row.joined_how).label
    title = gettext("%(name)s came in: %(how)s") % {"name": _name(row), "how": how}
    return _moment(row, "people", title, row.answers_for)


def _left(row: Participation) -> Moment:
    day = row.left_on or clock.today()
    title = gettext("%(name)s left") % {"name": _name(row)}
    return _moment_of_day(day, row, "people", title=title, text=_said_of_leaving(row))


def _handed_over(hand_over: HandOver) -> Moment:
    title = gettext("%(name)s became responsible") % {"name": hand_over.to_user.name}
    return _moment(hand_over, "hand-over", title, hand_over.note)


def _said_of_leaving(row: Participation) -> str:
    """What everybody may read; what a worker wrote of it stands with the periods of taking part."""
    return "" if row.left_reason == told.Told.LEFT else row.left_reason


def _name(row: Participation) -> str:
    if row.user is not None:
        return f"{row.user.name} ({row.unit})"
    return str(row.unit or row.outsider_name)


def _path(rows: Rows, kinds: tuple[str, ...]) -> Iterator[_Happening]:
    names = (
        {goal.pk: goal.wording or goal.own_words for goal in rows.goals}
        | {service.pk: service.name for service in rows.services}
        | {transfer.pk: str(transfer.to_unit) for transfer in rows.transfers}
    )
    for change in rows.changes:
        is_of_plan = change.subject in _OF_PLAN
        is_asked = ("path" in kinds and not is_of_plan) or ("plan" in kinds and is_of_plan)
        # The viewer may not know the goal, service or transfer itself.
        is_known = change.subject_id is None or change.subject_id in names
        if is_asked and is_known and change.subject in _TITLES:
            yield _recorded(change, _change, rows.case, names[change.subject_id] if change.subject_id else "")


def _change(change: StatusChange, case: Case, name: str) -> Moment:
    definition = definitions.definition(case.kind, case.definition_version)
    return _moment(change, "next", _TITLES[change.subject](definition, change, name), change.reason)


def _stands(choices: type[TextChoices], words: str) -> Callable[[Definition, StatusChange, str], str]:
    """The title of a change to a state: ``words`` tell of what, and which."""
    return lambda _definition, change, name: (
        gettext(words) % {"name": name, "state": choices(change.after).label}
    )


_TITLES: dict[str, Callable[[Definition, StatusChange, str], str]] = {
    "phase": lambda told_by, change, _name: gettext("Phase: %(name)s") % {"name": told_by.phase_name(change.after)},
    "goal": _stands(enums.GoalState, gettext_noop("Goal “%(name)s”: %(state)s")),
    "service": _stands(enums.ServiceState, gettext_noop("Service “%(name)s”: %(state)s")),
    "transfer": _stands(enums.TransferState, gettext_noop("Transfer to %(name)s: %(state)s")),
    "state": _stands(enums.State, gettext_noop("The case: %(state)s")),
    "need": _stands(enums.Need, gettext_noop("Need of support: %(state)s")),
    "mark": lambda told_by, change, _name: f"{told_by.fact_name(change.after)} {change.on:%d.%m.%Y}",
    "unmark": lambda told_by, change, _name: _withdrawn(told_by.fact_name(change.after)),
    "trigger": lambda told_by, change, _name: casepage.trigger_name(told_by, change.after),
    "untrigger": lambda told_by, change, _name: _withdrawn(casepage.trigger_name(told_by, change.after)),
    "planned_end": lambda _by, change, _name: gettext("Planned end: %(day)s") % {"day": change.after or "–"},
}  # fmt: skip


def _withdrawn(what: str) -> str:
    return gettext("Withdrawn: %(what)s") % {"what": what}


_READ: dict[str, Callable[[Rows], Iterable[_Happening]]] = {
    "plan": lambda rows: (_recorded(row, _plan) for row in rows.versions),
    "review": lambda rows: (_recorded(row, _review) for row in rows.reviews),
    "done": lambda rows: (_on(row.state_on, row, _done) for row in rows.actions if row.state == "done"),
    "known": lambda rows: (_recorded(row, _known) for row in rows.entries),
    "flag": lambda rows: (_recorded(row, _flag) for row in rows.flags),
    "people": _people,
}


def _read(actor: Actor, rows: Rows, kinds: tuple[str, ...]) -> Iterator[_Happening]:
    yield from _notes(actor, rows)
    if "path" in kinds or "agreed" in kinds:
        yield from _path(rows, kinds)
    for kind in kinds:
        if kind in _READ:
            yield from _READ[kind](rows)


def happened_of(actor: Actor, rows: Rows, asked: Window) -> dict[str, Any]:
    """One page of the history: the moments, the key of the page after, and the filters themselves.

    ``rows`` are of at least the tables, and the notes, of the window.
    """
    found = sorted(
        (one for one in _read(actor, rows, asked.kinds) if asked.holds(one.place)),
        key=lambda one: one.place,
        reverse=True,
    )
    page = found[: asked.length]
    return {
        "moments": [one.told() for one in page],
        "more": _key(page[-1].place) if len(found) > asked.length else "",
        "show": asked.show,
        "chips": [Chip(code, str(name), code == asked.show) for code, (name, _kinds) in SHOWN.items()],
    }


def _key(place: Place) -> str:
    minute, recorded_at, key = place
    return f"{minute.astimezone(dt.UTC).isoformat()}_{recorded_at.astimezone(dt.UTC).isoformat()}_{key}"
