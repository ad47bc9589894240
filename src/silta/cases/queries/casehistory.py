"""What has happened in a case: everything the viewer may see, newest first, read page by page by key.

Moments are ordered by the minute, and within a minute in the order in which they were recorded: a note tells its time
to the minute only. Notes are read from their table up to one page; the other rows, of which a case has tens, come from
``caserows``, where the other bands of the page find them too.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Model, Q
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from silta.cases import enums
from silta.cases.models import Case, Note, Participation, StatusChange
from silta.cases.queries import casepage
from silta.cases.queries.caserows import Rows
from silta.cases.rules import definitions, told
from silta.kernel import clock
from silta.kernel.actor import Actor

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
        day = formats.date_format(local, "SHORT_DATE_FORMAT")
        return f"{day} {local:%H.%M}" if self.has_time else day

    @property
    def place(self) -> Place:
        """Where it stands among the others: by the minute, then as it was recorded."""
        return self.at.replace(second=0, microsecond=0), self.recorded_at, str(self.key)


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter of the history."""

    code: str
    name: str
    is_on: bool


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

    def notes(self, case: Case) -> list[Note]:
        """The notes of the page: as many as it can hold, and one more to tell whether there is another page."""
        if not set(self.kinds) & set(_NOTES):
            return []
        rows = Note.objects.filter(case=case)
        if "note" not in self.kinds:
            rows = rows.filter(kind__in=self.kinds)
        if self.before is not None:
            minute, recorded_at, key = self.before
            rows = rows.filter(
                Q(happened_at__lt=minute)
                | Q(happened_at=minute, recorded_at__lt=recorded_at)
                | Q(happened_at=minute, recorded_at=recorded_at, pk__lt=key),
                happened_at__lte=minute,  # Said apart, so that the index is entered at this minute.
            )
        return list(rows.order_by("-happened_at", "-recorded_at", "-pk")[: self.length + 1])

    def holds(self, moment: Moment) -> bool:
        """Whether the moment belongs to this page or to a later one."""
        return self.before is None or moment.place < self.before


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
    """Where a moment stands of which only the day is known: what was done today stands first of today."""
    return dt.datetime.combine(day, _EVENING, tzinfo=clock.HELSINKI)


class _Author(TypedDict):
    who: str
    unit: str


def _by(row: Any) -> _Author:
    return {"who": row.recorded_by.name, "unit": str(row.recorded_by_unit or "")}


def _recorded(row: Any, icon: str, title: str, text: str = "", category: str = "") -> Moment:
    """A moment that happened when it was recorded."""
    return Moment(
        row.recorded_at,
        row.recorded_at,
        row.pk,
        icon,
        title,
        told.in_words(text),
        category=category,
        **_by(row),
    )


def _notes(actor: Actor, rows: Rows) -> Iterator[Moment]:
    for note in rows.notes:
        is_contact = note.kind == enums.NoteKind.CONTACT
        title = (
            f"{enums.Channel(note.channel).label}: {enums.ContactResult(note.result).label}"
            if is_contact
            else gettext("Observation")
        )
        if note.with_whom:
            title = f"{title}, {note.with_whom}"
        yield Moment(
            note.happened_at, note.recorded_at, note.pk, "contact" if is_contact else "note", title, note.text,
            visibility=note.visibility, category=note.category, note=note,
            is_own=note.recorded_by_unit_id == actor.unit_id, has_time=True, withdrawn=note.withdrawn_reason,
            **_by(note),
        )  # fmt: skip


def _plans(rows: Rows) -> Iterator[Moment]:
    for plan in rows.versions:
        title = gettext("Version %(number)s of the plan") % {"number": plan.number}
        yield _recorded(plan, "plan", title, plan.reason)


def _reviews(rows: Rows) -> Iterator[Moment]:
    for review in rows.reviews:
        title = (
            gettext("Review of the plan, asked for by the client")
            if review.asked_by_client
            else gettext("Review of the plan")
        )
        yield _recorded(review, "review", title, review.findings)


def _on(day: dt.date, row: Model, icon: str, *, title: str, text: str, who: str = "") -> Moment:
    """A moment of which only the day is known."""
    return Moment(_evening(day), _evening(day), row.pk, icon, title, told.in_words(text), who=who)


def _done(rows: Rows) -> Iterator[Moment]:
    for action in rows.actions:
        if action.state == enums.ActionState.DONE:
            owner = (
                gettext("The client") if action.owner_is_client else str(action.owner or action.owner_unit)
            )
            title = gettext("Done: %(what)s") % {"what": action.text}
            yield _on(action.state_on, action, "done", title=title, text=action.state_reason, who=owner)


def _known(rows: Rows) -> Iterator[Moment]:
    for entry in rows.entries:
        verb = gettext("Put right: %(domain)s") if entry.replaces_id else gettext("Recorded: %(domain)s")
        title = verb % {"domain": enums.Domain(entry.domain).label}
        yield _recorded(entry, "assessment", title, entry.text, entry.category)


def _flags(rows: Rows) -> Iterator[Moment]:
    for flag in rows.flags:
        how = told.in_words(flag.resolution)
        text = gettext("Resolved: %(how)s") % {"how": how} if flag.resolved_on else ""
        yield _recorded(flag, "flag", gettext("Flag: %(text)s") % {"text": told.in_words(flag.text)}, text)


