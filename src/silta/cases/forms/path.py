"""The path of a case: phases, duties, end, return."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from silta.cases import enums
from silta.cases.forms.base import CaseForm, VersionedForm
from silta.kernel import clock
from silta.ui.fields import Day, PlainText


class PhaseForm(VersionedForm):
    """To another phase, with a reason."""

    phase = forms.ChoiceField(label=_("Next phase"), choices=(), widget=forms.RadioSelect)
    reason = PlainText(label=_("Why now"), max_length=500)
    on = Day(label=_("From the day"), future=False, initial=clock.today)


class AssessmentStartForm(CaseForm):
    """The joint assessment begins, and with it the clienthood and its times (381/2023 3 §)."""

    on = Day(label=_("The assessment starts on"), future=False, initial=clock.today)


class DutiesForm(VersionedForm):
    """The client was told what the support means for her."""

    how = PlainText(
        label=_("How they were explained"), max_length=300,
        help_text=_("For example: in plain language, in the client's language, with an interpreter."),
    )  # fmt: skip
    on = Day(label=_("Explained on"), future=False, initial=clock.today)


class NeedForm(VersionedForm):
    """How much support the case takes."""

    need = forms.ChoiceField(
        label=_("Need of support"), choices=enums.Need, widget=forms.RadioSelect(attrs={"class": "chips"})
    )
    reason = PlainText(label=_("Reason"), max_length=300)


class PlannedEndForm(VersionedForm):
    """When the support is planned to end; empty takes the day away."""

    on = Day(label=_("Planned to end on"), required=False)
    reason = PlainText(label=_("Reason"), max_length=300, required=False)


class MarkForm(CaseForm):
    """A date that only this kind of case has."""

    mark = forms.ChoiceField(label=_("Which date"), choices=(), widget=forms.RadioSelect)
    on = Day(label=_("Day"), initial=clock.today)
    reason = PlainText(label=_("Reason"), max_length=300, required=False)


class TriggerForm(CaseForm):
    """Why a case of this kind was begun."""

    trigger = forms.ChoiceField(label=_("Which reason"), choices=(), widget=forms.RadioSelect)
    on = Day(label=_("Since"), future=False, initial=clock.today)
    reason = PlainText(label=_("More about it"), max_length=300, required=False)


class EndForm(VersionedForm):
    """The case ends by joint decision, with what came of it and who goes on."""

    outcome = forms.ChoiceField(
        label=_("What came of it"), choices=[("", _("Choose")), *enums.Outcome.choices]
    )
    parties = forms.MultipleChoiceField(
        label=_("Who decided it together"), choices=(), widget=forms.CheckboxSelectMultiple,
        help_text=_("Mark those who took part in the decision."),
    )  # fmt: skip
    absence_reason = PlainText(
        label=_("Why did somebody not take part?"), max_length=150, required=False,
        help_text=_("Needed where somebody who should have decided was missing. For example: Kela's rehabilitation was not needed."),
    )  # fmt: skip
    onward = forms.ChoiceField(
        label=_("Does somebody carry on?"), choices=enums.Onward, widget=forms.RadioSelect
    )
    onward_text = PlainText(label=_("Which path and with whom, or why none"), max_length=500, rows=2)
    ended_on = Day(label=_("Ends on"), future=False, initial=clock.today)
    aftercare_until = Day(label=_("Aftercare until"), required=False)

    def clean(self) -> dict[str, Any]:
        """Aftercare follows the end."""
        cleaned = super().clean() or {}
        ended, until = cleaned.get("ended_on"), cleaned.get("aftercare_until")
        if ended and until and until < ended:
            self.add_error("aftercare_until", _("Aftercare cannot end before the case does."))
        return cleaned


class HoldForm(VersionedForm):
    """The erasure waits, for a reason that may take a sentence or two."""

    reason = PlainText(label=_("Reason"), max_length=300, rows=2)


class LongReasonForm(CaseForm):
    """A reason that may take a sentence or two."""

    reason = PlainText(label=_("Reason"), max_length=300, rows=2)
