"""Who takes part, what each may know, hand-overs and transfers."""

import dataclasses
import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from silta.access import operations as access
from silta.access.enums import Category, ConsentChannel
from silta.access.models import Grant
from silta.cases import queries
from silta.cases.enums import Joined, NoteKind, Part, TransferState
from silta.cases.models import AssessmentEntry, Case, Flag, HandOver, Participation, Transfer
from silta.cases.operations import network, notes, sharing, transfers
from silta.cases.queries import casepage, caserows, joining
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.kernel.identifiers import new_id
from silta.organisations import operations as organisations
from tests.cases.situations import (
    ALL,
    WITHOUT_HEALTH,
    again,
    case_of_aino,
    ended,
    in_network,
    invited,
    with_assessment,
)
from tests.cast import Cast, as_owner


def test_within_an_employers_organisation_the_employment_relation_is_the_ground(cast: Cast) -> None:
    case = case_of_aino(cast, kind="workplace_support", by="hanna")
    with as_owner():
        kitchen = organisations.found_unit(
            None, organisation=case.unit.organisation, sector=case.unit.sector, name_fi="Keskuskeittiö",
            valid_from=dt.date(2024, 1, 1),
        )  # fmt: skip
    with acting(cast.hanna):
        found = sharing.grounds_for(
            case, from_unit=case.unit, to_unit=kitchen, categories=[Category.IDENTITY, Category.PLAN]
        )
    assert found == [("employment_relation", ["identity", "plan"], None)]


def test_kela_is_invited_on_the_ground_of_joint_support(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.kaisa), pytest.raises(NotFound):
        queries.get_for(cast.kaisa, case.pk)
    invited(cast, case, "kaisa", "kela")
    with acting(cast.kaisa):
        assert queries.get_for(cast.kaisa, case.pk).pk == case.pk
        assert queries.ground_of(cast.kaisa, case) == "joint_support"
    with acting(cast.vaino):
        assert not Participation.objects.exists()


def test_a_provider_gets_no_health_data_until_aino_consents_in_writing(cast: Cast) -> None:
    case = with_assessment(cast)
    with pytest.raises(RuleBroken) as refused:
        invited(cast, case, "liisa", "coaching", categories=ALL)
    assert refused.value.field == "categories"
    wanted = [Category.SKILLS, Category.PLAN, Category.SERVICE_NEED]
    invited(cast, case, "liisa", "coaching", categories=[str(one) for one in wanted])
    with acting(cast.liisa):
        assert {entry.category for entry in AssessmentEntry.objects.all()} == {Category.SKILLS}
    with acting(cast.eero):
        access.record_consent(
            cast.eero, person=case.person, ground="written_consent_health", from_unit=cast.unit("employment"),
            to_unit=cast.unit("coaching"), categories=[Category.HEALTH], purpose_text="Työtehtävien rajaaminen",
            channel=ConsentChannel.WRITING, language="fi", given_on=clock.today(),
        )  # fmt: skip
        network.share_more(cast.eero, case=case, unit=cast.unit("coaching"), categories=[Category.HEALTH])
    with acting(cast.liisa):
        assert AssessmentEntry.objects.filter(category=Category.HEALTH).count() == 2


