"""The words in which a model declares what personal data it holds, how long, from when and on which ground.

Each concrete model carries ``class PersonalData`` with ``fields`` (every field classified) and ``retention``.
Erasure, the person's own export, scrubbing and statistics all read this one declaration; a test demands completeness.
``in_words``, where a model has it, names the fields whose codes only its own room can put into words, with the function
that does so of a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, cast

from django.db import models


class Holds(StrEnum):
    """What one field tells about a person."""

    NONE = "none"
    REFERENCE = "reference"
    IDENTITY = "identity"
    CONTACT = "contact"
    HEALTH = "health"
    FREE_TEXT = "free_text"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a row is kept.

    ``years`` after the date found by following ``start`` (a field path from the row, double underscores between
    tables; "a or b" takes the first that is set; a row in which none is set is not due). ``follows`` names a field:
    a foreign key, and the row goes with the row it hangs on; or one or more reverse relations, and the row goes when
    nothing is left on them, ``years`` after ``start`` at the earliest. Neither: the row is kept. ``hold`` is the path
    of a boolean that stops erasure. ``warning`` names two dates of the row: when it was said that it will be erased, and
    the day from which it is, as it was said; a row that has such is not erased unwarned. ``ground`` cites the rule. ``statistics`` names the facts, nobody's own, by which
    erased rows are still counted afterwards.
    """

    ground: str
    years: int | None = None
    start: str = ""
    follows: str = ""
    hold: str = ""
    warning: tuple[str, str] | None = None
    statistics: tuple[str, ...] = ()


class Declared(Protocol):
    """What ``class PersonalData`` of a model says."""

    fields: Mapping[str, Holds]
    retention: Retention


def declared_by(model: type[models.Model]) -> Declared | None:
    """What the model declares of itself; nothing for the tables of libraries."""
    return cast("Declared | None", getattr(model, "PersonalData", None))


KEEP = Retention(ground="Holds no personal data of clients; kept while the installation is in use.")
