"""The verbs of the register. It does not authorise: the rooms above do, and row-level security stands behind them."""

from silta.people.operations.contacts import end_contact, set_contact, set_residence
from silta.people.operations.identity import (
    Correction,
    Newcomer,
    correct,
    correct_many,
    register,
    set_non_disclosure,
)
from silta.people.operations.merging import merge, undo_merge
from silta.people.operations.municipalities import add_municipality, end_municipality
from silta.people.operations.reaching import Reach, municipalities_now, reach_many
from silta.people.operations.registering import register_many

__all__ = [
    "Correction", "Newcomer", "Reach", "add_municipality", "correct", "correct_many", "end_contact", "end_municipality",
    "merge", "municipalities_now", "reach_many", "register", "register_many", "set_contact", "set_non_disclosure", "set_residence", "undo_merge",
]  # fmt: skip
