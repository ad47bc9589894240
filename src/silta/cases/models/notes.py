"""What is written along the way: notes, flags, and words not yet saved."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category
from silta.access.models import Recorded
from silta.accounts.models import User
from silta.cases import enums
from silta.cases.models.base import ROW, WITH_CASE
from silta.cases.models.case import Case
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import Holds
from silta.organisations.models import Unit
from silta.people.models import Person


@pghistory.track(level=pghistory.Statement)
class Note(Recorded):
    """A contact or an observation; internal, shared, or restricted to one category of data.

    ``happened_at`` is a whole minute: nobody knows it closer, and within a minute the order of recording decides.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    category = models.CharField(
        _("data category"), max_length=20, choices=Category, default=Category.CLIENTHOOD
    )
    visibility = models.CharField(_("who reads it"), max_length=10, choices=enums.Visibility)
    kind = models.CharField(_("kind"), max_length=12, choices=enums.NoteKind)
    happened_at = models.DateTimeField(_("when"))
    channel = models.CharField(_("how"), max_length=8, choices=enums.Channel, blank=True)
    result = models.CharField(_("result"), max_length=12, choices=enums.ContactResult, blank=True)
    with_client = models.BooleanField(_("with the client"), default=True)
    with_whom = models.CharField(_("with whom"), max_length=200, blank=True)
    text = models.TextField(_("note"), max_length=8000, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class PersonalData:
        """Contacts and observations."""

        fields = {
            **ROW, "category": Holds.FACT, "visibility": Holds.FACT, "kind": Holds.FACT, "happened_at": Holds.FACT,
            "channel": Holds.FACT, "result": Holds.FACT, "with_client": Holds.FACT, "with_whom": Holds.FREE_TEXT,
            "text": Holds.FREE_TEXT, "withdrawn_at": Holds.FACT, "withdrawn_reason": Holds.FREE_TEXT,
            "version": Holds.NONE,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["-happened_at", "-id"]
        verbose_name = _("note")
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="cases_note_withdrawal_pair",
            ),
            models.CheckConstraint(
                condition=~Q(kind="contact") | ~Q(channel="") & ~Q(result=""), name="cases_note_contact_told"
            ),
            models.CheckConstraint(
                condition=~Q(kind="observation") | ~Q(text=""), name="cases_note_says_something"
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-happened_at", "-recorded_at", "-id"], name="cases_note_case")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.happened_at:%Y-%m-%d}"


class Flag(Recorded):
    """Something all in the case should see until it is resolved."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="flags")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    text = models.CharField(_("what to notice"), max_length=300)
    resolved_on = models.DateField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    resolution = models.CharField(_("how it was resolved"), max_length=300, blank=True)

    class PersonalData:
        """Flags."""

        fields = {
            **ROW, "text": Holds.FREE_TEXT, "resolved_on": Holds.FACT, "resolved_by": Holds.REFERENCE,
            "resolution": Holds.FREE_TEXT,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_on__isnull=True, resolved_by__isnull=True)
                | Q(resolved_on__isnull=False, resolved_by__isnull=False),
                name="cases_flag_resolution_pair",
            )
        ]

    def __str__(self) -> str:
        return f"flag {self.pk}"


class Draft(models.Model):
    """What a worker typed for one of her units and has not yet saved; kept so that an expired session loses nothing.

    A draft of the form for a new client belongs to no case, and speaks of nobody in the register yet.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="drafts", null=True, blank=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", null=True, blank=True)
    form = models.CharField(max_length=60)
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class PersonalData:
        """Unsaved words, seen by their writer only."""

        fields = {
            "id": Holds.NONE, "user": Holds.REFERENCE, "unit": Holds.REFERENCE, "case": Holds.REFERENCE,
            "person": Holds.REFERENCE, "form": Holds.NONE, "fields": Holds.FREE_TEXT, "saved_at": Holds.FACT,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["-saved_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "case", "form"], name="cases_draft_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.saved_at:%Y-%m-%d %H:%M}"
