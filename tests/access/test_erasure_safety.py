"""Erasing carefully: no more on a day than the quota, nothing at all when the counts look wrong, on where it stopped."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from silta.access import operations as access
from silta.access import rules
from silta.access.enums import Category, ErasureState
from silta.access.models import Consent, ErasureRelease, ErasureRun
from silta.access.operations import erasure
from silta.audit.models import Event
from silta.cases.models import Case
from silta.cases.operations import opening
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import Conflict, NotAllowed, RuleBroken
from tests.access.nights import warned_before
from tests.cast import Cast, as_owner, key

DUE = dt.date(2038, 7, 1)


@pytest.fixture
def due(cast: Cast) -> list[uuid.UUID]:
    """Twelve consents of Aino whose twelve years are over."""
    common = {
        "person_id": key("aino person"), "ground": "consent", "to_unit_id": key("unit coaching"),
        "categories": [Category.PLAN], "purpose_text": "x", "channel": "writing", "language": "fi",
        "given_on": dt.date(2026, 1, 1), "recorded_by_id": cast.eero.user_id,
        "recorded_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "valid_until": dt.date(2026, 6, 30),
    }  # fmt: skip
    with as_owner():
        return [Consent.objects.create(**common).pk for _number in range(12)]


def _left() -> int:
    with as_owner():
        return Consent.objects.count()


def _night(day: dt.date = DUE, *, is_dry: bool = False) -> ErasureRun:
    with clock.at(dt.datetime.combine(day, dt.time(12), dt.UTC)):
        return access.erase(is_dry=is_dry, today=day)


def test_what_alarms() -> None:
    """A tenth of a table, or five times the most of earlier runs; below a hundred rows nothing."""
    assert rules.alarms({"t": 99}, {"t": 99}, []) == []
    assert rules.alarms({"t": 100}, {"t": 1000}, []) == []
    (share,) = rules.alarms({"t": 101}, {"t": 1000}, [])
    assert share == {"table": "t", "due": 101, "of": 1000, "usual": 0}
    assert rules.alarms({"t": 2000}, {"t": 100_000}, []) == [], "nothing is known yet of what is usual"
    assert rules.alarms({"t": 2000}, {"t": 100_000}, [{"t": 400}, {"t": 3}]) == []
    (jump,) = rules.alarms({"t": 2001}, {"t": 100_000}, [{"t": 400}, {"t": 3}])
    assert jump["usual"] == 400
    assert rules.is_covered(jump, [{"table": "t", "due": 1900}])
    assert not rules.is_covered(jump, [{"table": "t", "due": 1800}])
    assert not rules.is_covered(jump, [{"table": "other", "due": 9000}])


def test_no_more_goes_on_a_day_than_the_quota(due: list[uuid.UUID], settings: Any) -> None:
    settings.RETENTION_QUOTA = 5
    first = _night()
    assert (first.state, first.handled, _left()) == (ErasureState.QUOTA, 5, 7)
    again = _night()
    assert (again.state, again.handled, _left()) == (ErasureState.QUOTA, 0, 7), "the same day, by hand"
    _night(DUE + dt.timedelta(days=1))
    last = _night(DUE + dt.timedelta(days=2))
    assert (last.state, _left()) == (ErasureState.DONE, 0)


def test_who_is_emptied_already_takes_no_share_and_raises_no_alarm(cast: Cast, settings: Any) -> None:
    """Aino's row is named by her permits for years after it was emptied: it is no night's work any more."""
    later = dt.date(2060, 1, 1)
    with clock.at(dt.datetime(2026, 9, 1, 9, tzinfo=dt.UTC)), acting(cast.eero):
        case = opening.open_case(cast.eero, person=key("aino person"), kind="joint_support", source="self")
    with as_owner():
        Case.objects.filter(pk=case.pk).update(
            state="ended", ended_on=dt.date(2026, 10, 1), outcome="other", responsible=None, ending_parties="Kaikki",
            onward="none", onward_text="Muutti",
        )  # fmt: skip
    warned_before(later)
    first = _night(later)
    assert first.counts["people.person (emptied)"] == 1, "her grant goes on, and names her"
    second = _night(later + dt.timedelta(days=1))
    assert (second.due, second.handled, second.state) == ({}, 0, ErasureState.DONE)


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(
    due: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a batch erased stays erased and counted; the next night takes up the same run."""
    monkeypatch.setattr(erasure, "_BATCH", 5)
    whole, batches = erasure._erase_rows, []

    def dies_at_the_second(*given: Any) -> None:
        batches.append(given)
        if len(batches) == 2:
            raise ConnectionError("the server went away")
        whole(*given)

    monkeypatch.setattr(erasure, "_erase_rows", dies_at_the_second)
    with pytest.raises(ConnectionError):
        _night()
    with as_owner():
        cut_off = ErasureRun.objects.get()
    assert (cut_off.state, cut_off.finished_at, cut_off.counts) == (
        ErasureState.RUNNING,
        None,
        {"access.consent": 5},
    )
    assert _left() == 7
    monkeypatch.setattr(erasure, "_erase_rows", whole)
    run = _night(DUE + dt.timedelta(days=1))
    assert (run.pk, run.state, run.counts["access.consent"], _left()) == (
        cut_off.pk,
        ErasureState.DONE,
        12,
        0,
    )


