"""The fields of every form of the product: plain text without hidden marks, days and moments that exist, one of thousands."""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from silta.kernel import clock
from silta.kernel.folding import fold

_MARKUP = re.compile(r"</?[a-zA-Z!][^<>]*>")
_KEPT_CONTROLS = {"\n", "\t"}
EARLIEST = dt.date(1900, 1, 1)
MOST_YEARS_AHEAD = 50
MOST_TYPED = 100
DATE_FORMATS = ["%Y-%m-%d", "%d.%m.%Y"]
MOMENT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H.%M", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M"]


def check_plain(value: str) -> None:
    """Refuses what no register should hold: control characters and markup, each in its own words."""
    hidden = [mark for mark in value if unicodedata.category(mark) in {"Cc", "Cs", "Co"}]
    if any(mark not in _KEPT_CONTROLS for mark in hidden):
        raise ValidationError(
            _("The text holds characters that cannot be seen. Remove them, or type the text again."),
            code="control",
        )
    if _MARKUP.search(value):
        raise ValidationError(_("Write plain text, without tags such as <b>."), code="markup")


class PlainText(forms.CharField):
    """One line or several of plain text; line ends are made alike."""

    def __init__(self, *, max_length: int, rows: int = 1, **options: Any) -> None:
        """``rows`` above one makes the field a text area."""
        if rows > 1:
            options.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(max_length=max_length, **options)
        self.validators.append(check_plain)

    def to_python(self, value: Any) -> str:
        """The text with one kind of line end and composed letters (å is one letter, not two)."""
        text = str(super().to_python(value))
        return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


class Day(forms.DateField):
    """A day that exists, typed or picked; ``past`` and ``future`` say which side of today it may lie on."""

    def __init__(self, *, past: bool = True, future: bool = True, **options: Any) -> None:
        """Both sides are open unless closed."""
        self.past, self.future = past, future
        options.setdefault("input_formats", DATE_FORMATS)
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        messages = {"invalid": _("There is no such day. Write it as 24.12.2026.")}
        super().__init__(error_messages=messages | options.pop("error_messages", {}), **options)

    def validate(self, value: dt.date | None) -> None:
        """Refuses a day on the wrong side of today, and one that no living memory reaches."""
        super().validate(value)
        if value is None:
            return
        today = clock.today()
        if value > today and not self.future:
            raise ValidationError(_("The day cannot be in the future."), code="future")
        if value < today and not self.past:
            raise ValidationError(_("The day cannot be in the past."), code="past")
        if value < EARLIEST or value > today.replace(year=today.year + MOST_YEARS_AHEAD, day=1):
            raise ValidationError(_("Check the year."), code="year")


