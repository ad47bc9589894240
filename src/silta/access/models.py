"""Memberships, grants, consents, emergency access, representation, keys of calendar feeds and tokens of programs."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category, ConsentChannel, ErasureState, Purpose, TokenScope
from silta.accounts.models import User
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import KEEP, Holds, Retention
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


class Membership(models.Model):
    """A user works in a unit in a role, for a period. Ended memberships stay."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=40)
    purpose = models.CharField(_("purpose"), max_length=40, choices=Purpose)
    title = models.CharField(_("job title"), max_length=120, blank=True)
    phone = models.CharField(_("work telephone"), max_length=40, blank=True)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)
    ended_reason = models.CharField(_("why it ended"), max_length=200, blank=True)

    class PersonalData:
        """Staff and where they work."""

        fields = {
            "id": Holds.NONE, "user": Holds.REFERENCE, "unit": Holds.REFERENCE, "role": Holds.FACT,
            "purpose": Holds.FACT, "title": Holds.FACT, "phone": Holds.CONTACT, "valid_from": Holds.FACT,
            "valid_until": Holds.FACT, "ended_reason": Holds.FREE_TEXT,
        }  # fmt: skip
        retention = KEEP

    class Meta:
        ordering = ["unit__name_fi", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "role", "purpose"],
                condition=models.Q(valid_until__isnull=True),
                name="access_membership_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.unit_id}"


class Representation(models.Model):
    """A user acts in a person's own matter: the person herself, a guardian, or someone with a mandate."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="representations")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="representations")
    is_self = models.BooleanField(_("the person herself"), default=True)
    basis = models.CharField(_("basis"), max_length=200, blank=True)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)

    class PersonalData:
        """Who may act for whom."""

        fields = {
            "id": Holds.NONE, "user": Holds.REFERENCE, "person": Holds.REFERENCE, "is_self": Holds.FACT,
            "basis": Holds.FACT, "valid_from": Holds.FACT, "valid_until": Holds.FACT,
        }  # fmt: skip
        retention = Retention(ground="Follows the person it speaks of", follows="person")

    class Meta:
        ordering = ["-valid_from", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "person"],
                condition=models.Q(valid_until__isnull=True),
                name="access_representation_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} for {self.person_id}"


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


class FeedKey(models.Model):
    """The secret address of one member's calendar; only its digest is kept, and it can be revoked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="feed_keys")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class PersonalData:
        """A worker's key."""

        fields = {
            "id": Holds.NONE, "membership": Holds.REFERENCE, "digest": Holds.IDENTITY, "created_at": Holds.FACT,
            "revoked_at": Holds.FACT, "last_used_at": Holds.FACT,
        }  # fmt: skip
        retention = KEEP

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.created_at:%Y-%m-%d}"


class Token(models.Model):
    """What lets a program act in a worker's name, in one of her places, within its scopes, until a day.

    Only the digest of its secret is kept. It says nothing that its owner's membership does not say: where that ends, the
    token ends with it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("program"), max_length=100)
    scopes: "ArrayField[Any, Any]" = ArrayField(models.CharField(max_length=20, choices=TokenScope))
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_on = models.DateField(_("last day"))
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class PersonalData:
        """A worker's key."""

        fields = {
            "id": Holds.NONE, "membership": Holds.REFERENCE, "name": Holds.FACT, "scopes": Holds.FACT,
            "digest": Holds.IDENTITY, "created_at": Holds.FACT, "expires_on": Holds.FACT, "revoked_at": Holds.FACT,
            "last_used_on": Holds.FACT,
        }  # fmt: skip
        retention = KEEP

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(scopes=[]), name="access_token_has_scopes"),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.created_at:%Y-%m-%d}"


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
