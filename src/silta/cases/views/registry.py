"""Every deed that can be done on a case."""

from silta.cases.views.deeds import Deed
from silta.cases.views.deeds_of_path import DEEDS as OF_PATH
from silta.cases.views.deeds_of_person import DEEDS as OF_PERSON
from silta.cases.views.deeds_of_plan import DEEDS as OF_PLAN
from silta.cases.views.deeds_of_work import DEEDS as OF_WORK

DEEDS: list[Deed] = [*OF_WORK, *OF_PLAN, *OF_PATH, *OF_PERSON]
