"""Goals in the client's words, promises, services and the plan made of them."""

import datetime as dt

import pytest

from silta.access.enums import Category
from silta.cases import queries
from silta.cases.enums import (
    SERVICE_STEPS,
    AcceptedHow,
    ActionState,
    GoalState,
    ProposedBy,
    ServiceState,
)
from silta.cases.models import Action, AgreedService, Goal, PlanVersion
from silta.cases.operations import actions, goals, plan, services
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.kernel.identifiers import new_id
from tests.cases.situations import (
    OWN_WORDS,
    again,
    case_of_aino,
    in_network,
    invited,
    with_assessment,
    with_goal,
    with_plan,
    with_service,
)
from tests.cast import Cast, as_owner


def test_aino_proposes_a_goal_herself_and_it_is_hers(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.aino):
        goal = goals.propose_goal(
            cast.aino, case=case, own_words=OWN_WORDS, proposed_by=ProposedBy.PROFESSIONAL
        )
        assert goal.proposed_by == ProposedBy.CLIENT
        goals.confirm_goal(cast.aino, goal=goal, version=goal.version)
    with acting(cast.eero):
        seen = Goal.objects.get()
        assert (seen.state, seen.confirmed_on) == (GoalState.CONFIRMED, clock.today())
        assert seen.recorded_by_unit_id is None


