"""The clock leaps: forward by a year, back by days. Nothing is lost, nothing is done twice, nothing comes to life again.

What is told here leaps as the product reads it: by its one clock (``silta.kernel.clock``). The keys of rows are made by
the library from the machine's clock; that they come out of order is no harm, as lists are ordered by what they are of.
"""

import datetime as dt

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from silta.access import operations as access
from silta.access.queries import acting_for
from silta.audit import operations as audit
from silta.audit.models import Event
from silta.cases.models import Case, Deadline
from silta.cases.operations import opening, standing
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.people import operations as register
from tests.cast import Cast, as_owner

YEAR, DAYS, NONE = dt.timedelta(365), dt.timedelta(-3), dt.timedelta(0)


def _opened(cast: Cast, moment: dt.datetime) -> Case:
    with clock.at(moment), acting(cast.eero):
        person = register.register(
            cast.eero, first_names="Testi", last_name="Kello", no_code_reason="not_known"
        )
        return opening.open_case(cast.eero, person=person.pk, kind="joint_support", source="self")


def _deadlines(case: Case) -> set[tuple[str, dt.date, dt.date]]:
    rows = Deadline.objects.filter(case=case)
    return {(row.rule, row.due_on, row.warn_on) for row in rows}


def test_the_journal_is_whole_and_in_the_order_of_its_writing_whatever_the_clock_says(cast: Cast) -> None:
    now = clock.now()
    leaps = [NONE, YEAR, DAYS, NONE]
    cases = [_opened(cast, now + leap) for leap in leaps]
    assert len({case.pk for case in cases}) == len({case.number for case in cases}) == len(leaps)
    with as_owner():
        assert audit.verify() == []
        events = Event.objects.filter(action="cases.open", subject_id__in=[str(case.pk) for case in cases])
        told = list(events.order_by("chain", "position").values_list("subject_id", "at"))
    assert [key for key, _at in told] == [str(case.pk) for case in cases]
    assert [at for _key, at in told] == [now + leap for leap in leaps]


def test_no_deadline_is_lost_by_a_leap_and_back(cast: Cast) -> None:
    now = clock.now()
    case = _opened(cast, now)
    with acting(cast.eero):
        before = _deadlines(case)
        assert before
    for leap in (YEAR, NONE):
        with clock.at(now + leap), acting(cast.eero):
            standing.refresh(Case.objects.get(pk=case.pk))
    with clock.at(now + DAYS), acting(cast.eero):
        assert not Case.objects.filter(pk=case.pk).exists(), "a right that has not begun yet opens nothing"
    with clock.at(now), acting(cast.eero):
        assert _deadlines(case) == before


def test_a_token_that_was_revoked_stays_so_and_one_that_is_over_works_at_no_leap_beyond_its_day(
    cast: Cast,
) -> None:
    now = clock.now()
    last_day = clock.today() + dt.timedelta(30)
    with acting(cast.eero):
        token, secret = access.make_token(
            cast.eero, name="Siirto", scopes=["cases.read"], expires_on=last_day
        )
    for leap, works in ((NONE, True), (YEAR, False), (NONE, True)):
        with clock.at(now + leap):
            assert (acting_for.actor_by_token(secret) is not None) == works
    with acting(cast.eero):
        access.revoke_token(cast.eero, token=token)
    for leap in (NONE, YEAR, DAYS, NONE):
        with clock.at(now + leap):
            assert acting_for.actor_by_token(secret) is None


def test_an_emergency_is_over_at_its_end_and_a_leap_back_does_not_make_it_longer(cast: Cast) -> None:
    case = _opened(cast, clock.now())
    with acting(cast.kaisa):
        opened = access.open_emergency_access(
            cast.kaisa, person_id=case.person_id, reason="Kiireellinen avun tarve", minutes=60
        )
    now = opened.starts_at
    for leap, sees in (
        (NONE, True),
        (dt.timedelta(minutes=61), False),
        (dt.timedelta(minutes=-5), False),
        (NONE, True),
    ):
        with clock.at(now + leap), acting(cast.kaisa):
            assert Case.objects.filter(pk=case.pk).exists() == sees, leap
    assert opened.ends_at == now + dt.timedelta(minutes=60)


def test_a_leap_erases_nobody_unwarned_and_what_it_warned_of_is_taken_back(cast: Cast) -> None:
    """Four years ahead for some nights: nothing goes, for nobody had the nights to read it; back again, nothing is told."""
    case = _opened(cast, clock.now())
    with as_owner():
        Case.objects.filter(pk=case.pk).update(
            state="ended", ended_on=clock.today(), outcome="other", responsible=None, ending_parties="Kaikki",
            onward="none", onward_text="Muutti",
        )  # fmt: skip
    now, leap = clock.now(), 5 * YEAR
    for moment, is_told in ((now, False), (now + leap, True), (now + leap + YEAR, True), (now, False)):
        with clock.at(moment):
            run = access.erase(is_dry=False)
        with as_owner():
            row = Case.objects.get(pk=case.pk)
        assert run.counts.get("cases.case") is None
        assert (row.erasure_on is not None, bool(run.warned)) == (is_told, is_told)


@pytest.mark.parametrize("name", ["cases.forget_drafts", "accounts.forget_sessions", "intake.erase_rows"])
def test_a_nightly_job_done_again_after_a_leap_back_changes_nothing_more(cast: Cast, name: str) -> None:
    now = clock.now()
    _opened(cast, now)
    task = app.tasks[name]
    with clock.at(now):
        task.func(timestamp=1)
        before = _contents()
        task.func(timestamp=1)
    with clock.at(now + DAYS):
        task.func(timestamp=0)
    assert _contents() == before


def test_what_is_due_at_a_moment_is_ordered_once_however_often_the_moment_comes(cast: Cast) -> None:
    ordered = []
    for moment in (1_000_000, 1_000_060, 1_000_060, 1_000_060):
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT procrastinate_defer_periodic_job_v2('upkeep', NULL, NULL, 'config.revive_jobs', 0, '', %s, %s::jsonb)",
                [moment, f'{{"timestamp": {moment}}}'],
            )
            ordered.append(cursor.fetchone()[0] is not None)
    assert ordered == [True, True, False, False]


def _contents() -> dict[str, tuple[int, str]]:
    found = {}
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname !~ '^(audit_|procrastinate_)' ORDER BY relname"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT count(*), md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM \"{table}\" t"
            )
            found[table] = cursor.fetchone()
    return found
