"""Who works in a case, and how it goes from one to another."""

import zlib

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


class Participation(Recorded):
    """Somebody takes part, from one day to another; ended periods stay and are shown (lesson 1)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="participations")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="participations", db_index=False
    )
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="participations", db_index=False
    )
    outsider_name = models.CharField(_("name"), max_length=150, blank=True)
    part = models.CharField(_("part"), max_length=12, choices=enums.Part)
    answers_for = models.CharField(_("answers for"), max_length=300, blank=True)
    joined_on = models.DateField()
    joined_how = models.CharField(max_length=14, choices=enums.Joined)
    left_on = models.DateField(null=True, blank=True)
    left_reason = models.CharField(_("reason for leaving"), max_length=300, blank=True)
    writes_until = models.DateField(_("may still write until"), null=True, blank=True)

    class PersonalData:
        """Who works with the person."""

        fields = {
            **ROW, "unit": Holds.REFERENCE, "user": Holds.REFERENCE, "outsider_name": Holds.IDENTITY,
            "part": Holds.FACT, "answers_for": Holds.FREE_TEXT, "joined_on": Holds.FACT, "joined_how": Holds.FACT,
            "left_on": Holds.FACT, "left_reason": Holds.FREE_TEXT, "writes_until": Holds.FACT,
        }  # fmt: skip
        retention = WITH_CASE
        in_words = own_data.of_reasons("left_reason")

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

    @property
    def version(self) -> int:
        """Changes with the only words of a period that are ever said anew: what the participant answers for."""
        return zlib.crc32(self.answers_for.encode()) + 1

    @property
    def why_joined(self) -> str:
        """Why somebody came in, where that had to be told and the reader may know it."""
        reason: JoiningReason | None = getattr(self, "joining_reason", None)
        return reason.text if reason else ""

    @property
    def why_left(self) -> str:
        """Why somebody left: a worker's own words, where the reader may know them, else what everybody may read."""
        reason: LeavingReason | None = getattr(self, "leaving_reason", None)
        return reason.text if reason else self.left_reason


class _Reason(Recorded):
    """Why somebody came or left; in a row of its own, for fewer read it than know that she did."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="%(class)ss")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    class PersonalData:
        """Why a unit says it needs to know the person, or no longer works with her."""

        fields = {**ROW, "participation": Holds.REFERENCE, "text": Holds.FREE_TEXT}
        retention = WITH_CASE
        in_words = own_data.of_reasons("text")

    class Meta:
        abstract = True
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class JoiningReason(_Reason):
    """Why somebody came in, where it had to be told."""

    participation = models.OneToOneField(
        Participation, on_delete=models.CASCADE, related_name="joining_reason"
    )
    text = models.CharField(_("reason"), max_length=300)


class LeavingReason(_Reason):
    """Why somebody left, in a worker's own words."""

    participation = models.OneToOneField(
        Participation, on_delete=models.CASCADE, related_name="leaving_reason"
    )
    text = models.CharField(_("reason for leaving"), max_length=300)


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
            **ROW, "from_user": Holds.REFERENCE, "to_user": Holds.REFERENCE, "on": Holds.FACT,
            "note": Holds.FREE_TEXT, "transition_until": Holds.FACT,
        }  # fmt: skip
        retention = WITH_CASE

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.on}"


class Transfer(Recorded):
    """The case is offered to another unit or organisation, which accepts or declines."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="transfers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    from_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="transfers_in", db_index=False)
    state = models.CharField(max_length=10, choices=enums.TransferState, default=enums.TransferState.PROPOSED)
    reason = models.CharField(_("reason"), max_length=500)
    note = models.TextField(_("what the next unit must know"), max_length=4000, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decision_reason = models.CharField(_("reason for the decision"), max_length=500, blank=True)

    class PersonalData:
        """Transfers."""

        fields = {
            **ROW, "from_unit": Holds.REFERENCE, "to_unit": Holds.REFERENCE, "state": Holds.FACT,
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
