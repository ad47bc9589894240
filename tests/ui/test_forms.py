"""Forms as the house draws them: every input named, described, and keeping what was typed."""

import contextlib
import datetime as dt
import html.parser
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from silta.ui import fields
from silta.ui.views import Specimen

SOURCE = Path(__file__).resolve().parents[2] / "src" / "silta"


class Tags(html.parser.HTMLParser):
    """Collects the tags of a fragment with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in <{tag}>: {attrs}"
        self.found.append((tag, dict(attrs)))

    def one(self, **wanted: str) -> dict[str, str | None]:
        [attributes] = [
            attributes
            for _, attributes in self.found
            if all(attributes.get(key) == value for key, value in wanted.items())
        ]
        return attributes

    @property
    def ids(self) -> list[str | None]:
        return [attributes["id"] for _, attributes in self.found if "id" in attributes]


@pytest.fixture
def faulty() -> Specimen:
    return Specimen({"met_on": "31.2.2026", "email": "aino", "at": "", "name": "<b>"})


def test_every_input_has_a_label_or_a_legend() -> None:
    tags = Tags(str(Specimen()))
    labelled = {attributes.get("for") for tag, attributes in tags.found if tag == "label"}
    inputs = [attributes["id"] for tag, attributes in tags.found if tag in {"input", "select", "textarea"}]
    assert len(inputs) > 10
    assert set(inputs) <= labelled
    assert sum(tag == "legend" for tag, _ in tags.found) == 2


def test_errors_are_tied_to_their_input(faulty: Specimen) -> None:
    tags = Tags(str(faulty))
    email = tags.one(name="email")
    assert email["aria-invalid"] == "true"
    assert email["aria-describedby"] == "id_email_error"
    assert "id_email_error" in tags.ids
    choices = tags.one(id="id_way_group")
    assert choices["aria-describedby"] == "id_way_helptext id_way_error"
    described = [
        identifier
        for _, attributes in tags.found
        for identifier in (attributes.get("aria-describedby") or "").split()
    ]
    assert set(described) <= set(tags.ids)


def test_no_id_is_used_twice(faulty: Specimen) -> None:
    ids = Tags(str(faulty)).ids
    assert len(ids) == len(set(ids))


def test_what_was_typed_is_kept_even_when_the_browser_could_not_show_it(faulty: Specimen) -> None:
    tags = Tags(str(faulty))
    date = tags.one(name="met_on")
    assert date["type"] == "text"
    assert date["value"] == "31.2.2026"
    assert tags.one(name="name")["value"] == "<b>"


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_sound_date_is_in_the_browsers_own_input_whatever_the_language(language: str) -> None:
    with translation.override(language):
        form = Specimen(initial={"met_on": dt.date(2026, 2, 3), "at": dt.datetime(2026, 2, 3, 9, 30)})  # noqa: DTZ001 - as typed
        tags = Tags(str(form))
    assert (tags.one(name="met_on")["type"], tags.one(name="met_on")["value"]) == ("date", "2026-02-03")
    assert (tags.one(name="at")["type"], tags.one(name="at")["value"]) == (
        "datetime-local",
        "2026-02-03T09:30",
    )


@pytest.mark.parametrize("typed", ["2026-02-03", "3.2.2026"])
def test_a_date_is_understood_from_the_browser_and_from_the_hand(typed: str) -> None:
    with translation.override("fi"):
        assert forms.DateField().clean(typed) == dt.date(2026, 2, 3)


def test_required_is_said_in_words() -> None:
    with translation.override("fi"):
        page = str(Specimen())
    required = sum(field.required for field in Specimen.base_fields.values())
    assert page.count("(pakollinen)") == required


def test_the_summary_links_each_error_to_its_input(faulty: Specimen) -> None:
    with translation.override("fi"):
        page = Template("{% load ui %}{% error_summary form %}").render(Context({"form": faulty}))
        tags = Tags(page)
        whole = Tags(str(faulty))
    links = [attributes["href"] for tag, attributes in tags.found if tag == "a"]
    assert links[0] == "#id_email"
    assert "#id_way_group" in links
    assert {str(link)[1:] for link in links} <= set(whole.ids)
    assert "6 kohtaa korjattavana" in page


def test_a_sound_or_unsent_form_has_no_summary() -> None:
    show = Template("{% load ui %}{% error_summary form %}")
    assert show.render(Context({"form": Specimen()})) == ""


class Hidden(forms.Form):
    """A form that carries something unseen, and refuses as a whole."""

    token = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"autocomplete": "name", "placeholder": "Name"})
    )

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("as a whole")


def test_an_error_without_an_input_is_still_said() -> None:
    form = Hidden({"token": "x"})
    page = Template("{% load ui %}{% error_summary form %}{% fields form %}").render(Context({"form": form}))
    assert page.count("as a whole") == 2
    assert 'href="#id_token"' not in page
    assert 'type="hidden"' in page


def test_the_browser_fills_in_only_what_is_the_users_own() -> None:
    tags = Tags(str(Specimen()))
    assert tags.one(name="email")["autocomplete"] == "email"
    assert tags.one(name="name")["autocomplete"] == "off"
    assert tags.one(name="met_on")["autocomplete"] == "off"
    own = Tags(str(Hidden())).one(name="name")
    assert own["autocomplete"] == "name"
    assert "placeholder" not in own


def test_one_field_alone_is_the_same_as_in_the_form() -> None:
    form = Specimen()
    alone = Template("{% load ui %}{% field form.text %}").render(Context({"form": form}))
    assert alone.strip() in str(form)
    assert Tags(alone).one(name="text")["rows"] == "3"


def _forms() -> Iterator[type[forms.Form]]:
    """Every form of every room."""
    for path in sorted(SOURCE.glob("*/forms*")):
        names = [path] if path.suffix else sorted(path.glob("*.py"))
        for module in names:
            dotted = ".".join(module.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(
                ".__init__"
            )
            yield from {
                one
                for one in vars(importlib.import_module(dotted)).values()
                if isinstance(one, type) and issubclass(one, forms.Form) and one is not forms.Form
            }


def test_every_text_and_day_of_every_form_is_of_the_houses_own_kind() -> None:
    """So none takes characters that cannot be seen, and no day lies a thousand years away."""
    plain = (fields.PlainText, forms.EmailField, forms.UUIDField)
    wrong = []
    for form in _forms():
        for name, field in form.base_fields.items():
            is_text = isinstance(field, forms.CharField) and not isinstance(field, plain)
            is_day = isinstance(field, forms.DateField) and not isinstance(field, fields.Day)
            is_moment = isinstance(field, forms.DateTimeField) and not isinstance(field, fields.Moment)
            if is_text or is_day or is_moment:
                wrong.append(f"{form.__module__}.{form.__name__}.{name}")
    assert not wrong
    assert len(list(_forms())) > 40


@pytest.mark.parametrize("typed", ["teks\x07ti", "a\x1b[0m", "a\x80", "a\x00", "\ue000", "<b>x</b>"])
def test_plain_text_refuses_what_cannot_be_seen_and_markup(typed: str) -> None:
    with pytest.raises(ValidationError):
        fields.PlainText(max_length=80).clean(typed)
    with pytest.raises(ValidationError):
        forms.EmailField().clean(f"{typed}@x.example")


def test_plain_text_keeps_lines_and_makes_letters_whole() -> None:
    assert fields.PlainText(max_length=80).clean("a\r\nb\rc\td") == "a\nb\nc\td"
    assert fields.PlainText(max_length=80).clean("a\u030a < 3") == "å < 3"


@pytest.mark.parametrize(
    "typed", ["0001-01-01", "9999-12-31", "1.1.1899", "31.2.2026", "2026-13-01", "2026", "9" * 400]
)
def test_a_day_exists_and_is_within_reach(typed: str) -> None:
    for field in (fields.Day(), fields.Day(past=False), fields.Day(future=False)):
        with pytest.raises(ValidationError):
            field.clean(typed)
    with pytest.raises(ValidationError):
        fields.Moment().clean(f"{typed} 9.30")


@given(st.text(), st.text())
def test_any_text_is_cleaned_or_refused(text: str, day: str) -> None:
    for field in (fields.PlainText(max_length=50), fields.Day(), fields.Moment(), forms.EmailField()):
        for typed in (text, day):
            with contextlib.suppress(ValidationError):
                field.clean(typed)
