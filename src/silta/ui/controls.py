"""How Django's form inputs become the design system's: classes, types, and what assistive technology is told."""

import re
from typing import Any

from django.forms import BoundField, widgets
from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from silta.ui.fields import MOST_TYPED, Source

_DATE = "%Y-%m-%d"
_NATIVE: dict[type[widgets.Widget], tuple[str, str, str]] = {
    widgets.DateInput: ("date", _DATE, r"\d{4}-\d\d-\d\d"),
    widgets.DateTimeInput: ("datetime-local", f"{_DATE}T%H:%M", r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?"),
    widgets.TimeInput: ("time", "%H:%M", r"\d\d:\d\d(:\d\d)?"),
}
_SELECT = "django/forms/widgets/select.html"
# What the browser may fill in for the user (WCAG 2.2, 1.3.5), where the form speaks of the user herself.
_AUTOCOMPLETE = {"login": "username", "email": "email", "password": "current-password", "phone": "tel"}


class Renderer(DjangoTemplates):
    """Django's own rendering of forms, with the templates of this room; named by ``settings.FORM_RENDERER``."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> SafeString:
        """Draws a list of options in Python: Django's two templates an option are slow for hundreds of units."""
        if template_name == _SELECT:
            return _select(context["widget"])
        return SafeString(super().render(template_name, context, request))


def _select(widget: dict[str, Any]) -> SafeString:
    groups = format_html_join(
        "", "{}", ((_group(name, options),) for name, options, _place in widget["optgroups"])
    )
    return format_html('<select name="{}"{}>{}</select>', widget["name"], flatatt(widget["attrs"]), groups)


def _group(name: str | None, options: list[dict[str, Any]]) -> SafeString:
    drawn = format_html_join(
        "\n",
        '<option value="{}"{}>{}</option>',
        ((str(one["value"]), flatatt(one["attrs"]) if one["attrs"] else "", one["label"]) for one in options),
    )
    return format_html('<optgroup label="{}">{}</optgroup>', name, drawn) if name else drawn


def kind(bound: BoundField) -> str:
    """Which of the form templates' shapes a field takes: choices, tick, file or text."""
    widget = bound.field.widget
    if isinstance(widget, widgets.RadioSelect):  # tick boxes of a multiple choice descend from it as well
        return "choices"
    if isinstance(widget, widgets.CheckboxInput):
        return "tick"
    return "file" if isinstance(widget, widgets.FileInput) else "text"


def mark(bound: BoundField) -> str:
    """The design system's name of a choice's mark: a tick box where several may be chosen, else a radio button."""
    return "checkbox" if getattr(bound.field.widget, "allow_multiple_selected", False) else "radio-button"


def render(bound: BoundField) -> SafeString:
    """The bare input of a field."""
    widget = bound.field.widget
    attributes: dict[str, Any] = {"class": f"{_class(widget)} {widget.attrs.get('class', '')}".strip()}
    if "autocomplete" not in widget.attrs and isinstance(widget, widgets.Input):
        attributes["autocomplete"] = _AUTOCOMPLETE.get(bound.name, "off") if _is_plain(widget) else "off"
    if "autocomplete" in widget.attrs:
        attributes["placeholder"] = (
            False  # a library's; it would only repeat the label, and vanish when needed
        )
    if isinstance(widget, widgets.Textarea):
        attributes["rows"] = widget.attrs.get("rows") if widget.attrs.get("rows") != "10" else 3
    if native := _NATIVE.get(type(widget)):
        return _native(bound, attributes, *native)
    return bound.as_widget(attrs=attributes)


def _native(bound: BoundField, attributes: dict[str, Any], kind: str, pattern: str, shape: str) -> SafeString:
    """A date or time in the browser's own input; what the browser would refuse to show stays as typed, as text."""
    widget = bound.field.widget
    widget.format = pattern
    value = widget.format_value(bound.value())
    is_shown = not value or re.fullmatch(shape, value)
    widget.input_type = kind if is_shown else "text"
    if not is_shown:
        attributes |= {"inputmode": "numeric", "placeholder": _("dd.mm.yyyy")}
    return bound.as_widget(attrs=attributes)


def matches(source: Source, text: str) -> SafeString:
    """What a search finds, or what is usual where nothing is typed, as a ``Pick`` asks for it while somebody types."""
    text = text.strip()[:MOST_TYPED]
    offered = source.find(text) if text else source.usual()
    context = {
        "offered": offered, "text": text, "may_be_more": len(offered) == source.most, "chosen": None, "name": "found",
        "id": "found",
    }  # fmt: skip
    return SafeString(render_to_string("ui/forms/_matches.html", context))


def render_choice(option: Any) -> SafeString:
    """One radio button or tick box of several."""
    name = "checkbox" if option.data["type"] == "checkbox" else "radio-button"
    option.data["attrs"]["class"] = f"hds-{name}__input"
    return SafeString(option.tag())


def _is_plain(widget: widgets.Input) -> bool:
    return widget.input_type in {"text", "email", "password", "tel"}


def _class(widget: widgets.Widget) -> str:
    if isinstance(widget, widgets.CheckboxInput):
        return "hds-checkbox__input"
    if isinstance(widget, widgets.FileInput):
        return "file-input"
    if isinstance(widget, widgets.Select):
        return "hds-text-input__input select"
    return "hds-text-input__input"
