"""Vocabulary of cases, from 381/2023, VNA 385/2024 and the field's own terms."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(TextChoices):
    """Whether the work goes on."""

    OPEN = "open", _("Open")
    ENDED = "ended", _("Ended")


class Source(TextChoices):
    """How the person came to the service (REQ-001-20)."""

    SELF = "self", _("Came herself")
    REFERRED = "referred", _("Referred by a service")
    OUTREACH = "outreach", _("Outreach work")
    WORKPLACE = "workplace", _("From the workplace")
    TRANSFERRED = "transferred", _("Transferred from another organisation")
    IMPORTED = "imported", _("Imported from an earlier system")


class Need(TextChoices):
    """How much support the case takes; weights of the caseload are in the kind's definition."""

    LIGHT = "light", _("Light support")
    REGULAR = "regular", _("Regular support")
    INTENSIVE = "intensive", _("Intensive support")


class Part(TextChoices):
    """What a participant is in the case."""

    RESPONSIBLE = "responsible", _("Responsible for the case")
    MEMBER = "member", _("Member of the network")
    SUPPORTER = "supporter", _("The client's own supporter")


class Joined(TextChoices):
    """How a participant came in."""

    OPENED = "opened", _("Opened the case")
    INVITED = "invited", _("Invited")
    SELF_ATTACHED = "self_attached", _("Joined with a reason of her own")
    HANDED_OVER = "handed_over", _("Took over the case")
    IMPORTED = "imported", _("Named in the imported file")


class Visibility(TextChoices):
    """Who of those with a ground may read a note."""

    SHARED = "shared", _("Shared with all in the case")
    INTERNAL = "internal", _("Internal to the unit")
    RESTRICTED = "restricted", _("Restricted to one data category")


class Domain(TextChoices):
    """What an assessment entry speaks of: the four statutory domains (381/2023 4.1 §), the life around, strengths first."""

    STRENGTHS = "strengths", _("Strengths and wishes")
    LIFE = "life", _("Life situation as a whole")
    SKILLS = "skills", _("Skills and competence")
    SOCIAL = "social", _("Social situation")
    HEALTH = "health", _("State of health")
    WORK_ABILITY = "work_ability", _("Work ability and functioning")


class EntrySource(TextChoices):
    """From whom an assessment entry comes (380/2023 114.4 §; 703/2023 39 §)."""

    CLIENT = "client", _("The client's own account")
    PROFESSIONAL = "professional", _("A professional's observation")
    STATEMENT = "statement", _("A statement or certificate")
    CLOSE_ONE = "close_one", _("Someone close")
    REGISTER = "register", _("A register")


class GoalState(TextChoices):
    """The life of a goal."""

    PROPOSED = "proposed", _("Proposed")
    CONFIRMED = "confirmed", _("Confirmed by the client")
    DECLINED = "declined", _("The client said no")
    ACHIEVED = "achieved", _("Achieved")
    DROPPED = "dropped", _("Given up")


class ProposedBy(TextChoices):
    """Who proposed a goal."""

    CLIENT = "client", _("The client")
    PROFESSIONAL = "professional", _("A professional")
    TOGETHER = "together", _("Together")


class ActionState(TextChoices):
    """The life of an action or near step."""

    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Not needed")


class ServiceState(TextChoices):
    """The life of an agreed service; the gap between agreed and started must show (REQ-001-26)."""

    AGREED = "agreed", _("Agreed")
    REQUESTED = "requested", _("Requested")
    STARTED = "started", _("Started")
    DELAYED = "delayed", _("Delayed")
    DONE = "done", pgettext_lazy("a service", "Received")
    REFUSED = "refused", _("Refused")


class NoteKind(TextChoices):
    """What a note records."""

    CONTACT = "contact", _("Contact")
    OBSERVATION = "observation", _("Observation")


class Channel(TextChoices):
    """How a contact took place."""

    PHONE = "phone", _("Telephone")
    MEETING = "meeting", _("Meeting")
    VISIT = "visit", _("Visit")
    VIDEO = "video", _("Video")
    MESSAGE = "message", _("Message")
    LETTER = "letter", _("Letter")
    OTHER = "other", _("Other")


class ContactResult(TextChoices):
    """What came of a contact attempt."""

    REACHED = "reached", _("Reached")
    NOT_REACHED = "not_reached", _("Not reached")
    NO_SHOW = "no_show", _("Did not come")
    CANCELLED = "cancelled", _("Cancelled")


