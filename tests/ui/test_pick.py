"""One of thousands is chosen by a part of its name: what counts as chosen, and what is asked again."""

import re
from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from silta.ui import controls
from silta.ui.fields import Pick, Said
from silta.ui.views import Few


class Asking(forms.Form):
    """A form that asks for a unit."""

    unit = Pick(label="Yksikkö")

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["unit"]
        assert isinstance(field, Pick)
        field.offer(Few())


def asked(**words: str) -> Asking:
    data = QueryDict(mutable=True)
    data.update(words)
    return Asking(data)


def offered(form: Asking) -> list[str]:
    return re.findall(r'type="radio"\s+name="unit"\s+value="(\d)"', str(form["unit"].as_field_group()))


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ({"unit": "2"}, 2),
        ({"unit": "2", "unit_text": "kela"}, 2),
        ({"unit": "2", "unit_text": "Kuntoutusratkaisut, Kela"}, 2),
        ({"unit_text": "kuntoutusRATKAISUT"}, 2),
        ({"unit_text": "Tyohonvalmennus, Valmennus Vuoksi ry"}, 3),
    ],
)
def test_what_is_picked_counts_and_so_does_a_whole_name(words: dict[str, str], chosen: int) -> None:
    form = asked(**words)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["unit"] == chosen


@pytest.mark.parametrize(
    ("words", "code", "shown"),
    [
        ({}, "required", ["1", "2", "3"]),
        ({"unit_text": "  "}, "required", ["1", "2", "3"]),
        ({"unit_text": "kunt"}, "several", ["2"]),
        ({"unit_text": "tyo"}, "several", ["1", "3"]),
        ({"unit_text": "olematon"}, "none", []),
        ({"unit": "9"}, "invalid_choice", ["1", "2", "3"]),
        ({"unit": "x", "unit_text": ""}, "invalid_choice", ["1", "2", "3"]),
        # Something else was typed after the pick: it is a new search, and nothing is chosen for anybody.
        ({"unit": "2", "unit_text": "valmennus"}, "several", ["3"]),
    ],
)
def test_what_is_not_clear_is_asked_again_with_what_was_found(
    words: dict[str, str], code: str, shown: list[str]
) -> None:
    form = asked(**words)
    assert form.errors.as_data()["unit"][0].code == code
    assert offered(form) == shown
    assert f'value="{words.get("unit_text", "").strip()}"' in str(form["unit"])


def test_what_was_picked_stays_picked_when_the_form_comes_back() -> None:
    page = str(asked(unit="2", unit_text="kela")["unit"])
    assert 'value="Kuntoutusratkaisut, Kela"' in page
    assert re.search(r'value="2"\s+id="id_unit_1"\s+checked', page)


def test_a_unit_known_beforehand_stands_in_the_field() -> None:
    assert 'value="Työhönvalmennus, Valmennus Vuoksi ry"' in str(Asking(initial={"unit": "3"})["unit"])


def test_where_nothing_has_to_be_chosen_nothing_is() -> None:
    field = Pick(label="Yksikkö", required=False)
    field.offer(Few())
    assert field.clean(Said("", "")) is None


def test_two_forms_do_not_search_in_each_others_place() -> None:
    first, second = asked(unit_text="kela"), asked(unit_text="tyo")
    assert (offered(first), offered(second)) == (["2"], ["1", "3"])


@pytest.mark.parametrize(
    ("text", "said"), [("", "Usein valitut"), ("tyo", "Löytyi 2."), ("zz", "ei löytynyt mitään")]
)
def test_what_was_found_is_said_in_words(text: str, said: str) -> None:
    with translation.override("fi"):
        assert said in controls.matches(Few(), text)


@given(st.text(max_size=200), st.text(max_size=50))
def test_whatever_is_typed_is_answered(text: str, key: str) -> None:
    form = asked(unit=key, unit_text=text)
    form.is_valid()
    assert "<script" not in str(form["unit"])
    assert len(offered(form)) <= 3
