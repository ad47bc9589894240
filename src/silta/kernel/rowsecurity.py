"""The words in which a room declares who may reach its rows.

A room's ``policies.py`` lists one ``TablePolicy`` per table, as data. ``access`` compiles the list to PostgreSQL
row-level security, because only ``access`` knows what a grant is. A test walks the registry of models: a table
without a declared policy fails it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Covered:
    """A row passes where a current grant of the acting unit covers its person and its category.

    ``person`` and ``category`` are SQL expressions over the row ``t``. ``internal`` is an SQL condition that marks
    rows only the recording unit may see. ``protected`` hides the row of a person under non-disclosure until the
    acting user has an open break-glass access. ``client_sees`` is the condition under which the person herself reads it.
    A row is added only under the acting unit's own name and only where its grant covers it; a row of a matter (one
    with a ``case_id``) is covered by grants of that matter, or was written by the unit's own organisation.
    """

    person: str = "t.person_id"
    category: str = "t.category"
    internal: str = ""
    protected: bool = False
    client_sees: str = "true"


@dataclass(frozen=True, slots=True)
class Open:
    """Every signed-in user may read; ``reason`` says why that hurts nobody. Writing is guarded by operations."""

    reason: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule of the table's own, as SQL over the row ``t``.

    The functions silta_user(), silta_unit(), silta_organisation(), silta_person(), silta_role(), silta_looking(),
    silta_may(permission) and silta_now() speak of the actor. ``using`` says what is read, ``check`` what may be added,
    ``change`` what may be changed or removed, before and after; both default to ``using``.
    """

    using: str
    check: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class TablePolicy:
    """One table and its rule. ``verbs`` are what the application's role may do at all."""

    table: str
    rule: Covered | Open | Condition
    verbs: Sequence[str] = field(default=("SELECT", "INSERT", "UPDATE"))
