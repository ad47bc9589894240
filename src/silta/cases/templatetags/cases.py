"""Words of the case room for its templates: ``{% load cases %}``."""

import datetime as dt
from collections.abc import Iterable
from functools import cache
from uuid import UUID

from django import template
from django.template import Context, Engine, Template
from django.utils.safestring import SafeString

from silta.cases.models import Action, AgreedService, Goal
from silta.cases.queries import casepage
from silta.cases.queries.casehistory import Moment
from silta.cases.queries.caseknown import Known
from silta.cases.queries.casepage import DueDate, Insider
from silta.cases.queries.casepath import Move
from silta.cases.rules import sources
from silta.cases.rules import told as stored
from silta.cases.views import drawing
from silta.cases.views.drawing import Pen
from silta.cases.views.drawing import happened as draw_happened
from silta.cases.views.drawing import head as draw_head
from silta.cases.views.drawing import known as draw_known
from silta.cases.views.drawing import menu as draw_menu
from silta.cases.views.drawing import path as draw_path
from silta.cases.views.drawing import plan as draw_plan
from silta.cases.views.picture import Line, Picture
from silta.kernel.language import in_figures

register = template.Library()


@register.simple_tag(takes_context=True)
def deed(context: Context, name: str, row: UUID | None = None) -> SafeString:
    """The attributes of a link to a deed: its form opens in the page, or on a page of its own."""
    return drawing.opens(context["here"], name, row)


@register.simple_tag(takes_context=True)
def does(context: Context, name: str, row: UUID | None = None) -> SafeString:
    """The attributes of a form that does a deed at once."""
    return drawing.does(context["here"], name, row)


@cache
def _marks() -> Template:
    return Engine.get_default().from_string("{% csrf_token %}")


def _pen(context: Context) -> Pen:
    return Pen(
        here=context["here"], case=context["case"], rights=context["rights"],
        marks=_marks().nodelist.render(context), is_preview=bool(context.get("preview")),
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def menu(context: Context) -> SafeString:
    """The menu of everything that can be done in the case."""
    return draw_menu.menu(context["here"], context["case"], context["head"])


@register.simple_tag(takes_context=True)
def insiders(context: Context, found: Iterable[Insider]) -> SafeString:
    """Who is in: the initials of each, with what her unit may see behind them."""
    return draw_head.insiders(_pen(context), found)


@register.simple_tag
def deadlines(found: Iterable[DueDate]) -> SafeString:
    """What is due, as items of a list."""
    return draw_head.deadlines(found)


@register.simple_tag(takes_context=True)
def steps(context: Context, found: Iterable[Action]) -> SafeString:
    """Steps as rows."""
    return draw_plan.steps(_pen(context), found)


@register.simple_tag(takes_context=True)
def services(context: Context, found: Iterable[AgreedService], waiting: bool = False) -> SafeString:
    """Services as rows: those that are waited for, or the others."""
    return draw_plan.services(_pen(context), found, context["plan"].waiting, waiting=waiting)


@register.simple_tag(takes_context=True)
def goal_edge(context: Context, goal: Goal) -> SafeString:
    """How a goal stands, and its small menu."""
    return draw_plan.goal_edge(_pen(context), goal)


@register.simple_tag(takes_context=True)
def goal_answers(context: Context, goal: Goal) -> SafeString:
    """What the client can answer to a goal that waits for her."""
    return draw_plan.goal_answers(_pen(context), goal)


@register.simple_tag
def path_picture(picture: Picture, key: UUID) -> SafeString:
    """The picture of the path."""
    return draw_path.svg(picture, key)


@register.simple_tag
def path_lines(found: Iterable[Line]) -> SafeString:
    """The picture of the path as rows of a table."""
    return draw_path.lines(found)


@register.simple_tag
def path_moves(found: Iterable[Move]) -> SafeString:
    """Phases and states with their reasons."""
    return draw_path.moves(found)


@register.simple_tag(takes_context=True)
def happenings(context: Context, found: Iterable[Moment]) -> SafeString:
    """Moments of the history."""
    return draw_happened.moments(_pen(context), found)


@register.simple_tag(takes_context=True)
def known_entries(context: Context, found: Iterable[Known]) -> SafeString:
    """What is known in one domain."""
    return draw_known.entries(_pen(context), found)


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
    return sources.statutes(source)


@register.filter
def tone(state: str) -> str:
    """The tone of the badge of a service's or a goal's state."""
    return draw_plan.tone(state)


@register.filter
def day(value: dt.date | None) -> str:
    """A date in figures; a dash where there is none."""
    return in_figures(value) if value else "–"
