"""Vectors: law-standards-evidence.md section 6, Timers."""

import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silta.cases.rules import deadlines, requirements, workload
from silta.cases.rules.deadlines import Due, Facts, Promise
from silta.cases.rules.definitions import definition
from silta.cases.rules.schema import Fact, Moment

JOINT, WORKPLACE, COACHING = (
    definition("joint_support"),
    definition("workplace_support"),
    definition("coaching"),
)
START = dt.date(2026, 1, 15)


def facts(state: str = "open", need: str = "regular", phase: str = "assessment", **given_: Any) -> Facts:
    dates = {name: day for name, day in given_.items() if isinstance(day, dt.date)}
    rest = {name: value for name, value in given_.items() if name not in dates}
    return Facts(state=state, phase=phase, need=need, dates={"opened": dt.date(2026, 1, 2)} | dates, **rest)


def by_rule(definition_: Any, known: Facts) -> dict[str, Due]:
    return {one.rule: one for one in deadlines.due(definition_, known)}


def test_the_plan_is_due_three_months_from_the_start_of_the_assessment() -> None:
    one = by_rule(JOINT, facts(assessment_started=START))["plan_due"]
    assert one.due_on == dt.date(2026, 4, 15)
    assert one.source == "381/2023 4.3 §"
    assert one.inputs == {"assessment_started": "2026-01-15", "months": 3, "version": "2025.1"}


def test_no_plan_is_due_before_the_assessment_and_none_after_it_is_made() -> None:
    assert "plan_due" not in by_rule(JOINT, facts())
    assert "plan_due" not in by_rule(JOINT, facts(assessment_started=START, plan_made=START))
    assert "plan_due" in by_rule(
        JOINT, facts(assessment_started=START, plan_made=START - dt.timedelta(days=1))
    )


def test_each_review_starts_the_next_three_months() -> None:
    known = facts(assessment_started=START, plan_made=dt.date(2026, 4, 1))
    assert by_rule(JOINT, known)["review_due"].due_on == dt.date(2026, 7, 1)
    known = facts(assessment_started=START, plan_made=dt.date(2026, 4, 1), reviewed=dt.date(2026, 5, 31))
    assert by_rule(JOINT, known)["review_due"].due_on == dt.date(2026, 8, 31)


def test_data_are_erased_four_years_after_the_end_and_nobody_is_asked_to_act() -> None:
    known = facts(state="ended", ended=dt.date(2026, 10, 1))
    assert by_rule(JOINT, known)["erasure"].due_on == dt.date(2030, 10, 1)
    assert by_rule(JOINT, known)["erasure"].informational
    assert "review_due" not in by_rule(JOINT, facts(state="ended", ended=START, plan_made=START))


def test_aftercare_is_satisfied_only_by_a_contact_towards_its_end() -> None:
    until = dt.date(2026, 12, 31)
    ended = {"ended": dt.date(2026, 10, 1), "aftercare_until": until}
    early = facts(state="ended", contacted=dt.date(2026, 10, 5), **ended)
    assert by_rule(JOINT, early)["aftercare"].due_on == until
    late = facts(state="ended", contacted=dt.date(2026, 12, 1), **ended)
    assert "aftercare" not in by_rule(JOINT, late)


@pytest.mark.parametrize(("need", "days"), [("light", 90), ("regular", 45), ("intensive", 21)])
def test_silence_is_counted_by_need(need: str, days: int) -> None:
    known = facts(need=need, contacted=START)
    one = by_rule(JOINT, known)["contact"]
    assert one.quiet
    assert one.due_on == START + dt.timedelta(days=days)


def test_each_open_promise_has_its_own_due_date() -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    known = facts(actions=(Promise(one, START),), services=(Promise(other, dt.date(2026, 2, 1)),))
    found = {(due.rule, due.subject_id): due.due_on for due in deadlines.due(JOINT, known) if due.subject_id}
    assert found == {("action_due", one): START, ("service_start", other): dt.date(2026, 2, 1)}


def test_absence_is_counted_in_months_and_in_days_of_allowance() -> None:
    found = by_rule(WORKPLACE, facts(phase="noticed", absence_started=dt.date(2026, 8, 3)))
    assert found["absence_month"].due_on == dt.date(2026, 9, 3)
    # 10 days to the first paid one, Monday to Saturday, then 60 and 90: the autumn's only holiday within is 31 October.
    assert found["kela_rehabilitation_check"].due_on == dt.date(2026, 10, 22)
    assert found["work_ability_statement"].due_on == dt.date(2026, 11, 27)


def test_the_talk_at_the_workplace_is_due_in_working_days_and_only_at_first() -> None:
    assert by_rule(WORKPLACE, facts(phase="noticed"))["discussion_due"].due_on == dt.date(2026, 1, 19)
    assert "discussion_due" not in by_rule(WORKPLACE, facts(phase="measure"))


def test_an_employer_contact_marked_satisfies_the_coach() -> None:
    assert "first_employer_contact" in by_rule(COACHING, facts(phase="profile"))
    assert "first_employer_contact" not in by_rule(COACHING, facts(phase="profile", employer_contacted=START))


@given(st.dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1)), st.sampled_from([JOINT, WORKPLACE, COACHING]))
def test_warnings_come_before_and_the_earliest_comes_first(day: dt.date, kind: Any) -> None:
    dates = {fact.value: day for fact in Fact} | {mark.code: day for mark in kind.marks}
    for state in ("open", "ended"):
        found = deadlines.due(kind, Facts(state=state, phase=kind.first_phase, need="light", dates=dates))
        assert found == sorted(found, key=lambda one: one.due_on)
        assert all(one.warn_on <= one.due_on for one in found)


def test_a_joint_plan_needs_the_four_domains_a_goal_and_follow_up() -> None:
    lacking = requirements.missing(JOINT, facts(), Moment.PLAN, how_followed=False)
    assert [part.check for part in lacking] == ["domains_assessed", "goal_confirmed", "how_followed"]
    known = facts(
        goal_confirmed=START, assessed_domains=frozenset({"skills", "social", "health", "work_ability"})
    )
    assert not requirements.missing(JOINT, known, Moment.PLAN)


def test_a_light_case_weighs_one() -> None:
    found = workload.load([(JOINT, "light", 3), (JOINT, "intensive", 2), (COACHING, "regular", 1)])
    assert found == workload.Load(cases=6, weight=3 + 8 + 2)
