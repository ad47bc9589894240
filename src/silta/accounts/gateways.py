"""Outbound adapters of sign-in."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in for invited people only: nobody makes an account for herself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the library's signature
        """Never: accounts are made by the keeper of the installation or by an identity provider."""
        return False
