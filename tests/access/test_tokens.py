"""Tokens: a program acts as its maker does, within scopes and days, and for nobody else."""

import argparse
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client

from config.commands import token as command
from silta.access import operations as access
from silta.access import queries, rules
from silta.access.enums import Permission, TokenScope
from silta.access.models import Membership, Token
from silta.accounts.models import User
from silta.audit.models import Event
from silta.cases.queries import visible_to
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, NotFound
from tests.cast import Cast, as_owner, key

TODAY = dt.date(2026, 11, 2)
Page = Callable[[str], Client]


def made(actor: Actor, *scopes: str, days: int = 30) -> tuple[Token, str]:
    """A token of the actor's own, as its maker sees it."""
    with acting(actor):
        return access.make_token(
            actor,
            name="Siirto",
            scopes=scopes or ("cases.read",),
            expires_on=clock.today() + dt.timedelta(days),
        )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["cases.read", "everything"]}, "scopes"),
        ({"expires_on": TODAY}, "expires_on"),
        ({"expires_on": TODAY + dt.timedelta(days=rules.TOKEN_DAYS_MOST + 1)}, "expires_on"),
    ],
)
def test_a_token_has_a_name_scopes_and_an_end(wrong: dict[str, Any], field: str) -> None:
    sound: dict[str, Any] = {
        "name": "Siirto",
        "scopes": ["cases.read"],
        "expires_on": TODAY + dt.timedelta(days=1),
    }
    assert rules.token_problem(**sound, today=TODAY) is None
    problem = rules.token_problem(**sound | wrong, today=TODAY)
    assert problem is not None
    assert problem.field == field


def test_every_scope_says_what_it_permits_and_none_reaches_past_the_work() -> None:
    assert rules.TOKEN_SCOPES.keys() == set(TokenScope)
    reached = frozenset().union(*rules.TOKEN_SCOPES.values())
    assert not reached & {
        Permission.MEMBERS_MANAGE, Permission.EMERGENCY_ACCESS, Permission.PROTECTED_REVEAL, Permission.EXPORT,
        Permission.IMPORT, Permission.JOURNAL_SEARCH, Permission.ORGANISATIONS_MANAGE, Permission.PERSON_MERGE,
        Permission.RETENTION_HOLD,
    }  # fmt: skip
    lets_others_know = {
        scope for scope, permissions in rules.TOKEN_SCOPES.items() if Permission.GRANT_GIVE in permissions
    }
    assert lets_others_know == {TokenScope.NETWORK_WRITE}


def test_a_program_acts_as_its_maker_within_the_scopes(cast: Cast) -> None:
    token, secret = made(cast.eero)
    actor = queries.actor_by_token(secret)
    assert actor is not None
    assert (actor.user_id, actor.unit_id, actor.role) == (
        cast.eero.user_id,
        cast.eero.unit_id,
        cast.eero.role,
    )
    assert actor.token_id == token.pk
    assert queries.permits(actor, Permission.CASE_VIEW)
    assert queries.permits(cast.eero, Permission.CASE_WORK)
    assert not queries.permits(actor, Permission.CASE_WORK)
    with acting(actor), pytest.raises(NotAllowed):
        access.open_emergency_access(actor, person_id=key("aino person"), reason="x" * 40, minutes=30)


def test_a_scope_gives_nothing_that_the_role_does_not(cast: Cast) -> None:
    _token, secret = made(cast.tiina, *TokenScope)
    actor = queries.actor_by_token(secret)
    assert actor is not None
    assert not queries.permits(actor, Permission.CASE_VIEW)
    with acting(actor):
        assert not visible_to(actor).exists()


def test_only_the_digest_is_kept_and_the_last_day_of_use(cast: Cast) -> None:
    token, secret = made(cast.eero)
    first, second = queries.program_of(secret), queries.program_of(secret)
    assert first is not None
    assert second is not None
    assert (first.is_first_today, second.is_first_today) == (True, False)
    with as_owner():
        kept = Token.objects.get(pk=token.pk)
        assert secret not in str(vars(kept))
        assert kept.last_used_on == clock.today()
        assert not [event for event in Event.objects.all() if secret in str(vars(event))]


def test_a_token_ends_by_its_day_its_revocation_and_its_membership(cast: Cast) -> None:
    token, secret = made(cast.eero, days=2)
    assert queries.actor_by_token(secret) is not None
    assert queries.actor_by_token("silta_guess") is None
    assert queries.program_of("silta_guess") is None
    with time_machine.travel(clock.now() + dt.timedelta(days=3)):
        over = queries.program_of(secret)
        assert over is not None
        assert (over.actor, over.refused) == (None, "expired")
    with as_owner():
        Membership.objects.filter(user_id=cast.eero.user_id).update(
            valid_until=clock.today() - dt.timedelta(days=1)
        )
    ended = queries.program_of(secret)
    assert ended is not None
    assert (ended.actor, ended.refused) == (None, "membership_ended")
    with as_owner():
        Membership.objects.filter(user_id=cast.eero.user_id).update(valid_until=None)
        User.objects.filter(pk=cast.eero.user_id).update(is_active=False)
    assert queries.actor_by_token(secret) is None
    with as_owner():
        User.objects.filter(pk=cast.eero.user_id).update(is_active=True)
    with acting(cast.eero):
        access.revoke_token(cast.eero, token=queries.token_for(cast.eero, token.pk))
    revoked = queries.program_of(secret)
    assert revoked is not None
    assert (revoked.actor, revoked.refused) == (None, "revoked")


