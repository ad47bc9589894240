"""Words of data for the desk's pages."""

from django import template

from silta.cases.rules import sources

register = template.Library()


@register.filter
def in_words(source: str) -> str:
    """What a definition names as its source, in the reader's words."""
    return sources.in_words(source)
