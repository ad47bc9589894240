"""Row security of imports: what a unit uploads is seen by that unit only, whoever the clients turn out to be."""

from silta.kernel.rowsecurity import Condition, TablePolicy

_OWN_UNIT = Condition(using="t.unit_id = (SELECT silta_unit())")
# The rows are erased by the night's job; it too acts under the application's role.
_ERASABLE = ("SELECT", "INSERT", "UPDATE", "DELETE")

POLICIES = [
    TablePolicy("intake_mapping", _OWN_UNIT, verbs=_ERASABLE),
    TablePolicy("intake_file", _OWN_UNIT),
    TablePolicy("intake_row", _OWN_UNIT, verbs=_ERASABLE),
    TablePolicy("intake_tie", _OWN_UNIT),
]
