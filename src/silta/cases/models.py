"""The tables of a case. Every row names its person, and who recorded it for which unit."""

from dataclasses import dataclass
from uuid import UUID

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category
from silta.access.models import PROVENANCE, Recorded
from silta.accounts.models import User
from silta.cases import enums
from silta.kernel import clock
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import Holds, Retention
from silta.organisations.models import Organisation, Unit
from silta.people.models import Person

WITH_CASE = Retention(
    ground="381/2023 12 §: four years after joint clienthood ends", follows="case", hold="case__is_held"
)


@dataclass(frozen=True, slots=True)
class CaseScope:
    """Whose case it is and which units work in it now: what ``access`` needs to know to decide."""

    person_id: UUID
    unit_ids: frozenset[UUID]


_ROW = {"id": Holds.NONE, "case": Holds.REFERENCE, "person": Holds.REFERENCE, **PROVENANCE}


@pghistory.track()
class Case(Recorded):
    """One matter of one person, of one kind, under one controller.

    The columns from ``last_contact_on`` on are the *standing*: facts derived from the rows below, kept in step by
    ``operations.standing.refresh`` so that worklists of any size read one table.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases")
    kind = models.CharField(_("kind"), max_length=40)
    definition_version = models.CharField(max_length=20)
    controller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cases")
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

    responsible = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
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
            **{key: value for key, value in _ROW.items() if key != "case"},
            **dict.fromkeys(
                ["number", "kind", "definition_version", "legal_basis", "phase", "phase_since", "state", "need",
                 "source", "opened_on", "assessment_started_on", "planned_end_on", "duties_explained_on", "ended_on",
                 "outcome", "onward", "aftercare_until", "is_held", "last_contact_on", "next_step_on", "open_steps",
                 "open_goals", "waiting_services", "next_deadline_on"],
                Holds.FACT,
            ),
            **dict.fromkeys(["controller", "unit", "previous", "responsible", "official_reference"], Holds.REFERENCE),
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
            hold="is_held",
        )

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
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def scope(self) -> CaseScope:
        """Whose case it is, and the units in it: its own, those taking part, and those that may still write."""
        rows = Participation.objects.filter(
            Q(left_on__isnull=True) | Q(writes_until__gte=clock.today()), case_id=self.pk, unit__isnull=False
        )
        return CaseScope(self.person_id, frozenset(rows.values_list("unit_id", flat=True)) | {self.unit_id})


class Participation(Recorded):
    """Somebody takes part, from one day to another; ended periods stay and are shown (lesson 1)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="participations")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="participations"
    )
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="participations"
    )
    outsider_name = models.CharField(_("name"), max_length=150, blank=True)
    part = models.CharField(_("part"), max_length=12, choices=enums.Part)
    answers_for = models.CharField(_("answers for"), max_length=300, blank=True)
    joined_on = models.DateField()
    joined_how = models.CharField(max_length=14, choices=enums.Joined)
    joined_reason = models.CharField(_("reason"), max_length=300, blank=True)
    left_on = models.DateField(null=True, blank=True)
    left_reason = models.CharField(_("reason for leaving"), max_length=300, blank=True)
    writes_until = models.DateField(_("may still write until"), null=True, blank=True)

    class PersonalData:
        """Who works with the person."""

        fields = {
            **_ROW, "unit": Holds.REFERENCE, "user": Holds.REFERENCE, "outsider_name": Holds.IDENTITY,
            "part": Holds.FACT, "answers_for": Holds.FREE_TEXT, "joined_on": Holds.FACT, "joined_how": Holds.FACT,
            "joined_reason": Holds.FREE_TEXT, "left_on": Holds.FACT, "left_reason": Holds.FREE_TEXT,
            "writes_until": Holds.FACT,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["joined_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(part="responsible", left_on__isnull=True),
                name="cases_one_responsible",
            ),
            models.UniqueConstraint(
                fields=["case", "unit", "user", "part"],
                condition=Q(left_on__isnull=True),
                name="cases_participates_once",
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True, left_reason="", writes_until__isnull=True)
                # Said aloud: against an empty day the comparison would be unknown, and a check lets the unknown through.
                | Q(left_on__isnull=False, left_on__gte=F("joined_on")) & ~Q(left_reason=""),
                name="cases_participation_period",
            ),
            models.CheckConstraint(
                condition=Q(part="supporter", unit__isnull=True, user__isnull=True) & ~Q(outsider_name="")
                | ~Q(part="supporter") & Q(unit__isnull=False, outsider_name=""),
                name="cases_participation_who",
            ),
            models.CheckConstraint(
                condition=~Q(part="responsible") | Q(user__isnull=False), name="cases_responsible_is_named"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "left_on"], name="cases_participation_user"),
            models.Index(fields=["unit", "left_on"], name="cases_participation_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.joined_on}"


class HandOver(Recorded):
    """The responsibility went from one worker to another, with what the next one must know."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="hand_overs")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    from_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    to_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    note = models.TextField(_("hand-over note"), blank=True)
    transition_until = models.DateField(_("the former worker may write until"), null=True, blank=True)

    class PersonalData:
        """Who handed over to whom."""

        fields = {
            **_ROW, "from_user": Holds.REFERENCE, "to_user": Holds.REFERENCE, "on": Holds.FACT,
            "note": Holds.FREE_TEXT, "transition_until": Holds.FACT,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.on}"


@pghistory.track()
class AssessmentEntry(Recorded):
    """One thing known about the person's situation: in which domain, from whom, as of which day.

    A correction is a new entry that ``replaces`` the old one; nothing known is overwritten.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assessment_entries")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    category = models.CharField(max_length=20, choices=Category)
    domain = models.CharField(_("domain"), max_length=14, choices=enums.Domain)
    text = models.TextField(_("what is known"), max_length=4000)
    source = models.CharField(_("source"), max_length=14, choices=enums.EntrySource)
    source_detail = models.CharField(_("from whom, which document"), max_length=200, blank=True)
    necessity = models.CharField(_("why it is necessary"), max_length=300, blank=True)
    as_of = models.DateField(_("as of"))
    replaces = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaced_by"
    )
    is_current = models.BooleanField(default=True)
    disputed_note = models.CharField(_("who sees it otherwise, and how"), max_length=500, blank=True)

    class PersonalData:
        """What is known; health only with a source and a necessity (REQ-001-03)."""

        fields = {
            **_ROW, "category": Holds.FACT, "domain": Holds.FACT, "text": Holds.HEALTH, "source": Holds.FACT,
            "source_detail": Holds.FREE_TEXT, "necessity": Holds.FREE_TEXT, "as_of": Holds.FACT,
            "replaces": Holds.REFERENCE, "is_current": Holds.FACT, "disputed_note": Holds.FREE_TEXT,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["domain", "-as_of", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="cases_entry_has_source"),
            models.CheckConstraint(
                condition=~Q(category="health") | ~Q(necessity="") & ~Q(source_detail=""),
                name="cases_entry_health_ground",
            ),
        ]
        indexes = [models.Index(fields=["case", "is_current", "domain"], name="cases_entry_case")]

    def __str__(self) -> str:
        return f"{self.domain} {self.as_of}"


