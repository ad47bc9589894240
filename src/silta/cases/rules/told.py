"""What Silta itself gives as a reason: stored as a code, worded in the language of whoever reads it.

A reason that a worker wrote stays as she wrote it.
"""

import json
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Told(StrEnum):
    """A reason in the product's own words."""

    CASE_ENDED = "silta:case_ended"
    CASE_REOPENED = "silta:case_reopened"
    CASE_TRANSFERRED = "silta:case_transferred"
    HANDED_OVER = "silta:handed_over"
    HANDED_TO_ANOTHER = "silta:handed_to_another"
    IMPORTED_END = "silta:imported_end"
    LEFT = "silta:left"
    JOINED_ALONE = "silta:joined_alone"
    WORKS_NO_MORE = "silta:works_no_more"
    CAME_TO_LEAD = "silta:came_to_lead"
    KEPT = "silta:kept"


_WORDS: dict[str, str | Promise] = {
    Told.CASE_ENDED: _("The case ended"),
    Told.CASE_REOPENED: _("The case was opened again"),
    Told.CASE_TRANSFERRED: _("The case was transferred"),
    Told.HANDED_OVER: _("Handed the case over"),
    Told.HANDED_TO_ANOTHER: _("The case was handed over to another worker"),
    Told.IMPORTED_END: _("Imported: the earlier system tells the day of the end, not what came of it."),
    Told.LEFT: _("the reason is for those whom it concerns"),
    Told.WORKS_NO_MORE: _("Works in the unit no more"),
    Told.CAME_TO_LEAD: _(
        "%(name)s works in the unit no more. The case came to the lead, who names the next responsible person."
    ),
    Told.KEPT: _("The lead keeps the case"),
    Told.JOINED_ALONE: _("%(name)s, %(unit)s, joined on her own. The reason is under “Who has taken part”."),
}


def with_names(code: Told, **names: str) -> str:
    """The code with the names its words speak of, to be stored."""
    return f"{code} {json.dumps(names, ensure_ascii=False)}"


def in_words(stored: str) -> str:
    """The stored reason in the reader's language; what a person wrote, unchanged."""
    code, _space, names = stored.partition(" ")
    if code not in _WORDS:
        return stored
    words = str(_WORDS[code])
    return words % json.loads(names) if names else words
