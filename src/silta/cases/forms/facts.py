"""Taking back what was recorded of one kind of case alone: its dates, and the reasons for its support."""

from django import forms
from django.utils.translation import gettext_lazy as _

from silta.cases.forms.base import ReasonForm


class MarkWithdrawalForm(ReasonForm):
    """A date was recorded by mistake."""

    mark = forms.ChoiceField(label=_("Which date"), choices=(), widget=forms.RadioSelect)
    field_order = ("mark", "reason")


class TriggerWithdrawalForm(ReasonForm):
    """A reason for support does not hold after all."""

    trigger = forms.ChoiceField(label=_("Which reason"), choices=(), widget=forms.RadioSelect)
    field_order = ("trigger", "reason")
