"""How figures are worded on a page."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from silta.evaluation.enums import Measure
from silta.evaluation.models import Datum
from silta.evaluation.queries import Figure
from silta.evaluation.rules.definitions import Indicator, indicators

register = template.Library()


@register.filter
def shown(datum: Datum) -> str:
    """The value of a figure that is not hidden, with its unit; a dash where there is none."""
    if datum.value is None:
        return "–"
    if indicators()[datum.code].measure is Measure.SHARE:
        return _("%(number)s %%") % {"number": number_format(100 * datum.value, decimal_pos=0)}
    return number_format(datum.value, decimal_pos=0)


@register.filter
def finding(figure: Figure) -> str:
    """What the figure says, as a sentence; where it says nothing, its name and why."""
    whole = figure.whole
    if whole is None or whole.value is None:
        why = whole.get_hidden_display() if whole and whole.hidden else _("nothing to count yet")
        return f"{figure.indicator.name}: {why}"
    scale = 100 if figure.indicator.measure is Measure.SHARE else 1
    return str(figure.indicator.finding).format(value=number_format(scale * whole.value, decimal_pos=0))


@register.filter
def heading(code: str) -> str:
    """The heading of a table, by what it tells the figure."""
    names = {
        "month": _("By month"), "unit": _("By unit"), "municipality": _("By municipality"), "kind": _("By kind of case"),
    }  # fmt: skip
    return names[code]


@register.filter
def measured(indicator: Indicator) -> str:
    """What stands in the column of values."""
    return _("Share") if indicator.measure is Measure.SHARE else _("Days")
