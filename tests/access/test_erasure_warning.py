"""Nobody's data go unwarned: what is told, on which day, and that what was told stands whatever the clock or a setting says."""

import datetime as dt
from typing import Any

import pytest

from silta.access.enums import ErasureState
from silta.access.models import ErasureRun
from silta.access.operations import erasure
from silta.access.rules import nights_to_see
from silta.audit.models import Event
from silta.cases.models import Case
from silta.cases.operations import ending
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.people.models import Person
from tests.access.nights import night, quiet_nights, warned_before
from tests.cases import situations
from tests.cast import Cast, as_owner

ENDED, GOES = dt.date(2026, 10, 1), dt.date(2030, 10, 1)
WARNED = dt.date(2030, 8, 2)
DAY = dt.timedelta(1)
Told = tuple[dt.date | None, dt.date | None]


def noon(day: dt.date) -> dt.datetime:
    """The middle of the day."""
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


@pytest.fixture
def case(cast: Cast) -> Case:
    """Aino's case, opened in September 2026 and ended together on 1 October."""
    with clock.at(noon(dt.date(2026, 9, 1))):
        opened = situations.in_network(cast)
    with clock.at(noon(ENDED)):
        return situations.ended(cast, opened)


def told_of(case: Case) -> Told | None:
    """What is told of the case: since when, and when it goes; none, where it is gone."""
    with as_owner():
        return Case.objects.filter(pk=case.pk).values_list("erasure_warned_on", "erasure_on").first()


def test_half_of_the_days_must_have_been_lived() -> None:
    assert [nights_to_see(days) for days in (30, 31, 60)] == [15, 16, 30]


def test_sixty_days_before_it_goes_it_is_told_and_once(case: Case) -> None:
    assert (night(WARNED - DAY).warned, told_of(case)) == ({}, (None, None))
    run = night(WARNED)
    assert (run.warned, run.unwarned) == ({"cases.case": 1}, {})
    assert told_of(case) == (WARNED, GOES)
    night(WARNED + DAY)
    night(WARNED + DAY)
    assert told_of(case) == (WARNED, GOES)
    with as_owner():
        [event] = Event.objects.filter(action="access.warn_of_erasure")
    assert (event.details["rows"], event.person_id, event.subject_id) == (1, "", str(run.pk))


def test_it_goes_on_the_day_that_was_told_and_not_before(case: Case) -> None:
    warned_before(GOES)
    assert night(GOES - DAY, is_dry=True).coming["30"]["cases.case"] == 1
    night(GOES - DAY)
    assert told_of(case) == (WARNED, GOES)
    run = night(GOES)
    assert (run.counts["cases.case"], told_of(case)) == (1, None)


def test_a_dry_run_tells_how_many_wait_for_their_warning_and_warns_nobody(case: Case) -> None:
    run = night(WARNED, is_dry=True)
    assert (run.warned, run.unwarned, told_of(case)) == ({}, {"cases.case": 1}, (None, None))
    assert "cases.case" not in run.coming["30"], "nobody was warned: it takes two months"
    assert run.coming["90"]["cases.case"] == 1


def test_what_is_long_past_its_time_is_warned_of_too(case: Case) -> None:
    """Erasing was agreed on years later: nothing goes on the first night, and all of it two months after."""
    late = GOES + dt.timedelta(800)
    quiet_nights(late - dt.timedelta(90), late - DAY)
    run = night(late)
    assert (run.due, run.warned) == ({}, {"cases.case": 1})
    assert told_of(case) == (late, late + dt.timedelta(60))


def test_counts_that_look_wrong_warn_nobody(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        erasure.rules, "alarms", lambda *_given: [{"table": "x", "due": 1, "of": 1, "usual": 0}]
    )
    run = night(WARNED)
    assert (run.state, run.unwarned, told_of(case)) == (
        ErasureState.STOPPED, {"cases.case": 1}, (None, None),
    )  # fmt: skip


