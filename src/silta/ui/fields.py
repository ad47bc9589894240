"""The fields of every form of the product: plain text without hidden marks, days and moments that exist."""

import datetime as dt
import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from silta.kernel import clock

_MARKUP = re.compile(r"</?[a-zA-Z!][^<>]*>")
_KEPT_CONTROLS = {"\n", "\t"}
EARLIEST = dt.date(1900, 1, 1)
MOST_YEARS_AHEAD = 50
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
