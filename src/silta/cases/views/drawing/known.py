"""Draws what is known of the client's situation, entry by entry."""

from collections.abc import Iterable

from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from silta.cases import enums
from silta.cases.models import AssessmentEntry
from silta.cases.queries.caseknown import Known
from silta.cases.views import drawing
from silta.cases.views.drawing import Deeds, Pen
from silta.kernel.language import in_figures
from silta.ui.markup import joined, markup
from silta.ui.templatetags import ui

_OF_ENTRY = Deeds(("entry_correct", _("Put right")), ("entry_dispute", _("Seen otherwise")))
_SHORT = 60


def entries(pen: Pen, found: Iterable[Known]) -> SafeString:
    """These entries, each with its source and what it was before it was put right."""
    return joined([_entry(pen, one) for one in found])


def _entry(pen: Pen, known: Known) -> SafeString:
    return markup(
        '<article class="known__entry">{}<p class="text">{}</p>{}{}{}</article>',
        _menu(pen, known.entry), known.entry.text, _edge(known.entry), _notes(known.entry),
        _earlier(known.earlier) if known.earlier else "",
    )  # fmt: skip


def _menu(pen: Pen, entry: AssessmentEntry) -> SafeString | str:
    if not pen.records:
        return ""
    what = gettext("More for: %(what)s") % {"what": Truncator(entry.text).chars(_SHORT)}
    return drawing.more(what, _OF_ENTRY(pen, entry.pk), kind=" known__deeds", group="entry")


def _edge(entry: AssessmentEntry) -> SafeString:
    source = ": ".join(
        part for part in (str(enums.EntrySource(entry.source).label), entry.source_detail) if part
    )
    written = gettext("written by %(name)s, %(unit)s, %(date)s") % {
        "name": entry.recorded_by.name,
        "unit": entry.recorded_by_unit or "",
        "date": in_figures(entry.recorded_at),
    }
    return markup(
        '<p class="known__edge small muted"><span>{}</span> <span>{}</span> <span>{}</span></p>',
        source, gettext("as of %(date)s") % {"date": in_figures(entry.as_of)}, written,
    )  # fmt: skip


def _notes(entry: AssessmentEntry) -> SafeString:
    """Why the entry is necessary, and who sees it otherwise."""
    necessity = (
        markup('<p class="small muted">{} {}</p>', gettext("Necessary because:"), entry.necessity)
        if entry.necessity
        else ""
    )
    dispute = (
        markup(
            '<p class="known__dispute">{} <strong>{}</strong> {}</p>',
            ui.icon("conversation"), gettext("Seen otherwise:"), entry.disputed_note,
        )
        if entry.disputed_note
        else ""
    )  # fmt: skip
    return SafeString(f"{necessity}{dispute}")


def _earlier(found: list[AssessmentEntry]) -> SafeString:
    count = len(found)
    corrected = ngettext("Corrected once", "Corrected %(count)s times", count) % {"count": count}
    before = [
        markup(
            '<p class="small"><del>{}</del> <span class="muted">{}, {}, {}</span></p>',
            one.text, enums.EntrySource(one.source).label, in_figures(one.as_of), one.recorded_by.name,
        )
        for one in found
    ]  # fmt: skip
    return markup(
        '<details class="fold-small"><summary>{}</summary>{}</details>',
        corrected,
        joined(before),
    )
