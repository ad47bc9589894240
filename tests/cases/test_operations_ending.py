"""How a case ends together, what goes on after it, and how it comes back."""

import datetime as dt

import pytest

from silta.cases import queries
from silta.cases.enums import (
    ActionState,
    GoalState,
    NoteKind,
    Onward,
    Outcome,
    Part,
    ServiceState,
    State,
    TransferState,
)
from silta.cases.models import Action, AgreedService, Case, Flag, Goal, Participation, Transfer
from silta.cases.operations import actions, ending, flags, goals, notes, path, services, transfers
from silta.cases.queries import closing
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from tests.cases.situations import (
    again,
    case_of_aino,
    ended,
    in_network,
    invited,
    with_assessment,
    with_plan,
    with_service,
)
from tests.cast import Cast, as_owner


def test_the_end_says_with_whom_what_came_and_who_carries_on(cast: Cast) -> None:
    case = ended(cast)
    assert (case.state, case.phase, case.responsible_id) == (State.ENDED, "ended", None)
    assert case.aftercare_until == clock.today() + dt.timedelta(days=90)
    with acting(cast.eero):
        assert not Participation.objects.filter(left_on__isnull=True).exists()
        assert set(Participation.objects.values_list("left_reason", flat=True)) != {""}


@pytest.mark.parametrize(
    ("field", "value"), [("parties", []), ("onward_text", ""), ("ended_on", dt.date(2019, 1, 1))]
)
def test_what_the_end_must_say(cast: Cast, field: str, value: object) -> None:
    with pytest.raises(RuleBroken) as refused:
        ended(cast, None, **{field: value})
    assert refused.value.field == field


def test_joint_support_ends_only_by_the_three_together(cast: Cast) -> None:
    """381/2023 8 §: the employment authority, the county and Kela judge together."""
    case = with_assessment(cast)
    with pytest.raises(RuleBroken) as alone:
        ended(cast, case, parties=["client", "employment_authority", "kela"])
    assert (alone.value.field, alone.value.code) == ("parties", "cases.party_missing")
    assert "381/2023 8 §" in str(alone.value.message)
    assert "REQ-" not in str(alone.value.message)
    assert "Kainuun hyvinvointialue" in str(alone.value.message)
    with pytest.raises(RuleBroken) as own:
        ended(cast, case, parties=["client", "wellbeing_county", "kela"])
    assert own.value.code == "cases.party_missing"
    assert again(cast, case).state == State.OPEN
    found = ended(cast, case, parties=["client", "employment_authority", "wellbeing_county", "kela"])
    assert found.ending_parties == "Asiakas, Kainuun työllisyysalue, Kainuun hyvinvointialue, Kela"


@pytest.mark.parametrize("absent", ["client", "kela"])
def test_where_the_source_allows_an_exception_it_is_explained(cast: Cast, absent: str) -> None:
    case = with_assessment(cast)
    parties = [one for one in ("client", "employment_authority", "wellbeing_county", "kela") if one != absent]
    with pytest.raises(RuleBroken) as refused:
        ended(cast, case, parties=parties)
    assert (refused.value.field, refused.value.code) == ("absence_reason", "cases.absence_unexplained")
    with pytest.raises(RuleBroken) as long:
        ended(cast, case, parties=parties, absence_reason="Ei tavoitettu. " * 30)
    assert long.value.field == "absence_reason"
    found = ended(cast, case, parties=parties, absence_reason="Ei tarvittu")
    assert found.ending_parties.endswith("(Ei tarvittu)")


def test_a_party_that_is_not_in_the_case_cannot_have_decided(cast: Cast) -> None:
    case = with_assessment(cast, case_of_aino(cast))
    with pytest.raises(RuleBroken) as refused:
        ended(cast, case, parties=["client", "employment_authority", "wellbeing_county", "kela"])
    assert (refused.value.field, refused.value.code) == ("parties", "cases.party_elsewhere")
    with acting(cast.eero):
        by_name = {seat.who: seat for seat in closing.seats(again(cast, case))}
    assert not by_name["wellbeing_county"].is_there
    assert not by_name["wellbeing_county"].may_be_missing
    assert by_name["kela"].may_be_missing


def test_before_the_clienthood_has_begun_there_is_nothing_to_end_together(cast: Cast) -> None:
    """381/2023 4.1 §: the joint clienthood begins with the assessment."""
    assert ended(cast, case_of_aino(cast), parties=["employment_authority"]).state == State.ENDED


def test_after_a_death_nobody_is_asked_for_a_joint_decision(cast: Cast) -> None:
    case = with_assessment(cast)
    found = ended(cast, case, parties=["employment_authority"], outcome=Outcome.DIED, onward=Onward.NONE)
    assert found.ending_parties == "Kainuun työllisyysalue"


