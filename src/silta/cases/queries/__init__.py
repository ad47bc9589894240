"""Reading cases: every page, list and export goes through these doors."""

from silta.cases.queries.cycle import Cycle, cycle_of
from silta.cases.queries.plans import PlanDifference, plan_difference
from silta.cases.queries.reaching import get_for, ground_of, grounds_of, visible_to
from silta.cases.queries.services import agreed_not_delivered

__all__ = [
    "Cycle",
    "PlanDifference",
    "agreed_not_delivered",
    "cycle_of",
    "get_for",
    "ground_of",
    "grounds_of",
    "plan_difference",
    "visible_to",
]
