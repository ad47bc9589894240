"""The forms of subscriptions: they validate what was typed, the operations decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from silta.outbox.rules import URL_LENGTH
from silta.subscriptions.enums import Kind
from silta.ui.fields import PlainText


class SubscriptionForm(forms.Form):
    """A subscription: which system, where, of what."""

    name = PlainText(label=_("Which system"), max_length=100, help_text=_("For example: our own register."))
    url = PlainText(
        label=_("Address that receives the messages"),
        max_length=URL_LENGTH,
        help_text=_("It begins with https://."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("What it is told of"), choices=Kind.choices, widget=forms.CheckboxSelectMultiple
    )


class DeliveriesForm(forms.Form):
    """What an address asks of the list of messages."""

    failed = forms.BooleanField(label=_("Not delivered only"), required=False)
    after = forms.UUIDField(widget=forms.HiddenInput, required=False)

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked; what cannot be understood counts as not said."""
        self.is_valid()
        said = self.cleaned_data
        return {"failed": bool(said.get("failed")), "after": said.get("after")}
