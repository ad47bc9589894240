"""What is known of the person's situation."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category
from silta.cases import enums
from silta.cases.forms.base import CaseForm
from silta.cases.models import CATEGORY_OF_DOMAIN
from silta.kernel import clock
from silta.ui.fields import Day, PlainText


class EntryForm(CaseForm):
    """One thing that is known: in which domain, from whom, as of when."""

    domain = forms.ChoiceField(
        label=_("What it is about"), choices=enums.Domain, initial=enums.Domain.STRENGTHS
    )
    text = PlainText(label=_("What is known"), max_length=4000, rows=4)
    source = forms.ChoiceField(
        label=_("From whom"),
        choices=enums.EntrySource,
        initial=enums.EntrySource.CLIENT,
        widget=forms.RadioSelect(attrs={"class": "chips"}),
    )
    source_detail = PlainText(label=_("Who, or which document"), max_length=200, required=False)
    as_of = Day(label=_("As of"), future=False, initial=clock.today)
    necessity = PlainText(
        label=_("Why it is necessary for the support"), max_length=300, required=False,
        help_text=_("Needed for health and functioning: a diagnosis alone is never a reason to record."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Health data need a necessity (REQ-001-03; 381/2023 15 §)."""
        cleaned = super().clean() or {}
        is_health = CATEGORY_OF_DOMAIN.get(cleaned.get("domain", "")) == Category.HEALTH
        if is_health and not cleaned.get("necessity"):
            self.add_error("necessity", _("Say why this must be recorded for the support to work."))
        return cleaned


class CorrectEntryForm(CaseForm):
    """The same thing, put right; the old words stay in the history."""

    text = PlainText(label=_("What is known"), max_length=4000, rows=4)
    source = forms.ChoiceField(
        label=_("From whom"), choices=enums.EntrySource, widget=forms.RadioSelect(attrs={"class": "chips"})
    )
    source_detail = PlainText(label=_("Who, or which document"), max_length=200, required=False)
    as_of = Day(label=_("As of"), future=False, initial=clock.today)
    necessity = PlainText(label=_("Why it is necessary for the support"), max_length=300, required=False)


class DisputeForm(CaseForm):
    """Somebody sees it otherwise."""

    note = PlainText(label=_("Who sees it otherwise, and how"), max_length=500, rows=3)
