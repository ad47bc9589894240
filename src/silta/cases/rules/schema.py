"""The words in which a kind of case is defined: what a definition file may say, checked to the last key."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from silta.access.enums import Purpose
from silta.access.rules import grounds
from silta.cases.enums import Domain, Need, Outcome
from silta.cases.rules.calendar import Unit
from silta.kernel.language import Text
from silta.organisations.enums import Kind

_LANGUAGES = {"fi", "sv", "en"}


def _text(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if not isinstance(value, dict) or set(value) != _LANGUAGES or not all(value.values()):
        raise ValueError("must be a text in fi, sv and en, and in nothing else")
    return Text(**{language: str(words) for language, words in value.items()})


def _is_ground(value: str) -> str:
    if value not in grounds():
        raise ValueError(f"there is no legal ground {value!r}")
    return value


Words = Annotated[Text, BeforeValidator(_text)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Fact(StrEnum):
    """The dates of a case that a rule may count from, or be satisfied by; marks of the kind itself come besides."""

    OPENED = "opened"
    ASSESSMENT_STARTED = "assessment_started"
    PHASE_SINCE = "phase_since"
    PLAN_MADE = "plan_made"
    PLAN_ACCEPTED = "plan_accepted"
    REVIEWED = "reviewed"
    CONTACTED = "contacted"
    GOAL_CONFIRMED = "goal_confirmed"
    SERVICE_STARTED = "service_started"
    DUTIES_EXPLAINED = "duties_explained"
    PLANNED_END = "planned_end"
    ENDED = "ended"
    AFTERCARE_UNTIL = "aftercare_until"
    ACTION_DUE = "action_due"
    SERVICE_EXPECTED = "service_expected"


FACT_NAMES: dict[str, Text] = {
    Fact.OPENED: Text("tuen avaus", "öppnandet av stödet", "opening of the case"),
    Fact.ASSESSMENT_STARTED: Text("arvioinnin alku", "början av bedömningen", "start of the assessment"),
    Fact.PHASE_SINCE: Text("vaiheen alku", "början av skedet", "start of the phase"),
    Fact.PLAN_MADE: Text("suunnitelma", "planen", "the plan"),
    Fact.PLAN_ACCEPTED: Text("suunnitelman hyväksyminen", "godkännandet av planen", "acceptance of the plan"),
    Fact.REVIEWED: Text("edellinen tarkistus", "den senaste översynen", "the last review"),
    Fact.CONTACTED: Text("edellinen yhteys tuettavaan", "den senaste kontakten med personen",
                         "the last contact with the person"),
    Fact.GOAL_CONFIRMED: Text("tavoitteen vahvistus", "bekräftandet av målet", "confirmation of a goal"),
    Fact.SERVICE_STARTED: Text("palvelun alku", "början av tjänsten", "start of a service"),
    Fact.DUTIES_EXPLAINED: Text("velvollisuuksien kertominen", "redogörelsen för skyldigheterna",
                                "explanation of the duties"),
    Fact.PLANNED_END: Text("suunniteltu päättyminen", "det planerade slutet", "the planned end"),
    Fact.ENDED: Text("tuen päättyminen", "avslutandet av stödet", "end of the case"),
    Fact.AFTERCARE_UNTIL: Text("jälkiseurannan loppu", "slutet av uppföljningen", "end of the aftercare"),
    Fact.ACTION_DUE: Text("tehtävän määräpäivä", "uppgiftens sista dag", "the day promised for the action"),
    Fact.SERVICE_EXPECTED: Text("palvelun odotettu alku", "tjänstens väntade början",
                                "the day the service should start"),
}  # fmt: skip


INPUT_NAMES: dict[str, Text] = {
    Unit.DAYS: Text("päiviä", "dagar", "days"),
    Unit.WORKING_DAYS: Text("työpäiviä", "arbetsdagar", "working days"),
    Unit.SICKPAY_DAYS: Text(
        "päivärahapäiviä (ma–la)", "dagpenningsdagar (mån–lör)", "days of allowance (Mon–Sat)"
    ),
    Unit.MONTHS: Text("kalenterikuukausia", "kalendermånader", "calendar months"),
    "version": Text("määritelmän versio", "definitionens version", "version of the definition"),
}


class Subject(StrEnum):
    """What a rule is asked for: once for the case, or for each open action or awaited service."""

    CASE = "case"
    ACTION = "action"
    SERVICE = "service"


class Applies(StrEnum):
    """In which state of the case a rule is asked."""

    OPEN = "open"
    ENDED = "ended"


class Span(_Strict):
    """An amount of time in a stated unit."""

    amount: int
    unit: Unit = Unit.DAYS


class Phase(_Strict):
    """One step of the path; a case moves to it by itself when one of ``entered_by`` happens and the moves allow."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Words
    entered_by: tuple[Fact, ...] = ()


