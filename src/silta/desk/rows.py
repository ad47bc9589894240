"""Draws the rows of the worklist: whom, why, since when, and the one button that does it.

They are drawn in Python and not by templates: a page has dozens of them, and a template costs more than the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from silta.cases.models import Case
from silta.cases.queries.worklist import Band, Reason, Whose
from silta.cases.queries.worklist_page import Page, Row
from silta.cases.queries.worklist_reasons import Deed, Why
from silta.cases.rules import sources
from silta.desk import addresses
from silta.kernel.request import PLACE_FIELD, place_of_page
from silta.ui.markup import joined, markup, repeated
from silta.ui.templatetags import ui

TONES = {
    Reason.OVERDUE: "late", Reason.DUE_SOON: "warn", Reason.TRANSFER: "warn", Reason.REMINDED: "warn",
}  # fmt: skip
"""How loud the badge of a reason is; the others are quiet."""
_DATED = {Reason.OVERDUE, Reason.DUE_SOON}
_SAID_ALREADY = {Reason.OVERDUE, Reason.WAITING, Reason.QUIET, Reason.AFTERCARE}
"""Reasons whose name the list's heading, or the words of the day, say already when they are the first of a row."""
_PRESSED: dict[Deed, str | Promise] = {
    Deed.COMPLETE: _("Mark as done"), Deed.NUDGE: _("Remind"), Deed.ACCEPT: _("Take the case"),
    Deed.KEEP: _("I keep it"),
}  # fmt: skip
_ASKED: dict[Deed, str | Promise] = {
    Deed.STEP: _("Add a step"), Deed.GOAL: _("Write a goal"), Deed.CONTACT: _("Record a contact"),
    Deed.REVIEW: _("Record the review"), Deed.PLAN: _("Make the plan"), Deed.MARK: _("Record the day"),
    Deed.SERVICE: _("It has begun"), Deed.RESPONSIBLE: _("Name a responsible"),
    Deed.HAND_OVER: _("Hand over"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom rows are drawn: of which list, under which name, and with which mark against forged posts."""

    whose: Whose
    user_id: UUID | None
    name: str
    token: str
    place: str

    @classmethod
    def of(cls, request: HttpRequest, whose: Whose) -> "Reader":
        """The reader behind a request."""
        name = str(getattr(request.user, "name", ""))
        return cls(whose, request.user.pk, name, get_token(request), place_of_page(request))

    def is_of(self, case: Case) -> bool:
        """Whether the reader is responsible for the case."""
        return case.responsible_id is not None and case.responsible_id == self.user_id


def badge(why: Why) -> SafeString:
    """The name of a reason, as loud as it is pressing."""
    return ui.badge(why.name, TONES.get(why.reason, "neutral"))


def drawn(page: Page, band: Band, reader: Reader) -> SafeString:
    """The rows of a page of one list and, at their end, the way to the next ones."""
    return joined([*(row(one, reader) for one in page.rows), _more(page, band, reader)])


def _more(page: Page, band: Band, reader: Reader) -> SafeString:
    if not page.next:
        return SafeString("")
    left = page.total - len(page.rows)
    asked = {"whose": reader.whose.value, "band": band.value, "after": page.next}
    href = f"{reverse('desk:today')}?{urlencode(asked)}"
    return markup(
        '<li class="row" id="more-{0}"><a class="button-link" href="{1}" hx-get="{1}" hx-target="#more-{0}"'
        ' hx-swap="outerHTML">{2}</a></li>',
        band.value, href, ngettext("Show the %(left)d left", "Show more, %(left)d left", left) % {"left": left},
    )  # fmt: skip


def row(one: Row, reader: Reader, done: str | Promise = "") -> SafeString:
    """One row; ``done`` tells what was just done in it."""
    case, why = one.case, one.first
    is_late = any(reason.reason is Reason.OVERDUE for reason in one.whys) and not done
    if one.transfer is not None:
        href = reverse("cases:offer", args=[case.pk, one.transfer.pk])
    else:
        href = addresses.of_case("cases:case", case.pk)
    return markup(
        '<li class="row{}" id="row-{}"><div class="row__main"><a href="{}">{}</a> <span class="muted small">{}</span>'
        '{}{}<div id="deed-{}" class="row__deed"></div></div><div class="row__meta">{}</div>'
        '<div class="row__action">{}</div></li>',
        " row--late" if is_late else "", case.pk, href, case.person.name, _about(one, reader),
        markup('<p class="row__text">{}</p>', ui.badge(done, "good")) if done else "",
        _fold(one, reader) if why else "", case.pk, _day(why) if why else "", _button(case, why, reader) if why else "",
    )  # fmt: skip


def gone(done: str | Promise) -> SafeString:
    """The row of a case that the reader no longer reaches after what was done."""
    return markup('<li class="row"><div class="row__main">{}</div></li>', ui.badge(done, "good"))


def _about(one: Row, reader: Reader) -> str:
    parts = [one.kind, one.phase]
    if reader.whose is Whose.UNIT:
        parts.append(one.case.responsible.name if one.case.responsible else gettext("nobody responsible"))
    return " · ".join(parts)


def _day(why: Why) -> SafeString:
    return ui.due(why.since) if why.reason in _DATED else ui.since(why.since)


def told(why: Why, reader: Reader, *, is_first: bool = False) -> SafeString:
    """A reason in one line; the first of a row needs no badge where the list or the row says the same in words."""
    marked = "" if is_first and why.what and why.reason in _SAID_ALREADY else badge(why)
    owner = (
        markup(' <span class="muted">· {}</span>', why.whose) if why.whose not in {"", reader.name} else ""
    )
    nudged = (
        markup(' <span class="muted">· {} {}</span>', gettext("reminded"), ui.since(why.nudged_on))
        if why.nudged_on
        else ""
    )
    return markup("{} {}{}{}", marked, why.what, owner, nudged)


def _fold(one: Row, reader: Reader) -> SafeString:
    """The weightiest reason; all of them, with their rules, are fetched when somebody opens the fold."""
    why, rest = one.whys[0], len(one.whys) - 1
    more = ngettext("%(rest)d more reason", "%(rest)d more reasons", rest) % {"rest": rest} if rest else ""
    href = f"{addresses.of_case('desk:why', one.case.pk)}?whose={reader.whose.value}"
    return markup(
        '<details class="fold-small why" hx-get="{href}" hx-trigger="toggle once" hx-target="#why-{key}">'
        '<summary title="{rule}"><span class="why__what">{told}</span>{more}</summary>'
        '<div class="why__rules small" id="why-{key}"><a href="{href}">{link}</a></div></details>',
        href=href, key=one.case.pk, rule=f"{why.rule} {sources.in_words(why.source)}".strip(), told=told(why, reader, is_first=True),
        more=markup('<span class="why__more">{}</span>', more) if more else "", link=gettext("Why is this here?"),
    )  # fmt: skip


def _button(case: Case, why: Why, reader: Reader) -> SafeString:
    name = markup('<span class="visually-hidden">: {}</span>', case.person.name)
    if why.deed in _PRESSED:
        return _pressed(case, why, reader, name)
    if why.deed is Deed.OPEN:
        return markup(
            '<a class="hds-button hds-button--secondary button-small" href="{}">{}{}</a>',
            addresses.of_case("cases:case", case.pk), gettext("Open the case"), name,
        )  # fmt: skip
    asked = {
        "subject": why.subject_id or "", "version": why.version, "mark": why.mark, "whose": reader.whose.value,
    }  # fmt: skip
    href = f"{addresses.of_case('desk:deed', case.pk, why.deed.value)}?{urlencode(asked)}"
    asks = markup(
        '<a class="hds-button hds-button--secondary button-small" href="{0}" hx-get="{0}" hx-target="#deed-{1}"'
        ' hx-swap="innerHTML">{2}{3}</a>',
        href, case.pk, _ASKED[why.deed], name,
    )  # fmt: skip
    if why.deed is Deed.HAND_OVER and reader.is_of(case):
        return asks + _pressed(case, replace(why, deed=Deed.KEEP), reader, name)
    return asks


def _pressed(case: Case, why: Why, reader: Reader, name: SafeString) -> SafeString:
    form = markup(
        '<form method="post" action="{0}" hx-post="{0}" hx-target="#row-{1}" hx-swap="outerHTML">{2}'
        '<button type="submit" class="hds-button hds-button--secondary button-small"{3}>{4}{5}{6}</button></form>',
        addresses.of_case("desk:deed", case.pk, why.deed.value), case.pk,
        _hidden(
            ("csrfmiddlewaretoken", reader.token), (PLACE_FIELD, reader.place), ("subject", why.subject_id), ("version", why.version),
            ("whose", reader.whose.value),
        ),
        SafeString(" disabled") if why.deed is Deed.NUDGE and why.was_nudged_today else "",
        ui.icon("done") if why.deed is Deed.COMPLETE else "", _PRESSED[why.deed], name,
    )  # fmt: skip
    if why.deed is not Deed.ACCEPT:
        return form
    return markup(
        '{}<a class="button-link" href="{}">{}{}</a>',
        form, reverse("cases:offer", args=[case.pk, why.subject_id]), gettext("Look and answer"), name,
    )  # fmt: skip


def _hidden(*pairs: tuple[str, object]) -> SafeString:
    return repeated('<input type="hidden" name="{}" value="{}">', pairs)


def reasons(one: Row, reader: Reader) -> Iterable[tuple[Why, SafeString]]:
    """All reasons of a row with the line that tells each."""
    return [(why, told(why, reader)) for why in one.whys]
