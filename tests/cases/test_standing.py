"""The standing of a case is the same whoever acts, and follows every fact."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from silta.access import operations as access
from silta.access.enums import Category
from silta.access.queries import actor_as_unit
from silta.cases.enums import ActionState, GoalState, Joined, Part, Source
from silta.cases.models import Action, AgreedService, Case, Deadline, Goal, Note, Participation, PlanVersion
from silta.cases.operations import marks, network, opening, standing, transfers
from silta.cases.queries import facts
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import NotFound, RuleBroken
from tests.cases.situations import in_network
from tests.cast import Cast, as_owner

MOMENT = clock.now()
TODAY = MOMENT.astimezone(clock.HELSINKI).date()


def days(count: int) -> dt.date:
    return TODAY + dt.timedelta(days=count)


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    """That of ``TODAY``, though the day may have turned since the run began."""
    with clock.at(MOMENT):
        yield


@pytest.fixture
def case(cast: Cast) -> Case:
    with acting(cast.eero):
        return opening.open_case(
            cast.eero, person=cast.person().pk, kind="joint_support", source=Source.SELF, opened_on=days(-10)
        )


def by(cast: Cast, name: str) -> dict[str, Any]:
    actor = getattr(cast, name)
    return {"recorded_by_id": actor.user_id, "recorded_by_unit_id": actor.unit_id, "recorded_at": clock.now()}


def write(case: Case, row: Any, cast: Cast, name: str = "eero") -> None:
    """Puts a row in place past row security, and brings the standing up to date as that worker."""
    row.case, row.person_id = case, case.person_id
    for field, value in by(cast, name).items():
        setattr(row, field, value)
    with as_owner():
        row.save(force_insert=True)
    with acting(getattr(cast, name)):
        standing.refresh(case)


def stored(case: Case) -> Case:
    with as_owner():
        return Case.objects.get(pk=case.pk)


def due(case: Case) -> dict[str, dt.date]:
    with as_owner():
        return dict(Deadline.objects.filter(case=case).values_list("rule", "due_on"))


def contact(result: str = "reached", ago: int = 3, **changed: object) -> Note:
    return Note(
        kind="contact", visibility="shared", category=Category.CLIENTHOOD, channel="phone", result=result,
        happened_at=clock.now() - dt.timedelta(days=ago), **changed,
    )  # fmt: skip


def test_a_new_case_has_a_responsible_person_no_goal_and_a_day_for_the_first_contact(
    cast: Cast, case: Case
) -> None:
    found = stored(case)
    assert found.responsible_id == cast.eero.user_id
    assert (found.open_goals, found.open_steps, found.last_contact_on) == (0, 0, None)
    assert due(case) == {"contact": days(-10 + 45)}
    assert found.next_deadline_on is None  # Silence has a list of its own.


def test_only_a_reached_client_counts_as_contact(cast: Cast, case: Case) -> None:
    write(case, contact("not_reached", 1), cast)
    write(case, contact("reached", 2, with_client=False, with_whom="Kela"), cast)
    assert stored(case).last_contact_on is None
    write(case, contact("reached", 4), cast)
    assert stored(case).last_contact_on == case.last_contact_on == days(-4)
    assert due(case)["contact"] == days(-4 + 45)


def test_the_assessment_starts_the_plan_clock_and_the_plan_the_review_clock(cast: Cast, case: Case) -> None:
    with as_owner():
        Case.objects.filter(pk=case.pk).update(assessment_started_on=days(-5))
    with acting(cast.eero):
        standing.refresh(case)
    assert set(due(case)) == {"contact", "plan_due"}
    assert stored(case).next_deadline_on == due(case)["plan_due"]
    with acting(cast.eero):
        row = Deadline.objects.get(rule="plan_due")
    assert row.source == "381/2023 4.3 §"
    assert row.inputs == {"assessment_started": days(-5).isoformat(), "months": 3, "version": "2025.1"}
    write(
        case, PlanVersion(number=1, made_on=TODAY, reason="First", how_followed="Monthly", content={}), cast
    )
    assert set(due(case)) == {"contact", "review_due"}


def test_promises_and_services_have_their_own_days(cast: Cast, case: Case) -> None:
    step = Action(text="Call Kela", owner_id=cast.eero.user_id, owner_unit_id=cast.eero.unit_id, state_on=TODAY,
                  due_on=days(2))  # fmt: skip
    write(case, step, cast)
    service = AgreedService(name="Debt counselling", provider_name="City", agreed_on=TODAY, state_on=TODAY,
                            expected_on=days(-1))  # fmt: skip
    write(case, service, cast)
    found = stored(case)
    assert (found.open_steps, found.next_step_on, found.waiting_services) == (1, days(2), 1)
    assert found.next_deadline_on == days(-1)
    with as_owner():
        Action.objects.filter(pk=step.pk).update(state=ActionState.DONE)
    with acting(cast.eero):
        standing.refresh(case)
    assert "action_due" not in due(case)
    assert stored(case).open_steps == 0


def test_goals_given_up_do_not_count(cast: Cast, case: Case) -> None:
    write(case, Goal(own_words="I want to bake", proposed_by="client", state_on=TODAY), cast)
    assert stored(case).open_goals == 1
    with as_owner():
        Goal.objects.update(state=GoalState.DROPPED, state_reason="Changed her mind")
    with acting(cast.eero):
        standing.refresh(case)
    assert stored(case).open_goals == 0


def test_a_contact_that_one_unit_keeps_to_itself_counts_for_all(cast: Cast, case: Case) -> None:
    with as_owner(), acting(cast.eero):
        access.give_grant(
            cast.eero, person=cast.person(), unit=cast.unit("social"), ground="joint_support",
            categories=[Category.IDENTITY, Category.CLIENTHOOD, Category.PLAN], from_unit=cast.unit("employment"),
        )  # fmt: skip
    member = Participation(unit=cast.unit("social"), user=cast.user("saara"), part=Part.MEMBER, joined_on=TODAY,
                           joined_how=Joined.INVITED)  # fmt: skip
    write(case, member, cast)
    internal = contact("reached", 1)
    internal.visibility = "internal"
    write(case, internal, cast, "saara")
    with acting(cast.eero):
        assert not Note.objects.exists()
        standing.refresh(case)
    assert stored(case).last_contact_on == days(-1)


def test_two_queries_whatever_the_case_holds(cast: Cast, case: Case) -> None:
    for number in range(8):
        write(case, Action(text="Step", owner_is_client=True, state_on=TODAY, due_on=days(number)), cast)
    with (
        acting(cast.eero),
        CaptureQueriesContext(
            connection,
        ) as seen,
    ):
        standing.refresh(case)
    assert len([query for query in seen if "silta_case" in query["sql"]]) == 2
    assert len([query for query in seen if "SAVEPOINT" not in query["sql"]]) == 2


def test_many_cases_are_brought_up_to_date_in_two_queries(cast: Cast, case: Case) -> None:
    with acting(cast.liisa):
        other = opening.open_case(cast.liisa, person=cast.person().pk, kind="coaching", source=Source.SELF)
    with as_owner():
        Case.objects.update(assessment_started_on=days(-5))
        Deadline.objects.all().delete()
    with acting(cast.eero), CaptureQueriesContext(connection) as seen:
        assert standing.refresh_each([case, other]) == 1, "the coach's case is none of his"
    assert len(seen) == 2
    assert set(due(case)) == {"contact", "plan_due"}
    assert case.next_deadline_on == due(case)["plan_due"]
    assert not due(other)


def test_nothing_is_written_where_nothing_changed(cast: Cast, case: Case) -> None:
    with as_owner():
        before = Deadline.objects.get(case=case)
        history = Case.pgh_event_model.objects.count()
    with acting(cast.eero):
        standing.refresh(case)
    with as_owner():
        assert Deadline.objects.get(case=case) == before
        assert Deadline.objects.get(case=case).recorded_at == before.recorded_at
        assert Case.pgh_event_model.objects.count() == history


def test_the_client_herself_moves_the_standing(cast: Cast, case: Case) -> None:
    with acting(cast.aino):
        standing.refresh(case)
        assert facts.facts_of(case).facts.state == "open"


def test_vaino_learns_nothing_of_it(cast: Cast, case: Case) -> None:
    with acting(cast.vaino):
        with pytest.raises(NotFound):
            facts.facts_of(case)
        with pytest.raises(NotFound):
            standing.refresh(case)
        with connection.cursor() as cursor:
            cursor.execute("SELECT silta_case_stand(%s, %s::jsonb, '[]')", [case.pk, '{"open_steps": 7}'])
    assert stored(case).open_steps == 0
    assert due(case)


def test_a_mark_starts_a_clock_of_its_kind_and_can_be_withdrawn(cast: Cast) -> None:
    with acting(cast.hanna):
        case = opening.open_case(
            cast.hanna, person=cast.person().pk, kind="workplace_support", source=Source.WORKPLACE
        )
        marks.note_trigger(cast.hanna, case=case, trigger="prolonged_absence", on=TODAY)
        marks.note_mark(cast.hanna, case=case, mark="absence_started", on=days(-20))
        marks.note_mark(cast.hanna, case=case, mark="absence_started", on=days(-30), reason="Checked")
        known = facts.facts_of(case).facts
        assert known.triggers == {"prolonged_absence"}
        assert known.dates["absence_started"] == days(-30)
        assert "work_ability_statement" in due(case)
        marks.withdraw_mark(cast.hanna, case=case, mark="absence_started", reason="Wrong person")
        marks.withdraw_trigger(cast.hanna, case=case, trigger="prolonged_absence", reason="Wrong person")
        known = facts.facts_of(case).facts
        assert not known.triggers
        assert "absence_started" not in known.dates
        assert "work_ability_statement" not in due(case)


def test_a_mark_of_another_kind_is_refused(cast: Cast, case: Case) -> None:
    with acting(cast.eero), pytest.raises(RuleBroken, match="no_such_mark"):
        marks.note_mark(cast.eero, case=case, mark="absence_started", on=TODAY)
    with acting(cast.eero), pytest.raises(RuleBroken, match="no_such_trigger"):
        marks.note_trigger(cast.eero, case=case, trigger="prolonged_absence", on=TODAY)


def test_a_unit_that_left_is_told_no_more_dates(cast: Cast) -> None:
    story = in_network(cast)
    asked = [story.pk]
    with acting(cast.kaisa):
        assert facts.facts_of_each(asked)
        part = Participation.objects.get(user_id=cast.kaisa.user_id)
        network.leave(cast.kaisa, participation=part, reason="Kuntoutus päättyi")
        assert facts.facts_of_each(asked), "on its last day it closes the books behind itself"
    tomorrow = clock.now() + dt.timedelta(days=1)
    with clock.at(tomorrow), acting(cast.kaisa):
        assert not facts.facts_of_each(asked)
        assert standing.refresh_each([story]) == 0
    with clock.at(tomorrow), acting(cast.saara):
        assert facts.facts_of_each(asked)


def test_a_unit_may_move_the_standing_while_it_may_still_write(cast: Cast) -> None:
    story = in_network(cast)
    with as_owner():
        Participation.objects.filter(user_id=cast.kaisa.user_id).update(
            left_on=TODAY, left_reason="x", writes_until=days(14)
        )
    for later, is_told in ((14, True), (15, False)):
        with clock.at(clock.now() + dt.timedelta(days=later)), acting(cast.kaisa):
            assert bool(facts.facts_of_each([story.pk])) is is_told


def test_a_unit_that_declined_an_offer_is_told_no_more_dates(cast: Cast, case: Case) -> None:
    with acting(cast.eero):
        offer = transfers.propose_transfer(
            cast.eero, case=case, to_unit=cast.unit("employment_other"), reason="Muutti"
        )
    with acting(cast.vaino):
        assert facts.facts_of_each([case.pk])
        transfers.decline_transfer(cast.vaino, transfer=offer, reason="Ei meille")
    with clock.at(clock.now() + dt.timedelta(days=1)), acting(cast.vaino):
        assert not facts.facts_of_each([case.pk])


def test_a_preview_is_told_what_both_units_know_and_moves_nothing(cast: Cast) -> None:
    story = in_network(cast)
    for looking, is_told in ((cast.eero, True), (cast.vaino, False)):
        preview = actor_as_unit(cast.unit("kela"), "joint_support", looking=looking)
        with acting(preview):
            assert bool(facts.facts_of_each([story.pk])) is is_told
    with as_owner():
        Case.objects.filter(pk=story.pk).update(open_steps=7)
    with acting(actor_as_unit(cast.unit("kela"), "joint_support", looking=cast.eero)):
        standing.refresh_each([story])
    assert stored(story).open_steps == 7