class Moment(forms.DateTimeField):
    """A day and a time that exist, not in the future."""

    def __init__(self, **options: Any) -> None:
        """Typed or picked."""
        options.setdefault("input_formats", MOMENT_FORMATS)
        options.setdefault(
            "widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        )
        messages = {"invalid": _("There is no such time. Write it as 24.12.2026 9.30.")}
        super().__init__(error_messages=messages, **options)

    def validate(self, value: dt.datetime | None) -> None:
        """Refuses what has not happened yet; five minutes are forgiven to clocks that disagree."""
        super().validate(value)
        if value is None:
            return
        if value > clock.now() + dt.timedelta(minutes=5):
            raise ValidationError(_("The time cannot be in the future."), code="future")
        if value.date() < EARLIEST:
            raise ValidationError(_("Check the year."), code="year")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the thousands: what it is called, and what tells it from others of the name.

    ``sought`` are the folded words it is found by, in any language; ``value`` is what the form gives back for it.
    """

    key: str
    label: str
    about: str
    sought: str
    value: Any

    @property
    def whole(self) -> str:
        """How it stands in the field once it is chosen."""
        return f"{self.label}, {self.about}" if self.about else self.label

    def is_called(self, text: str) -> bool:
        """Whether it is this one that the text means, or could."""
        return all(word in self.sought for word in fold(text).split())


class Source(Protocol):
    """Where a ``Pick`` looks. ``address`` answers ``?text=`` with the matches, drawn by ``controls.matches``."""

    @property
    def most(self) -> int:
        """How many it finds at most: where it finds so many, there may be more."""

    @property
    def address(self) -> str:
        """Where the page asks while somebody types."""

    def usual(self) -> Sequence[Choice]:
        """What is likely to be chosen, before anything is typed."""

    def find(self, text: str) -> Sequence[Choice]:
        """What is called so."""

    def get(self, key: str) -> Choice | None:
        """The one of this key; none, where there is none or it may not be chosen here."""


class Said(NamedTuple):
    """What came with the form: the key of what was picked, and what was typed."""

    key: str
    text: str


class PickInput(forms.Widget):
    """The input of a ``Pick``: a text field and, under it, what it could mean, to be picked."""

    template_name = "ui/forms/pick.html"
    source: Source | None = None

    known: dict[str, Choice | None]
    found: dict[str, Sequence[Choice]]

    def look_in(self, source: Source) -> None:
        """Where it is searched; what an earlier form asked there is forgotten."""
        self.source, self.known, self.found = source, {}, {}

    def chosen(self, said: Said) -> Choice | None:
        """The choice of the key, where what is typed does not mean another; asked of the source once."""
        if self.source is None or not said.key:
            return None
        if said.key not in self.known:
            self.known[said.key] = self.source.get(said.key)
        choice = self.known[said.key]
        return choice if choice is not None and choice.is_called(said.text) else None

    def matches(self, text: str) -> Sequence[Choice]:
        """What is called so; asked of the source once."""
        if self.source is None:
            return ()
        if text not in self.found:
            self.found[text] = self.source.find(text)
        return self.found[text]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Said:
        """What was picked and what was typed; a file is never either."""
        del files
        return Said(str(data.get(name) or ""), str(data.get(f"{name}_text") or "").strip()[:MOST_TYPED])

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether the form was sent without the field."""
        del files
        return name not in data and f"{name}_text" not in data

    def use_required_attribute(self, initial: Any) -> bool:
        """Never, whatever stood there: without script what is picked stands beside an empty text field."""
        del initial
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """What the template needs: the text, and the choices under it."""
        said = value if isinstance(value, Said) else Said(str(getattr(value, "pk", value) or ""), "")
        chosen = self.chosen(said)
        if chosen is not None:
            offered: Sequence[Choice] = [chosen]
        elif said.text:
            offered = self.matches(said.text)
        else:
            offered = self.source.usual() if self.source else ()
        context = super().get_context(name, value, attrs)
        context |= {
            "address": self.source.address if self.source else "", "chosen": chosen, "offered": offered,
            "text": chosen.whole if chosen else said.text, "name": name,
            "may_be_more": self.source is not None and len(offered) == self.source.most,
        }  # fmt: skip
        return context


class Pick(forms.Field):
    """One of thousands, found by a part of its name: it is searched for, and what is found is picked.

    Without script the form comes back with what was found as a list of buttons; ``ui/pick.js`` asks while one types.
    Nothing is chosen for anybody, unless what was typed is the whole name of one.
    """

    widget = PickInput

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", _("Write a part of the name, and choose from the list."))
        super().__init__(**options)

    def offer(self, source: Source) -> None:
        """Where it is searched; said by the view, for it depends on who looks."""
        self._input.look_in(source)

    @property
    def _input(self) -> PickInput:
        return cast("PickInput", self.widget)

    def clean(self, value: Any) -> Any:
        """The value of the choice; none, where nothing was chosen and nothing had to be."""
        said = value if isinstance(value, Said) else Said(str(value or ""), "")
        chosen = self._input.chosen(said)
        if chosen is not None:
            return chosen.value
        if said.text:
            return self._meant(said.text)
        if said.key:
            raise ValidationError(_("This cannot be chosen here. Choose another."), code="invalid_choice")
        if self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return None

    def _meant(self, text: str) -> Any:
        found = self._input.matches(text)
        whole = [one for one in found if fold(text) in {fold(one.whole), fold(one.label)}]
        if len(whole) == 1:
            return whole[0].value
        if not found:
            raise ValidationError(
                _("Nothing was found by that name. Check it, or write less of it."), code="none"
            )
        raise ValidationError(_("Choose one from the list of what was found."), code="several")