class AcceptedHow(TextChoices):
    """How a plan was accepted (VNA 385/2024 2 §)."""

    ELECTRONICALLY = "electronically", _("Electronically")
    SIGNATURE = "signature", _("By signature")
    OTHERWISE = "otherwise", _("Otherwise, content and meaning explained")


class TransferState(TextChoices):
    """The one state machine of transfers (lesson 3)."""

    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    OVERTAKEN = "overtaken", _("Overtaken by another decision")


class Outcome(TextChoices):
    """What came of the case."""

    OPEN_EMPLOYMENT = "open_employment", _("Work in the open labour market")
    SUPPORTED_EMPLOYMENT = "supported_employment", _("Work with subsidy or support")
    KEPT_JOB = "kept_job", _("Kept her own job")
    STUDY = "study", _("Education or training")
    REHABILITATION = "rehabilitation", _("Rehabilitation")
    PENSION = "pension", _("Pension")
    OTHER_SERVICE = "other_service", _("Another service without coordination")
    MOVED = "moved", _("Moved to another area")
    WITHDREW = "withdrew", _("The client ended it")
    DIED = "died", _("Died")
    OTHER = "other", _("Other")


class Onward(TextChoices):
    """Whether somebody carries on after the end (REQ-004-85)."""

    PATH = "path", _("There is an onward path")
    NONE = "none", _("None, for a stated reason")


GOAL_STEPS: dict[str, frozenset[str]] = {
    GoalState.PROPOSED: frozenset({GoalState.CONFIRMED, GoalState.DECLINED, GoalState.DROPPED}),
    GoalState.CONFIRMED: frozenset(
        {GoalState.PROPOSED, GoalState.ACHIEVED, GoalState.DECLINED, GoalState.DROPPED}
    ),
    GoalState.DECLINED: frozenset({GoalState.PROPOSED, GoalState.CONFIRMED}),
    GoalState.ACHIEVED: frozenset({GoalState.PROPOSED}),
    GoalState.DROPPED: frozenset({GoalState.PROPOSED}),
}
"""From which state of a goal to which; what was declined or given up can be taken up again."""

ACTION_STEPS: dict[str, frozenset[str]] = {
    ActionState.OPEN: frozenset({ActionState.DONE, ActionState.DROPPED}),
    ActionState.DONE: frozenset({ActionState.OPEN}),
    ActionState.DROPPED: frozenset({ActionState.OPEN}),
}
"""From which state of an action to which."""

SERVICE_STEPS: dict[str, frozenset[str]] = {
    ServiceState.AGREED: frozenset(
        {ServiceState.REQUESTED, ServiceState.STARTED, ServiceState.DELAYED, ServiceState.REFUSED}
    ),
    ServiceState.REQUESTED: frozenset({ServiceState.STARTED, ServiceState.DELAYED, ServiceState.REFUSED}),
    ServiceState.DELAYED: frozenset({ServiceState.REQUESTED, ServiceState.STARTED, ServiceState.REFUSED}),
    ServiceState.STARTED: frozenset({ServiceState.DELAYED, ServiceState.DONE, ServiceState.REFUSED}),
    ServiceState.DONE: frozenset({ServiceState.STARTED}),
    ServiceState.REFUSED: frozenset({ServiceState.AGREED}),
}
"""From which state of an agreed service to which; a refusal is never the last word (lesson 25), nor is a slip."""

WAITED_FOR: frozenset[str] = frozenset({ServiceState.AGREED, ServiceState.REQUESTED, ServiceState.DELAYED})
"""Services that were agreed and have not been delivered."""

NEEDS_REASON: frozenset[str] = frozenset({ServiceState.DELAYED, ServiceState.REFUSED})
"""States of a service that are not recorded without a reason."""

TRANSFER_STEPS: dict[str, frozenset[str]] = {
    TransferState.PROPOSED: frozenset(
        {TransferState.ACCEPTED, TransferState.DECLINED, TransferState.WITHDRAWN, TransferState.OVERTAKEN}
    ),
    TransferState.ACCEPTED: frozenset(),
    TransferState.DECLINED: frozenset(),
    TransferState.WITHDRAWN: frozenset(),
    TransferState.OVERTAKEN: frozenset(),
}
"""From which state of a transfer to which: one decision ends it, whichever comes first (lesson 3)."""
