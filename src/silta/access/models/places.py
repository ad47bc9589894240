"""Who works where, who acts for whom, and the keys that open a place to a calendar or a program."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Purpose, TokenScope
from silta.accounts.models import User
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import KEEP, Holds, Retention
from silta.organisations.models import Unit
from silta.people.models import Person


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
            "basis": Holds.FREE_TEXT, "valid_from": Holds.FACT, "valid_until": Holds.FACT,
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