def test_to_say_no_is_recorded_and_has_no_consequence(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        goal = goals.propose_goal(
            cast.eero, case=case, own_words="Kokeile ammattikoulua", proposed_by="professional"
        )
    with acting(cast.aino):
        goals.decline_goal(cast.aino, goal=goal, version=goal.version, reason="En halua kouluun")
    with acting(cast.eero):
        after = again(cast, case)
        assert (after.state, after.open_goals) == ("open", 0)
        goal = Goal.objects.get()
        goals.take_up_goal(cast.eero, goal=goal, version=goal.version)


def test_a_worker_tells_how_the_client_confirmed(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        goal = goals.propose_goal(cast.eero, case=case, own_words=OWN_WORDS, proposed_by="client")
        with pytest.raises(RuleBroken) as refused:
            goals.confirm_goal(cast.eero, goal=goal, version=goal.version)
    assert refused.value.field == "reason"


def test_a_worker_who_rewords_a_goal_asks_the_client_again(cast: Cast) -> None:
    goal = with_goal(cast)
    with acting(cast.eero):
        reworded = goals.reword_goal(
            cast.eero, goal=goal, version=goal.version, own_words=OWN_WORDS, wording="Kokoaikatyö"
        )
    assert reworded.state == GoalState.PROPOSED


def test_two_editors_of_one_goal(cast: Cast) -> None:
    goal = with_goal(cast)
    with acting(cast.saara):
        hers = Goal.objects.get(pk=goal.pk)
        goals.achieve_goal(cast.saara, goal=hers, version=hers.version)
    with acting(cast.eero), pytest.raises(Conflict):
        goals.drop_goal(cast.eero, goal=goal, version=goal.version, reason="Ei ajankohtainen")
    with as_owner():
        assert Goal.objects.get(pk=goal.pk).state == GoalState.ACHIEVED


def test_two_editors_of_one_promise_and_of_one_service(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        action = actions.add_action(cast.eero, case=case, text="Soita")
        actions.postpone_action(
            cast.eero, action=action, version=1, due_on=clock.today() + dt.timedelta(days=9), reason="Loma"
        )
    service = with_service(cast, case)
    with acting(cast.paula):
        seen = Action.objects.get()
        with pytest.raises(Conflict):
            actions.complete_action(cast.paula, action=seen, version=1)
        services.change_service(cast.paula, service=service, version=1, state="requested")
    with acting(cast.eero):
        with pytest.raises(Conflict):
            services.change_service(
                cast.eero, service=AgreedService.objects.get(), version=1, state="refused", reason="Jonoa"
            )
        assert (Action.objects.get().state, AgreedService.objects.get().state) == ("open", "requested")


def test_the_same_goal_sent_twice_is_one_goal(cast: Cast) -> None:
    case, key = case_of_aino(cast), new_id()
    with acting(cast.eero):
        for _ in range(2):
            goals.propose_goal(cast.eero, case=case, own_words=OWN_WORDS, proposed_by="client", key=key)
        assert Goal.objects.count() == 1
        assert again(cast, case).open_goals == 1


def test_vaino_and_the_employer_write_nothing(cast: Cast) -> None:
    case = case_of_aino(cast)
    goal = with_goal(cast, with_assessment(cast, in_network(cast, case)))
    for name in ("vaino", "olli", "hanna", "tiina"):
        actor = getattr(cast, name)
        with acting(actor), pytest.raises(NotAllowed):
            goals.propose_goal(actor, case=case, own_words="x", proposed_by="client")
        with acting(actor), pytest.raises((NotAllowed, NotFound)):
            goals.achieve_goal(actor, goal=goal, version=goal.version)


def test_a_promise_without_an_owner_is_the_writers_own(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        action = actions.add_action(cast.eero, case=case, text="Soita Kelaan", due_on=clock.today())
    assert (action.owner_id, action.owner_unit_id) == (cast.eero.user_id, cast.eero.unit_id)
    assert again(cast, case).next_step_on == clock.today()


def test_a_promise_is_owned_by_somebody_in_the_case(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        actions.add_action(cast.eero, case=case, text="Palvelutarpeen arvio", owner=cast.user("saara"))
        with pytest.raises(RuleBroken) as refused:
            actions.add_action(cast.eero, case=case, text="Esittele työ", owner_unit=cast.unit("workplace"))
    assert refused.value.field == "owner_unit"
    with acting(cast.saara):
        assert Action.objects.get().owner_unit_id == cast.saara.unit_id


def test_the_owner_completes_and_others_do_not(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        action = actions.add_action(cast.eero, case=case, text="Kuntoutuspäätös", owner=cast.user("kaisa"))
    with acting(cast.saara), pytest.raises(NotAllowed):
        actions.complete_action(cast.saara, action=action, version=action.version)
    with acting(cast.kaisa):
        done = actions.complete_action(cast.kaisa, action=action, version=action.version)
    assert done.state == ActionState.DONE
    assert again(cast, case).open_steps == 0
    with acting(cast.eero):
        reopened = actions.reopen_action(cast.eero, action=done, version=done.version)
        assert reopened.state == ActionState.OPEN


def test_the_client_does_her_own_step(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        action = actions.add_action(cast.eero, case=case, text="Päivitä ansioluettelo", owner_is_client=True)
    with acting(cast.aino):
        actions.complete_action(cast.aino, action=action, version=action.version)
    with acting(cast.eero):
        assert Action.objects.get().state == ActionState.DONE


def test_postponing_takes_a_reason_and_a_later_day(cast: Cast) -> None:
    case, today = case_of_aino(cast), clock.today()
    with acting(cast.eero):
        action = actions.add_action(cast.eero, case=case, text="Soita", due_on=today)
        with pytest.raises(RuleBroken) as no_reason:
            actions.postpone_action(
                cast.eero, action=action, version=1, due_on=today + dt.timedelta(days=7), reason=" "
            )
        with pytest.raises(RuleBroken) as not_later:
            actions.postpone_action(cast.eero, action=action, version=1, due_on=today, reason="Sairaana")
        actions.postpone_action(
            cast.eero, action=action, version=1, due_on=today + dt.timedelta(days=7), reason="Sairaana"
        )
    assert no_reason.value.field == "reason"
    assert not_later.value.field == "due_on"
    assert again(cast, case).next_step_on == today + dt.timedelta(days=7)


def test_a_nudge_once_a_day(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        action = actions.add_action(cast.eero, case=case, text="Lausunto", owner=cast.user("saara"))
        actions.nudge_action(cast.eero, action=action, version=action.version)
        with pytest.raises(RuleBroken):
            actions.nudge_action(cast.eero, action=action, version=action.version)
        actions.hand_action(cast.eero, action=action, version=action.version, owner=cast.user("kaisa"))
        assert action.nudged_on is None


def test_a_dropped_promise_says_why(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        action = actions.add_action(cast.eero, case=case, text="Soita")
        with pytest.raises(RuleBroken):
            actions.drop_action(cast.eero, action=action, version=action.version)
        actions.drop_action(cast.eero, action=action, version=action.version, reason="Hoitui jo")
        with pytest.raises(RuleBroken):
            actions.nudge_action(cast.eero, action=action, version=action.version)


@pytest.mark.parametrize("before", list(ServiceState))
@pytest.mark.parametrize("after", list(ServiceState))
def test_services_go_only_where_the_table_says(cast: Cast, before: str, after: str) -> None:
    case = case_of_aino(cast)
    service = with_service(cast, case)
    with acting(cast.eero):
        for step in _way_to(before):
            services.change_service(
                cast.eero, service=service, version=service.version, state=step, reason="Jonossa"
            )
        if after in SERVICE_STEPS[before]:
            services.change_service(
                cast.eero, service=service, version=service.version, state=after, reason="Siksi"
            )
            assert AgreedService.objects.get().state == after
        else:
            with pytest.raises(RuleBroken):
                services.change_service(
                    cast.eero, service=service, version=service.version, state=after, reason="Siksi"
                )
            assert AgreedService.objects.get().state == before


def _way_to(state: str) -> list[str]:
    return {
        ServiceState.AGREED: [], ServiceState.DONE: [ServiceState.STARTED, ServiceState.DONE],
    }.get(ServiceState(state), [state])  # fmt: skip


def test_a_service_marked_received_by_a_slip_goes_on(cast: Cast) -> None:
    service = with_service(cast, case_of_aino(cast))
    with acting(cast.eero):
        for state in ("started", "done", "started"):
            services.change_service(cast.eero, service=service, version=service.version, state=state)
        assert (service.ended_on, service.started_on) == (None, clock.today())


def test_a_delay_and_a_refusal_need_their_reason(cast: Cast) -> None:
    service = with_service(cast, case_of_aino(cast))
    with acting(cast.eero):
        for state in (ServiceState.DELAYED, ServiceState.REFUSED):
            with pytest.raises(RuleBroken) as refused:
                services.change_service(cast.eero, service=service, version=service.version, state=state)
            assert refused.value.field == "reason"
        with pytest.raises(RuleBroken) as early:
            services.change_service(
                cast.eero,
                service=service,
                version=1,
                state="started",
                on=clock.today() - dt.timedelta(days=1),
            )
    assert early.value.field == "on"


def test_agreed_but_never_delivered_shows(cast: Cast) -> None:
    today = clock.today()
    case = case_of_aino(cast, opened_on=today - dt.timedelta(days=90))
    with acting(cast.eero):
        late = services.agree_service(
            cast.eero,
            case=case,
            name="Kuntoutus",
            provider_name="Kela",
            expected_on=today - dt.timedelta(days=1),
        )
        forgotten = services.agree_service(
            cast.eero,
            case=case,
            name="Velkaneuvonta",
            provider_name="Oikeusapu",
            agreed_on=today - dt.timedelta(days=40),
        )
        services.agree_service(cast.eero, case=case, name="Valmennus", provider_name="Yhdistys")
        assert list(queries.agreed_not_delivered(cast.eero, today=today)) == [forgotten, late]
        services.change_service(cast.eero, service=late, version=late.version, state="started")
        assert list(queries.agreed_not_delivered(cast.eero, today=today)) == [forgotten]
        with pytest.raises(RuleBroken):
            services.agree_service(cast.eero, case=case, name="Valmennus")
    with acting(cast.vaino):
        assert not queries.agreed_not_delivered(cast.vaino, today=today).exists()


def test_a_plan_names_everything_that_is_missing(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero), pytest.raises(RuleBroken) as refused:
        plan.make_plan(cast.eero, case=case, reason="Ensimmäinen", how_followed="Puhelu")
    assert refused.value.code == "cases.plan_parts_missing"
    assert str(refused.value.message).count(";") == 1
    with acting(cast.eero), pytest.raises(RuleBroken) as followed:
        plan.make_plan(cast.eero, case=case, reason="Ensimmäinen", how_followed=" ")
    assert followed.value.field == "how_followed"


def test_the_case_moves_by_itself_from_assessment_to_plan_to_services(cast: Cast) -> None:
    case = with_assessment(cast)
    assert case.phase == "assessment"
    made = with_plan(cast, case)
    assert again(cast, case).phase == "plan"
    with acting(cast.eero):
        plan.accept_plan(
            cast.eero, plan=made, accepted_how=AcceptedHow.OTHERWISE, explained_how="Luettiin yhdessä ääneen"
        )
    assert again(cast, case).phase == "services"


def test_a_version_never_changes_and_the_next_tells_the_difference(cast: Cast) -> None:
    case = with_assessment(cast)
    first = with_plan(cast, case)
    before = first.content
    with acting(cast.eero):
        action = Action.objects.get()
        actions.complete_action(cast.eero, action=action, version=action.version)
        actions.add_action(cast.eero, case=case, text="Käy tutustumassa", owner_is_client=True)
        service = AgreedService.objects.get()
        services.change_service(cast.eero, service=service, version=service.version, state="started")
        second = plan.make_plan(
            cast.eero, case=case, reason="Palvelu alkoi", how_followed="Tapaaminen kuussa"
        )
        first = PlanVersion.objects.get(number=1)
        difference = queries.plan_difference(first, second)
        same = queries.plan_difference(second, second)
    assert first.content == before
    assert [entry.text for entry in difference.added] == ["Käy tutustumassa"]
    assert [entry.text for entry in difference.removed] == ["Soita Mäkisen Puuhun"]
    assert [entry.text for entry in difference.changed] == ["Työhönvalmennus", ""]
    assert difference.changed[1].changes[0].before == "Puhelu joka toinen viikko"
    assert same.is_empty


def test_aino_accepts_her_own_plan_electronically(cast: Cast) -> None:
    made = with_plan(cast)
    with acting(cast.aino):
        mine = PlanVersion.objects.get()
        plan.refuse_plan(cast.aino, plan=mine, reason="Liian monta asiaa")
        plan.accept_plan(cast.aino, plan=mine)
        with pytest.raises(Conflict):
            plan.refuse_plan(cast.aino, plan=mine, reason="Ei sittenkään")
    with acting(cast.eero):
        accepted = PlanVersion.objects.get(pk=made.pk)
    assert (accepted.accepted_how, accepted.refused_reason) == (AcceptedHow.ELECTRONICALLY, "")


def test_a_worker_tells_how_the_plan_was_explained_and_only_the_newest_is_accepted(cast: Cast) -> None:
    case = with_assessment(cast)
    first = with_plan(cast, case)
    with acting(cast.eero):
        with pytest.raises(RuleBroken) as refused:
            plan.accept_plan(cast.eero, plan=first, accepted_how=AcceptedHow.SIGNATURE)
        plan.make_plan(cast.eero, case=case, reason="Täsmennys", how_followed="Puhelu")
        with pytest.raises(RuleBroken) as outdated:
            plan.accept_plan(
                cast.eero, plan=first, accepted_how=AcceptedHow.SIGNATURE, explained_how="Luettiin"
            )
    assert refused.value.field == "explained_how"
    assert outdated.value.code == "cases.plan_outdated"


def test_a_review_moves_the_next_one(cast: Cast) -> None:
    made = with_plan(cast)
    with acting(cast.eero):
        case = again(cast, made.case)
        before = case.deadlines.get(rule="review_due").due_on
        review = plan.hold_review(cast.eero, case=case, findings="Eteni hyvin", asked_by_client=True)
        assert review.plan_version_id == made.pk
        assert case.deadlines.get(rule="review_due").due_on >= before


def test_a_unit_without_the_plan_neither_sees_nor_writes_it(cast: Cast) -> None:
    case = case_of_aino(cast)
    with_goal(cast, with_assessment(cast, in_network(cast, case)))
    invited(cast, case, "liisa", "coaching", categories=[Category.IDENTITY, Category.CLIENTHOOD])
    with acting(cast.liisa):
        assert not Goal.objects.exists()
        with pytest.raises(RuleBroken) as refused:
            goals.propose_goal(cast.liisa, case=case, own_words="x", proposed_by="client")
    assert refused.value.code == "cases.category_not_covered"
