"""The forms of the second factor: the library's own, with every refusal journalled."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError

from silta.accounts import gateways


class _Journalled:
    """A wrong code is journalled as a wrong password is."""

    user: Any

    def clean_code(self) -> str:
        """The code, where it is right."""
        try:
            return str(super().clean_code())  # type: ignore[misc]
        except ValidationError as refused:
            gateways.refused_second_factor(self.user, str(refused.code))
            raise


class SecondFactorForm(_Journalled, AuthenticateForm):  # type: ignore[misc]
    """The code asked for at sign-in."""


class SecondFactorAgainForm(_Journalled, ReauthenticateForm):  # type: ignore[misc]
    """The code asked for once more, before a sensitive step."""
