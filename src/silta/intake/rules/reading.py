"""What a row is read against, and what was read."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from silta.intake.enums import Field
from silta.intake.rules.problems import Problem


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker whom a file may name: in which unit she works, and whether it is the importing unit."""

    user_id: str
    name: str
    email: str
    unit: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality of the register, and what it became where it has ended."""

    code: str
    name: str
    ended_on: dt.date | None = None
    successor_code: str = ""
    successor: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What a row is checked against, gathered once for a file."""

    today: dt.date
    columns: Mapping[int, Field]
    services: Mapping[str, str]
    own_kinds: frozenset[str]
    workers: Mapping[str, tuple[Worker, ...]]
    chosen_workers: Mapping[str, str]
    places: Mapping[str, Place]
    keep_years: int = 4


@dataclass(slots=True)
class Checked:
    """What a row says, field by field, and what is wrong with it. A field without a usable value is absent."""

    texts: dict[Field, str] = field(default_factory=dict)
    values: dict[Field, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(
        self, code: str, named: Field | None = None, value: str = "", suggestion: str = "", **says: Any
    ) -> None:
        """Adds one problem."""
        self.problems.append(Problem(code, named, value[:200], suggestion, dict(says)))

    def problems_of(self, named: Field) -> list[Problem]:
        """The problems reported for one field so far."""
        return [problem for problem in self.problems if problem.field is named]