def test_what_no_law_opens_is_not_shared_and_nobody_comes_in(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        with pytest.raises(RuleBroken) as kind:
            network.invite(
                cast.eero,
                case=case,
                unit=cast.unit("workplace"),
                answers_for="Työpaikka",
                categories=["plan"],
            )
        with pytest.raises(RuleBroken):
            network.invite(
                cast.eero,
                case=case,
                unit=cast.unit("coaching"),
                answers_for="Valmennus",
                categories=["social"],
            )
        assert Participation.objects.count() == 1
    assert kind.value.field == "unit"
    with as_owner():
        assert Grant.objects.count() == 1


def test_a_unit_shares_only_what_it_may_know_itself(cast: Cast) -> None:
    case = case_of_aino(cast)
    invited(cast, case, "saara", "social", categories=[Category.SOCIAL])
    with acting(cast.saara), pytest.raises(RuleBroken) as refused:
        network.invite(
            cast.saara, case=case, unit=cast.unit("kela"), answers_for="Kuntoutus", categories=["health"]
        )
    assert refused.value.code == "cases.shares_unknown"


def test_nobody_is_invited_twice_nor_from_elsewhere(cast: Cast) -> None:
    case = case_of_aino(cast)
    invited(cast, case, "saara", "social")
    with pytest.raises(RuleBroken):
        invited(cast, case, "saara", "social")
    with pytest.raises(RuleBroken) as elsewhere:
        invited(cast, case, "saara", "kela")
    assert elsewhere.value.field == "user"


def test_a_second_worker_of_a_unit_needs_no_second_grant(cast: Cast) -> None:
    case = case_of_aino(cast)
    invited(cast, case, "saara", "social")
    with acting(cast.eero):
        network.invite(
            cast.eero, case=case, unit=cast.unit("social"), answers_for="Päivystys", categories=ALL
        )
        assert Grant.objects.filter(unit=cast.unit("social")).count() == 1


def test_saara_joins_with_a_reason_and_gets_the_essentials(cast: Cast) -> None:
    case = with_assessment(cast, case_of_aino(cast))
    with acting(cast.saara):
        joined = network.self_attach(cast.saara, case_id=case.pk, reason="Sosiaalityön arvio käynnissä")
        assert queries.get_for(cast.saara, case.pk).number == case.number
        assert set(Grant.objects.get(unit_id=cast.saara.unit_id).categories) == {"identity", "clienthood"}
        assert not AssessmentEntry.objects.exists()
        with pytest.raises(RuleBroken):
            network.self_attach(cast.saara, case_id=case.pk, reason="Uudelleen")
    assert joined.joined_how == Joined.SELF_ATTACHED
    with acting(cast.eero):
        assert "Saara Niemi" in Flag.objects.get().text
        network.share_more(cast.eero, case=case, unit=cast.unit("social"), categories=WITHOUT_HEALTH)
    with acting(cast.saara):
        assert AssessmentEntry.objects.exists()


@pytest.mark.parametrize("name", ["vaino", "liisa", "hanna", "tiina", "admin"])
def test_others_cannot_join_and_learn_nothing(cast: Cast, name: str) -> None:
    case, actor = case_of_aino(cast), getattr(cast, name)
    messages = []
    for asked in (case.pk, new_id()):
        with acting(actor), pytest.raises((NotFound, NotAllowed)) as refused:
            network.self_attach(actor, case_id=asked, reason="Haluan nähdä")
        messages.append((type(refused.value), str(refused.value.message), refused.value.code))
    assert messages[0] == messages[1]
    with acting(actor):
        assert not Case.objects.exists()
        assert joining.case_numbered(actor, case.number) is None
        assert not joining.cases_of(actor, case.person_id)


def test_a_case_is_found_by_number_and_by_person_only_where_it_may_be_joined(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.kaisa):
        found = joining.case_numbered(cast.kaisa, case.number)
        assert found is not None
        assert found.case_id == case.pk
        assert [one.case_id for one in joining.cases_of(cast.kaisa, case.person_id)] == [case.pk]


def test_leaving_ends_what_the_unit_may_know_and_the_period_stays(cast: Cast) -> None:
    in_network(cast)
    with acting(cast.kaisa):
        mine = Participation.objects.get(user_id=cast.kaisa.user_id)
        network.leave(cast.kaisa, participation=mine, reason="Kuntoutus päättyi")
        assert not Case.objects.exists()
    with acting(cast.eero):
        gone = Participation.objects.get(pk=mine.pk)
        assert (gone.left_on, gone.leaving_reason.text) == (clock.today(), "Kuntoutus päättyi")
        kelas = Grant.objects.filter(unit_id=cast.kaisa.unit_id)
        assert [grant.valid_until is not None for grant in kelas] == [True]


def test_the_responsible_does_not_leave_and_strangers_end_nobodys_part(cast: Cast) -> None:
    in_network(cast)
    with acting(cast.eero), pytest.raises(RuleBroken):
        network.leave(
            cast.eero, participation=Participation.objects.get(part=Part.RESPONSIBLE), reason="Loma"
        )
    with acting(cast.saara), pytest.raises(NotAllowed):
        network.leave(
            cast.saara, participation=Participation.objects.get(user_id=cast.kaisa.user_id), reason="Turha"
        )


def test_ainos_sister_supports_her_and_sees_nothing(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.aino):
        network.add_supporter(cast.aino, case=case, name="Sisko", answers_for="Kyyditsee")
    with acting(cast.eero):
        supporter = Participation.objects.get(part=Part.SUPPORTER)
        assert (supporter.outsider_name, supporter.unit_id, supporter.user_id) == ("Sisko", None, None)


def test_hand_over_to_a_colleague_leaves_a_window_for_the_former(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        row = network.hand_over(
            cast.eero, case=case, to_user=cast.user("paula"), note="Soita ensin iltapäivällä"
        )
        former = Participation.objects.get(user_id=cast.eero.user_id)
        assert former.writes_until == row.transition_until == clock.today() + dt.timedelta(days=14)
        assert (
            Participation.objects.get(part=Part.RESPONSIBLE, left_on__isnull=True).user_id
            == cast.paula.user_id
        )
    assert again(cast, case).responsible_id == cast.paula.user_id


def test_when_the_window_closes_the_former_workers_unit_knows_no_more(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.paula):
        network.hand_over(cast.paula, case=case, to_user=cast.user("saara"), note="Saara tuntee Ainon")
    with acting(cast.saara):
        network.hand_over(
            cast.saara, case=again(cast, case, by="saara"), to_user=cast.user("eero"), note="Takaisin Eerolle",
            transition_days=7,
        )  # fmt: skip
    with clock.at(clock.now() + dt.timedelta(days=6)), acting(cast.saara):
        notes.write_note(cast.saara, case=case, kind=NoteKind.OBSERVATION, text="Vielä yksi asia")
    with clock.at(clock.now() + dt.timedelta(days=9)), acting(cast.saara):
        assert not Case.objects.exists()
    with clock.at(clock.now() + dt.timedelta(days=9)), acting(cast.kaisa):
        assert Case.objects.exists()


def test_what_a_participant_answers_for_is_not_written_over(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.eero):
        mine = Participation.objects.get(user_id=cast.saara.user_id)
    with acting(cast.saara):
        theirs = Participation.objects.get(pk=mine.pk)
        network.change_share(cast.saara, participation=theirs, version=theirs.version, answers_for="Velat")
    with acting(cast.eero), pytest.raises(Conflict):
        network.change_share(cast.eero, participation=mine, version=mine.version, answers_for="Asuminen")
    with acting(cast.kaisa):
        with pytest.raises(NotAllowed):
            network.change_share(cast.kaisa, participation=theirs, version=theirs.version, answers_for="x")
        assert Participation.objects.get(pk=mine.pk).answers_for == "Velat"
    assert again(cast, case).state == "open"


def test_hand_over_needs_a_note_another_worker_and_somebody_in_the_case(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.eero):
        with pytest.raises(RuleBroken) as note:
            network.hand_over(cast.eero, case=case, to_user=cast.user("paula"), note="")
        with pytest.raises(RuleBroken) as same:
            network.hand_over(cast.eero, case=case, to_user=cast.user("eero"), note="x")
        with pytest.raises(RuleBroken) as elsewhere:
            network.hand_over(cast.eero, case=case, to_user=cast.user("saara"), note="x")
    assert [error.value.field for error in (note, same, elsewhere)] == ["note", "to_user", "to_user"]


def test_the_lead_assigns_and_a_member_of_the_network_does_not(cast: Cast) -> None:
    case = in_network(cast)
    with acting(cast.saara), pytest.raises(NotAllowed):
        network.hand_over(cast.saara, case=case, to_user=cast.user("saara"), note="Otan tämän")
    with acting(cast.paula):
        network.hand_over(cast.paula, case=case, to_user=cast.user("saara"), note="Saara tuntee Ainon")
    after = again(cast, case)
    assert (after.responsible_id, after.unit_id) == (cast.saara.user_id, cast.eero.unit_id)
    with acting(cast.saara):
        assert (
            Participation.objects.filter(user_id=cast.saara.user_id, left_on__isnull=True).get().part
            == "responsible"
        )


def test_a_lead_of_another_unit_in_the_case_does_not_assign_and_is_not_offered_it(cast: Cast) -> None:
    case, lead = in_network(cast), dataclasses.replace(cast.saara, role="unit_lead")
    with acting(lead), pytest.raises(NotAllowed):
        network.hand_over(lead, case=case, to_user=cast.user("saara"), note="Otamme tämän")
    for actor, is_offered in ((lead, False), (cast.kaisa, False), (cast.eero, True), (cast.paula, True)):
        with acting(actor):
            found = queries.get_for(actor, case.pk)
            assert casepage.head_of(actor, caserows.read(found, casepage.HEAD)).may_hand_over is is_offered


def test_a_case_without_a_responsible_is_taken_without_a_note(cast: Cast) -> None:
    case = case_of_aino(cast, without_responsible=True)
    with acting(cast.eero):
        network.hand_over(cast.eero, case=case, to_user=cast.user("eero"))
        assert HandOver.objects.get().from_user_id is None
    assert again(cast, case).responsible_id == cast.eero.user_id


def test_the_database_holds_one_responsible_at_a_time(cast: Cast) -> None:
    case = case_of_aino(cast)
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        Participation.objects.create(
            case=case, person_id=case.person_id, unit_id=cast.eero.unit_id, user_id=cast.paula.user_id,
            part=Part.RESPONSIBLE, joined_on=clock.today(), joined_how=Joined.INVITED, recorded_by_id=cast.eero.user_id,
            recorded_at=clock.now(),
        )  # fmt: skip


def proposed(cast: Cast, case: Case, to: str = "employment_other") -> Transfer:
    with acting(cast.eero):
        return transfers.propose_transfer(
            cast.eero, case=case, to_unit=cast.unit(to), reason="Muutti alueelle", note="Puhuu hiljaa"
        )


def test_the_offered_unit_knows_enough_to_judge_and_no_more(cast: Cast) -> None:
    case = with_assessment(cast)
    proposed(cast, case)
    with acting(cast.vaino):
        assert queries.get_for(cast.vaino, case.pk).person.name == "Aino Korhonen"
        assert not AssessmentEntry.objects.exists()
        with pytest.raises(NotAllowed):
            notes.write_note(cast.vaino, case=case, kind=NoteKind.OBSERVATION, text="Luin")


def test_a_declined_offer_leaves_nothing_open(cast: Cast) -> None:
    case = case_of_aino(cast)
    offer = proposed(cast, case)
    with acting(cast.vaino):
        with pytest.raises(RuleBroken):
            transfers.decline_transfer(cast.vaino, transfer=offer, reason="")
        transfers.decline_transfer(cast.vaino, transfer=offer, reason="Ei meidän tehtävämme")
        assert not Case.objects.exists()
    with acting(cast.eero):
        assert Transfer.objects.get().state == TransferState.DECLINED
        proposed(cast, case)


def test_accepting_moves_the_case_its_responsible_and_its_history(cast: Cast) -> None:
    case = with_assessment(cast)
    offer = proposed(cast, case)
    with acting(cast.vaino):
        taken = transfers.accept_transfer(cast.vaino, transfer=offer)
        assert taken.unit_id == cast.vaino.unit_id
        assert AssessmentEntry.objects.filter(category=Category.HEALTH).exists()
        assert queries.get_for(cast.vaino, case.pk).responsible_id == cast.vaino.user_id
        changes = list(taken.status_changes.filter(subject="unit").values_list("before", "after"))
        assert changes == [(str(cast.eero.unit_id), str(cast.vaino.unit_id))]
        assert HandOver.objects.get().note == "Puhuu hiljaa"
    with acting(cast.eero):
        notes.write_note(
            cast.eero, case=case, kind=NoteKind.OBSERVATION, text="Vielä yksi asia siirron ikkunassa"
        )
        assert Grant.objects.get(unit_id=cast.eero.unit_id).valid_until is not None
    with clock.at(clock.now() + dt.timedelta(days=16)), acting(cast.eero):
        assert not Case.objects.exists()


def test_a_transfer_without_a_window_closes_the_old_unit_at_once(cast: Cast) -> None:
    case = case_of_aino(cast)
    offer = proposed(cast, case)
    with acting(cast.vaino):
        transfers.accept_transfer(cast.vaino, transfer=offer, transition_days=0)
    with acting(cast.eero):
        assert not Case.objects.exists()


def test_one_offer_at_a_time_and_only_to_a_body_with_the_duty(cast: Cast) -> None:
    case = case_of_aino(cast)
    proposed(cast, case)
    with pytest.raises(RuleBroken) as second:
        proposed(cast, case)
    with pytest.raises(RuleBroken) as duty:
        proposed(cast, case, "kela")
    with pytest.raises(RuleBroken):
        proposed(cast, case, "employment")
    assert second.value.code == "cases.transfer_open"
    assert duty.value.code == "cases.unit_without_duty"


def test_a_hand_over_overtakes_the_open_offer(cast: Cast) -> None:
    case = case_of_aino(cast)
    offer = proposed(cast, case)
    with acting(cast.eero):
        network.hand_over(cast.eero, case=case, to_user=cast.user("paula"), note="Paula jatkaa")
        assert Transfer.objects.get().state == TransferState.OVERTAKEN
    with acting(cast.vaino):
        assert not Case.objects.exists()
        with pytest.raises((NotFound, Conflict)):
            transfers.accept_transfer(cast.vaino, transfer=offer)
    assert again(cast, case).responsible_id == cast.paula.user_id


def test_only_the_offered_unit_decides_and_only_the_offering_unit_withdraws(cast: Cast) -> None:
    case = in_network(cast)
    offer = proposed(cast, case)
    for name in ("eero", "saara"):
        with acting(getattr(cast, name)), pytest.raises(NotAllowed):
            transfers.accept_transfer(getattr(cast, name), transfer=offer)
    with acting(cast.vaino), pytest.raises(NotAllowed):
        transfers.withdraw_transfer(cast.vaino, transfer=offer)
    with acting(cast.eero):
        transfers.withdraw_transfer(cast.eero, transfer=offer, reason="Erehdys")
        with pytest.raises(Conflict):
            transfers.withdraw_transfer(cast.eero, transfer=offer)
    with acting(cast.vaino):
        assert not Case.objects.exists()


def test_ended_cases_take_no_invitations_hand_overs_or_offers(cast: Cast) -> None:
    case = ended(cast)
    with acting(cast.eero):
        for attempt in (
            lambda: network.invite(
                cast.eero, case=case, unit=cast.unit("health"), answers_for="x", categories=["plan"]
            ),
            lambda: network.hand_over(cast.eero, case=case, to_user=cast.user("paula"), note="x"),
            lambda: transfers.propose_transfer(
                cast.eero, case=case, to_unit=cast.unit("employment_other"), reason="x"
            ),
        ):
            with pytest.raises(RuleBroken) as refused:
                attempt()
            assert refused.value.code == "cases.ended"
