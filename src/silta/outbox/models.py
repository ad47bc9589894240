"""Messages to other systems. Whose they are is told by an id alone: the room that puts them here knows its channels."""

from django.db import models

from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import Holds, Retention
from silta.outbox.enums import Reason, State


class Message(models.Model):
    """One message: of what it tells, whether it has arrived, and when it is tried next.

    ``about`` holds identifiers only. ``leased_until`` is set while a worker sends it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.UUIDField()
    kind = models.CharField(max_length=40)
    about = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class PersonalData:
        """Which case something happened in; forgotten soon after it has arrived or failed."""

        fields = {
            "id": Holds.NONE, "channel": Holds.REFERENCE, "kind": Holds.FACT, "about": Holds.REFERENCE,
            "happened_at": Holds.FACT, "queued_at": Holds.FACT, "state": Holds.FACT, "due_at": Holds.NONE,
            "leased_until": Holds.NONE, "tries": Holds.NONE, "tried_at": Holds.FACT, "status": Holds.NONE,
            "reason": Holds.NONE, "settled_at": Holds.FACT,
        }  # fmt: skip
        retention = Retention(
            ground="Silta default: 30 days after it was settled (GDPR Art. 5.1 e); outbox.jobs erases sooner",
            years=1,
            start="queued_at",
        )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="outbox_message_due", condition=models.Q(state="waiting")
            ),
            models.Index(fields=["channel", "-id"], name="outbox_message_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