@pghistory.track()
class Goal(Recorded):
    """What the person wants, in her own words first."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="goals")
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
            **_ROW, "own_words": Holds.FREE_TEXT, "wording": Holds.FREE_TEXT, "proposed_by": Holds.FACT,
            "state": Holds.FACT, "state_on": Holds.FACT, "state_reason": Holds.FREE_TEXT, "confirmed_on": Holds.FACT,
            "version": Holds.NONE,
        }  # fmt: skip
        retention = WITH_CASE

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


@pghistory.track()
class Action(Recorded):
    """Something somebody promised to do by a day; under a goal it is a near step."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="actions")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey(Goal, on_delete=models.SET_NULL, null=True, blank=True, related_name="actions")
    text = models.CharField(_("what"), max_length=300)
    owner_is_client = models.BooleanField(_("the client does it"), default=False)
    owner_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(_("by"), null=True, blank=True)
    state = models.CharField(max_length=8, choices=enums.ActionState, default=enums.ActionState.OPEN)
    state_on = models.DateField()
    state_reason = models.CharField(_("reason"), max_length=300, blank=True)
    nudged_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class PersonalData:
        """Promises."""

        fields = {
            **_ROW, "goal": Holds.REFERENCE, "text": Holds.FREE_TEXT, "owner_is_client": Holds.FACT,
            "owner_unit": Holds.REFERENCE, "owner": Holds.REFERENCE, "due_on": Holds.FACT, "state": Holds.FACT,
            "state_on": Holds.FACT, "state_reason": Holds.FREE_TEXT, "nudged_on": Holds.FACT, "version": Holds.NONE,
        }  # fmt: skip
        retention = WITH_CASE

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


