"""The life of data: runs of retention and their release, and what a person is given of her own data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from silta.access.enums import ErasureState
from silta.accounts.models import User
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import KEEP, Holds


class ErasureRun(models.Model):
    """One run of retention: what it would erase or erased, table by table, in counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    is_dry = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=ErasureState, default=ErasureState.DONE)
    # What was due when it began, and what will be within so many days.
    due = models.JSONField(default=dict)
    coming = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    held = models.JSONField(default=dict)
    # Of what went, the numbers that statistics keep: by facts that are nobody's own.
    kept = models.JSONField(default=dict)
    handled = models.PositiveIntegerField(default=0)
    # The tables whose counts looked wrong; a run that has any erased nothing.
    alarms = models.JSONField(default=list)

    class PersonalData:
        """Counts only."""

        fields = dict.fromkeys(
            ["id", "started_at", "finished_at", "is_dry", "state", "due", "coming", "counts", "held", "kept", "handled",
             "alarms"],
            Holds.NONE,
        )  # fmt: skip
        retention = KEEP

    class Meta:
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        return f"{'dry ' if self.is_dry else ''}run {self.started_at:%Y-%m-%d %H:%M}"


class ErasureRelease(models.Model):
    """The data protection officer has looked at the counts of a run that was stopped: what they tell may be erased."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.OneToOneField(ErasureRun, on_delete=models.PROTECT, related_name="release")
    reason = models.CharField(_("why the counts are right"), max_length=500)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField()

    class PersonalData:
        """Who let an erasure go on, and why."""

        fields = {
            "id": Holds.NONE, "run": Holds.REFERENCE, "reason": Holds.FREE_TEXT, "released_by": Holds.REFERENCE,
            "released_at": Holds.FACT,
        }  # fmt: skip
        retention = KEEP

    class Meta:
        ordering = ["-released_at", "-id"]

    def __str__(self) -> str:
        return f"{self.run_id} {self.released_at:%Y-%m-%d}"
