"""What is known of the person's situation."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category
from silta.access.models import Recorded
from silta.cases import enums
from silta.cases.models.base import ROW, WITH_CASE
from silta.cases.models.case import Case
from silta.kernel.identifiers import new_id
from silta.kernel.personaldata import Holds
from silta.people.models import Person


@pghistory.track(level=pghistory.Statement)
class AssessmentEntry(Recorded):
    """One thing known about the person's situation: in which domain, from whom, as of which day.

    A correction is a new entry that ``replaces`` the old one; nothing known is overwritten.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="assessment_entries", db_index=False
    )
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
            **ROW, "category": Holds.FACT, "domain": Holds.FACT, "text": Holds.HEALTH, "source": Holds.FACT,
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


CATEGORY_OF_DOMAIN: dict[str, str] = {
    enums.Domain.STRENGTHS: Category.SKILLS,
    enums.Domain.LIFE: Category.SOCIAL,
    enums.Domain.SKILLS: Category.SKILLS,
    enums.Domain.SOCIAL: Category.SOCIAL,
    enums.Domain.HEALTH: Category.HEALTH,
    enums.Domain.WORK_ABILITY: Category.HEALTH,
}