@pghistory.track()
class AgreedService(Recorded):
    """A service agreed in the plan, from agreement to delivery."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="services")
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
            **_ROW, "goal": Holds.REFERENCE, "name": Holds.FREE_TEXT, "provider_unit": Holds.REFERENCE,
            "provider_name": Holds.FREE_TEXT, "state": Holds.FACT, "state_on": Holds.FACT,
            "state_reason": Holds.FREE_TEXT, "agreed_on": Holds.FACT, "expected_on": Holds.FACT,
            "started_on": Holds.FACT, "ended_on": Holds.FACT, "version": Holds.NONE,
        }  # fmt: skip
        retention = WITH_CASE

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
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="plan_versions")
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
            **_ROW, "number": Holds.FACT, "made_on": Holds.FACT, "reason": Holds.FREE_TEXT,
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
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reviews")
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
            **_ROW, "held_on": Holds.FACT, "asked_by_client": Holds.FACT, "present": Holds.FREE_TEXT,
            "findings": Holds.FREE_TEXT, "plan_version": Holds.REFERENCE,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["-held_on", "-id"]
        indexes = [models.Index(fields=["case", "-held_on"], name="cases_review_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.held_on}"


@pghistory.track()
class Note(Recorded):
    """A contact or an observation; internal, shared, or restricted to one category of data."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    category = models.CharField(
        _("data category"), max_length=20, choices=Category, default=Category.CLIENTHOOD
    )
    visibility = models.CharField(_("who reads it"), max_length=10, choices=enums.Visibility)
    kind = models.CharField(_("kind"), max_length=12, choices=enums.NoteKind)
    happened_at = models.DateTimeField(_("when"))
    channel = models.CharField(_("how"), max_length=8, choices=enums.Channel, blank=True)
    result = models.CharField(_("result"), max_length=12, choices=enums.ContactResult, blank=True)
    with_client = models.BooleanField(_("with the client"), default=True)
    with_whom = models.CharField(_("with whom"), max_length=200, blank=True)
    text = models.TextField(_("note"), max_length=8000, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class PersonalData:
        """Contacts and observations."""

        fields = {
            **_ROW, "category": Holds.FACT, "visibility": Holds.FACT, "kind": Holds.FACT, "happened_at": Holds.FACT,
            "channel": Holds.FACT, "result": Holds.FACT, "with_client": Holds.FACT, "with_whom": Holds.FREE_TEXT,
            "text": Holds.FREE_TEXT, "withdrawn_at": Holds.FACT, "withdrawn_reason": Holds.FREE_TEXT,
            "version": Holds.NONE,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["-happened_at", "-id"]
        verbose_name = _("note")
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="cases_note_withdrawal_pair",
            ),
            models.CheckConstraint(
                condition=~Q(kind="contact") | ~Q(channel="") & ~Q(result=""), name="cases_note_contact_told"
            ),
            models.CheckConstraint(
                condition=~Q(kind="observation") | ~Q(text=""), name="cases_note_says_something"
            ),
        ]
        indexes = [models.Index(fields=["case", "-happened_at"], name="cases_note_case")]

    def __str__(self) -> str:
        return f"{self.kind} {self.happened_at:%Y-%m-%d}"


class Flag(Recorded):
    """Something all in the case should see until it is resolved."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="flags")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    text = models.CharField(_("what to notice"), max_length=300)
    resolved_on = models.DateField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    resolution = models.CharField(_("how it was resolved"), max_length=300, blank=True)

    class PersonalData:
        """Flags."""

        fields = {
            **_ROW, "text": Holds.FREE_TEXT, "resolved_on": Holds.FACT, "resolved_by": Holds.REFERENCE,
            "resolution": Holds.FREE_TEXT,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_on__isnull=True, resolved_by__isnull=True)
                | Q(resolved_on__isnull=False, resolved_by__isnull=False),
                name="cases_flag_resolution_pair",
            )
        ]

    def __str__(self) -> str:
        return f"flag {self.pk}"


class StatusChange(Recorded):
    """One step of a state machine of the case: phase, need, end, reopening, service state."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="status_changes")
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
            **_ROW, "subject": Holds.FACT, "subject_id": Holds.REFERENCE, "before": Holds.FACT, "after": Holds.FACT,
            "on": Holds.FACT, "reason": Holds.FREE_TEXT,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["case", "subject", "on"], name="cases_statuschange_case")]

    def __str__(self) -> str:
        return f"{self.subject} {self.before} → {self.after}"


