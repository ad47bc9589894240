"""What a room offers to be counted: rows without names, as the room itself declares them in its ``queries``.

An offer says, column by column, from which field it comes and how it leaves. Only facts leave as they are; an id leaves
under another name (keyed), and what tells too much leaves only in the coarser form the room states. A test holds every
column against the ``PersonalData`` of its model.
"""

from dataclasses import dataclass
from enum import StrEnum


class Leaves(StrEnum):
    """In which form a column leaves the database."""

    AS_IT_IS = "as_it_is"
    KEYED = "keyed"
    COARSENED = "coarsened"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the extract, the SQL that reads it, and the field of the model it tells."""

    name: str
    sql: str
    field: str
    leaves: Leaves = Leaves.AS_IT_IS


@dataclass(frozen=True, slots=True)
class Offer:
    """One table of the extract: ``rows`` is the SQL after FROM, the columns are fields of ``model``."""

    name: str
    rows: str
    model: str
    columns: tuple[Column, ...]
