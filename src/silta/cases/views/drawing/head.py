"""Draws who is in and what is due, in the header that stays in sight."""

from collections.abc import Iterable

from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from silta.cases.enums import Part
from silta.cases.queries.casepage import DueDate, Insider
from silta.cases.rules import sources
from silta.cases.views.drawing import BUTTON, Deeds, Pen
from silta.kernel.language import in_figures
from silta.ui.markup import markup, repeated
from silta.ui.templatetags import ui

_SHARE = Deeds(("share", _("What they answer for")), shape=BUTTON)
_LEAVE = Deeds(("leave", _("End the participation")), shape=BUTTON)


def insiders(pen: Pen, found: Iterable[Insider]) -> SafeString:
    """The initials of everybody who is in; behind each, who she is and what her unit may see."""
    return SafeString(" ".join([_insider(pen, one) for one in found]))


def _insider(pen: Pen, insider: Insider) -> SafeString:
    row, unit = insider.participation, insider.participation.unit
    facts = [(gettext("Part"), Part(row.part).label), (gettext("Answers for"), row.answers_for or "–")]
    if unit:
        facts += [
            (gettext("May see"), insider.sees or gettext("Nothing at present")),
            (gettext("On the ground"), insider.by or "–"),
        ]
    facts.append((gettext("Since"), in_figures(row.joined_on)))
    links = SafeString("")
    if pen.leads:
        links += _SHARE(pen, row.pk)
    if pen.works and row.part != Part.RESPONSIBLE:
        links += _LEAVE(pen, row.pk)
    return markup(
        '<details class="pop" name="insider"><summary>{}</summary><div class="pop__panel"><p><strong>{}</strong>{}</p>'
        '<dl class="kv">{}</dl>{}</div></details>',
        ui.avatar(insider.name, insider.sector), insider.name,
        markup("<br>{}, {}", unit, unit.organisation) if unit else "",
        repeated("<dt>{}</dt><dd>{}</dd>", facts), links,
    )  # fmt: skip


def deadlines(found: Iterable[DueDate]) -> SafeString:
    """What is due, each with its law and what it was counted from."""
    return repeated(
        '<li>{} <strong>{}</strong>{} <span class="small muted">{}{}</span></li>',
        (
            (
                ui.due(one.on),
                one.name,
                f" · {one.whose}" if one.whose else "",
                sources.statutes(one.source),
                _counted_from(one.inputs),
            )
            for one in found
        ),
    )


def _counted_from(inputs: Iterable[tuple[str, str]]) -> str:
    return "".join(f" · {name}: {value}" for name, value in inputs)