class Mark(_Strict):
    """A dated fact that only this kind of case has (a decision, the first employer contact, the start of an absence)."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Words
    source: str


class Trigger(_Strict):
    """A reason for which a case of this kind is begun; several may hold (REQ-003-13)."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Words
    source: str


class Rule(_Strict):
    """One timer: counted from the latest of ``from_facts``, due after ``amount``, until ``satisfied_by`` happens.

    ``amount_by_need`` replaces ``amount`` for cases of that need. A rule that ``repeats`` starts its next round each
    time it is satisfied. An ``informational`` rule is shown with the case but asks nobody to act; ``quiet`` marks the
    rule of silence. ``satisfied_within`` lets a fact count only so long before the due day.
    """

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Words
    from_facts: tuple[str, ...] = Field(min_length=1)
    amount: int = 0
    unit: Unit = Unit.DAYS
    amount_by_need: dict[Need, int] = Field(default_factory=dict)
    warn_before: Span = Span(amount=14)
    satisfied_by: tuple[str, ...] = ()
    satisfied_within: Span | None = None
    repeats: bool = False
    subject: Subject = Subject.CASE
    applies: Applies = Applies.OPEN
    phases: tuple[str, ...] = ()
    moves_to_working_day: bool = False
    informational: bool = False
    quiet: bool = False
    source: str = Field(min_length=3, max_length=200)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        own = {Subject.ACTION: Fact.ACTION_DUE, Subject.SERVICE: Fact.SERVICE_EXPECTED}
        for subject, fact in own.items():
            if (fact in self.from_facts) != (self.subject is subject):
                raise ValueError(f"only a rule about each {subject} counts from {fact}")
        if self.warn_before.amount < 0:
            raise ValueError("warn_before cannot be negative")
        if self.repeats and not self.satisfied_by:
            raise ValueError("a rule that repeats says by what it is satisfied")
        return self


class Check(StrEnum):
    """The parts of a case that a definition may require; ``rules.requirements`` looks for each."""

    DOMAINS_ASSESSED = "domains_assessed"
    GOAL_CONFIRMED = "goal_confirmed"
    HOW_FOLLOWED = "how_followed"
    SERVICE_AGREED = "service_agreed"
    PLAN_MADE = "plan_made"
    PLAN_ACCEPTED = "plan_accepted"
    DUTIES_EXPLAINED = "duties_explained"
    TRIGGER_NAMED = "trigger_named"
    MARKED = "marked"


class Moment(StrEnum):
    """Before what a part is required."""

    PLAN = "plan"
    SERVICES = "services"
    END = "end"


class RequiredPart(_Strict):
    """Something a case of this kind must have; ``domains`` and ``mark`` say which, ``warns_only`` never blocks."""

    check: Check
    before: Moment
    name: Words
    domains: tuple[Domain, ...] = ()
    mark: str = ""
    warns_only: bool = False
    source: str

    @model_validator(mode="after")
    def _names_its_object(self) -> Self:
        if (self.check is Check.DOMAINS_ASSESSED) != bool(self.domains):
            raise ValueError("domains belong to the check domains_assessed, and it needs them")
        if (self.check is Check.MARKED) != bool(self.mark):
            raise ValueError("mark belongs to the check marked, and it needs one")
        return self


CLIENT, CONTROLLER = "client", "controller"


class Decider(_Strict):
    """Whose part the decision to end needs: the client, the controller, or an organisation of a kind.

    Where ``may_be_missing``, the source allows an exception, and the case ends without that part for a stated reason.
    """

    who: Kind | Literal["client", "controller"]
    may_be_missing: bool = False
    source: str


class Closing(_Strict):
    """How a case of this kind ends: who decides together, since when, and when nobody can.

    Before ``decided_since`` has happened there is no clienthood to end together, and with the outcomes of
    ``undecided`` no decision is asked of anybody.
    """

    decided_by: tuple[Decider, ...] = Field(min_length=1)
    decided_since: Fact | None = None
    undecided: tuple[Outcome, ...] = ()
    text: Words
    source: str


class Beginning(_Strict):
    """What is known of the client is written down only after this has happened: with it her clienthood begins."""

    fact: Fact
    text: Words
    source: str


