"""How Django's form inputs become the design system's: classes, types, and what assistive technology is told."""

import re
from typing import Any

from django.forms import BoundField, widgets
from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from silta.ui.fields import MOST_TYPED, Source
from silta.ui.markup import markup, repeated

_DATE = "%Y-%m-%d"
_NATIVE: dict[type[widgets.Widget], tuple[str, str, str]] = {
    widgets.DateInput: ("date", _DATE, r"\d{4}-\d\d-\d\d"),
    widgets.DateTimeInput: ("datetime-local", f"{_DATE}T%H:%M", r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?"),
    widgets.TimeInput: ("time", "%H:%M", r"\d\d:\d\d(:\d\d)?"),
}
_SELECT = "django/forms/widgets/select.html"
_INPUTS = {
    f"django/forms/widgets/{name}.html"
    for name in (
        "input", "text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox", "file",
        "radio_option", "checkbox_option",
    )
}  # fmt: skip
# What the browser may fill in for the user (WCAG 2.2, 1.3.5), where the form speaks of the user herself.
_AUTOCOMPLETE = {"login": "username", "email": "email", "password": "current-password", "phone": "tel"}


class Renderer(DjangoTemplates):
    """Django's own rendering of forms, with the templates of this room; named by ``settings.FORM_RENDERER``.

    What forms are made of is drawn in Python: a template or two for each input, and for each of hundreds of units to
    choose from, take longer than all the rest of a page.
    """

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field"

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> SafeString:
        """A field with its label, or a bare input, in Python; by its template what is rarer."""
        if template_name == self.field_template_name:
            return field(context["field"])
        if template_name == _SELECT:
            return _select(context["widget"])
        if template_name in _INPUTS and not context["widget"].get("wrap_label"):
            return _input(context["widget"])
        return SafeString(super().render(template_name, context, request))


def _input(widget: dict[str, Any]) -> SafeString:
    value = "" if widget["value"] is None else markup(' value="{}"', str(widget["value"]))
    return markup(
        '<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, flatatt(widget["attrs"])
    )


def field(bound: BoundField) -> SafeString:
    """An input with its label, hint and errors."""
    widget = bound.field.widget
    if isinstance(widget, widgets.RadioSelect):  # Tick boxes of a multiple choice descend from it as well.
        return _choices(bound)
    return _tick(bound) if isinstance(widget, widgets.CheckboxInput) else _line(bound)


def _line(bound: BoundField) -> SafeString:
    return markup(
        '<div class="field hds-text-input{}"><label class="hds-text-input__label" for="{}">{}</label>{}'
        '<div class="hds-text-input__input-wrapper">{}</div>{}</div>',
        " hds-text-input--invalid" if bound.errors else "", bound.id_for_label, _label(bound), _hint(bound),
        render(bound), _errors(bound),
    )  # fmt: skip


def _tick(bound: BoundField) -> SafeString:
    return markup(
        '<div class="field field--tick"><div class="hds-checkbox">{}<label class="hds-checkbox__label" for="{}">{}</label>'
        "</div>{}{}</div>",
        render(bound), bound.id_for_label, _label(bound), _hint(bound), _errors(bound),
    )  # fmt: skip


def _choices(bound: BoundField) -> SafeString:
    # The design system's name of a choice's mark: a tick box where several may be chosen, else a radio button.
    mark = "checkbox" if getattr(bound.field.widget, "allow_multiple_selected", False) else "radio-button"
    described = markup(' aria-describedby="{}"', by) if (by := bound.aria_describedby) else ""
    items = repeated(
        '<div class="hds-{0}">{1}<label class="hds-{0}__label" for="{2}">{3}</label></div>',
        ((mark, _choice(option), option.id_for_label, option.choice_label) for option in bound),
    )
    return markup(
        '<fieldset class="field field--choices hds-selection-group" id="{}_group" tabindex="-1"{}>'
        '<legend class="hds-selection-group__legend">{}</legend>{}'
        '<div class="hds-selection-group__items choices">{}</div>{}</fieldset>',
        bound.auto_id, described, _label(bound), _hint(bound), items, _errors(bound),
    )  # fmt: skip


def _choice(option: Any) -> SafeString:
    """One radio button or tick box of several."""
    name = "checkbox" if option.data["type"] == "checkbox" else "radio-button"
    option.data["attrs"]["class"] = f"hds-{name}__input"
    return SafeString(option.tag())


def _label(bound: BoundField) -> SafeString:
    if not bound.field.required:
        return markup("{}", bound.label)
    return markup('{} <span class="field__required">({})</span>', bound.label, _("required"))


def _hint(bound: BoundField) -> SafeString | str:
    if not bound.help_text:
        return ""
    return markup('<div class="field__hint" id="{}_helptext">{}</div>', bound.auto_id, bound.help_text)


def _errors(bound: BoundField) -> SafeString | str:
    if not bound.errors:
        return ""
    told = repeated('<div class="hds-text-input__error-text">{}</div>', ((error,) for error in bound.errors))
    return markup('<div id="{}_error" class="field__errors">{}</div>', bound.auto_id, told)


def _select(widget: dict[str, Any]) -> SafeString:
    groups = repeated("{}", ((_group(name, options),) for name, options, _place in widget["optgroups"]))
    return markup('<select name="{}"{}>{}</select>', widget["name"], flatatt(widget["attrs"]), groups)


def _group(name: str | None, options: list[dict[str, Any]]) -> SafeString:
    drawn = repeated(
        '<option value="{}"{}>{}</option>',
        ((str(one["value"]), flatatt(one["attrs"]) if one["attrs"] else "", one["label"]) for one in options),
    )
    return markup('<optgroup label="{}">{}</optgroup>', name, drawn) if name else drawn


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
