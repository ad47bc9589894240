"""People and how to reach them.

Provenance is kept as ids without foreign keys: this room knows neither users nor organisations.
"""

import pghistory
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import KEEP, Holds, Retention
from silta.people.enums import ContactKind, Language, NoCodeReason

_PROVENANCE = {"recorded_by": Holds.REFERENCE, "recorded_by_unit": Holds.REFERENCE, "recorded_at": Holds.FACT}
WITH_LAST_CASE = Retention(
    ground="381/2023 12 §: deleted with the last joint clienthood; 703/2023 Annex where social welfare keeps longer",
    follows="person",
)


class Municipality(models.Model):
    """A municipality of the dated national code list (Statistics Finland), with its wellbeing services county."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=3)
    name_fi = models.CharField(max_length=100)
    name_sv = models.CharField(max_length=100)
    folded_fi = models.CharField(max_length=100, editable=False)
    folded_sv = models.CharField(max_length=100, editable=False)
    county_code = models.CharField(max_length=3, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    successor_code = models.CharField(max_length=3, blank=True)

    class PersonalData:
        """None: a code list."""

        fields = dict.fromkeys(
            ["id", "code", "name_fi", "name_sv", "folded_fi", "folded_sv", "county_code", "valid_from", "valid_until",
             "successor_code"],
            Holds.NONE,
        )  # fmt: skip
        retention = KEEP

    class Meta:
        ordering = ["name_fi", "id"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="people_municipality_code_from")
        ]
        indexes = [
            models.Index(fields=["folded_fi"], name="people_municipality_fi"),
            models.Index(fields=["folded_sv"], name="people_municipality_sv"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_sv if (get_language() or "fi").startswith("sv") else self.name_fi


@pghistory.track(level=pghistory.Statement)
class Person(models.Model):
    """A person the work is about. The row's id is used everywhere; the identity code nowhere but here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    identity_code = models.CharField(_("identity code"), max_length=11, blank=True)
    no_code_reason = models.CharField(_("why no code"), max_length=20, choices=NoCodeReason, blank=True)
    unsound_code = models.CharField(_("code as it was given"), max_length=20, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    first_names = models.CharField(_("first names"), max_length=150)
    last_name = models.CharField(_("last name"), max_length=150)
    call_name = models.CharField(_("name used"), max_length=80, blank=True)
    search_name = models.CharField(max_length=320, editable=False)
    mother_tongue = models.CharField(_("mother tongue"), max_length=3, default=Language.FINNISH)
    service_language = models.CharField(_("language of service"), max_length=3, default=Language.FINNISH)
    needs_interpreter = models.BooleanField(_("needs an interpreter"), default=False)
    non_disclosure = models.BooleanField(_("non-disclosure for personal safety"), default=False)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    version = models.PositiveIntegerField(default=1)
    recorded_by = models.UUIDField()
    recorded_by_unit = models.UUIDField()
    recorded_at = models.DateTimeField()

    class PersonalData:
        """Who the person is (381/2023 11 § 1 k.)."""

        fields = {
            "id": Holds.REFERENCE, "identity_code": Holds.IDENTITY, "no_code_reason": Holds.FACT,
            "unsound_code": Holds.IDENTITY, "birth_date": Holds.IDENTITY, "first_names": Holds.IDENTITY,
            "last_name": Holds.IDENTITY, "call_name": Holds.IDENTITY, "search_name": Holds.IDENTITY,
            "mother_tongue": Holds.FACT, "service_language": Holds.FACT, "needs_interpreter": Holds.FACT,
            "non_disclosure": Holds.FACT, "merged_into": Holds.REFERENCE, "version": Holds.NONE, **_PROVENANCE,
        }  # fmt: skip
        retention = Retention(ground=WITH_LAST_CASE.ground, years=4, start="recorded_at", follows="cases")

    class Meta:
        ordering = ["last_name", "first_names", "id"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                fields=["identity_code"],
                condition=~models.Q(identity_code="") & models.Q(merged_into__isnull=True),
                name="people_person_identity_code",
            ),
            models.CheckConstraint(
                condition=~models.Q(identity_code="") | ~models.Q(no_code_reason=""),
                name="people_person_code_or_reason",
            ),
        ]
        # Search by part of a name rests on an index over an expression, made in migration 0002 (docs/adr/0003).
        # A code is looked for among all, merged duplicates too: the constraint's index holds only the others.
        indexes = [
            models.Index(fields=["birth_date"], name="people_person_birth_date"),
            models.Index(fields=["identity_code"], name="people_person_code"),
        ]

    def __str__(self) -> str:
        return f"{self.first_names} {self.last_name}"

    @property
    def name(self) -> str:
        """How the person is called in lists and headings."""
        return f"{self.call_name or self.first_names} {self.last_name}"


