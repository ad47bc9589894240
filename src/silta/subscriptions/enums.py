"""Vocabulary of subscriptions."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

# What a receiver is sent to try its address; nobody subscribes to it.
TEST = "test"


class Kind(TextChoices):
    """What another system can be told of: a closed list; ``rules.KINDS`` says which acts of the journal each stands for."""

    CASE_OPENED = "case.opened", _("A case was opened")
    CASE_PHASE = "case.phase_changed", _("The phase of a case changed")
    CASE_RESPONSIBLE = "case.responsible_changed", _("Another worker became responsible")
    CASE_ENDED = "case.ended", _("A case ended")
    CASE_REOPENED = "case.reopened", _("A case was reopened")
    NETWORK = "network.changed", _("Somebody joined or left the network of a case")
    GOAL = "goal.changed", _("A goal was proposed or changed")
    ACTION = "action.changed", _("An action was added or changed")
    SERVICE = "service.changed", _("An agreed service was added or changed")
    PLAN_MADE = "plan.made", _("A version of a plan was made")
    PLAN_ACCEPTED = "plan.accepted", _("A plan was accepted")
    PLAN_REVIEWED = "plan.reviewed", _("A plan was reviewed")
    NOTE = "note.written", _("A note was written or changed")
    TRANSFER = "transfer.changed", _("A transfer was proposed, accepted, declined or withdrawn")


class PauseReason(TextChoices):
    """Why nothing is sent."""

    FAILURES = "failures", _("Too many messages in a row failed")
    GONE = "gone", _("The receiver says that it is there no more (410)")
    MEMBERSHIP = "membership", _("Whoever made it works here no more in this role")
    SECRET = "secret", _("Its secret cannot be read any more; make a new one")
    RESTORED = (
        "restored",
        _("It came back from a backup: resume it where this installation is the one that tells"),
    )
