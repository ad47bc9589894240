"""The authority is reformed: Eero's unit goes over to another, with its clients, workers and promises."""

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from silta.access import operations as access
from silta.access import queries as access_queries
from silta.access.enums import Category, ConsentChannel
from silta.access.models import Membership
from silta.cases import queries
from silta.cases.models import Action, Case, Note, Participation, StatusChange, Transfer
from silta.cases.operations import actions, network, notes, reform, transfers
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import NotAllowed, RuleBroken
from silta.organisations import operations as organisations
from silta.organisations.enums import Kind, Sector
from silta.organisations.models import Unit
from tests.cases.situations import again, case_of_aino, ended, in_network, invited
from tests.cast import Cast, as_owner


def successor(cast: Cast) -> Unit:
    """A unit of a new employment authority."""
    day = clock.today() - dt.timedelta(days=400)
    with as_owner():
        authority = organisations.found_organisation(
            cast.admin, kind=Kind.EMPLOYMENT_AUTHORITY, name_fi="Uusi työllisyysalue", valid_from=day
        )
        return organisations.found_unit(
            cast.admin,
            organisation=authority,
            sector=Sector.EMPLOYMENT,
            name_fi="Työkyvyn tuki, uusi",
            valid_from=day,
        )


def reformed(cast: Cast, unit: Unit) -> reform.Moved:
    with as_owner():
        return reform.hand_over_work(
            cast.admin,
            from_unit=cast.unit("employment"),
            to_unit=unit,
            on=clock.today(),
            reason="Alueuudistus 2027",
        )


def test_cases_workers_and_promises_go_over_and_the_history_stays(cast: Cast) -> None:
    case, unit = in_network(cast), successor(cast)
    with acting(cast.eero):
        actions.add_action(cast.eero, case=case, text="Soita")
        notes.write_note(
            cast.eero, case=case, kind="observation", text="Meidän kesken", visibility="internal"
        )
    moved = reformed(cast, unit)
    assert (moved.cases, moved.parts, moved.grounds_ended) == (1, 0, 0)
    assert moved.workers == 3
    membership = Membership.objects.get(user_id=cast.eero.user_id, unit=unit)
    eero = access_queries.actor_for(cast.eero.user_id, membership.pk)
    assert eero is not None
    with acting(eero):
        now = queries.get_for(eero, case.pk)
        assert (now.unit_id, now.controller_id, now.responsible_id) == (
            unit.pk,
            unit.organisation_id,
            eero.user_id,
        )
        assert Note.objects.get().text == "Meidän kesken"
        assert Note.objects.get().recorded_by_unit_id == cast.eero.unit_id
        assert Action.objects.get().owner_unit_id == unit.pk
        told = StatusChange.objects.filter(subject__in=["unit", "controller"]).values_list(
            "subject", "reason"
        )
        assert set(told) == {("unit", "Alueuudistus 2027"), ("controller", "Alueuudistus 2027")}
    with acting(cast.kaisa):
        assert queries.get_for(cast.kaisa, case.pk).unit_id == unit.pk
    with acting(cast.eero):
        assert not Case.objects.exists()


def test_parts_in_others_cases_go_over_and_consents_do_not(cast: Cast) -> None:
    case = case_of_aino(cast)
    invited(cast, case, "liisa", "coaching", categories=[Category.PLAN])
    with acting(cast.eero):
        access.record_consent(
            cast.eero, person=case.person, ground="written_consent_health", from_unit=cast.unit("employment"),
            to_unit=cast.unit("coaching"), categories=[Category.HEALTH], purpose_text="Tehtävien rajaaminen",
            channel=ConsentChannel.WRITING, language="fi", given_on=clock.today(),
        )  # fmt: skip
        network.share_more(cast.eero, case=case, unit=cast.unit("coaching"), categories=[Category.HEALTH])
    with as_owner():
        unit = organisations.found_unit(
            cast.admin, organisation=cast.unit("coaching").organisation, sector=Sector.THIRD, name_fi="Uusi valmennus",
            valid_from=clock.today(),
        )  # fmt: skip
        moved = reform.hand_over_work(
            cast.admin, from_unit=cast.unit("coaching"), to_unit=unit, on=clock.today(), reason="Yhdistyminen"
        )
    assert (moved.cases, moved.parts, moved.grounds_ended) == (0, 1, 1)
    with acting(cast.eero):
        assert Participation.objects.get(unit=unit).user_id == cast.liisa.user_id


def test_open_offers_are_overtaken_and_ended_cases_move_too(cast: Cast) -> None:
    first = ended(cast, case_of_aino(cast))
    second = case_of_aino(cast)
    with acting(cast.eero):
        transfers.propose_transfer(
            cast.eero, case=second, to_unit=cast.unit("employment_other"), reason="Alue"
        )
    unit = successor(cast)
    assert reformed(cast, unit).cases == 2
    with as_owner():
        assert Transfer.objects.get().state == "overtaken"
        assert set(Case.objects.values_list("unit_id", flat=True)) == {unit.pk}
        assert first.pk != second.pk


def test_only_the_keeper_on_the_day_and_never_from_a_page(cast: Cast) -> None:
    case, unit = case_of_aino(cast), successor(cast)
    fields: dict[str, Any] = {"from_unit": cast.unit("employment"), "to_unit": unit, "reason": "Uudistus"}
    with pytest.raises(NotAllowed):
        reform.hand_over_work(cast.paula, on=clock.today(), **fields)
    with pytest.raises(RuleBroken):
        reform.hand_over_work(cast.admin, on=clock.today() + dt.timedelta(days=1), **fields)
    assert again(cast, case).unit_id == cast.eero.unit_id


def test_the_keeper_runs_it_from_the_command_line(cast: Cast) -> None:
    case, unit = case_of_aino(cast), successor(cast)
    said = StringIO()
    with as_owner():
        call_command(
            "hand_over_work", from_unit=cast.unit("employment").pk, to_unit=unit.pk, by="admin@silta.example",
            reason="Alueuudistus", stdout=said,
        )  # fmt: skip
        assert Case.objects.get(pk=case.pk).unit_id == unit.pk
    assert said.getvalue().startswith("1 cases")
    with pytest.raises(CommandError):
        call_command(
            "hand_over_work",
            from_unit=unit.pk,
            to_unit=unit.pk,
            by="eero.virtanen@tyollisyys.example",
            reason="x",
        )
