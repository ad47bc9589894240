"""Outbound adapters of sign-in: how the library of sign-in is told our rules, and how it tells the journal."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import filter_users_by_email, user_pk_to_url_str
from allauth.core import context, ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from silta.accounts import rules
from silta.audit import operations as audit
from silta.audit.enums import Kind, Outcome
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.language import LANGUAGES


def set_password_path(user: AbstractBaseUser) -> str:
    """The path at which this user sets her password; it loses its force when used, or in three days."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=key)


def _journal(
    user: AbstractBaseUser | None, action: str, outcome: Outcome = Outcome.DONE, **details: str
) -> None:
    """Journals a sign-in event: as the user where she is known to be herself, else as nobody, about the user."""
    actor = (
        Actor(user_id=user.pk, role="", purpose="") if user is not None and outcome is Outcome.DONE else None
    )
    with acting(actor):
        audit.record(
            actor, action, kind=Kind.SIGN_IN, subject=user, outcome=outcome, **dict[str, Any](details)
        )


def refused_second_factor(user: AbstractBaseUser, code: str) -> None:
    """Journals that a second factor was refused: a wrong code, or one too many; what was typed is not kept."""
    why = "too_many_attempts" if code == "too_many_login_attempts" else "wrong_second_factor"
    _journal(user, "accounts.sign_in", Outcome.REFUSED, why=why)
    if why == "wrong_second_factor":
        _count_failure(context.request)


# The limits per address of the settings (``ACCOUNT_RATE_LIMITS``), and what whoever meets one is told.
_ADDRESS_LIMITS = {
    "login_failed_in_minute": _(
        "Too many wrong sign-ins have come from your network just now. Wait one minute, then try again."
    ),
    "login_failed_in_hour": _(
        "Too many wrong sign-ins have come from your network. Wait one hour, then try again. If you cannot wait,"
        " sign in from another network and tell your organisation's support."
    ),
}


def _count_failure(request: HttpRequest) -> None:
    for limit in _ADDRESS_LIMITS:
        ratelimit.consume(request, action=limit)


def _require_patience(request: HttpRequest) -> None:
    for limit, told in _ADDRESS_LIMITS.items():
        if not ratelimit.consume(request, action=limit, dry_run=True):
            raise ValidationError(told, code="too_many_login_attempts")


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in for invited people only, every attempt journalled (906/2019 17 §), and guessing stopped."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _(
            "Too many wrong attempts. Wait five minutes, then try again. If you have forgotten your password, ask"
            " whoever invited you to Silta for a new link."
        )
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the library's signature
        """Never: accounts are made by the keeper of the installation or by an identity provider."""
        return False

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **options: Any) -> HttpResponse:
        """Journals the sign-in, second factor passed, and turns the page to the user's own language."""
        response: HttpResponse = super().post_login(request, user, **options)
        _journal(user, "accounts.sign_in")
        language = getattr(user, "language", "")
        if language in LANGUAGES:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=request.is_secure()
            )
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Journals a wrong password and counts it against the address it came from; what was typed is not kept."""
        super().authentication_failed(request, **credentials)
        _count_failure(request)
        _journal(self._meant(credentials), "accounts.sign_in", Outcome.REFUSED, why="wrong_password")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuses after too many wrong passwords for the account or from the address, and journals that."""
        try:
            _require_patience(request)
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            _journal(self._meant(credentials), "accounts.sign_in", Outcome.REFUSED, why="too_many_attempts")
            raise

    def logout(self, request: HttpRequest) -> None:
        """Journals the sign-out."""
        if request.user.is_authenticated:
            _journal(request.user, "accounts.sign_out")
        super().logout(request)

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Whether this is the user's password, asked again before a sensitive step; throttled like signing in."""
        found = self.authenticate(context.request, email=user.get_username(), password=password)
        return found is not None and found.pk == user.pk

    @staticmethod
    def _meant(credentials: dict[str, Any]) -> AbstractBaseUser | None:
        """Whom a failed attempt named, if there is such a user."""
        email = credentials.get("email") or ""
        found = filter_users_by_email(email, is_active=True) if email else []
        return next(iter(found), None)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors whose secrets stand in the database only sealed: who reads the table can sign in as nobody."""

    @staticmethod
    def _cipher() -> MultiFernet:
        return rules.second_factor_cipher([settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)])

    def encrypt(self, text: str) -> str:
        """The secret as it is stored."""
        return self._cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret as the second factor uses it."""
        return self._cipher().decrypt(encrypted_text).decode()
