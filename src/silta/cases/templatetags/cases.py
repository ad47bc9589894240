"""Words of the case room for its templates: ``{% load cases %}``."""

import datetime as dt
from uuid import UUID

from django import template
from django.template import Context
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from silta.cases import enums
from silta.cases.queries import casepage
from silta.cases.rules import told as stored
from silta.kernel.identifiers import new_id

register = template.Library()

_SERVICE_TONES = {
    enums.ServiceState.AGREED: "warn",
    enums.ServiceState.REQUESTED: "info",
    enums.ServiceState.STARTED: "good",
    enums.ServiceState.DELAYED: "late",
    enums.ServiceState.DONE: "neutral",
    enums.ServiceState.REFUSED: "neutral",
}
_GOAL_TONES = {enums.GoalState.PROPOSED: "warn", enums.GoalState.CONFIRMED: "good"}


def address_of(here: str, name: str, row: UUID | None) -> str:
    """Where a deed on the case at ``here`` is done. A page holds a hundred of them, and asks for the first part once."""
    place = f"{here}{name.replace('_', '-')}/"
    return f"{place}{row}/" if row else place


@register.simple_tag(takes_context=True)
def deed(context: Context, name: str, row: UUID | None = None) -> SafeString:
    """The attributes of a link to a deed: its form opens in the page, or on a page of its own."""
    return format_html('href="{0}" hx-get="{0}" hx-target="#deed"', address_of(context["here"], name, row))


@register.simple_tag(takes_context=True)
def does(context: Context, name: str, row: UUID | None = None) -> SafeString:
    """The attributes of a form that does a deed at once."""
    return format_html('action="{0}" hx-post="{0}"', address_of(context["here"], name, row))


@register.simple_tag
def submission() -> UUID:
    """A fresh mark for one submission of a form, so that pressing twice does its deed once."""
    return new_id()


@register.filter
def category(code: str) -> str:
    """A category of data in the reader's language."""
    return casepage.category_name(code)


@register.filter
def ground(code: str) -> str:
    """A legal ground with its citation, in the reader's language."""
    return casepage.ground_name(code)


@register.filter
def told(reason: str) -> str:
    """A reason as it is stored, in the reader's language where Silta itself gave it."""
    return stored.in_words(reason)


@register.filter
def law(source: str) -> str:
    """Of a source what a reader can look up: its statutes. Numbers of requirements are for the page of the rules."""
    return "; ".join(part.strip() for part in source.split(";") if "§" in part)


@register.filter
def tone(state: str) -> str:
    """The tone of the badge of a service's or a goal's state."""
    return str(_SERVICE_TONES.get(state) or _GOAL_TONES.get(state) or "neutral")  # type: ignore[call-overload]


@register.filter
def days_until(first: dt.date, last: dt.date) -> str:
    """How many days lie between two dates, in words."""
    days = (last - first).days
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


@register.filter
def day(value: dt.date | None) -> str:
    """A date in figures; a dash where there is none."""
    return formats.date_format(value, "SHORT_DATE_FORMAT") if value else "–"
