"""Versions of the plan set side by side: what came, what went, and what changed, in words a client can follow."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from silta.cases import enums
from silta.cases.models import PlanVersion

Words = str | Promise

_PARTS: dict[str, Words] = {"goals": _("Goal"), "steps": _("Step"), "services": _("Service")}
_FIELDS: dict[str, dict[str, Words]] = {
    "goals": {"own_words": _("in the client's own words"), "wording": _("as agreed"), "state": _("state")},
    "steps": {"text": _("what"), "owner": _("who"), "due_on": _("by")},
    "services": {"name": _("service"), "provider": _("who provides it"), "state": _("state"),
                 "expected_on": _("should have started by")},
}  # fmt: skip
_STATES: dict[str, Mapping[str, Words]] = {
    "goals": dict(enums.GoalState.choices),
    "services": dict(enums.ServiceState.choices),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one part, before and after."""

    label: Words
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One part of the plan: what it is, its own words, and what changed in it."""

    part: Words
    text: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanDifference:
    """What one version of the plan has that another has not."""

    older: PlanVersion
    newer: PlanVersion
    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    changed: tuple[Entry, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the two say the same."""
        return not (self.added or self.removed or self.changed)


def plan_difference(older: PlanVersion, newer: PlanVersion) -> PlanDifference:
    """Compares two versions of one plan part by part: goals, steps, services, and how it is followed."""
    added: list[Entry] = []
    removed: list[Entry] = []
    changed: list[Entry] = []
    for part, label in _PARTS.items():
        before = {row["id"]: _readable(part, row) for row in older.content.get(part, [])}
        after = {row["id"]: _readable(part, row) for row in newer.content.get(part, [])}
        added += [Entry(label, _title(part, row)) for key, row in after.items() if key not in before]
        removed += [Entry(label, _title(part, row)) for key, row in before.items() if key not in after]
        changed += [
            Entry(label, _title(part, row), changes)
            for key, row in after.items()
            if key in before and (changes := _changes(part, before[key], row))
        ]
    if older.how_followed != newer.how_followed:
        label = _("How the plan is followed")
        changed.append(Entry(label, "", (Change(label, older.how_followed, newer.how_followed),)))
    return PlanDifference(older, newer, tuple(added), tuple(removed), tuple(changed))


def _readable(part: str, row: Mapping[str, Any]) -> dict[str, str]:
    """The fields that a reader compares, in her words: names for codes, dates in her writing."""
    shown = {field: str(row.get(field, "")) for field in _FIELDS[part]}
    if "state" in shown:
        shown["state"] = str(_STATES[part].get(shown["state"], shown["state"]))
    for field in ("due_on", "expected_on"):
        if shown.get(field):
            shown[field] = date_format(dt.date.fromisoformat(shown[field]), "j.n.Y")
    if part == "steps":
        who = [str(row.get(field, "")) for field in ("owner", "owner_unit")]
        shown["owner"] = gettext("The client") if row.get("owner_is_client") else ", ".join(filter(None, who))
    return shown


def _title(part: str, row: Mapping[str, str]) -> str:
    return (
        row["wording"] or row["own_words"]
        if part == "goals"
        else row["name" if part == "services" else "text"]
    )


def _changes(part: str, before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    return tuple(
        Change(label, before[field], after[field])
        for field, label in _FIELDS[part].items()
        if before[field] != after[field]
    )
