"""The template tags: dates in words, pictures, states, initials."""

import datetime as dt
import re
from pathlib import Path

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from silta.ui import icons
from silta.ui.templatetags import ui
from silta.ui.views import Specimen

TODAY = dt.date(2026, 5, 14)
SOURCES = Path(__file__).resolve().parents[2] / "src" / "silta"
LANGUAGES = ("fi", "sv", "en")


def shown(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("days", "fi", "sv", "en"),
    [
        (-1, "1 päivän myöhässä", "1 dag försenat", "1 day late"),
        (-40, "40 päivää myöhässä", "40 dagar försenat", "40 days late"),
        (0, "tänään", "i dag", "today"),
        (1, "huomenna", "i morgon", "tomorrow"),
        (2, "2 päivän päästä", "om 2 dagar", "in 2 days"),
        (7, "7 päivän päästä", "om 7 dagar", "in 7 days"),
        (8, "", "", ""),
    ],
)
def test_a_due_date_is_said_in_words(days: int, fi: str, sv: str, en: str) -> None:
    for language, words in zip(LANGUAGES, (fi, sv, en), strict=True):
        with translation.override(language):
            assert ui.due_words(TODAY + dt.timedelta(days=days), TODAY) == words


def test_a_late_date_is_late_in_words_and_a_distant_one_is_plain() -> None:
    with translation.override("fi"):
        late = shown("{% due day today %}", day=TODAY - dt.timedelta(days=3), today=TODAY)
        soon = shown("{% due day today %}", day=TODAY + dt.timedelta(days=1), today=TODAY)
        plain = shown("{% due day today %}", day=dt.date(2026, 12, 1), today=TODAY)
        done = shown("{% due day today done=True %}", day=TODAY - dt.timedelta(days=3), today=TODAY)
    assert "due--late" in late
    assert "3 päivää myöhässä" in late
    assert "11.5.2026" in late
    assert "due--soon" in soon
    assert plain == '<time class="due due--plain" datetime="2026-12-01">1.12.2026</time>'
    assert "myöhässä" not in done


def test_no_date_shows_nothing() -> None:
    assert shown("{% due day %}{% since day %}", day=None) == ""


@time_machine.travel("2026-05-13 22:30 +0000")
def test_the_day_is_finlands_day() -> None:
    """Half past ten in the evening in UTC is already the next day in Finland."""
    with translation.override("fi"):
        assert "tänään" in shown("{% due day %}", day=dt.date(2026, 5, 14))
        assert "eilen" in shown("{% since moment %}", moment=dt.datetime(2026, 5, 13, 20, tzinfo=dt.UTC))


def test_a_picture_is_hidden_from_the_ear_unless_it_has_a_name() -> None:
    assert 'aria-hidden="true"' in shown('{% icon "calendar" %}')
    named = shown("{% icon 'close' label %}", label='Sulje "tämä"')
    assert 'role="img"' in named
    assert "Sulje &quot;tämä&quot;" in named


def test_an_unknown_picture_is_refused() -> None:
    with pytest.raises(LookupError, match="unicorn"):
        ui.icon("unicorn")


def test_every_picture_named_in_a_page_or_in_code_exists() -> None:
    named = set(icons.OWN_NAMES)
    for template in SOURCES.rglob("*.html"):
        named |= set(re.findall(r'{%\s*icon\s+["\']([\w-]+)["\']', template.read_text(encoding="utf-8")))
    for name in named:
        box, drawing = icons.drawing(name)
        assert re.fullmatch(r"[\d. ]+", box), name
        assert "<path" in drawing or "<g" in drawing, name


def test_no_picture_could_run_a_script() -> None:
    for name in icons.OWN_NAMES:
        assert not re.search(r"<script|javascript:|\son\w+=|href", icons.drawing(name)[1], re.IGNORECASE)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Aino Korhonen", "AK"), ("Aino Maria Korhonen", "AK"), ("Aino-Maria Korhonen", "AK"), ("Cher", "C"),
        ("  ", "?"), ("Åke Öst", "ÅÖ"), ("(poistettu)", "?"),
    ],
)  # fmt: skip
def test_initials(name: str, letters: str) -> None:
    assert ui.initials(name) == letters


@given(st.text(max_size=40))
def test_any_name_has_initials_and_never_leaks_markup(name: str) -> None:
    assert 1 <= len(ui.initials(name)) <= 6
    assert "<script" not in ui.avatar(name + "<script>", "health")


def test_an_unknown_tone_is_refused() -> None:
    with pytest.raises(ValueError, match="shouting"):
        ui.badge("x", "shouting")


def test_texts_are_escaped() -> None:
    page = shown('{% badge text "late" %}{% empty text "/x" text %}{% bar 1 2 text %}', text="<b>&")
    assert "<b>" not in page
    assert page.count("&lt;b&gt;&amp;") == 4


@pytest.mark.parametrize(
    ("value", "maximum", "limit", "width", "is_warm"),
    [
        (5, 10, None, "50.0%", False),
        (12, 10, 8, "100.0%", True),
        (0, 0, None, "0%", False),
        (-1, 10, None, "0.0%", False),
    ],
)
def test_a_bar_stays_on_its_track(
    value: float, maximum: float, limit: float | None, width: str, is_warm: bool
) -> None:
    drawn = ui.bar(value, maximum, "label", limit=limit)
    assert f'width="{width}"' in drawn
    assert ("bar__fill--warm" in drawn) is is_warm


def test_the_path_tells_done_current_and_ahead() -> None:
    from silta.ui.views import STEPS

    states = [state for _, state in ui.path_steps(STEPS, "plan")]
    assert states == ["done", "done", "current", "ahead", "ahead", "ahead"]
    assert {state for _, state in ui.path_steps(STEPS, "unknown")} == {"done"}


def test_no_picture_or_style_sheet_is_missing_from_the_head() -> None:
    head = (SOURCES / "ui" / "templates" / "layout" / "base.html").read_text(encoding="utf-8")
    named = re.findall(r'{% static "([^"]+)" %}', head)
    assert len(named) > 10
    for path in named:
        assert finders.find(path), path


def test_a_whole_form_has_its_token_its_faults_and_its_ways_out() -> None:
    form = Specimen({})
    source = '{% whole_form form "Erase" action="/there/" is_grave=True back="/back/" back_label="Keep it" %}'
    page = shown(source, form=form, csrf_token="x" * 64)
    assert 'action="/there/"' in page
    assert 'name="csrfmiddlewaretoken"' in page
    assert page.index("error-summary") < page.index('name="email"') < page.index(">Erase</button>")
    assert "hds-button--danger" in page
    assert '<a class="hds-button hds-button--supplementary" href="/back/">Keep it</a>' in page
    plain = shown('{% whole_form form "Save" %}', form=Specimen())
    assert "action=" not in plain
    assert "hds-button--primary" in plain
    assert "<a " not in plain
