"""silta webhook: the same as the page, in a lead's name."""

import argparse

import pytest

from config.commands import webhook as command
from silta.audit.models import Event
from silta.kernel.acting import acting
from silta.subscriptions.models import Subscription
from tests.cast import Cast, key


def test_a_subscription_is_made_tried_listed_and_ended_on_the_command_line(
    cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.starting.set_up", lambda: None)

    def ran(*words: str, by: str = "paula.laine@tyollisyys.example") -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        command.arguments(parser)
        status = command.run(parser.parse_args([*words, "--as", by]))
        told = capsys.readouterr()
        return status, told.out + told.err

    said = (
        "make",
        "--name",
        "Oma rekisteri",
        "--url",
        "https://vastaanottaja.example/",
        "--kind",
        "case.opened",
    )
    status, told = ran(*said)
    assert status == 0
    secret = told.splitlines()[-1]
    assert secret.startswith("whsec_")
    _status, listed = ran("list")
    assert "in use   Oma rekisteri" in listed
    assert secret not in listed
    assert ran("test", listed.split()[0])[0] == 0
    assert "1 waiting" in ran("list")[1]
    assert ran("resume", listed.split()[0])[0] == 0
    assert ran("end", listed.split()[0])[0] == 0
    assert "ended" in ran("list")[1]
    assert ran("end") == (1, "Say which subscription; `silta webhook list` names them.\n")
    assert ran("end", str(key("no subscription")))[0] == 1
    assert ran("make", "--name", "Oma")[0] == 1
    assert ran(*said, by="vaino.salo@tyollisyys.example")[0] == 1
    assert ran(*said, by="nobody@tyollisyys.example")[0] == 1
    with acting(cast.paula):
        assert Subscription.objects.get().ended_at is not None
        acts = Event.objects.filter(action__startswith="subscriptions.").values_list("action", flat=True)
        assert set(acts) == {"subscriptions.make", "subscriptions.send_test", "subscriptions.end"}
