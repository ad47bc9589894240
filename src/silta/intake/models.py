"""Uploaded files of clients, their rows, the mappings an office saves, and the ties to what was imported."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from silta.access.models import PROVENANCE, Recorded
from silta.cases.models import Case
from silta.intake.enums import Container, FileState, Outcome, RowState
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import KEEP, Holds, Retention
from silta.organisations.models import Unit
from silta.people.models import Person


class Mapping(Recorded):
    """How a unit reads the files of one source: headings to fields, words to kinds of case, names to workers."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    columns = models.JSONField(default=dict)
    services = models.JSONField(default=dict)
    workers = models.JSONField(default=dict)

    class PersonalData:
        """Headings, and the names of workers as files spell them."""

        fields = {
            "id": Holds.NONE, "unit": Holds.REFERENCE, "name": Holds.FREE_TEXT, "columns": Holds.FREE_TEXT,
            "services": Holds.FREE_TEXT, "workers": Holds.REFERENCE, **PROVENANCE,
        }  # fmt: skip
        retention = KEEP

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="intake_mapping_name")]

    def __str__(self) -> str:
        return self.name


class File(Recorded):
    """One uploaded file, from upload to result. Its rows go by themselves after ``rules.retention.KEPT_DAYS``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    original_name = models.CharField(_("name of the file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    container = models.CharField(max_length=4, choices=Container)
    encoding = models.CharField(max_length=20, blank=True)
    separator = models.CharField(max_length=1, blank=True)
    notices = models.JSONField(default=list)
    headings = models.JSONField(default=list)
    heading_number = models.PositiveIntegerField(default=1)
    source = models.CharField(_("system the file comes from"), max_length=80)
    columns = models.JSONField(default=dict)
    services = models.JSONField(default=dict)
    workers = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=FileState, default=FileState.UPLOADED)
    failure = models.CharField(max_length=60, blank=True)
    counts = models.JSONField(default=dict)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    progressed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    rows_erased_at = models.DateTimeField(null=True, blank=True)

    class PersonalData:
        """Counts and names of columns; the clients are in the rows."""

        fields = {
            **dict.fromkeys(
                ["id", "sha256", "size", "container", "encoding", "separator", "notices", "heading_number",
                 "source", "state", "failure", "counts", "rows_total",
                 "rows_done", "started_at", "progressed_at", "finished_at", "rows_erased_at"],
                Holds.NONE,
            ),
            # A file without headings begins with somebody's row.
            **dict.fromkeys(["original_name", "headings", "columns", "services"], Holds.FREE_TEXT),
            "unit": Holds.REFERENCE, "workers": Holds.REFERENCE, **PROVENANCE,
        }  # fmt: skip
        retention = Retention(
            ground="703/2023 Annex: use logs, of which an import is one", years=12, start="recorded_at"
        )

    class Meta:
        ordering = ["-recorded_at", "-id"]
        verbose_name = _("file")
        indexes = [
            models.Index(fields=["unit", "-recorded_at"], name="intake_file_unit"),
            models.Index(fields=["unit", "sha256"], name="intake_file_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.container} {self.recorded_at:%Y-%m-%d %H:%M}"


class Row(models.Model):
    """One row of a file as it came, what was corrected in it, what is wrong with it, and what became of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="rows")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    corrected = models.JSONField(default=dict)
    accepted = models.JSONField(default=list)
    stripped = models.JSONField(default=list)
    external_id = models.CharField(max_length=80, blank=True)
    identity_code = models.CharField(max_length=20, blank=True)
    is_protected = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=RowState, default=RowState.UNCHECKED)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    problems = models.JSONField(default=list)
    problem_codes = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class PersonalData:
        """A client as the other system wrote her down; erased soon after the run."""

        fields = {
            "id": Holds.NONE, "file": Holds.REFERENCE, "unit": Holds.REFERENCE, "number": Holds.NONE,
            "cells": Holds.FREE_TEXT, "corrected": Holds.FREE_TEXT, "accepted": Holds.FACT, "stripped": Holds.FACT,
            "external_id": Holds.IDENTITY, "identity_code": Holds.IDENTITY, "is_protected": Holds.FACT,
            "state": Holds.FACT, "outcome": Holds.FACT, "problems": Holds.FREE_TEXT, "problem_codes": Holds.FACT,
            "changes": Holds.FREE_TEXT, "person": Holds.REFERENCE, "case": Holds.REFERENCE, "version": Holds.NONE,
        }  # fmt: skip
        retention = Retention(
            ground="Silta default: 90 days after the file was handled (GDPR Art. 5.1 e); intake.jobs erases sooner",
            follows="file",
        )

    class Meta:
        ordering = ["number"]
        verbose_name = _("row")
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="intake_row_number")]
        indexes = [
            models.Index(fields=["file", "state", "number"], name="intake_row_state"),
            models.Index(fields=["file", "external_id"], name="intake_row_external"),
            models.Index(fields=["file", "identity_code"], name="intake_row_code"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.number}"


class Tie(Recorded):
    """A client number of another system is this person and this case; digests tell what the last file said."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=80)
    external_id = models.CharField(max_length=80)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="ties")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="ties")
    digests = models.JSONField(default=dict)
    file = models.ForeignKey(File, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class PersonalData:
        """The number under which another system knows the client."""

        fields = {
            "id": Holds.NONE, "unit": Holds.REFERENCE, "source": Holds.NONE, "external_id": Holds.IDENTITY,
            "person": Holds.REFERENCE, "case": Holds.REFERENCE, "digests": Holds.IDENTITY, "file": Holds.REFERENCE,
            **PROVENANCE,
        }  # fmt: skip
        retention = Retention(ground="381/2023 12 §: four years after joint clienthood ends", follows="case")

    class Meta:
        ordering = ["source", "external_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "source", "external_id"], name="intake_tie_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.pk}"
