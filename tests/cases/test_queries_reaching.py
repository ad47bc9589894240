"""The ways to a case: only through work in it, each reading in the journal with its ground, all refusals alike."""

import datetime as dt
from typing import Any

import pytest

from silta.access import operations as access
from silta.access import queries as access_queries
from silta.audit.models import Event
from silta.cases import queries
from silta.cases.enums import Domain, EntrySource
from silta.cases.models import AssessmentEntry, Case
from silta.cases.operations import assessment
from silta.cases.views import choices
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import NotFound, RuleBroken
from silta.kernel.identifiers import new_id
from tests.cases.situations import case_of_aino, in_network, invited, with_assessment
from tests.cast import Cast


def test_each_reading_is_journalled_with_its_ground(cast: Cast) -> None:
    case = in_network(cast)
    for name, ground in (("eero", "own_register"), ("kaisa", "joint_support"), ("aino", "")):
        actor = getattr(cast, name)
        with acting(actor):
            queries.get_for(actor, case.pk)
            read = Event.objects.filter(action="cases.view", user_id=str(actor.user_id)).get()
            assert (read.ground, read.person_id, read.subject_id) == (
                ground,
                str(case.person_id),
                str(case.pk),
            )


@pytest.mark.parametrize("name", ["vaino", "liisa", "olli", "hanna", "tiina", "admin", "officer"])
def test_absent_and_forbidden_look_alike(cast: Cast, name: str) -> None:
    case, actor = in_network(cast), getattr(cast, name)
    refusals = []
    for asked in (case.pk, new_id()):
        with acting(actor), pytest.raises(NotFound) as refused:
            queries.get_for(actor, asked)
        refusals.append((refused.value.code, str(refused.value.message), refused.value.person_id))
    assert refusals[0] == refusals[1]
    with acting(actor):
        assert not queries.visible_to(actor).exists()
        assert not Event.objects.filter(action="cases.view", user_id=str(actor.user_id)).exists()


def test_the_first_lock_alone_keeps_cases_of_another_matter_apart(cast: Cast) -> None:
    joint = case_of_aino(cast)
    coaching = case_of_aino(cast, kind="coaching", by="liisa")
    invited(cast, joint, "liisa", "coaching", categories=["plan"])
    with acting(cast.eero):
        assert [case.pk for case in queries.visible_to(cast.eero)] == [joint.pk]
    with acting(cast.liisa):
        assert {case.pk for case in queries.visible_to(cast.liisa)} == {joint.pk, coaching.pk}


def test_an_emergency_opens_the_case_for_its_time(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.vaino):
        access.open_emergency_access(
            cast.vaino, person_id=case.person_id, reason="Asiakas vastaanotolla, välitön vaara", minutes=30
        )
    with acting(cast.vaino):
        assert queries.get_for(cast.vaino, case.pk).pk == case.pk
        assert queries.ground_of(cast.vaino, case) == "emergency"
    with clock.at(clock.now() + dt.timedelta(minutes=31)), acting(cast.vaino):
        assert not Case.objects.exists()


def test_a_preview_as_kela_shows_what_kela_sees(cast: Cast) -> None:
    case = with_assessment(cast, case_of_aino(cast))
    invited(cast, case, "kaisa", "kela", categories=["skills"])
    with acting(cast.eero):
        kela = access_queries.actor_as_unit(cast.unit("kela"), cast.eero.purpose, looking=cast.eero)
    with acting(kela):
        assert set(AssessmentEntry.objects.values_list("domain", flat=True)) == {
            Domain.STRENGTHS,
            Domain.SKILLS,
        }


def test_a_fixed_number_of_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    case = in_network(cast)
    with acting(cast.eero), django_assert_num_queries(3):
        queries.get_for(cast.eero, case.pk)
    # Of another unit's case it is asked besides whether one has a part in it.
    with acting(cast.kaisa), django_assert_num_queries(4):
        queries.get_for(cast.kaisa, case.pk)


def test_what_one_matter_lets_a_unit_know_opens_nothing_in_another(cast: Cast) -> None:
    joint = case_of_aino(cast)
    coaching = case_of_aino(cast, kind="coaching", by="liisa")
    invited(cast, joint, "liisa", "coaching", categories=["plan"])
    with acting(cast.liisa):
        seen = {case.pk: {name for _code, name in choices.domains(cast.liisa, case)}
                for case in (joint, coaching)}  # fmt: skip
        offered = {case.pk: [key for key, _label in choices.Readers(cast.liisa, case).categories()]
                   for case in (joint, coaching)}  # fmt: skip
        assert (seen[joint.pk], offered[joint.pk]) == (set(), ["plan"])
        assert str(Domain.SKILLS.label) in seen[coaching.pk]
        assert "skills" in offered[coaching.pk]
        with pytest.raises(RuleBroken):
            assessment.add_entry(
                cast.liisa, case=joint, domain=Domain.SKILLS, text="Osaa", source=EntrySource.CLIENT
            )
