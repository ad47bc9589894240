"""Markup put together in Python is escaped exactly as Django escapes it."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st

from silta.ui.markup import joined, markup, repeated

SHAPE = '<a title="{}" {}>{}</a>'


@given(st.text(), st.text(), st.integers())
def test_values_are_escaped_as_django_does(one: str, other: str, number: int) -> None:
    assert markup(SHAPE, one, other, number) == format_html(SHAPE, one, other, number)
    assert markup("<b>{name}</b>", name=one) == format_html("<b>{name}</b>", name=one)


def test_what_is_markup_already_stays_and_words_of_a_language_do_not_pass_unescaped() -> None:
    link = SafeString('<a href="/">1 & 2</a>')
    drawn = markup("<p>{}{}{}</p>", link, _("Yes"), "<script>")
    assert drawn == f"<p>{link}{_('Yes')}&lt;script&gt;</p>"
    assert isinstance(drawn, SafeString)


def test_a_shape_is_repeated_for_each_row_and_pieces_follow_each_other() -> None:
    rows = repeated("<li>{}: {}</li>", [("a", 1), ("<b>", 2)])
    assert rows == "<li>a: 1</li><li>&lt;b&gt;: 2</li>"
    assert joined([rows, SafeString("<hr>")]) == f"{rows}<hr>"
    assert isinstance(joined([]), SafeString)