def test_a_token_is_its_makers_alone(cast: Cast) -> None:
    token, secret = made(cast.eero)
    with acting(cast.paula):
        assert queries.tokens_of(cast.paula) == []
        assert not Token.objects.exists()
        with pytest.raises(NotFound):
            queries.token_for(cast.paula, token.pk)
    with acting(cast.vaino), pytest.raises(NotFound):
        access.revoke_token(cast.vaino, token=token)
    actor = queries.actor_by_token(secret)
    assert actor is not None
    with acting(actor):
        with pytest.raises(NotAllowed):
            access.make_token(actor, name="Toinen", scopes=["cases.read"], expires_on=token.expires_on)
        with pytest.raises(NotFound):
            access.revoke_token(actor, token=token)
    with acting(cast.aino), pytest.raises(NotAllowed):
        access.make_token(cast.aino, name="Oma", scopes=["cases.read"], expires_on=token.expires_on)


@pytest.mark.parametrize("column", ["expires_on = '2999-01-01'", "scopes = '{cases.write}'", "digest = 'x'"])
def test_a_token_never_becomes_wider_or_longer(cast: Cast, column: str) -> None:
    made(cast.eero)
    with (
        acting(cast.eero),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE access_token SET {column}")


def test_what_a_program_does_names_its_token_in_the_journal(cast: Cast) -> None:
    token, secret = made(cast.eero)
    actor = queries.actor_by_token(secret)
    assert actor is not None
    with acting(actor):
        access.note_use(actor, token=token)
    with acting(cast.eero):
        event = Event.objects.get(action="access.use_token")
        acts = set(Event.objects.values_list("action", flat=True))
    assert event.details == {"token": str(token.pk)}
    assert event.subject_id == str(token.pk)
    assert acts == {"access.make_token", "access.use_token"}


def test_a_worker_keeps_her_tokens_on_a_page(cast: Cast, page_of: Page) -> None:
    eero = page_of("eero")
    said = {"name": "Oma järjestelmä", "scopes": ["cases.read", "reference.read"], "expires_on": "2000-01-01"}
    far = clock.today() + dt.timedelta(days=500)
    refused = eero.post("/access/tokens/", said | {"expires_on": far.isoformat()})
    assert "Tunniste on voimassa enintään vuoden." in refused.content.decode()
    last = clock.today() + dt.timedelta(days=100)
    page = eero.post("/access/tokens/", said | {"expires_on": last.isoformat()}).content.decode()
    secret = page.partition("<code>")[2].partition("</code>")[0]
    assert queries.actor_by_token(secret) is not None
    assert secret not in eero.get("/access/tokens/").content.decode()
    with acting(cast.eero):
        (token,) = queries.tokens_of(cast.eero)
    assert page_of("vaino").post(f"/access/tokens/{token.pk}/revoke/").status_code == 404
    assert "Oma järjestelmä" not in page_of("paula").get("/access/tokens/").content.decode()
    assert eero.post(f"/access/tokens/{token.pk}/revoke/", follow=True).status_code == 200
    assert queries.actor_by_token(secret) is None
    assert page_of("aino").get("/access/tokens/").status_code == 404


def test_a_token_is_made_listed_and_revoked_on_the_command_line(
    cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.starting.set_up", lambda: None)

    def ran(*words: str) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        command.arguments(parser)
        status = command.run(parser.parse_args([*words, "--as", "eero.virtanen@tyollisyys.example"]))
        told = capsys.readouterr()
        return status, told.out + told.err

    status, told = ran("make", "--name", "Siirto", "--scope", "cases.read", "--days", "7")
    assert status == 0
    secret = told.splitlines()[-1]
    assert queries.actor_by_token(secret) is not None
    _status, listed = ran("list")
    assert "Siirto" in listed
    assert secret not in listed
    assert ran("revoke", listed.split()[0])[0] == 0
    assert queries.actor_by_token(secret) is None
    assert ran("revoke", str(key("no token")))[0] == 1
    assert ran("revoke")[0] == 1
    assert ran("make", "--name", "Siirto", "--scope", "all") == (1, "Choose what the program may do.\n")
    assert ran("list", "--unit", "Muualla")[0] == 1
