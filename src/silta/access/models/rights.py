"""Reviews of rights: does everybody who has rights in a unit still need them, and what was answered of whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Verdict
from silta.access.models.places import Membership
from silta.accounts.models import User
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import Holds, Retention
from silta.organisations.models import Unit

_LOGS = "703/2023 Annex: use and disclosure logs"


class RightsReview(models.Model):
    """A unit's memberships are gone through by its lead, until a day; ``confirmed`` is the list as it stood when it was closed.

    Begun by the clock (``started_by`` is none) or early by whoever oversees the unit. One that was closed by nobody had
    nobody left to review.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="rights_reviews")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    due_on = models.DateField(_("to be answered by"))
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    confirmed = models.JSONField(default=list, blank=True)

    class PersonalData:
        """What rights staff had, and who confirmed them."""

        fields = {
            "id": Holds.NONE, "unit": Holds.REFERENCE, "started_at": Holds.FACT, "started_by": Holds.REFERENCE,
            "due_on": Holds.FACT, "closed_at": Holds.FACT, "closed_by": Holds.REFERENCE, "confirmed": Holds.FACT,
        }  # fmt: skip
        retention = Retention(ground=_LOGS, years=12, start="closed_at")

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=models.Q(closed_at__isnull=True),
                name="access_rightsreview_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=False) | models.Q(closed_by__isnull=True),
                name="access_rightsreview_closed_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.due_on}"


class RightsAnswer(models.Model):
    """What the reviewer says of one membership; an empty verdict was taken back.

    It is a draft until the review is closed. What she may not change herself is then the keeper's to do
    (``is_request``), who notes what became of it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(RightsReview, on_delete=models.CASCADE, related_name="answers")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="rights_answers")
    verdict = models.CharField(_("answer"), max_length=10, choices=Verdict, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    right_role = models.CharField(_("the right role"), max_length=40, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    is_request = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    settled_note = models.CharField(_("what was done"), max_length=200, blank=True)

    class PersonalData:
        """What was said of a worker's rights, and by whom."""

        fields = {
            "id": Holds.NONE, "review": Holds.REFERENCE, "membership": Holds.REFERENCE, "verdict": Holds.FACT,
            "ends_on": Holds.FACT, "right_role": Holds.FACT, "note": Holds.FREE_TEXT, "answered_by": Holds.REFERENCE,
            "answered_at": Holds.FACT, "version": Holds.NONE, "is_request": Holds.FACT, "settled_at": Holds.FACT,
            "settled_by": Holds.REFERENCE, "settled_note": Holds.FREE_TEXT,
        }  # fmt: skip
        retention = Retention(ground=_LOGS, follows="review")

    class Meta:
        ordering = ["answered_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "membership"], name="access_rightsanswer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.verdict}"
