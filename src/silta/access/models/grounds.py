"""What somebody may know of a person, on which ground: grants, consents, emergencies; and who recorded a row."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category, ConsentChannel
from silta.accounts.models import User
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import Holds, Retention
from silta.organisations.models import Unit
from silta.people.models import Person

PROVENANCE = {"recorded_by": Holds.REFERENCE, "recorded_by_unit": Holds.REFERENCE, "recorded_at": Holds.FACT}
_PERMITS = "703/2023 Annex: permits and consents twelve years after they were replaced or ended"


def categories_field(**options: Any) -> "ArrayField[Any, Any]":
    """A list of data categories, all of the closed list."""
    return ArrayField(models.CharField(max_length=20, choices=Category), **options)


class Recorded(models.Model):
    """Provenance of every personal row of the work rooms: who wrote it, for which unit, when (380/2023 114.4 §)."""

    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_by_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


class Consent(Recorded):
    """The person's consent or permission to share: with whom, what, why, how long (703/2023 53 §, 380/2023 116 §)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    ground = models.CharField(_("ground"), max_length=60)
    from_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="consents_received")
    categories = categories_field()
    purpose_text = models.CharField(_("for what"), max_length=500)
    channel = models.CharField(_("how it was given"), max_length=40, choices=ConsentChannel)
    language = models.CharField(_("language in which it was read"), max_length=3)
    given_on = models.DateField(_("given on"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class PersonalData:
        """What the person has permitted."""

        fields = {
            "id": Holds.NONE, "person": Holds.REFERENCE, "ground": Holds.FACT, "from_unit": Holds.REFERENCE,
            "to_unit": Holds.REFERENCE, "categories": Holds.FACT, "purpose_text": Holds.FREE_TEXT,
            "channel": Holds.FACT, "language": Holds.FACT, "given_on": Holds.FACT, "valid_until": Holds.FACT,
            "withdrawn_at": Holds.FACT, "withdrawn_recorded_by": Holds.REFERENCE, **PROVENANCE,
        }  # fmt: skip
        retention = Retention(ground=_PERMITS, years=12, start="withdrawn_at or valid_until")

    class Meta:
        ordering = ["-given_on", "-id"]

    def __str__(self) -> str:
        return f"{self.ground} {self.given_on}"


class Grant(Recorded):
    """A unit may know these categories of this person, on this ground, in this period. Everything rests on it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No indexes of their own: the two of unit and person together serve better. On a table that grows faster than its
    # statistics, the planner would take the unit's alone, and read all its grants for every row that a policy lets in.
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="grants", db_index=False)
    ground = models.CharField(_("ground"), max_length=60)
    categories = categories_field()
    valid_from = models.DateTimeField(_("from"))
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    ended_reason = models.CharField(_("why it ended"), max_length=200, blank=True)
    consent = models.ForeignKey(
        Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    reference = models.CharField(_("contract or other document"), max_length=200, blank=True)
    source_type = models.CharField(max_length=60, blank=True)
    source_id = models.UUIDField(null=True, blank=True)

    class PersonalData:
        """Who may know what about the person, and why."""

        fields = {
            "id": Holds.NONE, "person": Holds.REFERENCE, "unit": Holds.REFERENCE, "ground": Holds.FACT,
            "categories": Holds.FACT, "valid_from": Holds.FACT, "valid_until": Holds.FACT,
            "ended_reason": Holds.FREE_TEXT, "consent": Holds.REFERENCE, "reference": Holds.REFERENCE,
            "source_type": Holds.FACT, "source_id": Holds.REFERENCE, **PROVENANCE,
        }  # fmt: skip
        retention = Retention(ground=_PERMITS, years=12, start="valid_until")

    class Meta:
        ordering = ["-valid_from", "-id"]
        indexes = [
            models.Index(fields=["unit", "person"], name="access_grant_unit_person"),
            models.Index(fields=["person", "unit"], name="access_grant_person_unit"),
            models.Index(fields=["source_type", "source_id"], name="access_grant_source"),
            # Whom a unit let know something lately (queries.recipients_lately).
            models.Index(fields=["recorded_by_unit", "-valid_from"], name="access_grant_given_lately"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("valid_from")),
                name="access_grant_period",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.ground} {self.valid_from:%Y-%m-%d}"


class EmergencyAccess(Recorded):
    """A user went past the usual grounds, or past non-disclosure, with a reason and for a limited time; a lead reviews."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="emergency_accesses")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="emergency_accesses")
    reveals_protected = models.BooleanField(_("reveals what non-disclosure hides"), default=False)
    reason = models.CharField(_("reason"), max_length=500)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    grant = models.ForeignKey(Grant, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    was_justified = models.BooleanField(_("was justified"), null=True, blank=True)
    review_note = models.CharField(_("note of the review"), max_length=500, blank=True)

    class PersonalData:
        """Who looked in an emergency, and why."""

        fields = {
            "id": Holds.NONE, "person": Holds.REFERENCE, "unit": Holds.REFERENCE, "reveals_protected": Holds.FACT,
            "reason": Holds.FREE_TEXT, "starts_at": Holds.FACT, "ends_at": Holds.FACT, "grant": Holds.REFERENCE,
            "reviewed_at": Holds.FACT, "reviewed_by": Holds.REFERENCE, "was_justified": Holds.FACT,
            "review_note": Holds.FREE_TEXT, **PROVENANCE,
        }  # fmt: skip
        retention = Retention(ground="703/2023 Annex: use and disclosure logs", years=12, start="recorded_at")

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="access_emergency_period"
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | models.Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="access_emergency_review_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recorded_by_id} {self.starts_at:%Y-%m-%d %H:%M}"
