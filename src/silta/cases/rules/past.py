"""What another system tells of a case from before it came here, and where on its path that brings the case."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from silta.cases.enums import State
from silta.cases.rules.schema import Definition, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Days without their contents, as another system tells them."""

    assessment_started_on: dt.date | None = None
    plan_made_on: dt.date | None = None
    last_review_on: dt.date | None = None
    last_contact_on: dt.date | None = None
    ended_on: dt.date | None = None

    @property
    def facts(self) -> list[str]:
        """The names of what is told, for the journal."""
        told = (
            ("assessment", self.assessment_started_on), ("plan", self.plan_made_on), ("review", self.last_review_on),
            ("contact", self.last_contact_on), ("end", self.ended_on),
        )  # fmt: skip
        return [name for name, day in told if day is not None]

    @property
    def in_order(self) -> tuple[dt.date | None, ...]:
        """The days in the order in which they must have come (381/2023 4, 6 and 8 §)."""
        return (self.assessment_started_on, self.plan_made_on, self.last_review_on, self.ended_on)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the path: of the state of the case or of its phase, and by which fact where one moved it."""

    subject: str
    before: str
    after: str
    on: dt.date
    fact: str = ""


@dataclass(slots=True)
class Course:
    """Where a case stands once its past is told, the steps that led there, and how often that changes the case."""

    phase: str
    phase_since: dt.date
    state: str = State.OPEN
    changes: int = 0
    steps: list[Step] = field(default_factory=list)

    @property
    def moved(self) -> Iterator[Step]:
        """The steps that a fact made by itself."""
        return (step for step in self.steps if step.fact)

    def move(self, phase: str, on: dt.date, fact: str = "") -> None:
        """Takes the step to another phase."""
        self.steps.append(Step("phase", self.phase, phase, on, fact))
        self.phase, self.phase_since = phase, on


def course(definition: Definition, opened_on: dt.date, past: Past) -> Course:
    """The path of a case that is opened on a day and whose past is told at once, by its definition."""
    found = Course(definition.first_phase, opened_on)
    found.steps = [
        Step("state", "", State.OPEN, opened_on),
        Step("phase", "", found.phase, opened_on),
    ]
    for fact, day in (
        (Fact.ASSESSMENT_STARTED, past.assessment_started_on),
        (Fact.PLAN_MADE, past.plan_made_on),
    ):
        if day is None:
            continue
        found.changes += fact is Fact.ASSESSMENT_STARTED  # The day is a column of the case itself.
        if (phase := definition.phase_entered_by(fact, found.phase)) is not None:
            found.changes += 1
            found.move(phase, max(day, found.phase_since), fact.value)
    if past.ended_on is not None:
        found.changes += 1
        found.state = State.ENDED
        found.steps.append(Step("state", State.OPEN, State.ENDED, past.ended_on))
        found.move(definition.last_phase, past.ended_on)
    return found
