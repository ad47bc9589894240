"""An installation begins: its first keeper is made on the command line, once, and sets her own password."""

import pytest
from django.test import Client

from silta.access import operations as access
from silta.access import queries
from silta.access.enums import Permission
from silta.access.models import Membership
from silta.accounts.models import User
from silta.audit.models import Event
from silta.kernel.acting import acting
from silta.kernel.errors import RuleBroken
from silta.organisations.enums import Kind
from silta.organisations.models import Unit
from tests.cast import Cast, as_owner

TOLD = {
    "email": "Kaino@silta.example",
    "name": "Kaino Keeper",
    "organisation": "Kainuun Silta",
    "unit": "Ylläpito",
}
PASSWORD = "pitkä ja oma salasana 1"


@pytest.fixture
def empty(cast: Cast) -> None:
    """Nobody keeps the installation any more."""
    with as_owner():
        Membership.objects.filter(role="keeper").delete()


@pytest.mark.usefixtures("empty")
def test_the_first_keeper_is_made_sets_her_password_and_invites_the_others(cast: Cast) -> None:
    made = access.first_keeper(**TOLD)
    unit = Unit.objects.select_related("organisation").get(pk=made.actor.unit_id)
    assert (unit.organisation.kind, unit.organisation.name_fi, unit.name_fi) == (
        Kind.KEEPER, "Kainuun Silta", "Ylläpito",
    )  # fmt: skip
    user = User.objects.get(pk=made.actor.user_id)
    assert (user.email, user.has_usable_password()) == ("kaino@silta.example", False)
    assert queries.permits(made.actor, Permission.ORGANISATIONS_MANAGE)
    client = Client()
    page = client.get(made.password_path, follow=True)
    where = page.redirect_chain[-1][0]
    assert client.post(where, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302
    signed_in = client.post("/accounts/login/", {"login": TOLD["email"], "password": PASSWORD})
    assert signed_in.status_code == 302
    with acting(made.actor):
        access.invite_member(
            made.actor, email="uusi.johtaja@tyollisyys.example", name="Uusi Johtaja", unit=cast.unit("employment"),
            role="unit_lead", purpose="joint_support",
        )  # fmt: skip
    with as_owner():
        event = Event.objects.get(action="access.first_keeper")
        assert (event.user_id, event.details) == ("", {"user": str(user.pk)})


def test_there_is_one_first_keeper_only(cast: Cast) -> None:
    with pytest.raises(RuleBroken) as caught:
        access.first_keeper(**TOLD)
    assert caught.value.code == "access.keeper_already"
    assert not User.objects.filter(email="kaino@silta.example").exists()


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize(
    "unsound", [{"email": "ei osoite"}, {"organisation": " "}, {"unit": ""}, {"name": ""}]
)
def test_nothing_is_half_made(unsound: dict[str, str]) -> None:
    with as_owner():
        before = Unit.objects.count()
    with pytest.raises(RuleBroken):
        access.first_keeper(**TOLD | unsound)
    with as_owner():
        assert Unit.objects.count() == before


def test_a_keeper_who_cannot_sign_in_gets_a_new_address(cast: Cast) -> None:
    path = access.renew_keepers_link(email=" Admin@silta.example ")
    assert Client().get(path).status_code == 302
    with pytest.raises(RuleBroken):
        access.renew_keepers_link(email="eero.virtanen@tyollisyys.example")
    with as_owner():
        assert Event.objects.filter(action="access.renew_keepers_link").count() == 1


@pytest.fixture
def _the_database_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.starting.set_up", lambda: None)
    monkeypatch.setattr("config.migrating.bring_up_to_date", lambda: False)


@pytest.mark.usefixtures("empty", "_the_database_is_there")
def test_the_command_prints_the_address(capsys: pytest.CaptureFixture[str]) -> None:
    from config import cli

    line = ["keeper", "--email", TOLD["email"], "--at", "https://silta.example/"]
    assert cli.main(line) == 1
    assert capsys.readouterr().err == "Give also --name and --organisation.\n"
    assert cli.main([*line, "--name", TOLD["name"], "--organisation", TOLD["organisation"]]) == 0
    printed = capsys.readouterr().out.splitlines()[-1]
    assert printed.startswith("https://silta.example/accounts/password/reset/key/")
    assert cli.main([*line, "--name", TOLD["name"], "--organisation", "Toinen"]) == 1
    assert "There is a keeper already" in capsys.readouterr().err
    assert cli.main([*line, "--renew"]) == 0
