"""The verbs of the register. It does not authorise: the rooms above do, and row-level security stands behind them."""

from silta.people.operations.contacts import end_contact, set_contact, set_residence
from silta.people.operations.identity import correct, register, set_non_disclosure
from silta.people.operations.merging import merge, undo_merge
from silta.people.operations.municipalities import add_municipality, end_municipality
from silta.people.operations.registering import Newcomer, reach_many, register_many

__all__ = [
    "Newcomer", "add_municipality", "correct", "end_contact", "end_municipality", "merge", "reach_many", "register",
    "register_many", "set_contact", "set_non_disclosure", "set_residence", "undo_merge",
]  # fmt: skip
