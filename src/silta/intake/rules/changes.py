"""What a file changes of what is known: only what changed in the file, and never over somebody's own work in Silta."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from silta.intake.enums import WHERE_TO_REACH, Field
from silta.intake.rules.problems import Problem
from silta.intake.rules.values import MASK

Digest = Callable[[Field, Any], str]
# Facts a file may add to, but not take away or move: they are statutory, or the protection of a person's safety.
_ONLY_FORWARD = (Field.PLAN_MADE_ON, Field.LAST_REVIEW_ON, Field.LAST_CONTACT_ON)
_NEVER = (Field.SERVICE, Field.OPENED_ON)
_ONCE = (Field.ASSESSMENT_STARTED_ON, Field.ENDED_ON)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that importing the row changes."""

    field: Field
    old: Any
    new: Any

    def as_data(self, *, is_protected: bool) -> dict[str, str]:
        """The change as it is stored for the preview; of a protected person nothing that tells where to find her."""
        hidden = is_protected and self.field in WHERE_TO_REACH
        return {
            "field": self.field.value,
            "old": MASK if hidden and self.old else as_text(self.old),
            "new": MASK if hidden else as_text(self.new),
        }


@dataclass(slots=True)
class Difference:
    """What a row changes, and what it would change but must not."""

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def as_text(value: Any) -> str:
    """A value as plain text: days by ISO 8601, yes and no as words for machines."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def differ(
    values: Mapping[Field, Any], current: Mapping[Field, Any], told_before: Mapping[str, str], digest: Digest
) -> Difference:
    """Compares a row with what Silta holds.

    ``told_before`` are the digests of what the last file said of this client, by field (empty for a client met for the
    first time), and ``digest`` makes them; a field whose digest is the same is unchanged in the file, whatever Silta holds by now. A field that
    changed both in the file and in Silta since the last file keeps what Silta holds, and is reported.
    """
    found = Difference()
    for named, value in values.items():
        if named not in current or digest(named, value) == told_before.get(named.value):
            continue
        old = current[named]
        if old == value or (isinstance(old, list) and value in old):
            continue
        if code := _kept_by_silta(named, value, old, told_before, digest):
            found.problems.append(Problem(code, named, as_text(value)))
        elif not _is_behind(named, value, old):
            found.changes.append(
                Change(named, old[-1] if isinstance(old, list) and old else old or None, value)
            )
    return found


def _kept_by_silta(named: Field, value: Any, old: Any, told_before: Mapping[str, str], digest: Digest) -> str:
    """The code of the problem where the file must not change the field; nothing where it may."""
    lifts_protection = named is Field.NON_DISCLOSURE and old and not value
    if named in _NEVER or lifts_protection or (named in _ONCE and old):
        return "not_changed_by_file"
    before = told_before.get(named.value)
    changed_here = before is not None and old and not isinstance(old, list) and digest(named, old) != before
    if changed_here and named not in _ONLY_FORWARD:
        return "changed_in_silta"
    return ""


def _is_behind(named: Field, value: Any, old: Any) -> bool:
    """Whether the file tells of an earlier plan, review or contact than is known: then it has nothing new."""
    if named not in _ONLY_FORWARD or not old:
        return False
    latest = max(old) if isinstance(old, list) else old
    return bool(value < latest)
