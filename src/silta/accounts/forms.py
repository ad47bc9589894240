"""The forms of the second factor: the library's own, with every refusal journalled."""

from typing import Any

from allauth.mfa.base import forms as library
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from silta.accounts import gateways
from silta.ui.fields import PlainText


class _Journalled(library.BaseAuthenticateForm):
    """A wrong code is journalled as a wrong password is."""

    user: Any
    code = PlainText(
        label=_("Code"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
    )

    def clean_code(self) -> str:
        """The code, where it is right."""
        try:
            return str(super().clean_code())
        except ValidationError as refused:
            gateways.refused_second_factor(self.user, str(refused.code))
            raise


class SecondFactorForm(_Journalled, library.AuthenticateForm):
    """The code asked for at sign-in."""


class SecondFactorAgainForm(_Journalled, library.ReauthenticateForm):
    """The code asked for once more, before a sensitive step."""
