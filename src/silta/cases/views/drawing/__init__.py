"""Draws what the page of a case repeats: steps, services, moments, what is known, who is in, and their small menus.

In Python and not by templates, as the desk draws its rows: a page has hundreds of such pieces, and a template takes
longer over them than the database. The templates draw the bands around them, and ask for each by its tag in ``cases``.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from silta.cases.models import Case
from silta.cases.queries.casepage import Rights
from silta.kernel.identifiers import new_id
from silta.ui.markup import markup
from silta.ui.templatetags import ui

# Stand where an address is filled in later.
HERE, ROW = "\0here/", "\0row"


@dataclass(frozen=True, slots=True)
class Pen:
    """With what the parts of a case's page are drawn: where they stand, for whom, and what every posting form carries."""

    here: str
    case: Case
    rights: Rights
    marks: SafeString
    is_preview: bool

    @property
    def works(self) -> bool:
        """Whether the reader may record in the case, now or when it is open again."""
        return self.rights.may_work and not self.is_preview

    @property
    def records(self) -> bool:
        """Whether the reader may record in the case now."""
        return self.works and self.case.state == "open"

    @property
    def leads(self) -> bool:
        """Whether the reader may settle what belongs to the unit of the case."""
        return self.rights.is_own_unit and not self.is_preview and self.case.state == "open"


def address_of(here: str, name: str, row: UUID | str | None = None) -> str:
    """Where a deed on the case at ``here`` is done. A page holds a hundred of them, and asks for the first part once."""
    place = f"{here}{name.replace('_', '-')}/"
    return f"{place}{row}/" if row else place


def opens(here: str, name: str, row: UUID | str | None = None) -> SafeString:
    """The attributes of a link to a deed: its form opens in the page, or on a page of its own."""
    return markup('href="{0}" hx-get="{0}" hx-target="#deed"', address_of(here, name, row))


def does(here: str, name: str, row: UUID | str | None = None) -> SafeString:
    """The attributes of a form that does a deed at once."""
    return markup('action="{0}" hx-post="{0}"', address_of(here, name, row))


class Deeds:
    """Links to deeds, each by its name and words, alike for all readers of a language: ``Deeds(("flag", _("Flag")))``.

    They are drawn once in each language; the case and the row are filled in each time.
    """

    def __init__(self, *named: tuple[str, str | Promise], shape: str = "<a {}>{}</a>") -> None:
        """``named`` are deeds with their words; ``shape`` is a link with places for its attributes and its words."""
        self._named, self._shape = named, shape
        self._drawn: dict[str | None, str] = {}

    def __call__(self, pen: Pen, row: UUID) -> SafeString:
        """The links for this row."""
        language = get_language()
        if language not in self._drawn:
            links = (markup(self._shape, opens(HERE, name, ROW), words) for name, words in self._named)
            self._drawn[language] = "".join(links)
        return SafeString(self._drawn[language].replace(HERE, pen.here).replace(ROW, str(row)))


BUTTON = '<a class="hds-button hds-button--supplementary button-small" {}>{}</a>'
"""The shape of a link to a deed that stands alone."""


def more(what: str, links: SafeString, *, kind: str = "", group: str = "") -> SafeString:
    """The small menu of a thing: ``what`` is its name for the ear; of menus of one ``group`` one is open at a time."""
    return markup(
        '<details class="pop pop--end{}"{}><summary>{}<span class="visually-hidden">{}</span></summary>'
        '<div class="pop__panel actions-list">{}</div></details>',
        kind, markup(' name="{}"', group) if group else "", ui.icon("more"), what, links,
    )  # fmt: skip


def button(pen: Pen, deed: str, row: Any, drawn: SafeString) -> SafeString:
    """A form of one button that does a deed to a row of this version at once; ``drawn`` is the button."""
    return markup(
        '<form class="inline-form" method="post" {} hx-target="#plan" hx-disabled-elt="find button">'
        '{}<input type="hidden" name="version" value="{}">'
        '<input type="hidden" name="submission" value="{}">{}</form>',
        does(pen.here, deed, row.pk), pen.marks, row.version, new_id(), drawn,
    )  # fmt: skip
