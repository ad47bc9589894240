"""Retention by declaration: what goes, when, in which order, and what is held."""

import datetime as dt

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from silta.access import operations as access
from silta.access.enums import Category
from silta.access.jobs import nightly_erasure
from silta.access.models import Consent, ErasureRun, Grant
from silta.access.queries.retention import retention_of, silta_models
from silta.access.rules import erased_from
from silta.audit import queries as journal
from silta.audit.models import Event
from silta.cases.models import Case, Goal
from silta.cases.operations import goals, opening
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.personaldata import Holds
from silta.people.models import Person
from tests.access.nights import warned_before
from tests.cast import Cast, as_owner, key

ENDED = dt.date(2026, 10, 1)
LAST_KEPT, DUE = dt.date(2030, 9, 30), dt.date(2030, 10, 1)


@pytest.mark.parametrize(
    ("today", "years", "latest"),
    [
        (DUE, 4, ENDED),
        (LAST_KEPT, 4, dt.date(2026, 9, 30)),
        (dt.date(2032, 2, 29), 4, dt.date(2028, 2, 29)),
        (dt.date(2028, 2, 29), 1, dt.date(2027, 2, 28)),
        (dt.date(2038, 11, 22), 12, dt.date(2026, 11, 22)),
    ],
)
def test_four_years_after_the_end_and_not_a_day_before(today: dt.date, years: int, latest: dt.date) -> None:
    """381/2023 12 §: end 2026-10-01 → delete 2030-10-01."""
    assert erased_from(today, years) == latest


def test_every_field_of_every_model_is_classified_and_every_table_has_its_time() -> None:
    for model in silta_models():
        if hasattr(model, "pgh_tracked_model"):
            assert retention_of(model) is model.pgh_tracked_model.PersonalData.retention
            continue
        declared = model.PersonalData
        assert set(declared.fields) == {field.name for field in model._meta.concrete_fields}, model
        assert all(isinstance(holds, Holds) for holds in declared.fields.values()), model
        assert declared.retention.ground, model
        assert declared.__doc__, model


def test_what_a_declaration_names_exists() -> None:
    for model in silta_models():
        retention = retention_of(model)
        if hasattr(model, "pgh_tracked_model"):
            continue
        for path in filter(
            None, [*retention.start.split(" or "), *retention.follows.split(), retention.hold]
        ):
            step: type[models.Model] = model
            for name in path.split("__"):
                field = step._meta.get_field(name)
                step = field.related_model or step


def test_what_speaks_of_a_person_goes_some_day() -> None:
    """No table that names a person is kept for ever."""
    for model in apps.get_models():
        if model.__module__.startswith("silta.") and not hasattr(model, "pgh_tracked_model"):
            names = any(
                isinstance(field, models.ForeignKey) and field.related_model is Person
                for field in model._meta.fields
            )
            retention = retention_of(model)
            assert not names or retention.years is not None or retention.follows, model


@pytest.fixture
def ended_case(cast: Cast) -> Case:
    """A joint support case with a goal, opened, worked and ended on 1 October 2026."""
    with clock.at(dt.datetime(2026, 9, 1, 9, tzinfo=dt.UTC)), acting(cast.eero):
        case = opening.open_case(cast.eero, person=key("aino person"), kind="joint_support", source="self")
        goals.propose_goal(cast.eero, case=case, own_words="Haluan takaisin töihin.", proposed_by="client")
    with as_owner():
        Case.objects.filter(pk=case.pk).update(
            state="ended", ended_on=ENDED, outcome="other", responsible=None, ending_parties="Kaikki", onward="none",
            onward_text="Muutti",
        )  # fmt: skip
        Grant.objects.filter(source_id=case.pk).update(
            valid_until=dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)
        )
    return case


def _run(today: dt.date, *, is_dry: bool = False) -> ErasureRun:
    with clock.at(dt.datetime.combine(today, dt.time(12), dt.UTC)):
        return access.erase(is_dry=is_dry, today=today)


def _there(model: type[models.Model], **wanted: object) -> bool:
    with as_owner():
        return model._default_manager.filter(**wanted).exists()


def test_the_case_stays_to_the_last_day_and_goes_on_the_day(cast: Cast, ended_case: Case) -> None:
    warned_before(DUE)
    assert "cases.case" not in _run(LAST_KEPT).counts
    assert _there(Case, pk=ended_case.pk)
    run = _run(DUE)
    assert run.counts["cases.case"] == 1
    assert run.counts["cases.goal"] == 1
    assert run.counts["cases.goalevent"] >= 1
    assert not _there(Case, pk=ended_case.pk)
    assert not _there(Goal, person_id=ended_case.person_id)
    for name in ("caseevent", "goalevent"):
        assert not _there(apps.get_model("cases", name), pgh_obj_id__isnull=False)


