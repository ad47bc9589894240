"""A unit's work is handed over: shown in figures first, ordered on a page, moved by the worker."""

import dataclasses
import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext
from procrastinate.contrib.django.models import ProcrastinateJob

from silta.access.enums import Purpose
from silta.access.models import Membership
from silta.audit.models import Event
from silta.cases import jobs
from silta.cases.models import Case
from silta.cases.operations import reform, transfers
from silta.cases.queries import reform as work
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import NotAllowed, RuleBroken
from silta.organisations import operations as organisations
from silta.organisations.models import Succession, Unit
from tests.cases.situations import case_of_aino, ended, in_network
from tests.cast import Cast, as_owner, key

Page = Callable[[str], Client]
FROM, TO = key("unit employment"), key("unit employment_other")
WHERE = f"/organisations/units/{FROM}/hand-over/{TO}/"
SAID = {"reason": "Alueuudistus 2027"}


def said(**changed: str) -> dict[str, str]:
    return {"on": clock.today().isoformat(), **SAID, **changed}


def ordered() -> dict[str, Any]:
    """What the worker finds in its queue."""
    [job] = ProcrastinateJob.objects.filter(task_name="cases.hand_over_work")
    return dict(job.args)


def worked_off() -> None:
    """The worker does what was ordered."""
    asked = ordered()
    with as_owner():
        jobs.hand_over_work(**asked)


def test_the_keeper_chooses_among_the_units_that_exist(page_of: Page) -> None:
    admin, where = page_of("admin"), f"/organisations/units/{FROM}/hand-over/"
    shown = admin.get(where).content.decode()
    assert re.findall(r'data-key="([^"]+)"', shown) == [str(TO)], "the other one of the same organisation"
    several = admin.get(where, {"to_unit_text": "kainuun"})
    assert several.context["form"].errors["to_unit"]
    found = re.findall(r'data-key="([^"]+)"', several.content.decode())
    assert {str(TO), str(key("unit social"))} <= set(found)
    assert str(FROM) not in found, "not to itself"
    assert "olematon" in admin.get(where, {"to_unit_text": "olematon"}).content.decode()
    chosen = admin.get(where, {"to_unit": key("unit kela"), "to_unit_text": "kela kuntoutus"})
    assert chosen.status_code == 302
    assert chosen.headers["Location"] == f"{where}{key('unit kela')}/"


def test_what_would_move_is_shown_and_is_what_moves(cast: Cast, page_of: Page) -> None:
    ended(cast, case_of_aino(cast))
    case = in_network(cast)
    with acting(cast.eero):
        transfers.propose_transfer(cast.eero, case=case, to_unit=cast.unit("employment_other"), reason="Alue")
    with acting(cast.saara):
        mine = case_of_aino(cast, kind="coaching", by="saara")
        transfers.propose_transfer(cast.saara, case=mine, to_unit=cast.unit("employment"), reason="Alue")
    work = page_of("admin").get(WHERE).context["work"]
    assert (work.open_cases, work.ended_cases, work.parts, work.offers) == (1, 1, 0, 2)
    assert work.workers == 3
    assert page_of("admin").post(WHERE, said()).status_code == 302
    assert Case.objects.count() == 0, "the page itself moves nothing and sees nobody"
    worked_off()
    with as_owner():
        moved = Case.objects.filter(unit_id=TO).count()
        assert moved == work.open_cases + work.ended_cases
        assert Case.objects.filter(transfers__state="proposed").count() == 0
    assert Membership.objects.filter(unit_id=TO, valid_from=clock.today()).count() == work.workers
    assert Succession.objects.get().reason == SAID["reason"]


def test_a_part_in_anothers_case_is_counted_once(cast: Cast, page_of: Page) -> None:
    in_network(cast)
    kela = f"/organisations/units/{key('unit kela')}/hand-over/{TO}/"
    work = page_of("admin").get(kela).context["work"]
    assert (work.open_cases, work.parts, work.workers) == (0, 1, 1)


def test_the_unit_tells_where_the_hand_over_stands(cast: Cast, page_of: Page) -> None:
    admin, where = page_of("admin"), f"/organisations/units/{FROM}/"
    assert admin.get(where).context["ordered"].state == ""
    admin.post(WHERE, said())
    assert admin.get(where).context["ordered"].state == "waiting"
    again = admin.post(WHERE, said())
    assert again.status_code == 422, "not twice"
    assert admin.get(where).context["work"].workers == 3
    worked_off()
    assert admin.get(where).context["work"].workers == 0
    assert SAID["reason"] in admin.get(where).content.decode()


