"""The components of every page as template tags: ``{% load ui %}``. The gallery at ``/gallery/`` shows each of them."""

import datetime as dt
import functools
from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from silta.kernel import clock
from silta.kernel.language import in_figures
from silta.ui import icons
from silta.ui.markup import markup

register = template.Library()

TONES = frozenset({"neutral", "info", "good", "warn", "late"})
_TONE_ICONS = {"late": "alert-circle-fill", "warn": "clock", "good": "check", "info": "info-circle"}
SOON_DAYS = 7


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A picture by its name in the design system, or by ours (``icons.OWN_NAMES``): ``{% icon "calendar" %}``.

    Without a label it is decoration, hidden from assistive technology; with one it speaks. Raises ``LookupError`` for
    a name that does not exist.
    """
    if not label:
        return _decoration(name)
    box, drawing = icons.drawing(name)
    return markup('<svg class="icon" viewBox="{}" role="img" aria-label="{}">{}</svg>', box, label, drawing)


@functools.cache
def _decoration(name: str) -> SafeString:
    box, drawing = icons.drawing(name)
    return markup(
        '<svg class="icon" viewBox="{}" aria-hidden="true" focusable="false">{}</svg>', box, drawing
    )


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """One input of a form with its label, hint and errors: ``{% field form.email %}``."""
    return bound.as_hidden() if bound.is_hidden else bound.as_field_group()


@register.simple_tag
def fields(form: BaseForm) -> SafeString:
    """All inputs of a form, with the errors that belong to no single input: ``{% fields form %}``."""
    return form.render()


@register.simple_tag
def error_summary(form: BaseForm) -> SafeString:
    """Everything wrong in a form, in one box at its top, each line a link to the input: ``{% error_summary form %}``."""
    if not form.is_bound or not form.errors:
        return SafeString("")
    problems = [
        (form[name].id_for_label or f"{form[name].auto_id}_group", form[name].label, errors)
        for name, errors in form.errors.items()
        if name in form.fields and not form[name].is_hidden
    ]
    hidden = [error for bound in form.hidden_fields() for error in bound.errors]
    general = [*form.non_field_errors(), *hidden]
    context = {"problems": problems, "general": general, "count": sum(len(e) for e in form.errors.values())}
    return mark_safe(render_to_string("components/error_summary.html", context))


@register.inclusion_tag("components/form.html", takes_context=True)
def whole_form(
    context: dict[str, Any],
    form: BaseForm,
    label: object,
    *,
    action: str = "",
    is_grave: bool = False,
    back: str = "",
    back_label: object = "",
) -> dict[str, Any]:
    """A form with what is wrong in it, its inputs and its button: ``{% whole_form form _("Make the token") %}``.

    It posts to ``action``, or to the page it stands on. ``is_grave`` warns of what is not undone; ``back`` leads away.
    """
    return {
        "form": form, "label": label, "action": action, "is_grave": is_grave, "back": back, "back_label": back_label,
        "request": context.get("request"),  # The marks of a posting form are those of the request.
    }  # fmt: skip


@register.simple_tag
def due(date: dt.date | dt.datetime | None, today: dt.date | None = None, done: bool = False) -> SafeString:
    """A due date in words and figures: late, soon (within a week) or plain: ``{% due action.due_on %}``.

    ``done=True`` shows the date alone: what is finished is not late. Nothing is shown for ``None``.
    """
    if date is None:
        return SafeString("")
    day = _day(date)
    figures = in_figures(day)
    words = "" if done else due_words(day, today or clock.today())
    tone = "plain" if not words else "late" if day < (today or clock.today()) else "soon"
    if not words:
        return markup('<time class="due due--plain" datetime="{}">{}</time>', day.isoformat(), figures)
    return markup(
        '<span class="due due--{}">{}<span class="due__words">{}</span> <time datetime="{}">{}</time></span>',
        tone, icon(_TONE_ICONS["late" if tone == "late" else "warn"]), words, day.isoformat(), figures,
    )  # fmt: skip


def due_words(day: dt.date, today: dt.date) -> str:
    """How a date stands to today, in words; empty when it is more than a week ahead."""
    days = (day - today).days
    if days < 0:
        return ngettext("%(days)d day late", "%(days)d days late", -days) % {"days": -days}
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days <= SOON_DAYS:
        return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
    return ""


@register.simple_tag
def since(date: dt.date | dt.datetime | None, today: dt.date | None = None) -> SafeString:
    """How long ago something was, with the date itself beside: ``{% since note.happened_at %}``."""
    if date is None:
        return SafeString("")
    day = _day(date)
    days = ((today or clock.today()) - day).days
    figures = in_figures(day)
    words = {0: _("today"), 1: _("yesterday")}.get(days) or (
        ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days} if days > 0 else figures
    )
    return markup('<time class="since" datetime="{}" title="{}">{}</time>', day.isoformat(), figures, words)


def _day(date: dt.date | dt.datetime) -> dt.date:
    return date.astimezone(clock.HELSINKI).date() if isinstance(date, dt.datetime) else date


@register.simple_tag
def badge(text: object, tone: str = "neutral") -> SafeString:
    """A short state in words; the tone (neutral, info, good, warn, late) only adds a colour and a picture."""
    if tone not in TONES:
        raise ValueError(f"unknown tone: {tone}")
    picture = icon(_TONE_ICONS[tone]) if tone in _TONE_ICONS else ""
    return markup('<span class="badge badge--{}">{}<span>{}</span></span>', tone, picture, text)


@register.simple_tag
def bar(value: float, maximum: float, label: object, limit: float | None = None) -> SafeString:
    """One bar of a comparison: ``{% bar worker.load most "28 of 30" limit=30 %}``; warm where it passes the limit.

    The label is what assistive technology reads; write the figure beside the bar too. A bar never exceeds its track.
    """

    def share(part: float) -> str:
        return f"{min(max(part / maximum, 0), 1) * 100:.1f}%" if maximum > 0 else "0%"

    tone = " bar__fill--warm" if limit is not None and value > limit else ""
    line = (
        markup('<line class="bar__limit" x1="{0}" x2="{0}" y1="0" y2="100%"></line>', share(limit))
        if limit
        else ""
    )
    return markup(
        '<svg class="bar" role="img" aria-label="{}"><rect class="bar__fill{}" width="{}" height="100%" rx="3"></rect>{}</svg>',
        label, tone, share(value), line,
    )  # fmt: skip


@register.filter
def path_steps(phases: Iterable[Any], current: str) -> list[tuple[Any, str]]:
    """Each phase of a path with where it stands to the current one: done, current or ahead; used by the component."""
    listed = list(phases)
    at = next((place for place, phase in enumerate(listed) if phase.code == current), len(listed))
    return [
        (phase, "done" if place < at else "current" if place == at else "ahead")
        for place, phase in enumerate(listed)
    ]


@register.simple_tag
def empty(text: object, href: str = "", label: object = "") -> SafeString:
    """An empty state: what belongs here, and the first step: ``{% empty _("No goals yet.") href _("Add a goal") %}``."""
    return mark_safe(render_to_string("components/empty.html", {"text": text, "href": href, "label": label}))


@register.simple_tag
def avatar(who: object, sector: str = "administration") -> SafeString:
    """Initials in the colour of the sector; the whole name is there for the ear and the pointer."""
    name = str(getattr(who, "name", "") or who)
    return markup(
        '<span class="avatar avatar--{}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        sector, name, initials(name), name,
    )  # fmt: skip


def initials(name: str) -> str:
    """The first letters of the first and the last part of a name: "Aino Maria Korhonen" gives AK."""
    parts = [part for part in name.replace("-", " ").split() if part[0].isalnum()]
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper() or "?"