def test_a_coaching_case_is_ended_by_the_client_and_whoever_leads_it(cast: Cast) -> None:
    case = case_of_aino(cast, kind="coaching", by="liisa")
    with acting(cast.liisa):
        for parties, field in ((["client"], "parties"), (["provider"], "absence_reason")):
            with pytest.raises(RuleBroken) as refused:
                ending.end_case(
                    cast.liisa, case=case, version=case.version, outcome=Outcome.STUDY, parties=parties,
                    onward=Onward.PATH, onward_text="Opinto-ohjaaja",
                )  # fmt: skip
            assert refused.value.field == field
        ending.end_case(
            cast.liisa, case=case, version=case.version, outcome=Outcome.STUDY, parties=["client", "provider"],
            onward=Onward.PATH, onward_text="Opinto-ohjaaja",
        )  # fmt: skip
    assert again(cast, case, by="liisa").ending_parties == "Asiakas, Valmennus Vuoksi ry"


def test_no_onward_path_needs_its_reason_and_death_has_no_aftercare(cast: Cast) -> None:
    case = ended(cast, None, outcome=Outcome.DIED, onward=Onward.NONE, onward_text="Asiakas kuoli")
    assert case.aftercare_until is None
    with clock.at(clock.now() + dt.timedelta(days=1, hours=1)), acting(cast.saara):
        assert not Case.objects.exists()


def test_a_changed_case_is_not_ended_over_the_change(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.saara):
        path.set_need(cast.saara, case=again(cast, case), need="intensive", reason="Kriisi")
    with acting(cast.eero), pytest.raises(Conflict):
        ending.end_case(
            cast.eero, case=case, version=1, outcome=Outcome.OTHER, parties=["client"], onward=Onward.NONE,
            onward_text="Ei tarvetta",
        )  # fmt: skip
    assert again(cast, case).state == State.OPEN


def test_only_the_responsible_unit_ends_the_case(cast: Cast) -> None:
    case = in_network(cast)
    for name in ("kaisa", "saara", "vaino"):
        actor = getattr(cast, name)
        with acting(actor), pytest.raises((NotAllowed, NotFound)):
            ending.end_case(
                actor, case=case, version=case.version, outcome=Outcome.OTHER, parties=["client"], onward=Onward.NONE,
                onward_text="x",
            )  # fmt: skip


