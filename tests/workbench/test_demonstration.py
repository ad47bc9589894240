"""The demonstration region: something on every line of the worklist, every state of a case, and the same again by seed."""

import argparse
import datetime as dt
import hashlib
import itertools
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Model
from stdnum.fi import hetu

from config.commands import demo
from silta.access.models import Consent, EmergencyAccess, Grant
from silta.accounts.models import User
from silta.cases import enums
from silta.cases import models as cases
from silta.cases.queries import worklist_page
from silta.cases.queries.worklist import Band, Reason, Whose
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.identifiers import is_artificial
from silta.organisations.models import Unit
from silta.people.models import Person, Residence
from silta.workbench import demonstration, region
from silta.workbench.demonstration_users import COLLEAGUES, PASSWORD, USERS
from silta.workbench.other_kinds import OtherShape
from silta.workbench.population import Population
from silta.workbench.turns import Shape
from tests.cast import as_owner

EVERY_VALUE: list[tuple[type[Model], str, type[models.TextChoices]]] = [
    (cases.Case, "state", enums.State),
    (cases.Case, "need", enums.Need),
    (cases.Case, "outcome", enums.Outcome),
    (cases.Case, "onward", enums.Onward),
    (cases.Case, "source", enums.Source),
    (cases.Participation, "part", enums.Part),
    (cases.Participation, "joined_how", enums.Joined),
    (cases.AssessmentEntry, "domain", enums.Domain),
    (cases.AssessmentEntry, "source", enums.EntrySource),
    (cases.Goal, "state", enums.GoalState),
    (cases.Action, "state", enums.ActionState),
    (cases.AgreedService, "state", enums.ServiceState),
    (cases.Note, "kind", enums.NoteKind),
    (cases.Note, "visibility", enums.Visibility),
    (cases.Note, "channel", enums.Channel),
    (cases.Note, "result", enums.ContactResult),
    (cases.PlanVersion, "accepted_how", enums.AcceptedHow),
    (cases.Transfer, "state", enums.TransferState),
]

NEW_EACH_TIME = {"password", "created_at", "chain", "position"}


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
        for model, field, choices in EVERY_VALUE:
            there = set(model._base_manager.order_by().values_list(field, flat=True).distinct())
            lacking += [f"{model.__name__}.{field}: {value}" for value in set(choices.values) - there]
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
        homes = Residence.objects.values_list("municipality__county_code", flat=True)
        assert set(homes.order_by().distinct()) == {"KA"}, "the municipalities of Kainuu"
        everybody = list(Person.objects.all())
        olli = cases.Participation.objects.get(user=told["olli"].user_id)
        assert olli.case.controller.kind == "employer", (
            "a supervisor knows her own worker, by the employment relation"
        )
        assert cases.Action.objects.filter(owner=told["olli"].user_id, state="open").exists()
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
    told: set[Reason] = set()
    for band in Band:
        page = worklist_page.page(actor, whose, band)
        if not page.rows:
            yield f"{actor.role}: band {band}"
        told |= _reasons(page)
        while page.next:
            page = worklist_page.page(actor, whose, band, page.next)
            told |= _reasons(page)
    # A case without a responsible person is nobody's own, and what a leaver left comes to the lead: the unit's list has them.
    wanted = set(Reason) - ({Reason.NO_RESPONSIBLE, Reason.LEFT} if whose is Whose.MINE else set())
    yield from (f"{actor.role}: {reason}" for reason in sorted(wanted - told))


def _reasons(page: worklist_page.Page) -> set[Reason]:
    return {why.reason for row in page.rows for why in row.whys}


