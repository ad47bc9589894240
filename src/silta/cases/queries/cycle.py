"""Returns: earlier cases of the same kind, and how many there are (REQ-002-61)."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from silta.access import rules as access_rules
from silta.cases.enums import State
from silta.cases.models import Case
from silta.cases.rules import definitions


@dataclass(frozen=True, slots=True)
class Cycle:
    """How many times the person came back to the same kind of support within the definition's window."""

    earlier: tuple[Case, ...]
    window_days: int

    @property
    def times(self) -> int:
        """Which time this is, the first being one."""
        return len(self.earlier) + 1


def earlier_cases(case: Case, *, since: dt.date) -> "QuerySet[Case]":
    """Cases of the same kind and person that ended on the day or after, before this one opened; newest first.

    Only of the same controller, or of the controllers the law joins (381/2023 13 §): another employer's or
    provider's case is never linked.
    """
    earlier = Case.objects.filter(
        person_id=case.person_id,
        kind=case.kind,
        state=State.ENDED,
        ended_on__gte=since,
        ended_on__lte=case.opened_on,
    ).exclude(pk=case.pk)
    if access_rules.grounds()[case.legal_basis].within_organisation:
        earlier = earlier.filter(controller_id=case.controller_id)
    return earlier.order_by("-ended_on", "-id")


def cycle_of(case: Case) -> Cycle:
    """The returns that led to this case, within the window of its definition, counted back from each opening."""
    window = definitions.definition(case.kind, case.definition_version).cycle_days
    chain: list[Case] = []
    opened_on = case.opened_on
    for earlier in earlier_cases(case, since=dt.date.min):
        if earlier.ended_on is None or (opened_on - earlier.ended_on).days > window:
            break
        chain.append(earlier)
        opened_on = earlier.opened_on
    return Cycle(tuple(chain), window)
