"""Organisations, units and what became of them."""

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from silta.kernel.folding import fold
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import KEEP, Holds
from silta.organisations import rules
from silta.organisations.enums import Kind, Sector


class Named(models.Model):
    """What an organisation and a unit have in common: names in three languages, by each of which it is found."""

    name_fi = models.CharField(_("name in Finnish"), max_length=200)
    name_sv = models.CharField(_("name in Swedish"), max_length=200, blank=True)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    sought = models.TextField(editable=False, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Keeps with every row the folded words by which it is found."""
        self.sought = fold(" ".join(self.known_by))
        if options.get("update_fields") is not None:
            options["update_fields"] = {*options["update_fields"], "sought"}
        super().save(*args, **options)

    @property
    def name(self) -> str:
        """The name in the reader's language, Finnish where there is no other."""
        return rules.in_language(get_language() or "fi", self.name_fi, self.name_sv, self.name_en)

    @property
    def known_by(self) -> list[str]:
        """Every word somebody may look for it by."""
        return [self.name_fi, self.name_sv, self.name_en]


class Organisation(Named):
    """A public body, provider or employer, for as long as it exists (REQ-000-01, REQ-000-03)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    business_id = models.CharField(_("business id"), max_length=9, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    valid_from = models.DateField(_("exists from"))
    valid_until = models.DateField(_("exists until"), null=True, blank=True)
    requires_second_factor = models.BooleanField(_("requires two-factor sign-in"), default=False)

    class PersonalData:
        """None: organisations are not people."""

        fields = dict.fromkeys(
            ["id", "kind", "name_fi", "name_sv", "name_en", "sought", "business_id", "parent", "valid_from", "valid_until",
             "requires_second_factor"],
            Holds.NONE,
        )  # fmt: skip
        retention = KEEP

    class Meta:
        ordering = ["name_fi", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("valid_from")),
                name="organisations_organisation_period",
            ),
            models.UniqueConstraint(
                fields=["business_id"], condition=~models.Q(business_id=""), name="organisations_business_id"
            ),
        ]

    @property
    def known_by(self) -> list[str]:
        """Its business id besides."""
        return [*super().known_by, self.business_id]


class Unit(Named):
    """A unit of an organisation: people work, and grounds to know are given, unit by unit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="units")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    sector = models.CharField(_("sector"), max_length=20, choices=Sector)
    valid_from = models.DateField(_("exists from"))
    valid_until = models.DateField(_("exists until"), null=True, blank=True)

    class PersonalData:
        """None."""

        fields = dict.fromkeys(
            [
                "id",
                "organisation",
                "parent",
                "sector",
                "name_fi",
                "name_sv",
                "name_en",
                "sought",
                "valid_from",
                "valid_until",
            ],
            Holds.NONE,
        )
        retention = KEEP

    class Meta:
        ordering = ["name_fi", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("valid_from")),
                name="organisations_unit_period",
            )
        ]


class Succession(models.Model):
    """The work of one unit went over to another when organisations were reformed (REQ-001-96)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    from_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successions_out")
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successions_in")
    on = models.DateField(_("from the day"))
    reason = models.CharField(_("reason"), max_length=300)

    class PersonalData:
        """None."""

        fields = dict.fromkeys(["id", "from_unit", "to_unit", "on", "reason"], Holds.NONE)
        retention = KEEP

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(from_unit=models.F("to_unit")), name="organisations_succession_two_units"
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_unit_id} → {self.to_unit_id} {self.on}"