class Transfer(Recorded):
    """The case is offered to another unit or organisation, which accepts or declines."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="transfers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    from_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="transfers_in")
    state = models.CharField(max_length=10, choices=enums.TransferState, default=enums.TransferState.PROPOSED)
    reason = models.CharField(_("reason"), max_length=500)
    note = models.TextField(_("what the next unit must know"), max_length=4000, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decision_reason = models.CharField(_("reason for the decision"), max_length=500, blank=True)

    class PersonalData:
        """Transfers."""

        fields = {
            **_ROW, "from_unit": Holds.REFERENCE, "to_unit": Holds.REFERENCE, "state": Holds.FACT,
            "reason": Holds.FREE_TEXT, "note": Holds.FREE_TEXT, "decided_on": Holds.FACT,
            "decided_by": Holds.REFERENCE, "decision_reason": Holds.FREE_TEXT,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="proposed"), name="cases_one_open_transfer"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="proposed", decided_on__isnull=True, decided_by__isnull=True, decision_reason=""
                )
                | ~Q(state="proposed") & Q(decided_on__isnull=False),
                name="cases_transfer_decision",
            ),
            models.CheckConstraint(condition=~Q(from_unit=F("to_unit")), name="cases_transfer_two_units"),
        ]
        indexes = [models.Index(fields=["to_unit", "state"], name="cases_transfer_to_unit")]

    def __str__(self) -> str:
        return f"{self.state} {self.case_id}"


class Deadline(Recorded):
    """A due date that the engine computed: by which rule, from which facts. Recomputed whenever a fact changes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="deadlines")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=60)
    due_on = models.DateField()
    warn_on = models.DateField()
    source = models.CharField(max_length=200)
    inputs = models.JSONField(default=dict)
    subject_id = models.UUIDField(null=True, blank=True)

    class PersonalData:
        """Due dates."""

        fields = {
            **_ROW, "unit": Holds.REFERENCE, "rule": Holds.FACT, "due_on": Holds.FACT, "warn_on": Holds.FACT,
            "source": Holds.FACT, "inputs": Holds.FACT, "subject_id": Holds.REFERENCE,
        }  # fmt: skip
        retention = WITH_CASE

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


class Draft(models.Model):
    """What a worker typed and has not yet saved; kept so that an expired session loses nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="drafts")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=60)
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class PersonalData:
        """Unsaved words, seen by their writer only."""

        fields = {
            "id": Holds.NONE, "user": Holds.REFERENCE, "case": Holds.REFERENCE, "person": Holds.REFERENCE,
            "form": Holds.NONE, "fields": Holds.FREE_TEXT, "saved_at": Holds.FACT,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["-saved_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "case", "form"], name="cases_draft_once")]

    def __str__(self) -> str:
        return f"{self.form} {self.saved_at:%Y-%m-%d %H:%M}"


class CaseNumber(models.Model):
    """The counter behind human-readable case numbers, one row a year."""

    year = models.PositiveIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class PersonalData:
        """None."""

        fields = {"year": Holds.NONE, "last": Holds.NONE}
        retention = Retention(ground="Holds no personal data.")

    class Meta:
        ordering = ["year"]

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


CATEGORY_OF_DOMAIN: dict[str, str] = {
    enums.Domain.STRENGTHS: Category.SKILLS,
    enums.Domain.LIFE: Category.SOCIAL,
    enums.Domain.SKILLS: Category.SKILLS,
    enums.Domain.SOCIAL: Category.SOCIAL,
    enums.Domain.HEALTH: Category.HEALTH,
    enums.Domain.WORK_ABILITY: Category.HEALTH,
}