@pytest.mark.django_db
def test_a_region_is_loaded_into_an_empty_database_only(
    cast: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("config.starting.set_up", lambda: None)
    monkeypatch.setattr("config.migrating.bring_up_to_date", lambda: False)
    before = contents()
    assert not region.is_empty()
    assert demo.run(argparse.Namespace(people=50, seed=1)) == 0
    assert "nothing was loaded" in capsys.readouterr().out
    assert contents() == before


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A region of every seventh story only."""
    stories = list(itertools.islice(demonstration.showcases(), 0, None, 7))
    monkeypatch.setattr(demonstration, "showcases", lambda: iter(stories))
    monkeypatch.setattr(demonstration, "LEAST_PEOPLE", len(stories))


MOMENT = dt.datetime(2026, 6, 1, 12, tzinfo=clock.HELSINKI)


@contextmanager
def _loaded(seed: int) -> Iterator[None]:
    """A short region in an emptied database; everything is as it was afterwards."""
    with transaction.atomic(), clock.at(MOMENT):
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE organisations_organisation, accounts_user, people_person CASCADE")
        demonstration.begin(seed=seed)
        yield
        transaction.set_rollback(True)


def _contents_of(seed: int) -> str:
    with _loaded(seed):
        return contents()


@pytest.mark.django_db
def test_the_same_seed_writes_the_same_rows_and_another_seed_others(short: None) -> None:
    first = _contents_of(7)
    assert _contents_of(7) == first
    assert _contents_of(8) != first


@pytest.mark.django_db
def test_a_load_that_was_cut_short_goes_on_and_doubles_nobody(short: None) -> None:
    first, people = demonstration.LEAST_PEOPLE, demonstration.LEAST_PEOPLE + 2
    told: list[int] = []
    with _loaded(7):
        demonstration.go_on(people=people, seed=7, done=first, day=MOMENT.date(), tell=told.append)
        before = contents()
        # The last story stands in the database, but was not noted down when the load was cut short.
        demonstration.go_on(people=people, seed=7, done=people - 1, day=MOMENT.date(), tell=told.append)
        assert contents() == before
        with as_owner():
            assert Person.objects.count() == people
    assert told == [people - 1, people]


@pytest.mark.parametrize("people", [300, 1000])
def test_a_larger_region_begins_with_the_stories_that_every_list_needs(people: int) -> None:
    day = dt.date(2026, 6, 1)
    least = list(demonstration._casting(1, day, demonstration.LEAST_PEOPLE))
    larger = list(demonstration._casting(1, day, people))
    assert larger[: len(least)] == least
    assert [shape for _person, shape in least] == list(demonstration.showcases())[: len(least)]
    assert {type(shape) for _person, shape in larger[len(least) :]} == {Shape, OtherShape}


@pytest.mark.django_db
def test_further_people_take_nothing_away_from_what_is_there(short: None) -> None:
    """So what the least region shows (every state, every line of the worklist) the default one of 300 shows too."""
    first = demonstration.LEAST_PEOPLE
    with _loaded(7):
        before = _rows()
        demonstration.go_on(people=first + 25, seed=7, done=first, day=MOMENT.date())
        after = _rows()
    assert len(after) > len(before) * 2
    assert {key: after.get(key) for key in before} == before


def _rows() -> dict[tuple[str, Any], tuple[Any, ...]]:
    """Every row about people and their cases, by table and key."""
    with as_owner():
        return {
            (model._meta.label, row[0]): row
            for model in apps.get_models()
            if model._meta.app_label in {"people", "access", "cases"} and model is not cases.CaseNumber
            for row in model._base_manager.order_by().values_list("pk", *(f.attname for f in model._meta.concrete_fields))
        }  # fmt: skip


def contents() -> str:
    """A digest of all rows of our rooms, without the ids and secrets that are new each time, and without the links."""
    digest = hashlib.sha256()
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        if not model.__module__.startswith("silta.") or "pgh_id" in {
            field.name for field in model._meta.fields
        }:
            continue
        names = [
            field.name
            for field in model._meta.concrete_fields
            if not isinstance(
                field, models.UUIDField | models.ForeignKey | models.BinaryField | models.JSONField
            )
            and field.name not in NEW_EACH_TIME
            and not field.name.endswith(("_id", "digest"))
        ]
        with as_owner():
            rows = sorted(map(repr, model._base_manager.order_by().values_list(*names)))
        digest.update("\n".join([model._meta.label, *rows]).encode())
    return digest.hexdigest()


def test_the_same_seed_casts_the_same_people_in_the_same_stories() -> None:
    day = dt.date(2026, 6, 1)
    first, again = (list(demonstration._casting(7, day, 400)) for _ in range(2))
    assert first == again
    assert first != list(demonstration._casting(8, day, 400))


def test_the_stories_of_the_usual_region_reach_back_almost_two_years_and_no_further() -> None:
    days = [shape.days_ago for _person, shape in demonstration._casting(1, dt.date(2026, 6, 1), 300)]
    assert min(days) < 30
    assert 670 < max(days) < region.HISTORY.days


def test_people_are_different_and_their_codes_are_sound_and_artificial() -> None:
    population = Population(3, dt.date(2026, 6, 1))
    people = [population.person(index) for index in range(2000)]
    codes = [person.identity_code for person in people if person.identity_code]
    assert len(codes) == len(set(codes))
    assert all(hetu.is_valid(code, allow_temporary=True) and is_artificial(code) for code in codes)
    assert all(person.identity_code or person.no_code_reason for person in people)
    workers = {user.name for user in USERS + COLLEAGUES}
    assert not [person for person in people[:200] if f"{person.call_name} {person.last_name}" in workers]


def test_every_situation_is_told_from_the_first_sixty_on() -> None:
    casting = list(demonstration._casting(1, dt.date(2026, 6, 1), demonstration.LEAST_PEOPLE))
    assert {person.situation["code"] for person, _shape in casting} == {
        "back", "mood", "young", "long", "newcomer", "accident", "neuro", "recovery", "carer", "swedish",
    }  # fmt: skip
    assert any(person.is_protected for person, _shape in casting)
    assert any(not person.identity_code for person, _shape in casting)


def test_the_plans_never_run_out() -> None:
    assert len(list(itertools.islice(demonstration._plans(random.Random(1)), 5000))) == 5000  # noqa: S311 - invention, not a secret


def test_all_sign_ins_are_there_with_one_password() -> None:
    assert PASSWORD == "silta-demo"
    assert len({user.email for user in USERS}) == 12
