"""Tokens, by which programs act in a worker's name: shown once, kept as a digest, ended by a day, revocable."""

import datetime as dt
import secrets
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import rules
from silta.access.models import Token
from silta.access.operations.keys import own_membership
from silta.access.queries.acting_for import digest_of
from silta.audit import operations as audit
from silta.audit.enums import Kind, Outcome
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, NotFound

# What stands before the random part: whoever finds one in a file or a log knows what it is, and searches find it.
_MARK = "silta_"


@transaction.atomic
def make_token(actor: Actor, *, name: str, scopes: Collection[str], expires_on: dt.date) -> tuple[Token, str]:
    """Makes a token for the place the actor acts from, and returns it with its secret, which is told this once.

    Raises ``NotAllowed`` for whoever acts for no unit and for a program, which makes no tokens itself, ``RuleBroken``
    where it has no name or scope, or a last day that is over or more than a year ahead.
    """
    if actor.token_id is not None:
        raise NotAllowed(_("A program makes no tokens."), code="access.token_by_token")
    membership = own_membership(actor)
    problem = rules.token_problem(name, scopes, expires_on, clock.today())
    if problem is not None:
        raise problem
    secret = _MARK + secrets.token_urlsafe(32)
    token = Token(
        membership=membership, name=name.strip(), scopes=sorted(set(scopes)), digest=digest_of(secret),
        created_at=clock.now(), expires_on=expires_on,
    )  # fmt: skip
    token.save(force_insert=True)
    audit.record(
        actor, "access.make_token", subject=token, scopes=token.scopes, expires_on=expires_on.isoformat()
    )
    return token, secret


@transaction.atomic
def revoke_token(actor: Actor, *, token: Token) -> Token:
    """Makes the token useless at once; again it changes nothing. Raises ``NotFound`` for another user's token."""
    if token.membership.user_id != actor.user_id or actor.token_id is not None:
        raise NotFound(_("There is no such token."), code="access.no_token")
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        audit.record(actor, "access.revoke_token", subject=token)
    return token


def note_use(actor: Actor, *, token: Token) -> None:
    """Journals that a token was used on a day; what was done with it, each act tells itself."""
    audit.record(actor, "access.use_token", kind=Kind.SIGN_IN, subject=token)


def note_refusal(*, token: Token, why: str) -> None:
    """Journals that somebody tried a token that was revoked, is over, or whose owner works there no more."""
    audit.record(
        None, "access.refuse_token", kind=Kind.SIGN_IN, subject=token, outcome=Outcome.REFUSED, why=why
    )