def test_an_outage_makes_no_warning_older(case: Case) -> None:
    """Nobody could read it while nothing ran: thirty nights must pass with the product there."""
    night(WARNED)
    night(GOES)
    assert told_of(case) == (WARNED, GOES)
    quiet_nights(GOES + DAY, GOES + dt.timedelta(27))
    night(GOES + dt.timedelta(28))
    assert told_of(case) == (WARNED, GOES), "lived through: the warned night itself, the day, and 27 more"
    night(GOES + dt.timedelta(29))
    assert told_of(case) is None


@pytest.mark.parametrize("days", [30, 90])
def test_what_was_told_stands_whatever_the_setting_says_later(case: Case, settings: Any, days: int) -> None:
    night(WARNED)
    quiet_nights(WARNED + DAY, GOES - 2 * DAY)
    settings.RETENTION_WARNING_DAYS = days
    night(GOES - DAY)
    assert told_of(case) == (WARNED, GOES)
    night(GOES)
    assert told_of(case) is None


def test_a_hold_takes_the_warning_back_and_its_release_begins_a_new_one(cast: Cast, case: Case) -> None:
    warned_before(GOES)
    with clock.at(noon(GOES)), acting(cast.paula):
        held = ending.hold_erasure(
            cast.paula, case=situations.again(cast, case, by="paula"), reason="Kantelu vireillä"
        )
    run = night(GOES)
    assert (run.held, run.unwarned, told_of(case)) == ({"cases.case": 1}, {}, (None, None))
    with clock.at(noon(GOES + DAY)), acting(cast.paula):
        ending.release(cast.paula, case=held)
    night(GOES + DAY)
    assert told_of(case) == (GOES + DAY, GOES + 61 * DAY)


def test_a_case_that_was_reopened_is_told_of_no_more(cast: Cast, case: Case) -> None:
    night(WARNED)
    with clock.at(noon(WARNED + DAY)), acting(cast.eero):
        ending.reopen_case(cast.eero, case=situations.again(cast, case), reason="Palasi")
    quiet_nights(WARNED + DAY, GOES)
    night(GOES + DAY)
    assert told_of(case) == (None, None)


def test_what_ended_anew_waits_its_four_years_and_another_warning(cast: Cast, case: Case) -> None:
    """However its end came to be another day, a warning of the former one is taken back."""
    warned_before(GOES)
    with as_owner():
        Case.objects.filter(pk=case.pk).update(ended_on=WARNED, aftercare_until=None)
    night(GOES)
    assert told_of(case) == (None, None)


def test_a_new_case_after_the_warning_keeps_the_person_and_not_the_old_case(cast: Cast, case: Case) -> None:
    warned_before(GOES)
    with clock.at(noon(GOES - DAY)):
        new = situations.case_of_aino(cast)
    run = night(GOES)
    assert (run.counts["cases.case"], told_of(case), told_of(new)) == (1, None, (None, None))
    with as_owner():
        assert Person.objects.get(pk=new.person_id).last_name == "Korhonen"


@pytest.mark.parametrize("meanwhile", ["held", "reopened"])
def test_what_changes_while_the_erasure_runs_is_looked_at_again(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """The rows were counted, and then, before their batch came: a hold, or the case is taken up again."""
    warned_before(GOES)
    whole = erasure._erase_batch
    changes = {
        "held": {"is_held": True, "held_reason": "Kantelu"},
        "reopened": {
            "state": "open", "ended_on": None, "outcome": "", "ending_parties": "", "onward": "", "onward_text": "",
            "aftercare_until": None,
        },
    }  # fmt: skip

    def after_a_change(run: ErasureRun, model: type, keys: list[object], today: dt.date) -> None:
        if model is Case:
            Case.objects.filter(pk__in=keys).update(
                erasure_warned_on=None, erasure_on=None, **changes[meanwhile]
            )
        whole(run, model, keys, today)

    monkeypatch.setattr(erasure, "_erase_batch", after_a_change)
    run = night(GOES)
    assert (run.due, run.counts.get("cases.case"), run.handled) == ({"cases.case": 1}, None, 0)
    assert told_of(case) == (None, None)
    with as_owner():
        assert Person.objects.get(pk=case.person_id).last_name == "Korhonen"
