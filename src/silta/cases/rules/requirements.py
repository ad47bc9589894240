"""What a case of its kind still lacks before its plan, its services or its end."""

from collections.abc import Callable

from silta.cases.rules.deadlines import Facts
from silta.cases.rules.schema import Check, Definition, Fact, Moment, RequiredPart


def missing(
    definition: Definition, facts: Facts, before: Moment, *, how_followed: bool = True
) -> list[RequiredPart]:
    """The required parts that are not there yet, in the definition's order; those that only warn are among them.

    ``how_followed`` says whether the plan that is being made tells how it is followed (381/2023 5 §).
    """
    return [
        part
        for part in definition.required_parts
        if part.before is before and not _is_there(part, facts, how_followed=how_followed)
    ]


def _is_there(part: RequiredPart, facts: Facts, *, how_followed: bool) -> bool:
    return how_followed if part.check is Check.HOW_FOLLOWED else _CHECKS[part.check](part, facts)


_CHECKS: dict[Check, Callable[[RequiredPart, Facts], bool]] = {
    Check.DOMAINS_ASSESSED: lambda part, facts: set(part.domains) <= facts.assessed_domains,
    Check.GOAL_CONFIRMED: lambda _, facts: Fact.GOAL_CONFIRMED in facts.dates,
    Check.SERVICE_AGREED: lambda _, facts: facts.agreed_services > 0,
    Check.PLAN_MADE: lambda _, facts: Fact.PLAN_MADE in facts.dates,
    Check.PLAN_ACCEPTED: lambda _, facts: Fact.PLAN_ACCEPTED in facts.dates,
    Check.DUTIES_EXPLAINED: lambda _, facts: Fact.DUTIES_EXPLAINED in facts.dates,
    Check.TRIGGER_NAMED: lambda _, facts: bool(facts.triggers),
    Check.MARKED: lambda part, facts: part.mark in facts.dates,
}
