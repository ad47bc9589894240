"""The worklist: its written rules, one row per case, the same number of queries, and nothing for those outside."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from silta.cases.models import Case
from silta.cases.operations import actions, network, transfers
from silta.cases.queries import caseload, clientlist, worklist, worklist_page
from silta.cases.queries.clientlist import Asked, Of
from silta.cases.queries.worklist import Band, Cursor, Filters, Reason, Whose
from silta.cases.queries.worklist_reasons import Deed
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound
from tests.cases import situations
from tests.cases import worklist_stories as stories
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    with clock.at(clock.now()):
        yield


def reasons(actor: Actor, band: Band = Band.NEEDS, whose: Whose = Whose.MINE) -> dict[str, list[Reason]]:
    with acting(actor):
        found = worklist_page.page(actor, whose, band)
    return {row.case.number: [why.reason for why in row.whys] for row in found.rows}


def test_a_new_case_asks_for_a_step_and_after_two_weeks_for_a_goal(cast: Cast) -> None:
    new, old = stories.opened(cast.eero, 1, days_ago=3), stories.opened(cast.eero, 2, days_ago=15)
    assert reasons(cast.eero) == {
        new.number: [Reason.NO_STEP],
        old.number: [Reason.NO_GOAL, Reason.NO_STEP],
    }


def test_a_case_in_order_asks_for_nobody(cast: Cast) -> None:
    stories.in_order(cast.eero, 1)
    for band in Band:
        assert not reasons(cast.eero, band)


def test_overdue_comes_first_and_a_case_is_there_once_with_all_its_reasons(cast: Cast) -> None:
    soon = stories.in_order(cast.eero, 1, step_on=stories.ahead(2))
    late = stories.overdue(cast.eero, 2)
    found = reasons(cast.eero)
    assert list(found) == [late.number, soon.number]
    assert found[late.number] == [Reason.OVERDUE, Reason.QUIET]
    assert found[soon.number] == [Reason.DUE_SOON]
    assert not reasons(cast.eero, Band.QUIET)


def test_the_row_of_an_overdue_plan_tells_rule_source_and_inputs(cast: Cast) -> None:
    stories.overdue(cast.eero, 1)
    with acting(cast.eero):
        why = worklist_page.page(cast.eero, Whose.MINE, Band.NEEDS).rows[0].first
    assert why is not None
    assert (why.deed, why.source) == (Deed.PLAN, "381/2023 4.3 §")
    assert stories.ago(100) in [value for _, value in why.inputs]
    assert why.rule


def test_what_the_client_or_a_service_owes_waits_for_others(cast: Cast) -> None:
    case = stories.waiting(cast.eero, 1)
    assert reasons(cast.eero, Band.WAITING) == {case.number: [Reason.WAITING, Reason.WAITING]}
    assert not reasons(cast.eero)
    with acting(cast.eero):
        row = worklist_page.page(cast.eero, Whose.MINE, Band.WAITING).rows[0]
    assert {why.deed for why in row.whys} == {Deed.NUDGE, Deed.SERVICE}


def test_silence_is_told_by_the_need_of_support(cast: Cast) -> None:
    case = stories.quiet(cast.eero, 1)
    assert reasons(cast.eero, Band.QUIET) == {case.number: [Reason.QUIET]}


def test_without_a_responsible_person_the_unit_sees_it(cast: Cast) -> None:
    case = stories.opened(cast.eero, 1, days_ago=3, without_responsible=True)
    assert not reasons(cast.eero)
    assert reasons(cast.paula, whose=Whose.UNIT) == {case.number: [Reason.NO_RESPONSIBLE, Reason.NO_STEP]}


def test_a_promise_in_a_case_of_another_unit_is_on_the_list_of_who_promised(cast: Cast) -> None:
    case = stories.in_order(cast.eero, 1)
    with acting(cast.eero):
        network.invite(
            cast.eero, case=case, unit=cast.unit("kela"), user=cast.user("kaisa"), answers_for="Kuntoutus",
            categories=["identity", "clienthood", "plan"],
        )  # fmt: skip
        actions.add_action(
            cast.eero, case=case, text="Lähetä päätös", owner_unit=cast.unit("kela"), owner=cast.user("kaisa"),
            due_on=stories.ago(1),
        )  # fmt: skip
    assert reasons(cast.kaisa) == {case.number: [Reason.OVERDUE]}
    assert reasons(cast.eero, Band.WAITING) == {case.number: [Reason.WAITING]}


def test_a_reminder_brings_a_far_promise_to_the_list(cast: Cast) -> None:
    case = stories.in_order(cast.eero, 1)
    with acting(cast.eero):
        action = case.actions.get()
        actions.nudge_action(cast.eero, action=action, version=action.version)
    assert reasons(cast.eero) == {case.number: [Reason.REMINDED]}


def test_a_transfer_waits_for_the_unit_it_is_offered_to(cast: Cast) -> None:
    case = stories.in_order(cast.eero, 1)
    with acting(cast.eero):
        transfers.propose_transfer(
            cast.eero, case=case, to_unit=cast.unit("employment_other"), reason="Yrittäjyys", note=""
        )
    assert reasons(cast.vaino) == {case.number: [Reason.TRANSFER]}
    with acting(cast.vaino):
        assert worklist_page.page(cast.vaino, Whose.MINE, Band.NEEDS).total == 1


def test_filters_narrow_and_forbidden_people_are_not_found(cast: Cast) -> None:
    stories.opened(cast.eero, 1)
    light = stories.opened(cast.eero, 2, need="light")
    with acting(cast.eero):

        def numbers(**asked: object) -> set[str]:
            found = clientlist.page(cast.eero, Asked(filters=Filters(**asked)))
            return {case.number for case in found.cases}

        assert numbers(need="light") == {light.number}
        assert numbers(kind="coaching") == set()
        assert numbers(text=light.person.last_name) == {light.number}
        assert numbers(text="Nobody") == set()
        assert len(numbers(reason="no_step")) == 2
        assert numbers(reason="quiet") == set()
        assert numbers(need="'; drop table") == {light.number, *numbers()}


def test_pages_follow_each_other_without_loss(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklist, "PAGE", 2)
    expected = {stories.opened(cast.eero, number).number for number in range(3)}
    expected |= {
        stories.in_order(cast.eero, number, step_on=stories.ahead(number - 3)).number for number in (4, 5)
    }
    seen: list[str] = []
    after = ""
    with acting(cast.eero):
        for _ in range(3):
            page = worklist_page.page(cast.eero, Whose.MINE, Band.NEEDS, after)
            seen += [row.case.number for row in page.rows]
            after = page.next
    assert len(seen) == len(set(seen)) == 5
    assert set(seen) == expected
    assert not after


def test_the_lists_hold_each_case_once_and_count_what_they_do_not_show(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    tellers = (stories.opened, stories.overdue, stories.waiting, stories.quiet, stories.in_order)
    for number in range(15):
        tellers[number % 5](cast.eero, number)
    with acting(cast.eero):
        whole = worklist_page.board(cast.eero, Whose.MINE)
        monkeypatch.setattr(worklist, "FIRST", 2)
        first = worklist_page.board(cast.eero, Whose.MINE)
        rest = {
            band: worklist_page.page(cast.eero, Whose.MINE, band, after=page.next)
            for band, page in first.items()
        }
    numbers = [row.case.number for page in whole.values() for row in page.rows]
    assert len(numbers) == len(set(numbers)) == 12
    for band, page in whole.items():
        shown, later = first[band], rest[band]
        assert [row.case.number for row in page.rows] == [
            row.case.number for row in (*shown.rows, *later.rows)
        ]
        assert page.total == shown.total == len(page.rows)
        assert later.total == len(later.rows) == max(page.total - 2, 0)


def test_conditions_lists_and_words_agree(cast: Cast) -> None:
    """A reason that a row tells is the reason under which the list of clients finds the case, and the list it is on."""
    tellers = (stories.opened, stories.overdue, stories.waiting, stories.quiet, stories.in_order)
    for number in range(10):
        tellers[number % 5](cast.eero, number)
    stories.opened(cast.eero, 10, without_responsible=True)
    reminded = stories.in_order(cast.eero, 11)
    stories.in_order(cast.eero, 12, step_on=stories.ago(2))
    stories.in_order(cast.eero, 13, step_on=stories.ahead(7))
    with acting(cast.eero):
        action = reminded.actions.get()
        actions.nudge_action(cast.eero, action=action, version=action.version)
    for actor, whose, of in ((cast.eero, Whose.MINE, Of.MINE), (cast.paula, Whose.UNIT, Of.UNIT)):
        with acting(actor):
            every = list(clientlist.page(actor, Asked(of=of)).cases)
            told = {
                row.case.number: {why.reason for why in row.whys}
                for row in worklist_page.rows_of(actor, whose, every)
            }
            for reason in Reason:
                found = clientlist.page(actor, Asked(of=of, filters=Filters(reason=reason))).cases
                assert {case.number for case in found} == {
                    number for number, whys in told.items() if reason in whys
                }, reason
            listed = {
                band: {row.case.number for row in worklist_page.page(actor, whose, band).rows}
                for band in Band
            }
        assert listed[Band.WAITING] == {
            number
            for number, whys in told.items()
            if whys and min(whys, key=list(Reason).index) is Reason.WAITING
        }
        assert listed[Band.QUIET] == {number for number, whys in told.items() if whys == {Reason.QUIET}}
        assert listed[Band.NEEDS] == {
            number for number, whys in told.items() if whys - {Reason.WAITING, Reason.QUIET}
        }


def test_those_who_have_left_are_counted_apart(cast: Cast) -> None:
    case = situations.ended(cast)
    with clock.at(clock.now() + dt.timedelta(days=91)):
        assert reasons(cast.eero, Band.AFTERCARE) == {case.number: [Reason.AFTERCARE]}
        assert not reasons(cast.eero, Band.NEEDS)
        with acting(cast.eero):
            assert worklist_page.board(cast.eero, Whose.MINE)[Band.AFTERCARE].total == 1


def test_the_written_rules_are_read_by_employers_too() -> None:
    for rule in worklist.RULES.values():
        assert "asiak" not in rule.fi.lower()
        assert "klient" not in rule.sv.lower()
        assert "client" not in rule.en.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "7,none,01a203e4-b7a7-75fc-afed-aa7e330f4cc4",
        "0,2026-01-01",
        "1,2026-13-01,x",
        "0,none,none",
        ",,,",
    ],
)
def test_a_mangled_cursor_begins_anew(text: str) -> None:
    assert Cursor.read(text) is None


def test_vaino_and_those_who_see_no_clients_get_nothing(cast: Cast) -> None:
    stories.overdue(cast.eero, 1)
    for name in ("vaino", "tiina", "admin", "officer", "aino", "liisa"):
        actor = getattr(cast, name)
        with acting(actor):
            for whose in Whose:
                for found in (
                    *worklist_page.board(actor, whose).values(),
                    worklist_page.page(actor, whose, Band.NEEDS),
                ):
                    assert not found.rows
                    assert not found.total
            assert not caseload.agenda(actor, dt.date.min, dt.date.max)


def counted(actor: Actor) -> int:
    with acting(actor), CaptureQueriesContext(connection) as seen:
        worklist_page.board(actor, Whose.MINE)
        for band in Band:
            worklist_page.page(actor, Whose.MINE, band)
        caseload.agenda(actor, clock.today(), stories.ahead(7))
    return len(seen)


def test_five_cases_and_twenty_cost_the_same_queries(cast: Cast) -> None:
    tellers = (stories.opened, stories.overdue, stories.waiting, stories.quiet, stories.in_order)
    for number in range(5):
        tellers[number](cast.eero, number)
    few = counted(cast.eero)
    for number in range(5, 20):
        tellers[number % 5](cast.eero, number)
    assert counted(cast.eero) == few


def test_the_lead_sees_load_by_worker_weighted_by_need(cast: Cast) -> None:
    stories.opened(cast.eero, 1, need="light")
    stories.opened(cast.eero, 2, need="intensive")
    stories.overdue(cast.eero, 3)
    stories.opened(cast.eero, 4, without_responsible=True)
    with acting(cast.paula):
        overview = caseload.overview(cast.paula)
    found = overview.loads
    by_name = {one.user.name: one for one in found.workers if one.user}
    assert by_name["Eero Virtanen"].load.cases == 3
    assert by_name["Eero Virtanen"].load.weight == 1 + 4 + 2
    assert by_name["Eero Virtanen"].overdue == 1
    assert by_name["Paula Laine"].load.cases == 0
    assert found.unassigned.load.cases == 1
    assert found.total.cases == 4
    assert overview.for_assessment.cases == 3
    with acting(cast.eero), pytest.raises(NotFound):
        caseload.overview(cast.eero)


def test_the_agenda_holds_due_dates_and_own_promises(cast: Cast) -> None:
    case = stories.in_order(cast.eero, 1, step_on=stories.ahead(2))
    with acting(cast.eero):
        found = caseload.agenda(cast.eero, clock.today(), stories.ahead(6))
    assert [(one.on, one.case_id, one.name, one.what) for one in found] == [
        (stories.ahead(2), case.pk, case.person.name, "Soitto leipomoon")
    ]


def test_handing_over_moves_the_case_to_the_next_workers_list(cast: Cast) -> None:
    case = stories.opened(cast.eero, 1, days_ago=3)
    with acting(cast.paula):
        network.hand_over(
            cast.paula, case=Case.objects.get(pk=case.pk), to_user=cast.user("paula"), note="Loma"
        )
    assert not reasons(cast.eero)
    assert list(reasons(cast.paula)) == [case.number]
