"""Row security of organisations: they are public knowledge, and kept by the keeper of the installation."""

from silta.kernel.rowsecurity import Condition, TablePolicy

_KEPT = Condition(
    using="true", check="silta_may('organisations.manage')", change="silta_may('organisations.manage')"
)
_VERBS = ("SELECT", "INSERT", "UPDATE")

POLICIES = [
    TablePolicy("organisations_organisation", _KEPT, verbs=_VERBS),
    TablePolicy("organisations_unit", _KEPT, verbs=_VERBS),
    # What was handed over stays handed over.
    TablePolicy("organisations_succession", _KEPT, verbs=("SELECT", "INSERT")),
]
