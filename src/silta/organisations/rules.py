"""Pure decisions about organisations: periods, parentage, and to whom work has gone over."""

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple, TypeVar
from uuid import UUID

Key = TypeVar("Key", bound=Hashable)


def in_language(language: str, finnish: str, swedish: str, english: str) -> str:
    """The name in the language ("sv-FI" is Swedish), in Finnish where it has no name of its own."""
    return {"sv": swedish, "en": english}.get(language[:2], "") or finnish


def is_within(first: dt.date, last: dt.date | None, outer_first: dt.date, outer_last: dt.date | None) -> bool:
    """Whether a period lies inside another, both last days included; no last day means it goes on."""
    return outer_first <= first and (outer_last is None or (last is not None and last <= outer_last))


def is_cycle(parents: Mapping[Key, Key | None], child: Key, parent: Key | None) -> bool:
    """Whether ``child`` would come under itself if ``parent`` became its parent; ``parents`` are the present ones."""
    seen: set[Key] = set()
    while parent is not None and parent not in seen:
        if parent == child:
            return True
        seen.add(parent)
        parent = parents.get(parent)
    return False


class HandOver(NamedTuple):
    """From the day ``on``, the work of one unit is another's."""

    from_unit: UUID
    to_unit: UUID
    on: dt.date


def heirs(hand_overs: Iterable[HandOver], unit: UUID, day: dt.date) -> list[UUID]:
    """The units that answer on the day for what was once this unit's work: itself, where nothing has gone over yet.

    A chain of reforms is followed to its end as of the day; where work was split, every part is given, the earliest
    hand-over first.
    """
    onward: dict[UUID, list[UUID]] = {}
    for step in sorted(hand_overs, key=lambda step: step.on):
        if step.on <= day:
            onward.setdefault(step.from_unit, []).append(step.to_unit)
    found: list[UUID] = []
    seen: set[UUID] = set()
    ahead = [unit]
    while ahead:
        here = ahead.pop(0)
        if here in seen:
            continue
        seen.add(here)
        if here in onward:
            ahead = [*onward[here], *ahead]
        else:
            found.append(here)
    return found


def leads_to(hand_overs: Iterable[HandOver], unit: UUID, other: UUID) -> bool:
    """Whether this unit's work has gone, or will go, over to the other by any chain of hand-overs."""
    onward: dict[UUID, set[UUID]] = {}
    for step in hand_overs:
        onward.setdefault(step.from_unit, set()).add(step.to_unit)
    seen: set[UUID] = set()
    ahead = {unit}
    while ahead:
        here = ahead.pop()
        if here == other:
            return True
        seen.add(here)
        ahead |= onward.get(here, set()) - seen
    return False
