"""Whatever is tried in whatever order, goals, promises and services are only ever where their tables let them be."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from silta.cases.enums import (
    ACTION_STEPS,
    GOAL_STEPS,
    SERVICE_STEPS,
    TRANSFER_STEPS,
    WAITED_FOR,
    ActionState,
    GoalState,
    ServiceState,
    TransferState,
)
from silta.cases.models import Action, AgreedService, Case, Goal, StatusChange
from silta.cases.operations import actions, goals, services
from silta.kernel.acting import acting
from silta.kernel.errors import RuleBroken
from tests.cases.situations import again, case_of_aino
from tests.cast import Cast
from tests.conftest import UNTIMED

WALKS = settings(max_examples=12, suppress_health_check=[*UNTIMED, HealthCheck.function_scoped_fixture])
GOAL_VERBS = {
    GoalState.PROPOSED: goals.take_up_goal,
    GoalState.CONFIRMED: goals.confirm_goal,
    GoalState.DECLINED: goals.decline_goal,
    GoalState.ACHIEVED: goals.achieve_goal,
    GoalState.DROPPED: goals.drop_goal,
}
ACTION_VERBS = {
    ActionState.OPEN: actions.reopen_action,
    ActionState.DONE: actions.complete_action,
    ActionState.DROPPED: actions.drop_action,
}


@pytest.mark.parametrize(
    ("table", "states"),
    [
        (GOAL_STEPS, GoalState),
        (ACTION_STEPS, ActionState),
        (SERVICE_STEPS, ServiceState),
        (TRANSFER_STEPS, TransferState),
    ],
)
def test_each_table_knows_every_state_and_no_other(table: dict[str, frozenset[str]], states: Any) -> None:
    every = {state.value for state in states}
    assert {str(state) for state in table} == every
    assert {str(after) for ends in table.values() for after in ends} <= every
    assert all(before not in ends for before, ends in table.items())


@pytest.fixture
def case(cast: Cast) -> Case:
    return case_of_aino(cast)


def path_of(case: Case, subject: str, subject_id: object) -> list[str]:
    rows = StatusChange.objects.filter(case=case, subject=subject, subject_id=subject_id)
    return [row.after for row in rows.order_by("recorded_at", "id")]


@WALKS
@given(walk=st.lists(st.sampled_from(ServiceState), max_size=6))
def test_a_service_walks_its_table(cast: Cast, case: Case, walk: list[ServiceState]) -> None:
    with acting(cast.eero):
        service = services.agree_service(cast.eero, case=case, name="Palvelu", provider_name="Tuottaja")
    expected = [ServiceState.AGREED]
    for state in walk:
        with acting(cast.eero):
            if state in SERVICE_STEPS[expected[-1]]:
                services.change_service(
                    cast.eero, service=service, version=service.version, state=state, reason="x"
                )
                expected.append(state)
            else:
                with pytest.raises(RuleBroken):
                    services.change_service(
                        cast.eero, service=service, version=service.version, state=state, reason="x"
                    )
    with acting(cast.eero):
        assert AgreedService.objects.get(pk=service.pk).state == expected[-1]
        assert path_of(case, "service", service.pk) == expected
        waiting = AgreedService.objects.filter(case=case, state__in=WAITED_FOR).count()
    assert again(cast, case).waiting_services == waiting


@WALKS
@given(walk=st.lists(st.sampled_from(GoalState), max_size=6))
def test_a_goal_walks_its_table(cast: Cast, case: Case, walk: list[GoalState]) -> None:
    with acting(cast.eero):
        goal = goals.propose_goal(cast.eero, case=case, own_words="Töihin", proposed_by="client")
    expected = [GoalState.PROPOSED]
    for state in walk:
        with acting(cast.eero):
            if state in GOAL_STEPS[expected[-1]]:
                GOAL_VERBS[state](cast.eero, goal=goal, version=goal.version, reason="Puhelimessa")
                expected.append(state)
            else:
                with pytest.raises(RuleBroken):
                    GOAL_VERBS[state](cast.eero, goal=goal, version=goal.version, reason="Puhelimessa")
    assert all(after in GOAL_STEPS[before] for before, after in pairwise(expected))
    with acting(cast.eero):
        assert Goal.objects.get(pk=goal.pk).state == expected[-1]
        living = Goal.objects.filter(case=case, state__in=[GoalState.PROPOSED, GoalState.CONFIRMED]).count()
    assert again(cast, case).open_goals == living


@WALKS
@given(walk=st.lists(st.sampled_from(ActionState), max_size=6))
def test_a_promise_walks_its_table(cast: Cast, case: Case, walk: list[ActionState]) -> None:
    with acting(cast.eero):
        action = actions.add_action(cast.eero, case=case, text="Soita")
    state = ActionState.OPEN
    for after in walk:
        with acting(cast.eero):
            if after in ACTION_STEPS[state]:
                ACTION_VERBS[after](cast.eero, action=action, version=action.version, reason="x")
                state = after
            else:
                with pytest.raises(RuleBroken):
                    ACTION_VERBS[after](cast.eero, action=action, version=action.version, reason="x")
    with acting(cast.eero):
        assert Action.objects.get(pk=action.pk).state == state
        still_open = Action.objects.filter(case=case, state=ActionState.OPEN).count()
    assert again(cast, case).open_steps == still_open
