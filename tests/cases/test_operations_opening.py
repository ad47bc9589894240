"""Opening a case: one transaction, one open case of a kind, one responsible person."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from silta.access.models import Grant
from silta.audit.models import Event
from silta.cases import queries
from silta.cases.enums import Part, Source
from silta.cases.models import Case, Participation, StatusChange
from silta.cases.operations import opening, path, registering
from silta.cases.rules import calendar, definitions
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import NotAllowed, NotFound, RuleBroken
from silta.kernel.identifiers import new_id
from silta.people.models import Person
from tests.cases.situations import again, case_of_aino, ended
from tests.cast import Cast, as_owner


def test_the_opener_is_responsible_and_her_unit_knows_the_client(cast: Cast) -> None:
    case = case_of_aino(cast, contact_reason="Sairausloma loppui")
    assert case.number == f"{clock.today().year}-00001"
    assert case.phase == "contact"
    assert case.responsible_id == cast.eero.user_id
    with acting(cast.eero):
        assert queries.get_for(cast.eero, case.pk).person.name == "Aino Korhonen"
        responsible = Participation.objects.get(case=case, part=Part.RESPONSIBLE)
        assert responsible.user_id == cast.eero.user_id
        assert [change.subject for change in StatusChange.objects.filter(case=case)] == ["state", "phase"]
        assert Event.objects.filter(action="cases.open", person_id=str(case.person_id)).count() == 1
        assert Grant.objects.get().source_id == case.pk


def test_another_unit_of_the_same_authority_finds_nothing(cast: Cast) -> None:
    case = case_of_aino(cast)
    with acting(cast.vaino):
        assert not queries.visible_to(cast.vaino).exists()
        with pytest.raises(NotFound):
            queries.get_for(cast.vaino, case.pk)
        with pytest.raises(NotFound):
            queries.get_for(cast.vaino, new_id())


def test_only_one_open_case_of_a_kind_and_nothing_half_written(cast: Cast) -> None:
    case_of_aino(cast)
    with pytest.raises(RuleBroken) as refused:
        case_of_aino(cast)
    assert refused.value.code == "cases.already_open"
    with pytest.raises(RuleBroken):
        case_of_aino(cast, by="vaino")
    with as_owner():
        assert Case.objects.count() == 1
        assert Grant.objects.count() == 1
    with acting(cast.vaino):
        assert not Person.objects.exists()


def test_the_same_form_sent_twice_opens_one_case(cast: Cast) -> None:
    key = new_id()
    first = case_of_aino(cast, key=key)
    second = case_of_aino(cast, key=key)
    assert first.pk == second.pk == key
    with as_owner():
        assert Participation.objects.count() == 1


NEWCOMER = {
    "first_names": "Veikko", "last_name": "Tervo", "no_code_reason": "not_known", "birth_date": dt.date(1988, 4, 2),
    "municipality": "Kajaani", "phone": "040 123 4567", "email": "",
}  # fmt: skip


def test_a_registration_sent_twice_registers_one_person(cast: Cast) -> None:
    key = new_id()
    for _time in range(2):
        with acting(cast.eero):
            case = registering.register_and_open(
                cast.eero, person_fields=NEWCOMER, kind="joint_support", source=Source.SELF, key=key
            )
        assert case.pk == key
    with as_owner():
        assert Person.objects.filter(last_name="Tervo").count() == 1


def test_opening_a_case_takes_a_fixed_number_of_statements(
    cast: Cast, django_assert_max_num_queries: Callable[[int], AbstractContextManager[None]]
) -> None:
    with acting(cast.eero):
        with django_assert_max_num_queries(31):
            registering.register_and_open(
                cast.eero, person_fields=NEWCOMER, kind="joint_support", source=Source.SELF, key=new_id()
            )
        with django_assert_max_num_queries(18):
            opening.open_case(cast.eero, person=cast.person().pk, kind="joint_support", source=Source.SELF)


@pytest.mark.parametrize("name", ["kaisa", "tiina", "admin", "officer", "olli", "aino"])
def test_roles_that_open_no_cases(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowed):
        case_of_aino(cast, by=name)


def test_an_organisation_opens_only_the_kinds_of_its_own(cast: Cast) -> None:
    with pytest.raises(RuleBroken) as refused:
        case_of_aino(cast, by="hanna")
    assert refused.value.field == "kind"
    with pytest.raises(RuleBroken):
        case_of_aino(cast, kind="nonsense")
    assert case_of_aino(cast, kind="workplace_support", by="hanna").legal_basis == "employment_relation"


def test_the_employers_case_opens_no_health_and_not_the_authoritys_case(cast: Cast) -> None:
    theirs = case_of_aino(cast)
    case_of_aino(cast, kind="workplace_support", by="hanna")
    with acting(cast.hanna):
        assert [case.kind for case in queries.visible_to(cast.hanna)] == ["workplace_support"]
        with pytest.raises(NotFound):
            queries.get_for(cast.hanna, theirs.pk)
        assert "health" not in Grant.objects.get(unit_id=cast.hanna.unit_id).categories


def test_a_day_to_come_and_a_worker_elsewhere_are_refused(cast: Cast) -> None:
    with pytest.raises(RuleBroken) as future:
        case_of_aino(cast, opened_on=clock.today() + dt.timedelta(days=1))
    assert future.value.field == "opened_on"
    with pytest.raises(RuleBroken) as elsewhere:
        case_of_aino(cast, responsible=cast.user("saara"))
    assert elsewhere.value.field == "responsible"


def test_an_import_may_leave_the_responsible_to_the_worklist(cast: Cast) -> None:
    case = case_of_aino(cast, source=Source.IMPORTED, without_responsible=True)
    assert case.responsible is None
    assert case.scope.unit_ids == {cast.eero.unit_id}


def test_a_return_within_the_window_is_linked_and_counted(cast: Cast) -> None:
    today = clock.today()
    first = ended(
        cast,
        case_of_aino(cast, opened_on=today - dt.timedelta(days=90)),
        ended_on=today - dt.timedelta(days=30),
    )
    second = case_of_aino(cast)
    assert second.previous_id == first.pk
    with acting(cast.eero):
        cycle = queries.cycle_of(second)
    assert cycle.earlier
    assert cycle.times == 2


def test_a_third_time_counts_as_a_cycle(cast: Cast) -> None:
    today = clock.today()
    for begun, over in ((300, 250), (200, 100)):
        case = case_of_aino(cast, opened_on=today - dt.timedelta(days=begun))
        ended(cast, case, ended_on=today - dt.timedelta(days=over))
    third = case_of_aino(cast)
    with acting(cast.eero):
        cycle = queries.cycle_of(third)
    assert (cycle.times, len(cycle.earlier), cycle.window_days) == (3, 2, 365)


def test_a_case_goes_on_by_the_version_under_which_it_was_opened(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_of_aino(cast)
    now = definitions.definition("joint_support")
    later = now.model_copy(update={
        "version": "2099.1",
        "rules": tuple(rule.model_copy(update={"amount": 1}) for rule in now.rules),
    })  # fmt: skip
    monkeypatch.setattr(definitions, "definitions", lambda: {"joint_support": (later, now)})
    with acting(cast.eero):
        path.start_assessment(cast.eero, case=case)
        row = case.deadlines.get(rule="plan_due")
    assert row.inputs["version"] == case.definition_version == now.version
    assert row.due_on == calendar.add_months(clock.today(), 3)


def test_an_old_case_is_no_return(cast: Cast) -> None:
    today = clock.today()
    first = case_of_aino(cast, opened_on=today - dt.timedelta(days=900))
    ended(cast, first, ended_on=today - dt.timedelta(days=500))
    second = case_of_aino(cast)
    assert second.previous_id is None
    with acting(cast.eero):
        assert queries.cycle_of(second).times == 1


def test_numbers_follow_each_other_within_a_year(cast: Cast) -> None:
    first = case_of_aino(cast)
    second = case_of_aino(cast, kind="coaching", by="liisa")
    assert int(second.number[-5:]) == int(first.number[-5:]) + 1
    assert again(cast, first).version == 1


def test_an_open_case_needs_the_definition_of_its_day_or_of_today(cast: Cast) -> None:
    case = case_of_aino(cast, opened_on=dt.date(2023, 5, 2))
    assert case.definition_version == "2025.1"
    assert (
        opening.definition_for("joint_support", case.controller, dt.date(2023, 5, 2)).code == "joint_support"
    )
