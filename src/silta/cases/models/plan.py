"""What is agreed with the person: goals, promises, services, and the plan they make up."""

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from silta.access.models import Recorded
from silta.accounts.models import User
from silta.cases import enums
from silta.cases.models.base import ROW, WITH_CASE
from silta.cases.models.case import Case
from silta.cases.rules import own_data
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import Holds
from silta.organisations.models import Unit
from silta.people.models import Person


@pghistory.track(level=pghistory.Statement)
class Goal(Recorded):
    """What the person wants, in her own words first."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="goals", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    own_words = models.TextField(_("in the client's own words"), max_length=1000)
    wording = models.CharField(_("as agreed"), max_length=300, blank=True)
    proposed_by = models.CharField(_("proposed by"), max_length=14, choices=enums.ProposedBy)
    state = models.CharField(
        _("state"), max_length=10, choices=enums.GoalState, default=enums.GoalState.PROPOSED
    )
    state_on = models.DateField()
    state_reason = models.CharField(_("reason"), max_length=300, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class PersonalData:
        """Goals (381/2023 11 § 7 k.)."""

        fields = {
            **ROW, "own_words": Holds.FREE_TEXT, "wording": Holds.FREE_TEXT, "proposed_by": Holds.FACT,
            "state": Holds.FACT, "state_on": Holds.FACT, "state_reason": Holds.FREE_TEXT, "confirmed_on": Holds.FACT,
            "version": Holds.NONE,
        }  # fmt: skip
        retention = WITH_CASE
        in_words = own_data.of_reasons("state_reason")

    class Meta:
        ordering = ["recorded_at", "id"]
        verbose_name = _("goal")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "achieved"]) | Q(confirmed_on__isnull=False),
                name="cases_goal_confirmed_on",
            )
        ]
        indexes = [models.Index(fields=["case", "state"], name="cases_goal_case")]

    def __str__(self) -> str:
        return f"{self.state} {self.state_on}"


@pghistory.track(level=pghistory.Statement)
class Action(Recorded):
    """Something somebody promised to do by a day; under a goal it is a near step."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="actions", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey(Goal, on_delete=models.SET_NULL, null=True, blank=True, related_name="actions")
    text = models.CharField(_("what"), max_length=300)
    owner_is_client = models.BooleanField(_("the client does it"), default=False)
    owner_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    due_on = models.DateField(_("by"), null=True, blank=True)
    state = models.CharField(max_length=8, choices=enums.ActionState, default=enums.ActionState.OPEN)
    state_on = models.DateField()
    state_reason = models.CharField(_("reason"), max_length=300, blank=True)
    nudged_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class PersonalData:
        """Promises."""

        fields = {
            **ROW, "goal": Holds.REFERENCE, "text": Holds.FREE_TEXT, "owner_is_client": Holds.FACT,
            "owner_unit": Holds.REFERENCE, "owner": Holds.REFERENCE, "due_on": Holds.FACT, "state": Holds.FACT,
            "state_on": Holds.FACT, "state_reason": Holds.FREE_TEXT, "nudged_on": Holds.FACT, "version": Holds.NONE,
        }  # fmt: skip
        retention = WITH_CASE
        in_words = own_data.of_reasons("state_reason")

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "id"]
        verbose_name = _("action")
        constraints = [
            models.CheckConstraint(
                condition=Q(owner_is_client=True) | Q(owner_unit__isnull=False), name="cases_action_has_owner"
            )
        ]
        indexes = [
            models.Index(fields=["owner", "state", "due_on"], name="cases_action_owner"),
            models.Index(fields=["owner_unit", "state", "due_on"], name="cases_action_unit"),
            models.Index(fields=["case", "state", "due_on"], name="cases_action_case"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.due_on}"


@pghistory.track(level=pghistory.Statement)
class AgreedService(Recorded):
    """A service agreed in the plan, from agreement to delivery."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="services", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey(Goal, on_delete=models.SET_NULL, null=True, blank=True, related_name="services")
    name = models.CharField(_("service"), max_length=200)
    provider_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    provider_name = models.CharField(_("who provides it"), max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=enums.ServiceState, default=enums.ServiceState.AGREED)
    state_on = models.DateField()
    state_reason = models.CharField(_("reason"), max_length=300, blank=True)
    agreed_on = models.DateField(_("agreed on"))
    expected_on = models.DateField(_("should have started by"), null=True, blank=True)
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class PersonalData:
        """Services (381/2023 5 §)."""

        fields = {
            **ROW, "goal": Holds.REFERENCE, "name": Holds.FREE_TEXT, "provider_unit": Holds.REFERENCE,
            "provider_name": Holds.FREE_TEXT, "state": Holds.FACT, "state_on": Holds.FACT,
            "state_reason": Holds.FREE_TEXT, "agreed_on": Holds.FACT, "expected_on": Holds.FACT,
            "started_on": Holds.FACT, "ended_on": Holds.FACT, "version": Holds.NONE,
        }  # fmt: skip
        retention = WITH_CASE
        in_words = own_data.of_reasons("state_reason")

    class Meta:
        ordering = ["agreed_on", "id"]
        verbose_name = _("agreed service")
        constraints = [
            models.CheckConstraint(
                condition=Q(provider_unit__isnull=False) | ~Q(provider_name=""),
                name="cases_service_has_provider",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(ended_on__isnull=False), name="cases_service_done_has_end"
            ),
            models.CheckConstraint(
                condition=~Q(state="started") | Q(started_on__isnull=False), name="cases_service_started_on"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True)
                | Q(started_on__isnull=True)
                | Q(ended_on__gte=F("started_on")),
                name="cases_service_period",
            ),
        ]
        indexes = [models.Index(fields=["case", "state"], name="cases_service_case")]

    def __str__(self) -> str:
        return f"{self.state} {self.state_on}"


class PlanVersion(Recorded):
    """The plan as it stood when it was made or changed: whole, with the reason, never altered afterwards."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="plan_versions", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    made_on = models.DateField(_("made on"))
    reason = models.CharField(_("reason for the version"), max_length=300)
    how_followed = models.TextField(_("how implementation is followed"), max_length=2000)
    content = models.JSONField()
    accepted_on = models.DateField(_("accepted on"), null=True, blank=True)
    accepted_how = models.CharField(_("how accepted"), max_length=16, choices=enums.AcceptedHow, blank=True)
    explained_how = models.CharField(_("how it was explained"), max_length=500, blank=True)
    refused_reason = models.CharField(_("why the client does not accept"), max_length=500, blank=True)

    class PersonalData:
        """The plan (381/2023 11 § 7 k.)."""

        fields = {
            **ROW, "number": Holds.FACT, "made_on": Holds.FACT, "reason": Holds.FREE_TEXT,
            "how_followed": Holds.FREE_TEXT, "content": Holds.FREE_TEXT, "accepted_on": Holds.FACT,
            "accepted_how": Holds.FACT, "explained_how": Holds.FREE_TEXT, "refused_reason": Holds.FREE_TEXT,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["-number"]
        verbose_name = _("plan version")
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="cases_planversion_number"),
            models.CheckConstraint(condition=~Q(how_followed=""), name="cases_planversion_how_followed"),
            models.CheckConstraint(
                condition=Q(accepted_on__isnull=True, accepted_how="", explained_how="")
                | Q(accepted_on__isnull=False, refused_reason="") & ~Q(accepted_how=""),
                name="cases_planversion_acceptance",
            ),
            models.CheckConstraint(
                condition=~Q(accepted_how="otherwise") | ~Q(explained_how=""),
                name="cases_planversion_explained",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} v{self.number}"


class Review(Recorded):
    """The plan was looked at together (381/2023 6 §)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reviews", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    held_on = models.DateField(_("held on"))
    asked_by_client = models.BooleanField(_("asked for by the client"), default=False)
    present = models.CharField(_("who took part"), max_length=300, blank=True)
    findings = models.TextField(_("what was found"), max_length=4000)
    plan_version = models.ForeignKey(
        PlanVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class PersonalData:
        """Reviews."""

        fields = {
            **ROW, "held_on": Holds.FACT, "asked_by_client": Holds.FACT, "present": Holds.FREE_TEXT,
            "findings": Holds.FREE_TEXT, "plan_version": Holds.REFERENCE,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["-held_on", "-id"]
        indexes = [models.Index(fields=["case", "-held_on"], name="cases_review_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.held_on}"