def _people(rows: Rows) -> Iterator[Moment]:
    for row in rows.participations:
        how = enums.Joined(row.joined_how).label
        title = gettext("%(name)s came in: %(how)s") % {"name": _name(row), "how": how}
        yield _recorded(row, "people", title, row.answers_for)
        if row.left_on is not None:
            left = gettext("%(name)s left") % {"name": _name(row)}
            yield _on(row.left_on, row, "people", title=left, text=_said_of_leaving(row))
    for hand_over in rows.hand_overs:
        title = gettext("%(name)s became responsible") % {"name": hand_over.to_user.name}
        yield _recorded(hand_over, "hand-over", title, hand_over.note)


def _said_of_leaving(row: Participation) -> str:
    """What everybody may read; what a worker wrote of it stands with the periods of taking part."""
    return "" if row.left_reason == told.Told.LEFT else row.left_reason


def _name(row: Participation) -> str:
    if row.user is not None:
        return f"{row.user.name} ({row.unit})"
    return str(row.unit or row.outsider_name)


def _path(rows: Rows, kinds: tuple[str, ...]) -> Iterator[Moment]:
    names = (
        {goal.pk: goal.wording or goal.own_words for goal in rows.goals}
        | {service.pk: service.name for service in rows.services}
        | {transfer.pk: str(transfer.to_unit) for transfer in rows.transfers}
    )
    for change in rows.changes:
        is_of_plan = change.subject in _OF_PLAN
        if ("path" in kinds and not is_of_plan) or ("plan" in kinds and is_of_plan):
            title = _title(rows.case, change, names)
            if title:
                yield _recorded(change, "next", title, change.reason)


_STATES: dict[str, Callable[[str], str]] = {
    "goal": lambda code: str(enums.GoalState(code).label),
    "service": lambda code: str(enums.ServiceState(code).label),
    "transfer": lambda code: str(enums.TransferState(code).label),
    "state": lambda code: str(enums.State(code).label),
    "need": lambda code: str(enums.Need(code).label),
}


def _title(case: Case, change: StatusChange, names: dict[UUID, str]) -> str:
    if change.subject_id and change.subject_id not in names:
        return ""  # The viewer may not know the goal, service or transfer itself.
    definition = definitions.definition(case.kind, case.definition_version)
    name = names[change.subject_id] if change.subject_id else ""
    said = _STATES[change.subject](change.after) if change.subject in _STATES else change.after
    titles = {
        "phase": lambda: gettext("Phase: %(name)s") % {"name": definition.phase_name(change.after)},
        "goal": lambda: gettext("Goal “%(name)s”: %(state)s") % {"name": name, "state": said},
        "service": lambda: gettext("Service “%(name)s”: %(state)s") % {"name": name, "state": said},
        "transfer": lambda: gettext("Transfer to %(name)s: %(state)s") % {"name": name, "state": said},
        "state": lambda: gettext("The case: %(state)s") % {"state": said},
        "need": lambda: gettext("Need of support: %(state)s") % {"state": said},
        "mark": lambda: f"{definition.fact_name(change.after)} {change.on:%d.%m.%Y}",
        "unmark": lambda: gettext("Withdrawn: %(what)s") % {"what": definition.fact_name(change.after)},
        "trigger": lambda: casepage.trigger_name(definition, change.after),
        "untrigger": lambda: (
            gettext("Withdrawn: %(what)s") % {"what": casepage.trigger_name(definition, change.after)}
        ),
        "planned_end": lambda: gettext("Planned end: %(day)s") % {"day": change.after or "–"},
    }
    return titles[change.subject]() if change.subject in titles else ""


def _read(actor: Actor, rows: Rows, kinds: tuple[str, ...]) -> Iterator[Moment]:
    yield from _notes(actor, rows)
    if "path" in kinds or "agreed" in kinds:
        yield from _path(rows, kinds)
    readers: dict[str, Callable[[Rows], Iterator[Moment]]] = {
        "plan": _plans, "review": _reviews, "done": _done, "known": _known, "flag": _flags, "people": _people,
    }  # fmt: skip
    for kind in kinds:
        if kind in readers:
            yield from readers[kind](rows)


def happened_of(actor: Actor, rows: Rows, asked: Window) -> dict[str, Any]:
    """One page of the history: the moments, the key of the page after, and the filters themselves.

    ``rows`` are of at least the tables, and the notes, of the window.
    """
    found = sorted(
        (moment for moment in _read(actor, rows, asked.kinds) if asked.holds(moment)),
        key=lambda moment: moment.place,
        reverse=True,
    )
    page = found[: asked.length]
    return {
        "moments": page,
        "more": _key(page[-1]) if len(found) > asked.length else "",
        "show": asked.show,
        "chips": [Chip(code, str(name), code == asked.show) for code, (name, _kinds) in SHOWN.items()],
    }


def _key(moment: Moment) -> str:
    minute, recorded_at, key = moment.place
    return f"{minute.astimezone(dt.UTC).isoformat()}_{recorded_at.astimezone(dt.UTC).isoformat()}_{key}"
