"""The verbs of accounts: making users, and keeping what they had typed. This register does not authorise; the rooms above do."""

from collections.abc import MutableMapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from silta.accounts import gateways, rules
from silta.accounts.models import SavedView, User
from silta.kernel import clock
from silta.kernel.errors import RuleBroken
from silta.kernel.language import LANGUAGES
from silta.kernel.request import PLACE_FIELD

Session = MutableMapping[str, Any]
_UNSENT = "silta.unsent"
# A page that sends it again has its own.
_MARKS_OF_THE_PAGE = ("csrfmiddlewaretoken", PLACE_FIELD)


@transaction.atomic
def find_or_invite(*, email: str, name: str, language: str = "fi") -> tuple[User, str | None]:
    """The user of the e-mail address, and nothing; or a new user, and the address at which she sets her password once.

    Raises ``RuleBroken`` for an unsound address, a missing name or a user who has been shut out.
    """
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise RuleBroken(_("Write an e-mail address."), code="accounts.email", field="email") from error
    user = User.objects.filter(email=address).first()
    if user is not None:
        if not user.is_active:
            raise RuleBroken(_("This user has been shut out."), code="accounts.inactive", field="email")
        return user, None
    if not name.strip():
        raise RuleBroken(_("Write the name."), code="accounts.name", field="name")
    if language not in LANGUAGES:
        raise RuleBroken(_("Choose a language."), code="accounts.language", field="language")
    user = User.objects.create_user(address, name.strip(), language=language)
    return user, gateways.set_password_path(user)


@transaction.atomic
def renew_password_link(user: User) -> str:
    """A new address at which the user sets her password, good once; earlier ones lose their force when it is used."""
    return gateways.set_password_path(user)


@transaction.atomic
def save_view(user_id: UUID, *, unit_id: UUID, page: str, name: str, query: str) -> SavedView:
    """Keeps the filters of a page under a name, for the user in this unit alone; the same name again takes its place."""
    view, _created = SavedView.objects.update_or_create(
        user_id=user_id, unit=unit_id, page=page, name=name.strip(), defaults={"query": query}
    )
    return view


@transaction.atomic
def forget_view(user_id: UUID, *, view_id: UUID) -> None:
    """Removes a saved view of the user's own; that of another is not there for her."""
    SavedView.objects.filter(pk=view_id, user_id=user_id).delete()


def keep_unsent(session: Session, unsent: rules.Unsent, *, user_id: UUID) -> None:
    """Keeps a form that was sent after its session had ended, sealed for the user who typed it."""
    session[_UNSENT] = rules.seal(unsent, user_id=user_id, secret=settings.SECRET_KEY, now=clock.now())


def keep_typed(
    session: Session, post: QueryDict, *, path: str, place: str, user_id: UUID, had_files: bool
) -> bool:
    """Keeps what was typed into a form that cannot be saved now, for its typist; says whether it was of a size to keep."""
    fields = [
        (name, value) for name, values in post.lists() for value in values if name not in _MARKS_OF_THE_PAGE
    ]
    if not rules.is_keepable(fields):
        return False
    keep_unsent(session, rules.Unsent(place, path, fields, had_files=had_files), user_id=user_id)
    return True


def unsent_of(session: Session, user_id: UUID) -> rules.Unsent | None:
    """What this user had typed and could not send; none where there is nothing, or it is another's, or too old."""
    sealed = session.get(_UNSENT)
    if sealed is None:
        return None
    return rules.unseal(sealed, user_id=user_id, secret=settings.SECRET_KEY, now=clock.now())


def forget_unsent(session: Session) -> None:
    """Throws the kept form away, whosever it is."""
    session.pop(_UNSENT, None)


def forget_sessions() -> None:
    """Removes every session whose time is over; run at night."""
    SessionStore.clear_expired()