def test_everything_open_is_wound_up_with_its_reason(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        actions.add_action(cast.eero, case=case, text="Soita")
        goals.propose_goal(cast.eero, case=case, own_words="Ehkä kurssi", proposed_by="professional")
        flags.raise_flag(cast.eero, case=case, text="Soita vain iltapäivällä")
        transfers.propose_transfer(
            cast.eero, case=case, to_unit=cast.unit("employment_other"), reason="Alue vaihtui"
        )
    with_service(cast, case)
    with acting(cast.eero):
        started = services.agree_service(cast.eero, case=case, name="Terapia", provider_name="Yritys")
        services.change_service(cast.eero, service=started, version=1, state="started")
    with acting(cast.eero), pytest.raises(RuleBroken) as refused:
        ending.end_case(
            cast.eero, case=case, version=again(cast, case).version, outcome=Outcome.STUDY, parties=["client"],
            onward=Onward.PATH, onward_text="Oppilaitos", winds_up=False,
        )  # fmt: skip
    assert refused.value.code == "cases.open_matters"
    ended(cast, case)
    with acting(cast.eero):
        assert Action.objects.get().state == ActionState.DROPPED
        assert Goal.objects.get().state == GoalState.DROPPED
        assert {service.name: service.state for service in AgreedService.objects.all()} == {
            "Työhönvalmennus": ServiceState.REFUSED, "Terapia": ServiceState.STARTED,
        }  # fmt: skip
        assert Transfer.objects.get().state == TransferState.OVERTAKEN
        assert Flag.objects.get().resolved_on == clock.today()
    with acting(cast.vaino):
        assert not Case.objects.exists()


def test_aftercare_is_work_and_then_the_others_know_no_more(cast: Cast) -> None:
    case = ended(cast)
    with acting(cast.saara):
        notes.write_note(
            cast.saara, case=again(cast, case, by="saara"), kind=NoteKind.CONTACT, channel="phone"
        )
    with clock.at(clock.now() + dt.timedelta(days=92)):
        with acting(cast.saara):
            assert not Case.objects.exists()
            with pytest.raises(NotFound):
                queries.get_for(cast.saara, case.pk)
        with acting(cast.eero):
            assert queries.get_for(cast.eero, case.pk).state == State.ENDED
            with pytest.raises(RuleBroken):
                notes.write_note(cast.eero, case=case, kind=NoteKind.CONTACT, channel="phone")
        with acting(cast.aino):
            assert queries.get_for(cast.aino, case.pk).outcome == Outcome.OPEN_EMPLOYMENT


def test_an_ended_case_takes_no_goals_promises_services_or_plans(cast: Cast) -> None:
    made = with_plan(cast)
    case = ended(cast, made.case)
    with acting(cast.eero):
        goal, action, service = Goal.objects.get(), Action.objects.get(), AgreedService.objects.get()
        for attempt in (
            lambda: goals.propose_goal(cast.eero, case=case, own_words="x", proposed_by="client"),
            lambda: goals.achieve_goal(cast.eero, goal=goal, version=goal.version),
            lambda: actions.reopen_action(cast.eero, action=action, version=action.version),
            lambda: services.change_service(
                cast.eero, service=service, version=service.version, state="agreed"
            ),
            lambda: path.set_need(cast.eero, case=case, need="light", reason="x"),
            lambda: path.change_phase(cast.eero, case=case, phase="services", reason="x"),
        ):
            with pytest.raises(RuleBroken) as refused:
                attempt()
            assert refused.value.code == "cases.ended"


def test_during_aftercare_everybody_comes_back_with_what_they_knew(cast: Cast) -> None:
    case = ended(cast)
    with clock.at(clock.now() + dt.timedelta(days=30)):
        with acting(cast.eero):
            ending.reopen_case(cast.eero, case=again(cast, case), reason="Työ loppui kesken")
        after = again(cast, case)
        assert (after.state, after.phase, after.outcome) == (State.OPEN, "contact", "")
        assert after.responsible_id == cast.eero.user_id
    with clock.at(clock.now() + dt.timedelta(days=200)), acting(cast.kaisa):
        assert queries.get_for(cast.kaisa, case.pk).state == State.OPEN
        assert Participation.objects.filter(left_on__isnull=True).count() == 3


def test_after_the_aftercare_the_others_are_invited_anew(cast: Cast) -> None:
    case = ended(cast)
    with clock.at(clock.now() + dt.timedelta(days=200)):
        with acting(cast.eero):
            ending.reopen_case(cast.eero, case=again(cast, case), reason="Palasi")
            assert Participation.objects.get(left_on__isnull=True).part == Part.RESPONSIBLE
        with acting(cast.kaisa):
            assert not Case.objects.exists()
        invited(cast, again(cast, case), "kaisa", "kela")


def test_no_second_open_case_by_reopening(cast: Cast) -> None:
    first = ended(cast)
    case_of_aino(cast)
    with acting(cast.eero), pytest.raises(RuleBroken) as refused:
        ending.reopen_case(cast.eero, case=again(cast, first), reason="Palasi")
    assert refused.value.code == "cases.already_open"


def test_an_open_case_is_not_reopened(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero), pytest.raises(RuleBroken):
        ending.reopen_case(cast.eero, case=case, reason="x")


def test_the_lead_holds_erasure_and_releases_it(cast: Cast) -> None:
    case = ended(cast)
    with acting(cast.eero), pytest.raises(NotAllowed):
        ending.hold_erasure(cast.eero, case=case, reason="Oikeudenkäynti")
    with acting(cast.paula):
        held = ending.hold_erasure(cast.paula, case=again(cast, case, by="paula"), reason="Oikeudenkäynti")
        assert held.is_held
        assert not ending.release(cast.paula, case=held).is_held


def test_the_path_of_phases_keeps_every_step_and_reason(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        path.change_phase(cast.eero, case=case, phase="assessment", reason="Arvio alkaa")
        with pytest.raises(RuleBroken) as jump:
            path.change_phase(cast.eero, case=case, phase="follow_up", reason="Hypätään")
        with pytest.raises(RuleBroken) as end:
            path.change_phase(cast.eero, case=case, phase="ended", reason="Loppu")
        with pytest.raises(RuleBroken) as reason:
            path.change_phase(cast.eero, case=case, phase="plan", reason=" ")
        with pytest.raises(Conflict):
            path.change_phase(cast.eero, case=case, phase="plan", reason="Valmis", version=1)
        steps = list(case.status_changes.filter(subject="phase").values_list("before", "after", "reason"))
    assert ("contact", "assessment", "Arvio alkaa") in steps
    assert [error.value.code for error in (jump, end, reason)] == [
        "cases.phase_step", "cases.phase_is_the_end", "cases.text_missing",
    ]  # fmt: skip


def test_the_assessment_starts_once_and_duties_are_explained(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        path.start_assessment(cast.eero, case=case)
        assert (case.phase, case.assessment_started_on) == ("assessment", clock.today())
        with pytest.raises(RuleBroken):
            path.start_assessment(cast.eero, case=case)
        path.explain_duties(cast.eero, case=case, how="Selkokielinen esite luettiin yhdessä")
        path.plan_the_end(cast.eero, case=case, on=clock.today() + dt.timedelta(days=100))
        assert case.deadlines.filter(rule="plan_due").exists()
        with pytest.raises(RuleBroken):
            path.set_need(cast.eero, case=case, need="regular", reason="Sama")


def test_vaino_gets_nothing_of_an_ended_case_either(cast: Cast) -> None:
    case = ended(cast)
    with acting(cast.vaino), pytest.raises((NotAllowed, NotFound)):
        ending.reopen_case(cast.vaino, case=case, reason="x")
    with as_owner():
        assert Case.objects.get().state == State.ENDED
