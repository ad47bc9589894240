"""Goals: in the client's words, confirmed by the client; to say no costs nothing (REQ-002-20, REQ-002-28)."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.cases.enums import GOAL_STEPS, GoalState, ProposedBy
from silta.cases.models import Case, Goal
from silta.cases.operations import path, recording
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken


@transaction.atomic
def propose_goal(
    actor: Actor, *, case: Case, own_words: str, wording: str = "", proposed_by: str, key: UUID | None = None
) -> Goal:
    """Records what the client wants, in her own words, and who proposed it; a client proposes for herself.

    Raises ``RuleBroken`` at ``own_words`` where they are missing, and where the case has ended.
    """
    recording.require_say(actor, case)
    recording.require_open(case)
    words = recording.require_text(
        own_words, field="own_words", message=_("Write the goal in the client's own words.")
    )
    goal, is_new = recording.new_row(
        actor, case, Goal, key=key, own_words=words, wording=wording.strip(),
        proposed_by=ProposedBy.CLIENT if actor.is_client else ProposedBy(proposed_by), state_on=clock.today(),
    )  # fmt: skip
    if is_new:
        recording.note_status(
            actor, case, "goal", "", GoalState.PROPOSED, on=goal.state_on, subject_id=goal.pk
        )
        recording.finish(actor, case, "propose_goal", subject=goal)
    return goal


@transaction.atomic
def confirm_goal(actor: Actor, *, goal: Goal, version: int, reason: str = "") -> Goal:
    """The client takes the goal as hers: she says so herself, or a worker records what she said (``reason``: how).

    Raises ``RuleBroken`` where a worker does not tell how the client confirmed it.
    """
    if not actor.is_client:
        recording.require_text(reason, field="reason", message=_("Tell how the client confirmed the goal."))
    return _step(actor, goal, version, GoalState.CONFIRMED, reason)


@transaction.atomic
def decline_goal(actor: Actor, *, goal: Goal, version: int, reason: str = "") -> Goal:
    """The client says no. It is kept as it was said and has no consequence of its own (REQ-002-28)."""
    return _step(actor, goal, version, GoalState.DECLINED, reason)


@transaction.atomic
def achieve_goal(actor: Actor, *, goal: Goal, version: int, reason: str = "") -> Goal:
    """The goal was reached."""
    return _step(actor, goal, version, GoalState.ACHIEVED, reason)


@transaction.atomic
def drop_goal(actor: Actor, *, goal: Goal, version: int, reason: str = "") -> Goal:
    """The goal is given up; the reason stays. Raises ``RuleBroken`` at ``reason`` where there is none."""
    recording.require_text(reason, field="reason", message=_("Tell why the goal is given up."))
    return _step(actor, goal, version, GoalState.DROPPED, reason)


@transaction.atomic
def take_up_goal(actor: Actor, *, goal: Goal, version: int, reason: str = "") -> Goal:
    """A goal that was declined, reached or given up is talked about again."""
    return _step(actor, goal, version, GoalState.PROPOSED, reason)


@transaction.atomic
def reword_goal(actor: Actor, *, goal: Goal, version: int, own_words: str, wording: str = "") -> Goal:
    """Changes the words of a goal. What a worker rewords, the client confirms anew.

    Raises ``Conflict`` where somebody changed it meanwhile.
    """
    case = recording.case_of(goal)
    recording.require_say(actor, case)
    recording.require_open(case)
    words = recording.require_text(
        own_words, field="own_words", message=_("Write the goal in the client's own words.")
    )
    goal = recording.change(goal, version, own_words=words, wording=wording.strip())
    recording.finish(actor, case, "reword_goal", subject=goal)
    if goal.state == GoalState.CONFIRMED and not actor.is_client:
        return _step(actor, goal, goal.version, GoalState.PROPOSED, "")
    return goal


def _step(actor: Actor, goal: Goal, version: int, after: str, reason: str) -> Goal:
    case = recording.case_of(goal)
    recording.require_say(actor, case)
    recording.require_open(case)
    before = goal.state
    if goal.version == version and after not in GOAL_STEPS[before]:
        raise RuleBroken(_("The goal is not in a state where this can be done."), code="cases.goal_step")
    today = clock.today()
    confirmed_on = today if after == GoalState.CONFIRMED else goal.confirmed_on
    goal = recording.change(
        goal, version, state=after, state_on=today, state_reason=reason.strip(), confirmed_on=confirmed_on
    )
    recording.note_status(actor, case, "goal", before, after, on=today, subject_id=goal.pk)
    if after == GoalState.CONFIRMED:
        path.follow(actor, case, "goal_confirmed", on=today)
    recording.finish(actor, case, f"goal_{after}", subject=goal)
    return goal
