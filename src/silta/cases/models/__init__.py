"""The tables of a case. Every row names its person, and who recorded it for which unit.

Where an index begins with a foreign key, the key has no index of its own (``db_index=False``): a test finds what is twice.
"""

from silta.cases.models.assessment import CATEGORY_OF_DOMAIN, AssessmentEntry
from silta.cases.models.base import WITH_CASE
from silta.cases.models.case import Case, CaseNumber, CaseScope, Deadline, StatusChange
from silta.cases.models.network import HandOver, JoiningReason, LeavingReason, Participation, Transfer
from silta.cases.models.notes import Draft, Flag, Note
from silta.cases.models.plan import Action, AgreedService, Goal, PlanVersion, Review

__all__ = [
    "CATEGORY_OF_DOMAIN",
    "WITH_CASE",
    "Action",
    "AgreedService",
    "AssessmentEntry",
    "Case",
    "CaseNumber",
    "CaseScope",
    "Deadline",
    "Draft",
    "Flag",
    "Goal",
    "HandOver",
    "JoiningReason",
    "LeavingReason",
    "Note",
    "Participation",
    "PlanVersion",
    "Review",
    "StatusChange",
    "Transfer",
]
