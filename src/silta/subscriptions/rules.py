"""What may be subscribed to and what each kind stands for: pure decisions over the lists of this room."""

import datetime as dt
from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from silta.kernel.errors import RuleBroken
from silta.outbox import rules as outbox
from silta.subscriptions.enums import Kind

# The acts of the journal that each kind tells of. What is not here is told to no system.
KINDS: dict[Kind, tuple[str, ...]] = {
    Kind.CASE_OPENED: ("cases.open",),
    Kind.CASE_PHASE: ("cases.change_phase",),
    Kind.CASE_RESPONSIBLE: ("cases.hand_over",),
    Kind.CASE_ENDED: ("cases.end",),
    Kind.CASE_REOPENED: ("cases.reopen",),
    Kind.NETWORK: ("cases.invite", "cases.self_attach", "cases.add_supporter", "cases.leave", "cases.change_share"),
    Kind.GOAL: (
        "cases.propose_goal", "cases.reword_goal", "cases.goal_achieved", "cases.goal_confirmed",
        "cases.goal_declined", "cases.goal_dropped", "cases.goal_proposed",
    ),
    Kind.ACTION: (
        "cases.add_action", "cases.action_done", "cases.action_dropped", "cases.action_open",
        "cases.postpone_action", "cases.hand_action",
    ),
    Kind.SERVICE: (
        "cases.agree_service", "cases.service_agreed", "cases.service_delayed", "cases.service_done",
        "cases.service_refused", "cases.service_requested", "cases.service_started",
    ),
    Kind.PLAN_MADE: ("cases.make_plan",),
    Kind.PLAN_ACCEPTED: ("cases.accept_plan",),
    Kind.PLAN_REVIEWED: ("cases.hold_review",),
    Kind.NOTE: ("cases.write_note", "cases.correct_note", "cases.withdraw_note", "cases.restore_note"),
    Kind.TRANSFER: (
        "cases.propose_transfer", "cases.accept_transfer", "cases.transfer_declined", "cases.transfer_withdrawn",
        "cases.transfer_overtaken",
    ),
}  # fmt: skip
KIND_OF = {action: kind for kind, actions in KINDS.items() for action in actions}
# After so many messages in a row that failed for good, the receiver is left in peace until somebody looks.
PAUSED_AFTER = 5
# How long the former secret signs beside the new one.
BOTH_SIGN_FOR = dt.timedelta(hours=24)
GONE = 410
# In a unit; more would be one event told to many places of the same organisation.
MOST_PER_UNIT = 20


def problem(
    name: str, url: str, kinds: Collection[str], *, stays_here: bool, so_far: int
) -> RuleBroken | None:
    """What keeps such a subscription from being made; none, if nothing does."""
    is_unknown = not kinds or not set(kinds) <= set(Kind)
    is_unsound = not outbox.is_sound(url, stays_here=stays_here)
    problems = [
        (not name.strip(), _("Say which system is told."), "subscriptions.name", "name"),
        (is_unsound, _("Give a whole address that begins with https://."), "subscriptions.url", "url"),
        (is_unknown, _("Choose what the system is told of."), "subscriptions.kinds", "kinds"),
        (
            so_far >= MOST_PER_UNIT,
            _("The unit has as many subscriptions as it can have."),
            "subscriptions.many",
            "name",
        ),
    ]
    return next(
        (RuleBroken(text, code=code, field=field) for is_so, text, code, field in problems if is_so), None
    )
