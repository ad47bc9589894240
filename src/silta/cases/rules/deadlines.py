"""The deadline engine: rules of the definition and facts of the case give due dates that explain themselves."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from silta.cases.enums import Need
from silta.cases.rules import calendar
from silta.cases.rules.schema import Applies, Definition, Fact, Rule, Subject


@dataclass(frozen=True, slots=True)
class Promise:
    """An open action or an awaited service, and the day it was promised for."""

    subject_id: UUID
    promised_on: dt.date


@dataclass(frozen=True, slots=True)
class Facts:
    """What the engine knows of one case. ``dates`` holds the newest date of each fact and mark that has happened."""

    state: str
    phase: str
    need: str
    dates: Mapping[str, dt.date]
    actions: Sequence[Promise] = ()
    services: Sequence[Promise] = ()
    assessed_domains: frozenset[str] = field(default_factory=frozenset)
    triggers: frozenset[str] = field(default_factory=frozenset)
    agreed_services: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """One due date: by which rule of which version, from which facts, for what.

    ``inputs`` holds everything the date was computed from, ready for JSON: each date used by the name of its fact, the
    amount by the name of its unit, and the version. ``Definition.fact_name`` says each name in the reader's words.
    """

    rule: str
    due_on: dt.date
    warn_on: dt.date
    source: str
    inputs: dict[str, str | int]
    subject_id: UUID | None = None
    informational: bool = False
    quiet: bool = False


def due(definition: Definition, facts: Facts) -> list[Due]:
    """Every due date that stands now, the earliest first. A rule whose facts have not happened gives none."""
    found = [one for rule in definition.rules for one in _asked(definition, rule, facts)]
    return sorted(found, key=lambda one: (one.due_on, one.rule, str(one.subject_id)))


def _asked(definition: Definition, rule: Rule, facts: Facts) -> Iterator[Due]:
    if (rule.applies is Applies.ENDED) != (facts.state == "ended"):
        return
    if rule.phases and facts.phase not in rule.phases:
        return
    if rule.subject is Subject.CASE:
        if (one := _for_case(definition, rule, facts)) is not None:
            yield one
        return
    fact = Fact.ACTION_DUE if rule.subject is Subject.ACTION else Fact.SERVICE_EXPECTED
    for promise in facts.actions if rule.subject is Subject.ACTION else facts.services:
        yield _counted(definition, rule, facts, {fact: promise.promised_on}, promise.subject_id)


def _for_case(definition: Definition, rule: Rule, facts: Facts) -> Due | None:
    counted_from = (*rule.from_facts, *rule.satisfied_by) if rule.repeats else rule.from_facts
    used = {name: facts.dates[name] for name in counted_from if name in facts.dates}
    if not used:
        return None
    one = _counted(definition, rule, facts, used, None)
    if rule.repeats:
        return one  # Each time it is done, the next round begins; it is never done for good.
    since = max(used.values())
    if rule.satisfied_within is not None:
        since = calendar.add(one.due_on, -rule.satisfied_within.amount, rule.satisfied_within.unit)
    happened = (facts.dates[name] for name in rule.satisfied_by if name in facts.dates)
    return None if any(day >= since for day in happened) else one


def _counted(
    definition: Definition, rule: Rule, facts: Facts, used: Mapping[str, dt.date], subject_id: UUID | None
) -> Due:
    amount = rule.amount_by_need.get(Need(facts.need), rule.amount)
    due_on = calendar.add(max(used.values()), amount, rule.unit)
    if rule.moves_to_working_day:
        due_on = calendar.moved_to_working_day(due_on)
    return Due(
        rule=rule.code,
        due_on=due_on,
        warn_on=calendar.add(due_on, -rule.warn_before.amount, rule.warn_before.unit),
        source=rule.source,
        inputs={
            **{name: day.isoformat() for name, day in sorted(used.items())},
            rule.unit.value: amount,
            "version": definition.version,
        },
        subject_id=subject_id,
        informational=rule.informational,
        quiet=rule.quiet,
    )
