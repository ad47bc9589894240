"""Subscriptions of other systems, and how far the journal has been read for them."""

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from silta.access.models import Membership
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import KEEP, Holds
from silta.outbox.rules import URL_LENGTH
from silta.subscriptions.enums import Kind, PauseReason


class Subscription(models.Model):
    """Another system is told of some kinds of events, at its address, in what the membership of its maker may know.

    Its secrets stand here sealed. To whom and of what it tells never changes; another is made instead.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="subscriptions")
    name = models.CharField(_("system"), max_length=100)
    url = models.CharField(_("address"), max_length=URL_LENGTH)
    kinds: "ArrayField[Any, Any]" = ArrayField(models.CharField(max_length=30, choices=Kind))
    secret = models.CharField(max_length=300)
    former_secret = models.CharField(max_length=300, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=12, choices=PauseReason, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class PersonalData:
        """A system's address and keys."""

        fields = {
            "id": Holds.NONE, "membership": Holds.REFERENCE, "name": Holds.FACT, "url": Holds.FACT,
            "kinds": Holds.FACT, "secret": Holds.NONE, "former_secret": Holds.NONE, "former_until": Holds.NONE,
            "created_at": Holds.FACT, "failures": Holds.NONE, "paused_at": Holds.FACT, "pause_reason": Holds.FACT,
            "resumed_at": Holds.FACT, "ended_at": Holds.FACT,
        }  # fmt: skip
        retention = KEEP

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kinds=[]), name="subscriptions_subscription_has_kinds"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="keep", fields=["id", "membership", "name", "url", "kinds", "created_at"])
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.created_at:%Y-%m-%d}"


class Bookmark(models.Model):
    """How far the journal has been read: of each chain the position. There is one, and whoever reads on locks it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    positions = models.JSONField(default=dict)

    class PersonalData:
        """None."""

        fields = {"id": Holds.NONE, "positions": Holds.NONE}
        retention = KEEP

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="subscriptions_bookmark_one")]

    def __str__(self) -> str:
        return f"{len(self.positions)} chains"
