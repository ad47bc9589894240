"""Draws the menu of everything that can be done in a case: alike for all who may do the same, so drawn once for them."""

from functools import cache

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from silta.cases.models import Case
from silta.cases.queries.casepage import Head
from silta.cases.views import drawing
from silta.ui.markup import joined, markup
from silta.ui.templatetags import ui

_Title = str | Promise
_Item = tuple[str, str, str, str | Promise]
_ALWAYS = ""
# Under each title the deeds: to whom each is offered (see ``_offered``), its name, its picture and its words.
_DEEDS: tuple[tuple[_Title, tuple[_Item, ...]], ...] = (
    (_("Record"), (
        ("works", "note", "note", _("Note")),
        ("works", "entry", "assessment", _("What is known")),
        ("works", "flag", "flag", _("Flag for everyone")),
    )),
    (_("Plan"), (
        ("plans", "goal", "goal", _("Goal")),
        ("plans", "action", "action", _("Step")),
        ("plans", "service", "service", _("Service")),
        ("plans", "plan", "plan", _("Version of the plan")),
        ("plans", "review", "review", _("Review")),
    )),
    (_("People"), (
        ("works", "invite", "people", _("Invite a unit")),
        ("works", "supporter", "person", _("Client's own supporter")),
        ("hands over", "hand_over", "hand-over", _("Hand over")),
        ("transfers", "transfer", "transfer", _("Transfer to another unit")),
    )),
    (_("Path"), (
        ("starts", "assessment_start", "next", _("Start the assessment")),
        ("leads", "phase", "next", _("Another phase")),
        ("leads", "duties", "conversation", _("Rights and duties explained")),
        ("leads", "need", "settings", _("Need of support")),
        ("leads", "planned_end", "calendar", _("Planned end")),
        ("marks", "mark", "calendar", _("Record a date")),
        ("triggers", "trigger", "info", _("Reason for the support")),
        ("leads", "end", "done", _("End the case")),
        ("reopens", "reopen", "reopen", _("Reopen the case")),
    )),
    (_("See"), (
        (_ALWAYS, "person", "person", _("Client's details")),
        (_ALWAYS, "sharing", "view", _("Who sees what")),
        (_ALWAYS, "members", "timeline", _("Who has taken part")),
        ("sees plan", "plans", "plan", _("Versions of the plan")),
        ("releases", "release", "unlock", _("Release the hold on erasure")),
        ("holds", "hold", "internal", _("Hold the erasure")),
        ("merges", "merge", "people", _("The same person twice?")),
    )),
)  # fmt: skip
_PAGES = frozenset({"invite", "person", "sharing", "members", "plans", "merge"})
"""What opens as a page of its own, and not in the page of the case."""


def menu(here: str, case: Case, head: Head) -> SafeString:
    """The first deed as a button, and the menu of all that the reader may do."""
    return SafeString(_drawn(get_language(), _offered(case, head)).replace(drawing.HERE, here))


def _offered(case: Case, head: Head) -> frozenset[str]:
    """What the reader may do in the case as it stands."""
    rights = head.rights
    works = rights.may_work and case.state == "open"
    leads = works and rights.is_own_unit
    may = {
        "works": works, "plans": works and head.sees_plan, "hands over": works and head.may_hand_over,
        "leads": leads, "transfers": leads and not head.transfer, "starts": leads and not case.assessment_started_on,
        "marks": leads and head.has_marks, "triggers": leads and head.has_triggers,
        "reopens": rights.is_own_unit and not works, "sees plan": head.sees_plan,
        "releases": rights.may_hold and case.is_held, "holds": rights.may_hold and not case.is_held,
        "merges": rights.may_merge, _ALWAYS: True,
    }  # fmt: skip
    return frozenset(name for name, holds in may.items() if holds)


@cache
def _drawn(_language: str | None, offered: frozenset[str]) -> str:
    first = (
        markup(
            '<a class="hds-button hds-button--primary" {} data-key="n">{}<span>{}</span></a> ',
            drawing.opens(drawing.HERE, "contact"), ui.icon("contact"), gettext("Log a contact"),
        )
        if "works" in offered
        else ""
    )  # fmt: skip
    return markup(
        '{}<details class="menu"><summary class="hds-button hds-button--secondary">{}<span>{}</span></summary>'
        '<div class="menu__panel menu__panel--deeds">{}</div></details>',
        first, ui.icon("add"), gettext("Do something else"),
        joined(_group(title, items, offered) for title, items in _DEEDS),
    )  # fmt: skip


def _group(title: _Title, items: tuple[_Item, ...], offered: frozenset[str]) -> SafeString:
    shown = [item for item in items if item[0] in offered]
    # The one thing to do with an ended case stands first, under no title.
    titled = shown and shown[0][1] != "reopen"
    heading = markup('<p class="menu__title">{}</p>', title) if titled else ""
    return joined([SafeString(heading), *(_link(name, icon, words) for _who, name, icon, words in shown)])


def _link(name: str, icon: str, words: str | Promise) -> SafeString:
    to = (
        markup('href="{}"', drawing.address_of(drawing.HERE, name))
        if name in _PAGES
        else drawing.opens(drawing.HERE, name)
    )
    return markup("<a {}>{} {}</a>", to, ui.icon(icon), words)
