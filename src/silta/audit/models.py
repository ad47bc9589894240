"""The journal's tables. Ids are text without foreign keys: the journal outlives what it describes."""

from django.db import models

from silta.audit.enums import Kind, Outcome
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import Holds, Retention


class Event(models.Model):
    """One act: what, whose, who, for which unit, for what purpose, on which ground, when.

    ``chain``, ``position``, ``previous_digest`` and ``digest`` are written by a trigger of the database, never by
    the application; each row's digest covers its own content and the digest before it in its chain.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind)
    action = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.DONE)
    user_id = models.CharField(max_length=36, blank=True)
    unit_id = models.CharField(max_length=36, blank=True)
    organisation_id = models.CharField(max_length=36, blank=True)
    role = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=40, blank=True)
    person_id = models.CharField(max_length=36, blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    ground = models.CharField(max_length=60, blank=True)
    recipient_unit_id = models.CharField(max_length=36, blank=True)
    details = models.JSONField(default=dict)
    chain = models.SmallIntegerField(default=0, editable=False)
    position = models.BigIntegerField(default=0, editable=False)
    previous_digest = models.CharField(max_length=64, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    class PersonalData:
        """Ids and acts; no names and no content."""

        fields = {
            "id": Holds.NONE, "at": Holds.FACT, "kind": Holds.FACT, "action": Holds.FACT, "outcome": Holds.FACT,
            "user_id": Holds.REFERENCE, "unit_id": Holds.REFERENCE, "organisation_id": Holds.REFERENCE,
            "role": Holds.FACT, "purpose": Holds.FACT, "person_id": Holds.REFERENCE, "subject_type": Holds.FACT,
            "subject_id": Holds.REFERENCE, "ground": Holds.FACT, "recipient_unit_id": Holds.REFERENCE,
            "details": Holds.FACT, "chain": Holds.NONE, "position": Holds.NONE, "previous_digest": Holds.NONE,
            "digest": Holds.NONE,
        }  # fmt: skip
        retention = Retention(ground="703/2023 Annex: use and disclosure logs", years=12, start="at")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "position"], name="audit_event_chain_position")
        ]
        indexes = [
            models.Index(fields=["person_id", "-at"], name="audit_event_person_at"),
            models.Index(fields=["organisation_id", "-at"], name="audit_event_organisation_at"),
            models.Index(fields=["user_id", "-at"], name="audit_event_user_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.outcome} {self.at:%Y-%m-%d %H:%M}"


class ChainHead(models.Model):
    """The newest digest of one chain, and where the kept part of the chain begins after retention has shortened it."""

    chain = models.SmallIntegerField(primary_key=True)
    position = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    kept_from_position = models.BigIntegerField(default=1)
    kept_from_digest = models.CharField(max_length=64, blank=True)

    class PersonalData:
        """None."""

        fields = dict.fromkeys(
            ["chain", "position", "digest", "kept_from_position", "kept_from_digest"], Holds.NONE
        )
        retention = Retention(ground="703/2023 Annex: use and disclosure logs", follows="")

    class Meta:
        ordering = ["chain"]

    def __str__(self) -> str:
        return f"chain {self.chain} at {self.position}"