@pytest.fixture
def stopped(due: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch) -> ErasureRun:
    """A night on which much more was due than looks right (the bound lowered from a hundred to ten)."""
    monkeypatch.setattr(rules, "ALARM_LEAST", 10)
    return _night()


def test_counts_that_look_wrong_stop_the_run_before_anything_goes(stopped: ErasureRun) -> None:
    assert (stopped.state, stopped.counts, _left()) == (ErasureState.STOPPED, {}, 12)
    assert stopped.alarms == [{"table": "access.consent", "due": 12, "of": 12, "usual": 0}]
    with as_owner():
        assert Event.objects.filter(action="access.erase_stopped", subject_id=str(stopped.pk)).exists()
    assert _night(DUE + dt.timedelta(days=1)).state == ErasureState.STOPPED, (
        "and every night, until somebody looks"
    )


def test_the_officer_releases_what_she_has_looked_at_and_no_more(stopped: ErasureRun, cast: Cast) -> None:
    with acting(cast.officer), pytest.raises(RuleBroken):
        access.release_erasure(cast.officer, run=stopped, reason=" ")
    for nosy in (cast.paula, cast.admin, cast.eero):
        with acting(nosy), pytest.raises(NotAllowed):
            access.release_erasure(nosy, run=stopped, reason="Menköön")
    with acting(cast.officer):
        access.release_erasure(cast.officer, run=stopped, reason="Vanha hanke päättyi")
        with pytest.raises(Conflict):
            access.release_erasure(cast.officer, run=stopped, reason="Uudestaan")
    run = _night(DUE + dt.timedelta(days=1))
    assert (run.state, _left()) == (ErasureState.DONE, 0)


def test_more_than_was_released_stops_again(stopped: ErasureRun, cast: Cast) -> None:
    with acting(cast.officer):
        access.release_erasure(cast.officer, run=stopped, reason="Vanha hanke päättyi")
    with as_owner():
        for consent in Consent.objects.all()[:3]:
            consent.pk = uuid.uuid4()
            consent.save(force_insert=True)
    assert _night(DUE + dt.timedelta(days=1)).state == ErasureState.STOPPED
    assert _left() == 15


def test_statistics_of_what_went_are_kept_without_anybody(cast: Cast) -> None:
    with clock.at(dt.datetime(2026, 9, 1, 9, tzinfo=dt.UTC)), acting(cast.eero):
        case = opening.open_case(cast.eero, person=key("aino person"), kind="joint_support", source="self")
    with as_owner():
        Case.objects.filter(pk=case.pk).update(
            state="ended", ended_on=dt.date(2026, 10, 1), outcome="other", responsible=None, ending_parties="Kaikki",
            onward="none", onward_text="Muutti",
        )  # fmt: skip
    warned_before(dt.date(2030, 10, 1))
    run = _night(dt.date(2030, 10, 1))
    assert run.counts["cases.case"] == 1
    assert run.kept == {"cases.case": [["joint_support", "other", 2026, 1]]}


def test_what_comes_is_counted_ahead(due: list[uuid.UUID]) -> None:
    run = _night(dt.date(2038, 6, 1), is_dry=True)
    assert "access.consent" not in run.due
    assert run.coming["30"]["access.consent"] == 12
    assert _left() == 12


def test_the_officer_reads_what_comes_and_lets_a_stopped_run_go_on(
    stopped: ErasureRun, page_of: Callable[[str], Client]
) -> None:
    reino = page_of("officer")
    page = reino.get("/access/erasure/", headers={"Accept-Language": "en"}).content.decode()
    assert "The erasure was stopped" in page
    assert "Korhonen" not in page
    where = f"/access/erasure/{stopped.pk}/release/"
    assert "12 due out of 12" in reino.get(where, headers={"Accept-Language": "en"}).content.decode()
    assert reino.post(where, {"reason": ""}).status_code == 200
    assert reino.post(where, {"reason": "Vanha hanke päättyi"}).status_code == 302
    with as_owner():
        assert ErasureRelease.objects.get().released_by_id == key("officer")
    assert (
        "The erasure was stopped"
        not in reino.get("/access/erasure/", headers={"Accept-Language": "en"}).content.decode()
    )
    for name in ("paula", "eero", "admin", "vaino", "aino"):
        assert page_of(name).get("/access/erasure/").status_code == 404
