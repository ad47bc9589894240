"""The marks every posting form carries: against forgery, and of the place in which its page was opened."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from silta.kernel.request import PLACE_FIELD, place_of_page

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: dict[str, Any]) -> SafeString:
    """Stands in for Django's own tag, so that no form can have the one mark and forget the other."""
    token, request = context.get("csrf_token"), context.get("request")
    if not token:
        return SafeString("")
    marks = [("csrfmiddlewaretoken", token)]
    if request is not None and (place := place_of_page(request)):
        marks.append((PLACE_FIELD, place))
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', marks)


@register.simple_tag(takes_context=True)
def request_marks(context: dict[str, Any]) -> SafeString:
    """The same for requests of fragments, as the attribute of the page's body that HTMX reads."""
    token, request = context.get("csrf_token"), context.get("request")
    if not token:
        return SafeString("")
    place = place_of_page(request) if request is not None else ""
    told = format_html(', "X-Silta-Place": "{}"', place) if place else ""
    return format_html(' hx-headers=\'{{"X-CSRFToken": "{}"{}}}\'', token, told)
