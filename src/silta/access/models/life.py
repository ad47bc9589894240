"""The life of data: runs of retention and their release, and what a person is given of her own data."""

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from silta.access.enums import DataRight, ErasureState
from silta.access.rules import EXPORT_HOURS_LOST
from silta.accounts.models import User
from silta.kernel import clock
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import KEEP, Holds, Retention
from silta.organisations.models import Unit
from silta.people.models import Person


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
    # How many rows stood warned of when it began, and how many waited for their warning.
    warned = models.JSONField(default=dict)
    unwarned = models.JSONField(default=dict)
    # Of what went, the numbers that statistics keep: by facts that are nobody's own.
    kept = models.JSONField(default=dict)
    handled = models.PositiveIntegerField(default=0)
    # The tables whose counts looked wrong; a run that has any erased nothing.
    alarms = models.JSONField(default=list)

    class PersonalData:
        """Counts only."""

        fields = dict.fromkeys(
            ["id", "started_at", "finished_at", "is_dry", "state", "due", "coming", "counts", "held", "warned", "unwarned",
             "kept", "handled", "alarms"],
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


class DataExport(models.Model):
    """Somebody has asked for everything that is held about a person: she herself, or an officer on her behalf.

    The worker puts it together (``content``); it can be read for some days, and is then emptied. Whoever asked reads it,
    and nobody else.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="data_exports")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_by_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    ground = models.CharField(_("right"), max_length=20, choices=DataRight)
    reason = models.CharField(_("how she asked"), max_length=300, blank=True)
    language = models.CharField(max_length=2)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    content = models.JSONField(null=True, blank=True)

    class PersonalData:
        """That she asked for her data, and for some days the data themselves."""

        fields = {
            "id": Holds.NONE, "person": Holds.REFERENCE, "asked_by": Holds.REFERENCE, "asked_by_unit": Holds.REFERENCE,
            "asked_at": Holds.FACT, "ground": Holds.FACT, "reason": Holds.FREE_TEXT, "language": Holds.FACT,
            "ready_at": Holds.FACT, "expires_at": Holds.FACT, "content": Holds.FREE_TEXT,
        }  # fmt: skip
        retention = Retention(
            ground="Goes with the person; access.jobs empties it after rules.EXPORT_DAYS (GDPR Art. 5.1 e)",
            follows="person",
        )

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(asked_by_unit__isnull=True) | ~models.Q(reason=""),
                name="access_export_for_another_told",
            )
        ]
        indexes = [models.Index(fields=["asked_by", "-asked_at"], name="access_export_asked_by")]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def is_waiting(self) -> bool:
        """Whether the worker still puts it together; one that was lost may be asked for again."""
        lost = clock.now() - dt.timedelta(hours=EXPORT_HOURS_LOST)
        return self.ready_at is None and self.asked_at > lost

    @property
    def is_ready(self) -> bool:
        """Whether it can be read now."""
        return self.expires_at is not None and self.expires_at > clock.now()
