"""Draws the rows of the client list; in Python for the same reason as ``rows``: a page has fifty of them."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from silta.cases.enums import Need
from silta.cases.queries.worklist_page import Row
from silta.desk import addresses, rows
from silta.ui.markup import joined, markup
from silta.ui.templatetags import ui

_MOST_REASONS = 2
_NONE = SafeString('<span class="muted cell-none">–</span>')
# On a phone a row is a small card: what speaks for itself needs no name there.
_SPEAKS, _BARE, _LAST = "cell-wide cell-bare", "cell-bare", "cell-bare cell-last"


def headings(*, with_responsible: bool) -> list[str | Promise]:
    """The columns of the table; that of the responsible worker only where they can be several."""
    responsible = [_("Responsible")] if with_responsible else []
    return [
        _("Name"), _("Kind and phase"), _("Why on the list"), *responsible, _("Municipality"), _("Next deadline"),
        _("Last contact"),
    ]  # fmt: skip


def drawn(found: Sequence[Row], *, may_choose: bool, with_responsible: bool) -> SafeString:
    """The rows of the table; with a box to choose each where something can be done to many."""
    # On a phone each cell tells its column: the words are looked up once for the page.
    names = [str(name) for name in headings(with_responsible=with_responsible)[1:]]
    needs = {need.value: f" · {need.label}" for need in Need if need is not Need.REGULAR}
    drawing = [
        _row(row, names, needs, may_choose=may_choose, with_responsible=with_responsible) for row in found
    ]
    return joined(drawing)


def _row(
    row: Row, names: Sequence[str], needs: dict[str, str], *, may_choose: bool, with_responsible: bool
) -> SafeString:
    case, person = row.case, row.case.person
    responsible = case.responsible.name if case.responsible else ui.badge(gettext("Nobody"), "warn")
    cells: list[tuple[str, object]] = [
        (_SPEAKS, markup(
            '{} <br><span class="muted small">{}{}</span>', row.kind, row.phase, needs.get(case.need, "")
        )),
        (_SPEAKS, _reasons(row)),
        *([("", responsible)] if with_responsible else []),
        (_LAST, _municipality(row)),
        (_BARE, _deadline(row)),
        ("", ui.since(case.last_contact_on) or markup('<span class="muted">{}</span>', gettext("none"))),
    ]  # fmt: skip
    drawn = [
        markup('<td class="{}" data-label="{}">{}</td>', kind, name, cell)
        for name, (kind, cell) in zip(names, cells, strict=True)
    ]
    return markup(
        '<tr>{}<th scope="row"><a href="{}">{}</a> <br><span class="muted small">{}</span>{}</th>{}</tr>',
        _choice(row) if may_choose else "", addresses.of_case("cases:case", case.pk), person.name, case.number,
        markup(" {}", ui.badge(gettext("Non-disclosure"), "warn")) if person.non_disclosure else "",
        joined(drawn),
    )  # fmt: skip


def _deadline(row: Row) -> SafeString:
    """The nearest due date; another's promise says whose it is, and is not coloured as if it were the reader's own."""
    due = ui.due(row.case.next_deadline_on)
    if not row.waits_for:
        return due or _NONE
    whose = gettext("waits for: %(name)s") % {"name": row.waits_for}
    return markup('<span class="due-of-others">{} <span class="muted small">{}</span></span>', due, whose)


def _choice(row: Row) -> SafeString:
    """The box of a row; it carries the version that is looked at, so that nobody decides over what she has not seen."""
    return markup(
        '<td><input type="checkbox" name="case" value="{}.{}" aria-label="{}"></td>',
        row.case.pk, row.case.version, gettext("Choose %(name)s") % {"name": row.case.person.name},
    )  # fmt: skip


def _reasons(row: Row) -> SafeString:
    if not row.whys:
        return _NONE
    # The same reason may hold for several promises: the list says it once.
    once = list({why.reason: why for why in row.whys}.values())
    shown = joined(rows.badge(why) for why in once[:_MOST_REASONS])
    rest = len(once) - _MOST_REASONS
    more = markup('<span class="muted small">+{}</span>', rest) if rest > 0 else ""
    return markup('<span class="cluster">{}{}</span>', shown, more)


def _municipality(row: Row) -> str:
    if row.case.person.non_disclosure:
        return markup('<span class="muted">{}</span>', gettext("hidden"))
    return str(row.municipality or _NONE)
