"""The demonstration region: something on every line of the worklist, every state of a case, and the same again by seed."""

import datetime as dt
import itertools
import random
from collections.abc import Iterator

import pytest
from django.db import connection, models
from django.db.models import Model
from stdnum.fi import hetu

from silta.access.models import Consent, EmergencyAccess, Grant
from silta.accounts.models import User
from silta.cases import enums
from silta.cases import models as cases
from silta.cases.queries import worklist, worklist_page
from silta.cases.queries.worklist import Band, Filters, Reason, Whose
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.identifiers import is_artificial
from silta.organisations.models import Organisation, Unit
from silta.people.models import Person
from silta.workbench import demonstration, region
from silta.workbench.demonstration_users import PASSWORD, USERS
from silta.workbench.population import Population
from tests.cast import as_owner

EVERY_VALUE: list[tuple[type[Model], str, type[models.TextChoices], set[str]]] = [
    (cases.Case, "state", enums.State, set()),
    (cases.Case, "need", enums.Need, set()),
    (cases.Case, "outcome", enums.Outcome, set()),
    (cases.Case, "onward", enums.Onward, set()),
    (cases.Case, "source", enums.Source, {"transferred"}),
    (cases.Participation, "part", enums.Part, set()),
    (cases.Participation, "joined_how", enums.Joined, {"imported", "self_attached"}),
    (cases.AssessmentEntry, "domain", enums.Domain, set()),
    (cases.AssessmentEntry, "source", enums.EntrySource, {"close_one", "register"}),
    (cases.Goal, "state", enums.GoalState, set()),
    (cases.Action, "state", enums.ActionState, set()),
    (cases.AgreedService, "state", enums.ServiceState, set()),
    (cases.Note, "kind", enums.NoteKind, set()),
    (cases.Note, "visibility", enums.Visibility, set()),
    (cases.Note, "channel", enums.Channel, {"other"}),
    (cases.Note, "result", enums.ContactResult, set()),
    (cases.PlanVersion, "accepted_how", enums.AcceptedHow, {"electronically"}),
    (cases.Transfer, "state", enums.TransferState, {"overtaken"}),
]


@pytest.fixture
def told(db: None) -> dict[str, Actor]:
    """The region in a database emptied of the cast, for the length of the test; its users by name."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE organisations_organisation, accounts_user, people_person CASCADE")
    assert region.is_empty()
    demonstration.begin(seed=1)
    return region.find().actors


@pytest.mark.django_db
def test_the_region_shows_everything(told: dict[str, Actor]) -> None:
    lacking: list[str] = []
    with as_owner():
        for model, field, choices, beyond in EVERY_VALUE:
            there = set(model._base_manager.order_by().values_list(field, flat=True).distinct())
            lacking += [
                f"{model.__name__}.{field}: {value}" for value in set(choices.values) - there - beyond
            ]
        assert set(cases.Case.objects.order_by().values_list("kind", flat=True).distinct()) == {
            "joint_support", "coaching", "rehabilitation", "workplace_support",
        }  # fmt: skip
        assert cases.PlanVersion.objects.filter(number__gt=1).exists()
        assert cases.Case.objects.filter(previous__isnull=False).exists(), "nobody has come back"
        assert cases.StatusChange.objects.filter(subject="state", before="ended", after="open").exists()
        assert cases.HandOver.objects.exists()
        assert cases.Case.objects.filter(is_held=True).exists()
        assert Consent.objects.filter(withdrawn_at__isnull=False).exists()
        assert Person.objects.filter(non_disclosure=True).exists()
        assert EmergencyAccess.objects.filter(reviewed_at__isnull=True).exists()
        assert EmergencyAccess.objects.filter(reviewed_at__isnull=False).exists()
        everybody = list(Person.objects.all())
        vaino = User.objects.get(email="vaino.salo@tyollisyys.example")
        assert not cases.Participation.objects.filter(user=vaino).exists()
        aino = cases.Case.objects.get(person__last_name="Korhonen", person__call_name="Aino")
        coaching = Unit.objects.get(name_fi="Työhönvalmennus")
        known = {
            c for grant in Grant.objects.filter(person=aino.person, unit=coaching) for c in grant.categories
        }
        assert "plan" in known
        assert "health" not in known
    assert lacking == []
    assert len(everybody) == demonstration.LEAST_PEOPLE
    for person in everybody:
        if person.identity_code:
            assert hetu.validate(person.identity_code, allow_temporary=True)
            assert is_artificial(person.identity_code)
    for name, whose in (("eero", Whose.MINE), ("paula", Whose.UNIT)):
        with acting(told[name]):
            lacking += _empty_lines(told[name], whose)
    assert lacking == []


def _empty_lines(actor: Actor, whose: Whose) -> Iterator[str]:
    for reason in Reason:
        if reason is Reason.TRANSFER:
            there = worklist.offered_to(actor).exists()
        elif reason is Reason.AFTERCARE:
            there = bool(worklist._aftercare(actor, whose, clock.today()))
        elif reason is Reason.NO_RESPONSIBLE and whose is Whose.MINE:
            there = True  # A case without a responsible person is nobody's own: it stands on the unit's list.
        else:
            there = bool(worklist_page.page(actor, whose, Band.NEEDS, Filters(reason=reason)).rows)
        if not there:
            yield f"{actor.role}: {reason}"
    for band in Band:
        if not worklist_page.page(actor, whose, band, Filters()).rows:
            yield f"{actor.role}: band {band}"


@pytest.mark.django_db
def test_a_region_is_loaded_into_an_empty_database_only(cast: object) -> None:
    assert not region.is_empty()
    with as_owner():
        assert Organisation.objects.exists()


def test_the_same_seed_casts_the_same_people_in_the_same_stories() -> None:
    day = dt.date(2026, 6, 1)
    first, again = (list(demonstration._casting(7, day, 400)) for _ in range(2))
    assert first == again
    assert first != list(demonstration._casting(8, day, 400))


def test_people_are_different_and_their_codes_are_sound_and_artificial() -> None:
    population = Population(3, dt.date(2026, 6, 1))
    people = [population.person(index) for index in range(2000)]
    codes = [person.identity_code for person in people if person.identity_code]
    assert len(codes) == len(set(codes))
    assert all(hetu.is_valid(code, allow_temporary=True) and is_artificial(code) for code in codes)
    assert all(person.identity_code or person.no_code_reason for person in people)


def test_every_situation_is_told_from_the_first_sixty_on() -> None:
    casting = list(demonstration._casting(1, dt.date(2026, 6, 1), demonstration.LEAST_PEOPLE))
    assert {person.situation["code"] for person, _shape in casting} == {
        "back", "mood", "young", "long", "newcomer", "accident", "neuro", "recovery", "carer", "swedish",
    }  # fmt: skip
    assert any(person.is_protected for person, _shape in casting)
    assert any(not person.identity_code for person, _shape in casting)


def test_the_plans_never_run_out() -> None:
    assert len(list(itertools.islice(demonstration._plans(random.Random(1)), 5000))) == 5000  # noqa: S311


def test_all_sign_ins_are_there_with_one_password() -> None:
    assert PASSWORD == "silta-demo"
    assert len({user.email for user in USERS}) == 12
