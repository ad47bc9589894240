"""Reading cases: every page, list and export goes through these doors."""

from silta.cases.queries.cycle import Cycle, cycle_of
from silta.cases.queries.reaching import get_for, ground_of, visible_to

__all__ = ["Cycle", "cycle_of", "get_for", "ground_of", "visible_to"]