@pghistory.track(level=pghistory.Statement)
class Residence(models.Model):
    """Where a person lives, as a period; hidden under non-disclosure."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="residences")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    recorded_by = models.UUIDField()
    recorded_by_unit = models.UUIDField()
    recorded_at = models.DateTimeField()

    class PersonalData:
        """Where the person lives."""

        fields = {
            "id": Holds.NONE, "person": Holds.REFERENCE, "municipality": Holds.CONTACT, "valid_from": Holds.FACT,
            "valid_until": Holds.FACT, **_PROVENANCE,
        }  # fmt: skip
        retention = WITH_LAST_CASE

    class Meta:
        ordering = ["-valid_from", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(valid_until__isnull=True),
                name="people_residence_one_current",
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.valid_from}"


@pghistory.track(level=pghistory.Statement)
class ContactPoint(models.Model):
    """A telephone number or address; never unique: spouses share them (lesson 14)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(_("kind"), max_length=10, choices=ContactKind)
    value = models.CharField(_("number or address"), max_length=250)
    is_preferred = models.BooleanField(_("preferred"), default=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.UUIDField()
    recorded_by_unit = models.UUIDField()
    recorded_at = models.DateTimeField()

    class PersonalData:
        """How to reach the person."""

        fields = {
            "id": Holds.NONE, "person": Holds.REFERENCE, "kind": Holds.FACT, "value": Holds.CONTACT,
            "is_preferred": Holds.FACT, "ended_at": Holds.FACT, **_PROVENANCE,
        }  # fmt: skip
        retention = WITH_LAST_CASE

    class Meta:
        ordering = ["kind", "-is_preferred", "id"]
        verbose_name = _("contact point")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Merge(models.Model):
    """Two rows were found to be one person: what was moved is kept, so that the merge can be undone.

    ``moved`` names the rows, by table and column; the database writes it, the application cannot. ``took`` names the
    fields of the surviving row that were empty and were filled from the duplicate.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges")
    duplicate = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merged_by")
    reason = models.CharField(_("reason"), max_length=500)
    moved = models.JSONField(default=dict, editable=False)
    took = models.JSONField(default=list, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.UUIDField(null=True, blank=True)
    undo_reason = models.CharField(max_length=500, blank=True)
    recorded_by = models.UUIDField()
    recorded_by_unit = models.UUIDField()
    recorded_at = models.DateTimeField()

    class PersonalData:
        """Which rows were joined, and why."""

        fields = {
            "id": Holds.NONE, "person": Holds.REFERENCE, "duplicate": Holds.REFERENCE, "reason": Holds.FREE_TEXT,
            "moved": Holds.REFERENCE, "took": Holds.NONE, "undone_at": Holds.FACT, "undone_by": Holds.REFERENCE,
            "undo_reason": Holds.FREE_TEXT, **_PROVENANCE,
        }  # fmt: skip
        retention = WITH_LAST_CASE

    class Meta:
        ordering = ["-recorded_at", "-id"]

    def __str__(self) -> str:
        return f"{self.duplicate_id} → {self.person_id}"