def test_a_dry_run_counts_the_same_and_erases_nothing(cast: Cast, ended_case: Case) -> None:
    warned_before(DUE)
    dry = _run(DUE, is_dry=True)
    assert _there(Case, pk=ended_case.pk)
    assert _there(Person, pk=ended_case.person_id, last_name="Korhonen")
    real = _run(DUE)
    assert (dry.counts, dry.held, dry.is_dry) == (real.counts, real.held, True)


def test_a_held_case_is_skipped_and_counted(cast: Cast, ended_case: Case) -> None:
    with as_owner():
        Case.objects.filter(pk=ended_case.pk).update(is_held=True, held_reason="Kantelu vireillä")
    run = _run(DUE)
    assert run.held == {"cases.case": 1}
    assert _there(Goal, case_id=ended_case.pk)
    assert _there(Person, pk=ended_case.person_id, last_name="Korhonen")


def test_the_person_is_emptied_with_her_last_case_and_goes_when_the_permits_go(
    cast: Cast, ended_case: Case
) -> None:
    warned_before(DUE)
    run = _run(DUE)
    assert run.counts["people.person (emptied)"] == 1
    with as_owner():
        person = Person.objects.get(pk=ended_case.person_id)
        assert (person.first_names, person.last_name, person.identity_code, person.birth_date) == (
            "",
            "",
            "",
            None,
        )
        assert person.search_name == ""
        assert Grant.objects.filter(person=person).exists(), (
            "what was permitted is kept longer than whom it was about"
        )
    assert not _there(apps.get_model("people", "personevent"), pgh_obj_id=person.pk)
    assert "people.person (emptied)" not in _run(DUE + dt.timedelta(days=1)).counts
    later = _run(dt.date(2038, 10, 2))
    assert later.counts["access.grant"] >= 1
    assert not _there(Person, pk=ended_case.person_id)


def test_an_open_case_is_never_due(cast: Cast) -> None:
    with acting(cast.eero):
        case = opening.open_case(cast.eero, person=key("aino person"), kind="joint_support", source="self")
    run = _run(dt.date(2060, 1, 1))
    assert _there(Case, pk=case.pk)
    assert _there(Person, pk=case.person_id, last_name="Korhonen")
    assert "access.grant" not in run.counts


def test_a_consent_in_force_is_kept_and_an_ended_one_goes_after_twelve_years(cast: Cast) -> None:
    with as_owner():
        common = {
            "person_id": key("aino person"), "ground": "consent", "to_unit_id": key("unit coaching"),
            "categories": [Category.PLAN], "purpose_text": "x", "channel": "writing", "language": "fi",
            "given_on": dt.date(2026, 1, 1), "recorded_by_id": cast.eero.user_id,
            "recorded_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        }  # fmt: skip
        standing = Consent.objects.create(**common)
        over = Consent.objects.create(**common, valid_until=dt.date(2026, 6, 30))
    _run(dt.date(2038, 6, 29))
    assert _there(Consent, pk=over.pk)
    _run(dt.date(2038, 6, 30))
    assert not _there(Consent, pk=over.pk)
    assert _there(Consent, pk=standing.pk)


def test_the_journal_is_shortened_after_twelve_years_and_stays_whole(cast: Cast, ended_case: Case) -> None:
    with as_owner():
        before = Event.objects.filter(person_id=str(ended_case.person_id)).count()
    assert before
    _run(dt.date(2038, 8, 31))
    with as_owner():
        assert Event.objects.filter(person_id=str(ended_case.person_id), at__year=2026).exists()
    _run(dt.date(2038, 9, 2))
    with as_owner():
        assert not Event.objects.filter(at__year=2026).exists()
    assert journal.first_broken_link() is None


def test_a_clients_sign_in_goes_with_her_data_and_staff_stay(cast: Cast) -> None:
    _run(dt.date(2060, 1, 1))
    from silta.accounts.models import User

    assert not _there(User, pk=key("aino"))
    assert _there(User, pk=key("eero"))


def test_each_run_is_kept_and_journalled(cast: Cast) -> None:
    run = _run(DUE)
    with as_owner():
        assert ErasureRun.objects.get() == run
        assert Event.objects.filter(action="access.erase", subject_id=str(run.pk)).exists()


@pytest.mark.parametrize("erases", [False, True])
def test_the_night_erases_only_where_the_installation_says_so(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, *, erases: bool
) -> None:
    assert settings.RETENTION_ERASES is False
    monkeypatch.setattr(settings, "RETENTION_ERASES", erases)
    with as_owner():
        nightly_erasure(0)
        assert ErasureRun.objects.get().is_dry is not erases
