"""The page of figures: what the lead and the evaluator see, what nobody sees, and how fresh ones are ordered."""

import datetime as dt
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from silta.audit.models import Event
from silta.evaluation import operations, queries
from silta.evaluation.enums import RunState, Stage
from silta.evaluation.models import Chart, Datum, Run
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import NotAllowed, RuleBroken
from tests.cast import Cast, as_owner, key

PAGE = "evaluation:figures"
Pages = Callable[[str], Client]


@pytest.fixture
def figures(cast: Cast) -> None:
    """Figures of all, of Paula's unit and of another; one of them hidden."""
    now, day = clock.now(), dt.date(2026, 11, 20)
    common = {"code": "plan_in_time", "version": "2026.1", "computed_at": now, "as_of": day}
    with as_owner():
        Run.objects.create(
            state=RunState.DONE, stage=Stage.READY, ordered_at=now, progressed_at=now, as_of=day
        )
        for unit, value, n in (
            (None, 0.75, 80),
            (key("unit employment"), 0.5, 20),
            (key("unit coaching"), 0.9, 60),
        ):
            Datum.objects.create(**common, unit_id=unit, value=value, n=n, unknown=7)
            Datum.objects.create(**common, unit_id=unit, month=dt.date(2026, 5, 1), hidden="small")
            Chart.objects.create(code="plan_in_time", unit_id=unit, svg=f"<svg>{n}</svg>", computed_at=now)
        Datum.objects.create(**common, municipality="-", value=0.1, n=10)


def test_a_lead_reads_the_figures_of_her_own_unit(page_of: Pages, figures: None) -> None:
    page = page_of("paula").get(reverse(PAGE)).content.decode()
    assert "Suunnitelma valmistui ajallaan 50 prosentille" in page
    assert "n = 20" in page
    assert "7 ei tiedossa" in page
    assert "alle 5" in page
    assert "381/2023 4.3 §" in page
    assert "75 prosentille" not in page
    assert "Työhönvalmennus" not in page


def test_she_cannot_ask_for_another_unit(page_of: Pages, figures: None) -> None:
    page = page_of("paula").get(reverse(PAGE), {"unit": str(key("unit coaching"))}).content.decode()
    assert "ajallaan 50 prosentille" in page


def test_the_evaluator_reads_the_figures_of_all_and_of_each_unit(page_of: Pages, figures: None) -> None:
    tiina = page_of("tiina")
    page = tiina.get(reverse(PAGE)).content.decode()
    assert "ajallaan 75 prosentille" in page
    assert "Ei tiedossa" in page
    of_unit = tiina.get(reverse(PAGE), {"unit": str(key("unit coaching"))}).content.decode()
    assert "ajallaan 90 prosentille" in of_unit


def test_the_database_too_keeps_other_units_figures_from_a_lead(cast: Cast, figures: None) -> None:
    with acting(cast.paula):
        assert set(Datum.objects.order_by("id").values_list("unit_id", flat=True)) == {key("unit employment")}
        assert Chart.objects.count() == 1
    for name in ("eero", "vaino", "admin"):
        with acting(getattr(cast, name)):
            assert not Datum.objects.exists()
            assert not Run.objects.exists()


def test_a_chart_is_a_picture_and_another_units_is_not_there(page_of: Pages, figures: None) -> None:
    with as_owner():
        own = Chart.objects.get(unit=key("unit employment")).pk
        other = Chart.objects.get(unit=key("unit coaching")).pk
    paula = page_of("paula")
    answer = paula.get(reverse("evaluation:chart", args=[own]))
    assert (answer["Content-Type"], answer.content) == ("image/svg+xml; charset=utf-8", b"<svg>20</svg>")
    assert paula.get(reverse("evaluation:chart", args=[other])).status_code == 404


def test_before_the_first_figures_the_page_says_when_they_come_and_offers_to_order_them(
    page_of: Pages,
) -> None:
    tiina = page_of("tiina")
    page = tiina.get(reverse(PAGE)).content.decode()
    assert "Tunnuslukuja ei vielä ole" in page
    assert date_format(timezone.localtime(queries.next_nightly()), "SHORT_DATETIME_FORMAT") in page
    answer = tiina.post(reverse("evaluation:order"), follow=True)
    assert "Odottaa vuoroaan" in answer.content.decode()
    assert "Laske ne nyt" not in answer.content.decode()


@pytest.mark.parametrize(
    "moment", ["2026-11-23T01:39Z", "2026-11-23T01:41Z", "2026-07-01T22:00Z", "2027-03-28T00:30Z"]
)
def test_the_page_promises_the_hour_at_which_the_worker_begins(moment: str) -> None:
    now = dt.datetime.fromisoformat(moment)
    (nightly,) = [
        one
        for one in app.periodic_registry.periodic_tasks.values()
        if one.task.name == "evaluation.reckon_nightly"
    ]
    begins = nightly.croniter.get_next(ret_type=float, start_time=now.timestamp())
    with clock.at(now):
        assert queries.next_nightly().timestamp() == begins


def test_a_figure_that_is_hidden_says_why_once_and_no_number_of_people(page_of: Pages, figures: None) -> None:
    with as_owner():
        Datum.objects.filter(unit_id=key("unit employment"), month=None).update(
            value=None, n=None, hidden="protecting"
        )
    page = page_of("paula").get(reverse(PAGE)).content.decode()
    assert "n = " not in page
    assert page.count("piilotettu, jotta") == 1


def test_an_order_is_journalled_and_waits_in_the_queue(cast: Cast) -> None:
    with acting(cast.tiina):
        run = operations.order(cast.tiina)
    with as_owner():
        event = Event.objects.get(action="evaluation.order")
        jobs = list(ProcrastinateJob.objects.filter(task_name=operations.TASK).values_list("args", flat=True))
    assert (event.user_id, event.subject_id) == (str(key("tiina")), str(run.pk))
    assert jobs == [{"run_id": str(run.pk)}]


def test_nothing_is_ordered_twice_but_what_died_can_be_ordered_again(cast: Cast) -> None:
    with acting(cast.tiina):
        operations.order(cast.tiina)
        with pytest.raises(RuleBroken) as broken:
            operations.order(cast.tiina)
        assert broken.value.code == "evaluation.under_way"
    with clock.at(clock.now() + dt.timedelta(hours=1)), acting(cast.tiina):
        operations.order(cast.tiina)


def test_who_may_not_look_may_not_order(cast: Cast) -> None:
    with acting(cast.vaino), pytest.raises(NotAllowed):
        operations.order(cast.vaino)


def test_the_progress_reloads_the_page_when_it_is_over(page_of: Pages, figures: None) -> None:
    assert page_of("tiina").get(reverse("evaluation:progress"))["HX-Refresh"] == "true"


def test_no_web_process_brings_in_the_tools() -> None:
    heavy = "duckdb ibis altair vl_convert pyarrow pandas adbc_driver_postgresql"
    code = f"import django, sys; django.setup(); import config.urls, silta.evaluation.views, silta.evaluation.jobs; sys.exit(len(set('{heavy}'.split()) & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
