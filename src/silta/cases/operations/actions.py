"""Actions: what somebody promised to do, and by when. Free words always; under a goal they are its near steps."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category, Permission
from silta.accounts.models import User
from silta.cases.enums import ACTION_STEPS, ActionState
from silta.cases.models import Action, Case, Goal
from silta.cases.operations import recording, sharing
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, RuleBroken
from silta.organisations.models import Unit


@transaction.atomic
def add_action(
    actor: Actor,
    *,
    case: Case,
    text: str,
    goal: Goal | None = None,
    owner_is_client: bool = False,
    owner_unit: Unit | None = None,
    owner: User | None = None,
    due_on: dt.date | None = None,
    key: UUID | None = None,
) -> Action:
    """Records a promise: what, whose, by when. Without an owner it is the acting worker's own.

    Raises ``RuleBroken`` where the owner's unit is not in the case, the worker is not of that unit, or the goal is of
    another case. A client promises only for herself.
    """
    recording.require_say(actor, case)
    recording.require_open(case)
    words = recording.require_text(text, field="text", message=_("Write what is to be done."))
    if goal is not None and goal.case_id != case.pk:
        raise RuleBroken(_("The goal is not of this case."), code="cases.goal_elsewhere", field="goal")
    if actor.is_client:
        owner_is_client, owner_unit, owner = True, None, None
    unit_id, owner_id = _owner(actor, case, owner_is_client=owner_is_client, unit=owner_unit, user=owner)
    action, is_new = recording.new_row(
        actor, case, Action, key=key, goal=goal, text=words, owner_is_client=owner_is_client, owner_unit_id=unit_id,
        owner_id=owner_id, due_on=due_on, state_on=clock.today(),
    )  # fmt: skip
    if is_new:
        recording.finish(actor, case, "add_action", subject=action)
    return action


def _owner(
    actor: Actor, case: Case, *, owner_is_client: bool, unit: Unit | None, user: User | None
) -> tuple[UUID | None, UUID | None]:
    if owner_is_client:
        return None, None
    if unit is None and user is None:
        return actor.unit_id, actor.user_id
    units = case.scope.unit_ids
    if unit is not None and unit.pk not in units:
        raise RuleBroken(_("The owner's unit does not take part in the case. Invite it first."),
                         code="cases.owner_elsewhere", field="owner_unit")  # fmt: skip
    if user is None:
        return unit.pk if unit else None, None
    found = sharing.works_in(user.pk, [unit.pk] if unit else units)
    if found is None:
        raise RuleBroken(_("The worker does not work in a unit of the case."), code="cases.owner_elsewhere",
                         field="owner")  # fmt: skip
    return found, user.pk


@transaction.atomic
def complete_action(actor: Actor, *, action: Action, version: int, reason: str = "") -> Action:
    """The promise is kept: said by its owner, by the client, or by the unit responsible for the case."""
    case = recording.case_of(action)
    _require_owner(actor, case, action)
    return _step(actor, case, action, version, after=ActionState.DONE, reason=reason)


@transaction.atomic
def reopen_action(actor: Actor, *, action: Action, version: int, reason: str = "") -> Action:
    """It was not done after all, or is needed again."""
    case = recording.case_of(action)
    recording.require_say(actor, case)
    return _step(actor, case, action, version, after=ActionState.OPEN, reason=reason)


@transaction.atomic
def drop_action(actor: Actor, *, action: Action, version: int, reason: str = "") -> Action:
    """The action is not needed any more; raises ``RuleBroken`` at ``reason`` where none is told."""
    case = recording.case_of(action)
    _require_owner(actor, case, action)
    recording.require_text(reason, field="reason", message=_("Tell why it is not needed."))
    return _step(actor, case, action, version, after=ActionState.DROPPED, reason=reason)


@transaction.atomic
def postpone_action(actor: Actor, *, action: Action, version: int, due_on: dt.date, reason: str) -> Action:
    """Gives a later day, with a reason. Raises ``RuleBroken`` where the day is not later, or the reason is missing."""
    case = recording.case_of(action)
    _require_owner(actor, case, action)
    recording.require_open(case)
    words = recording.require_text(reason, field="reason", message=_("Tell why it is postponed."))
    _require_open_action(action, version)
    if due_on < clock.today() or (action.due_on is not None and due_on <= action.due_on):
        raise RuleBroken(_("Give a day that is later than before."), code="cases.not_later", field="due_on")
    action = recording.change(action, version, due_on=due_on, state_reason=words)
    recording.finish(actor, case, "postpone_action", subject=action, due_on=due_on.isoformat())
    return action


@transaction.atomic
def hand_action(
    actor: Actor,
    *,
    action: Action,
    version: int,
    owner_is_client: bool = False,
    owner_unit: Unit | None = None,
    owner: User | None = None,
) -> Action:
    """Gives the promise to another owner in the case; see ``add_action`` for what it refuses."""
    case = recording.case_of(action)
    recording.require_work(actor, case, Category.PLAN)
    recording.require_open(case)
    _require_open_action(action, version)
    unit_id, owner_id = _owner(actor, case, owner_is_client=owner_is_client, unit=owner_unit, user=owner)
    action = recording.change(
        action,
        version,
        owner_is_client=owner_is_client,
        owner_unit_id=unit_id,
        owner_id=owner_id,
        nudged_on=None,
    )
    recording.finish(actor, case, "hand_action", subject=action)
    return action


@transaction.atomic
def nudge_action(actor: Actor, *, action: Action, version: int) -> Action:
    """Reminds the owner; her worklist shows it. Once a day is enough: raises ``RuleBroken`` for a second time."""
    case = recording.case_of(action)
    recording.require_say(actor, case)
    recording.require_open(case)
    _require_open_action(action, version)
    today = clock.today()
    if action.nudged_on == today:
        raise RuleBroken(_("The owner was reminded today already."), code="cases.nudged_today")
    action = recording.change(action, version, nudged_on=today)
    recording.finish(actor, case, "nudge_action", subject=action)
    return action


def _require_open_action(action: Action, version: int) -> None:
    if action.version == version and action.state != ActionState.OPEN:
        raise RuleBroken(_("This is done or not needed any more. Reopen it first."), code="cases.action_step")


def _require_owner(actor: Actor, case: Case, action: Action) -> None:
    """The owner's unit, the unit responsible for the case, or the client; what the client promised, any worker."""
    recording.require_say(actor, case)
    if actor.is_client or action.owner_is_client or actor.unit_id in {action.owner_unit_id, case.unit_id}:
        return
    raise NotAllowed(_("Only the owner says whether this is done."), code=f"access.{Permission.CASE_WORK}")


def _step(actor: Actor, case: Case, action: Action, version: int, *, after: str, reason: str) -> Action:
    recording.require_open(case)
    if action.version == version and after not in ACTION_STEPS[action.state]:
        raise RuleBroken(_("The action is not in a state where this can be done."), code="cases.action_step")
    action = recording.change(
        action, version, state=after, state_on=clock.today(), state_reason=reason.strip(), nudged_on=None
    )
    recording.finish(actor, case, f"action_{after}", subject=action)
    return action
