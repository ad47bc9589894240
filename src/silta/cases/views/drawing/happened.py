"""Draws the moments of the history, the newest first."""

from collections.abc import Iterable

from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from silta.cases.queries import casepage
from silta.cases.queries.casehistory import Moment
from silta.cases.views import drawing
from silta.cases.views.drawing import Deeds, Pen
from silta.ui.markup import joined, markup
from silta.ui.templatetags import ui

_OF_NOTE = Deeds(("note_correct", _("Correct")), ("note_withdraw", _("Withdraw")))
_OF_WITHDRAWN = Deeds(("note_restore", _("Bring back")))
_NOTED = {"internal": " note note--internal", "restricted": " note note--restricted"}


def moments(pen: Pen, found: Iterable[Moment]) -> SafeString:
    """These moments, as items of the timeline."""
    return joined([_moment(pen, one) for one in found])


def _moment(pen: Pen, moment: Moment) -> SafeString:
    note = " timeline__item--strong" if moment.note else ""
    gone = " timeline__item--withdrawn" if moment.withdrawn else ""
    by = ", ".join(part for part in (moment.who, moment.unit) if part)
    return markup(
        '<li class="timeline__item{}{}"><div class="moment{}"><p class="timeline__head">'
        '<time class="nowrap" datetime="{}">{}</time> <span>{}</span> {}</p>{}'
        '<p class="timeline__title">{} {}</p>{}</div></li>',
        note, gone, _NOTED.get(moment.visibility, ""), moment.iso, moment.when, by, _readers(moment), _menu(pen, moment),
        ui.icon(moment.icon), moment.title, _text(moment),
    )  # fmt: skip


def _readers(moment: Moment) -> SafeString | str:
    """Who reads the moment, in words."""
    if moment.visibility == "internal":
        return _seen_by("internal", gettext("Internal: only %(unit)s") % {"unit": moment.unit})
    if moment.visibility == "restricted":
        category = casepage.category_name(moment.category)
        return _seen_by("restricted", gettext("Restricted: %(category)s") % {"category": category})
    return _seen_by("shared", gettext("Shared")) if moment.note else ""


def _seen_by(kind: str, words: str) -> SafeString:
    return markup('<span class="seen-by seen-by--{}">{} {}</span>', kind, ui.icon(kind), words)


def _menu(pen: Pen, moment: Moment) -> SafeString | str:
    if moment.note is None or not moment.is_own or not pen.works:
        return ""
    what = gettext("More for: %(what)s, %(when)s") % {"what": moment.title, "when": moment.when}
    links = _OF_WITHDRAWN if moment.withdrawn else _OF_NOTE
    return drawing.more(what, links(pen, moment.note.pk), kind=" moment__deeds", group="moment")


def _text(moment: Moment) -> SafeString | str:
    if moment.withdrawn:
        return markup('<p class="small">{} {}</p>', ui.badge(gettext("Withdrawn")), moment.withdrawn)
    return markup('<p class="text">{}</p>', moment.text) if moment.text else ""