def failed() -> None:
    """The queue has given the order up."""
    with as_owner():
        ProcrastinateJob.objects.filter(task_name="cases.hand_over_work").update(status="failed")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_unit_tells_why_a_hand_over_failed(cast: Cast, page_of: Page, language: str) -> None:
    admin, where = page_of("admin"), f"/organisations/units/{FROM}/"
    admin.post(WHERE, said())
    with acting(cast.admin):
        receiver = Unit.objects.get(pk=TO)
        organisations.close_unit(cast.admin, unit=receiver, on=clock.today() - dt.timedelta(days=1))
    with pytest.raises(RuleBroken):
        worked_off()
    failed()
    admin.cookies["silta_language"] = language
    told = admin.get(where)
    assert told.context["ordered"].state == "failed"
    with translation.override(language):
        why = gettext("The receiving unit does not exist on that day.")
    assert why in told.content.decode()
    with as_owner():
        event = Event.objects.get(action="cases.fail_hand_over")
    assert (event.details, event.outcome, event.subject_id) == (
        {"code": "organisations.receiver"}, "refused", str(FROM),
    )  # fmt: skip


def test_another_keeper_reads_why_too_and_nobody_else(cast: Cast, page_of: Page) -> None:
    page_of("admin").post(WHERE, said())
    with as_owner():
        Membership.objects.filter(user_id=cast.admin.user_id).update(valid_until="2020-02-01")
        Membership.objects.create(
            user_id=cast.tiina.user_id, unit=cast.unit("keeping"), role="keeper", purpose=Purpose.KEEPING,
            valid_from=dt.date(2021, 1, 1),
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        worked_off()
    failed()
    tiina = dataclasses.replace(cast.admin, user_id=cast.tiina.user_id)
    with acting(tiina):
        assert not Event.objects.filter(action="cases.fail_hand_over").exists(), (
            "the journal itself is not hers"
        )
        assert "ylläpitäjä" in str(work.ordered_of(FROM).fault)
    with pytest.raises(DatabaseError), acting(cast.paula):
        work.ordered_of(FROM)


def test_an_error_nobody_foresaw_is_told_as_such(page_of: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    page_of("admin").post(WHERE, said())
    monkeypatch.setattr(reform, "hand_over_work", broken)
    with pytest.raises(ZeroDivisionError):
        worked_off()
    failed()
    told = page_of("admin").get(f"/organisations/units/{FROM}/").context["ordered"]
    with translation.override("fi"):
        assert "ennalta" in str(told.fault)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": ""}, "reason"), ({"reason": "<i>x</i>"}, "reason"), ({"on": "2999-01-01"}, "on"),
        ({"on": "2019-01-01"}, None), ({"on": "x"}, "on"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_it_is_ordered(
    page_of: Page, wrong: dict[str, str], field: str | None
) -> None:
    refused = page_of("admin").post(WHERE, said(**wrong))
    assert refused.status_code == 422
    assert (field or "__all__") in refused.context["form"].errors
    assert not ProcrastinateJob.objects.filter(task_name="cases.hand_over_work").exists()


def test_cases_do_not_go_to_an_organisation_that_cannot_hold_them(cast: Cast, page_of: Page) -> None:
    case_of_aino(cast)
    admin, where = page_of("admin"), f"/organisations/units/{FROM}/hand-over/{key('unit evaluation')}/"
    shown = admin.get(where)
    assert shown.context["not_held"]
    assert 'name="reason"' not in shown.content.decode()
    assert admin.post(where, said()).status_code == 422
    assert not ProcrastinateJob.objects.filter(task_name="cases.hand_over_work").exists()
    with as_owner(), pytest.raises(RuleBroken):
        reform.hand_over_work(
            cast.admin, from_unit=cast.unit("employment"), to_unit=cast.unit("evaluation"), on=clock.today(),
            reason="Virhe",
        )  # fmt: skip
    with as_owner():
        assert Case.objects.get().unit_id == FROM


def test_a_unit_does_not_hand_over_to_itself(page_of: Page) -> None:
    assert page_of("admin").post(f"/organisations/units/{FROM}/hand-over/{FROM}/", said()).status_code == 422


def test_a_keeper_whose_membership_has_ended_hands_nothing_over(cast: Cast, page_of: Page) -> None:
    case_of_aino(cast)
    page_of("admin").post(WHERE, said())
    with as_owner():
        Membership.objects.filter(user_id=cast.admin.user_id).update(valid_until="2020-02-01")
    with pytest.raises(NotAllowed):
        worked_off()
    with as_owner():
        assert Case.objects.get().unit_id == FROM


def test_the_work_goes_over_once(cast: Cast, page_of: Page) -> None:
    page_of("admin").post(WHERE, said())
    worked_off()
    with pytest.raises(RuleBroken):
        worked_off()
    assert Succession.objects.count() == 1


def test_nobody_else_sees_or_orders_it(page_of: Page) -> None:
    for name in ("paula", "eero", "vaino", "officer", "tiina", "aino"):
        client = page_of(name)
        assert client.get(WHERE).status_code == 404
        assert client.post(WHERE, said()).status_code == 404
    assert not ProcrastinateJob.objects.filter(task_name="cases.hand_over_work").exists()
