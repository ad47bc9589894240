"""The demonstration brings the standing of a case up to date once; the outcome is what every verb would have left."""

from typing import Any

from silta.cases.models import Case, Deadline
from silta.cases.operations import standing
from silta.kernel.acting import acting
from silta.workbench.demonstration import standing_at_the_end
from tests.cases import situations
from tests.cast import Cast

STANDING = (
    "responsible_id", "last_contact_on", "next_step_on", "open_steps", "open_goals", "waiting_services",
    "next_deadline_on",
)  # fmt: skip


def stands(case: Case) -> dict[str, Any]:
    columns = {name: getattr(case, name) for name in STANDING}
    rows = Deadline.objects.filter(case=case).order_by("rule", "due_on")
    return columns | {"deadlines": list(rows.values_list("rule", "due_on", "warn_on", "subject_id"))}


def test_a_story_told_in_a_hurry_leaves_the_case_as_it_would_stand_anyway(cast: Cast) -> None:
    with standing_at_the_end():
        plan = situations.with_plan(cast)
    with acting(cast.eero):
        case = Case.objects.get(pk=plan.case_id)
        left = stands(case)
        standing.refresh(case)
        anyway = stands(Case.objects.get(pk=plan.case_id))
    assert left == anyway
    assert left["open_goals"] == 1
    assert left["deadlines"]
