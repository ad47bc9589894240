"""The case itself, its number, its path and its due dates."""

from dataclasses import dataclass
from uuid import UUID

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from silta.access.models import Recorded
from silta.accounts.models import User
from silta.cases import enums
from silta.cases.models.base import ROW, WITH_CASE
from silta.cases.rules import own_data
from silta.kernel import clock
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import Holds, Retention
from silta.organisations.models import Organisation, Unit
from silta.people.models import Person


@dataclass(frozen=True, slots=True)
class CaseScope:
    """Whose case it is and which units work in it now: what ``access`` needs to know to decide."""

    person_id: UUID
    unit_ids: frozenset[UUID]


@pghistory.track(level=pghistory.Statement)
class Case(Recorded):
    """One matter of one person, of one kind, under one controller.

    The columns from ``last_contact_on`` on are the *standing*: facts derived from the rows below, kept in step by
    ``operations.standing.refresh`` so that worklists of any size read one table.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases", db_index=False)
    kind = models.CharField(_("kind"), max_length=40)
    definition_version = models.CharField(max_length=20)
    controller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cases", db_index=False)
    legal_basis = models.CharField(_("legal basis"), max_length=60)
    phase = models.CharField(_("phase"), max_length=40)
    phase_since = models.DateField()
    state = models.CharField(_("state"), max_length=10, choices=enums.State, default=enums.State.OPEN)
    need = models.CharField(
        _("need of support"), max_length=12, choices=enums.Need, default=enums.Need.REGULAR
    )
    source = models.CharField(_("how the person came"), max_length=14, choices=enums.Source)
    contact_reason = models.CharField(_("why now"), max_length=500, blank=True)
    official_reference = models.CharField(_("reference to the official record"), max_length=80, blank=True)
    opened_on = models.DateField(_("opened on"))
    assessment_started_on = models.DateField(_("assessment started"), null=True, blank=True)
    planned_end_on = models.DateField(_("planned end"), null=True, blank=True)
    previous = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="later"
    )
    duties_explained_on = models.DateField(_("duties explained"), null=True, blank=True)
    duties_explained_how = models.CharField(_("how they were explained"), max_length=300, blank=True)

    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=24, choices=enums.Outcome, blank=True)
    ending_parties = models.CharField(_("who decided together"), max_length=300, blank=True)
    onward = models.CharField(_("onward path"), max_length=6, choices=enums.Onward, blank=True)
    onward_text = models.CharField(_("which path, or why none"), max_length=500, blank=True)
    aftercare_until = models.DateField(_("aftercare until"), null=True, blank=True)
    is_held = models.BooleanField(_("erasure is held"), default=False)
    held_reason = models.CharField(_("why erasure is held"), max_length=300, blank=True)
    # The warning that ``access.operations.erase`` gives: when, and the day from which the case is erased, as it was told.
    erasure_warned_on = models.DateField(_("erasure told on"), null=True, blank=True)
    erasure_on = models.DateField(_("erased from"), null=True, blank=True)

    responsible = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Who left it behind, and when she left, until whoever it came to has handed it over or says that she keeps it.
    left_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    left_on = models.DateField(null=True, blank=True)
    last_contact_on = models.DateField(null=True, blank=True)
    next_step_on = models.DateField(null=True, blank=True)
    open_steps = models.PositiveIntegerField(default=0)
    open_goals = models.PositiveIntegerField(default=0)
    waiting_services = models.PositiveIntegerField(default=0)
    next_deadline_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class PersonalData:
        """The clienthood (381/2023 11 § 2 k.)."""

        fields = {
            **{key: value for key, value in ROW.items() if key != "case"},
            **dict.fromkeys(
                ["number", "kind", "definition_version", "legal_basis", "phase", "phase_since", "state", "need",
                 "source", "opened_on", "assessment_started_on", "planned_end_on", "duties_explained_on", "ended_on",
                 "outcome", "onward", "aftercare_until", "is_held", "erasure_warned_on", "erasure_on", "left_on", "last_contact_on", "next_step_on", "open_steps",
                 "open_goals", "waiting_services", "next_deadline_on"],
                Holds.FACT,
            ),
            **dict.fromkeys(["controller", "unit", "previous", "responsible", "left_by", "official_reference"], Holds.REFERENCE),
            **dict.fromkeys(
                ["contact_reason", "duties_explained_how", "ending_parties", "onward_text", "held_reason"],
                Holds.FREE_TEXT,
            ),
            "version": Holds.NONE,
        }  # fmt: skip
        retention = Retention(
            ground="381/2023 12 §: four years after joint clienthood ends",
            years=4,
            start="ended_on",
            statistics=("kind", "outcome", "ended_on__year"),
            hold="is_held",
            warning=("erasure_warned_on", "erasure_on"),
        )
        in_words = own_data.of_case()

    class Meta:
        ordering = ["-opened_on", "-id"]
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state="open",
                    ended_on__isnull=True,
                    outcome="",
                    ending_parties="",
                    onward="",
                    onward_text="",
                    aftercare_until__isnull=True,
                )
                | Q(state="ended", ended_on__isnull=False, responsible__isnull=True)
                & ~Q(outcome="")
                & ~Q(ending_parties="")
                & ~Q(onward="")
                & ~Q(onward_text=""),
                name="cases_case_ending",
            ),
            models.CheckConstraint(
                condition=Q(aftercare_until__isnull=True) | Q(aftercare_until__gte=F("ended_on")),
                name="cases_case_aftercare",
            ),
            models.CheckConstraint(
                condition=Q(is_held=False, held_reason="") | Q(is_held=True) & ~Q(held_reason=""),
                name="cases_case_hold_pair",
            ),
            models.CheckConstraint(
                condition=Q(erasure_warned_on__isnull=True, erasure_on__isnull=True)
                | Q(state="ended", is_held=False, erasure_on__gt=F("erasure_warned_on")),
                name="cases_case_warning_pair",
            ),
            models.CheckConstraint(
                condition=Q(left_by__isnull=True, left_on__isnull=True)
                | Q(left_by__isnull=False, left_on__isnull=False),
                name="cases_case_left_pair",
            ),
            models.CheckConstraint(
                condition=Q(duties_explained_on__isnull=True, duties_explained_how="")
                | Q(duties_explained_on__isnull=False) & ~Q(duties_explained_how=""),
                name="cases_case_duties_pair",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("opened_on")), name="cases_case_period"
            ),
            models.UniqueConstraint(
                fields=["person", "kind", "controller"], condition=Q(state="open"), name="cases_case_one_open"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state", "next_deadline_on"], name="cases_case_unit_deadline"),
            models.Index(fields=["responsible", "state", "next_deadline_on"], name="cases_case_responsible"),
            models.Index(fields=["unit", "state", "last_contact_on"], name="cases_case_unit_contact"),
            models.Index(fields=["person", "state"], name="cases_case_person"),
            models.Index(
                fields=["unit", "erasure_on", "id"],
                condition=Q(erasure_on__isnull=False),
                name="cases_case_going",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def scope(self) -> CaseScope:
        """Whose case it is, and the units in it: its own, those taking part, and those that may still write."""
        rows = self.participations.filter(
            Q(left_on__isnull=True) | Q(writes_until__gte=clock.today()), unit__isnull=False
        )
        return CaseScope(self.person_id, frozenset(rows.values_list("unit_id", flat=True)) | {self.unit_id})


class CaseNumber(models.Model):
    """The counter behind human-readable case numbers, one row a year."""

    year = models.PositiveIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class PersonalData:
        """None: a counter."""

        fields = {"year": Holds.NONE, "last": Holds.NONE}
        retention = Retention(ground="Holds no personal data.")

    class Meta:
        ordering = ["year"]

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class StatusChange(Recorded):
    """One step of a state machine of the case: phase, need, end, reopening, service state."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="status_changes", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=20)
    subject_id = models.UUIDField(null=True, blank=True)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40)
    on = models.DateField()
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class PersonalData:
        """The path."""

        fields = {
            **ROW, "subject": Holds.FACT, "subject_id": Holds.REFERENCE, "before": Holds.FACT, "after": Holds.FACT,
            "on": Holds.FACT, "reason": Holds.FREE_TEXT,
        }  # fmt: skip
        retention = WITH_CASE
        in_words = own_data.of_change() | own_data.of_reasons("reason")

    class Meta:
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["case", "subject", "on"], name="cases_statuschange_case")]

    def __str__(self) -> str:
        return f"{self.subject} {self.before} → {self.after}"


class Deadline(Recorded):
    """A due date that the engine computed: by which rule, from which facts. Recomputed whenever a fact changes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="deadlines", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False)
    rule = models.CharField(max_length=60)
    due_on = models.DateField()
    warn_on = models.DateField()
    source = models.CharField(max_length=200)
    inputs = models.JSONField(default=dict)
    subject_id = models.UUIDField(null=True, blank=True)

    class PersonalData:
        """Due dates."""

        fields = {
            **ROW, "unit": Holds.REFERENCE, "rule": Holds.FACT, "due_on": Holds.FACT, "warn_on": Holds.FACT,
            "source": Holds.FACT, "inputs": Holds.FACT, "subject_id": Holds.REFERENCE,
        }  # fmt: skip
        retention = WITH_CASE
        in_words = own_data.of_rule()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "rule", "subject_id"], nulls_distinct=False, name="cases_deadline_once"
            )
        ]
        indexes = [models.Index(fields=["unit", "due_on"], name="cases_deadline_unit_due")]

    def __str__(self) -> str:
        return f"{self.rule} {self.due_on}"