class PlannedLength(_Strict):
    """A usual length of the case; a planned end outside it warns and never blocks (REQ-004-02)."""

    minimum_months: int = Field(ge=0)
    maximum_months: int = Field(ge=0)
    text: Words
    source: str

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.maximum_months < self.minimum_months:
            raise ValueError("the longest length is shorter than the shortest")
        return self


class Definition(_Strict):
    """One version of one kind of case."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str = Field(min_length=1, max_length=20)
    valid_from: dt.date
    valid_until: dt.date | None = None
    for_business_ids: tuple[str, ...] = ()
    name: Words
    description: Words
    controller_kinds: tuple[Kind, ...] = Field(min_length=1)
    participant_kinds: tuple[Kind, ...] = Field(min_length=1)
    purpose: Purpose
    ground: Annotated[str, BeforeValidator(_is_ground)]
    source: str
    phases: tuple[Phase, ...] = Field(min_length=2)
    moves: dict[str, tuple[str, ...]]
    marks: tuple[Mark, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    required_parts: tuple[RequiredPart, ...] = ()
    rules: tuple[Rule, ...] = Field(min_length=1)
    assessed_since: Beginning | None = None
    closing: Closing
    planned_length: PlannedLength | None = None
    need_weights: dict[Need, int]
    no_contact_days: int = Field(gt=0)
    transition_days: int = Field(ge=0)
    aftercare_days: int = Field(ge=0)
    cycle_days: int = Field(gt=0)

    @model_validator(mode="after")
    def _refers_to_what_exists(self) -> Self:
        phases = [phase.code for phase in self.phases]
        codes = [rule.code for rule in self.rules]
        for named, what in ((phases, "phase"), (codes, "rule"), ([mark.code for mark in self.marks], "mark")):
            if twice := {code for code in named if named.count(code) > 1}:
                raise ValueError(f"the {what} {', '.join(sorted(twice))} is there twice")
        reserved = {fact.value for fact in Fact} | {*INPUT_NAMES}
        if taken := {mark.code for mark in self.marks} & reserved:
            raise ValueError(f"marks: {', '.join(sorted(taken))} means something else already")
        known = {fact.value for fact in Fact} | {mark.code for mark in self.marks}
        _must_know("moves", {*self.moves, *(end for ends in self.moves.values() for end in ends)}, phases)
        for rule in self.rules:
            _must_know(f"rule {rule.code}, phases", rule.phases, phases)
            _must_know(f"rule {rule.code}, facts", (*rule.from_facts, *rule.satisfied_by), known)
        marks = [mark.code for mark in self.marks]
        _must_know("required_parts", [part.mark for part in self.required_parts if part.mark], marks)
        if set(self.need_weights) != set(Need):
            raise ValueError("need_weights must weigh each need of support")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        return self

    @property
    def first_phase(self) -> str:
        """Where a case of this kind begins."""
        return self.phases[0].code

    @property
    def last_phase(self) -> str:
        """Where it is when it has ended."""
        return self.phases[-1].code

    def phase_name(self, code: str) -> str:
        """The phase in the reader's language; the code itself where an older version called it otherwise."""
        return next((str(phase.name) for phase in self.phases if phase.code == code), code)

    def phase_entered_by(self, fact: str, before: str) -> str | None:
        """The phase to which a fact moves the case by itself from the phase it is in; none, where it moves nothing."""
        return next(
            (one.code for one in self.phases if fact in one.entered_by and self.may_move(before, one.code)),
            None,
        )

    def rule(self, code: str) -> Rule | None:
        """The rule of that code, if this version has it."""
        return next((rule for rule in self.rules if rule.code == code), None)

    def fact_name(self, fact: str) -> str:
        """A fact, a mark of the kind, or another input of a due date, in the reader's words."""
        if (named := FACT_NAMES.get(fact) or INPUT_NAMES.get(fact)) is not None:
            return str(named)
        return next((str(mark.name) for mark in self.marks if mark.code == fact), fact)

    def may_move(self, before: str, after: str) -> bool:
        """Whether the path allows going from one phase to the other."""
        return after in self.moves.get(before, ())

    def holds_on(self, day: dt.date) -> bool:
        """Whether this version is in force on the day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


def _must_know(place: str, named: Iterable[str], known: Iterable[str]) -> None:
    if unknown := set(named) - set(known):
        raise ValueError(f"{place}: there is no {', '.join(sorted(unknown))}")
