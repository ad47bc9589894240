"""Row security of imports: what a unit uploads is seen by those of that unit whose role imports, whoever the clients are."""

from silta.access.enums import Permission
from silta.access.rules import ROLES
from silta.kernel.rowsecurity import Condition, TablePolicy

_IMPORTERS = ", ".join(f"'{name}'" for name, role in ROLES.items() if Permission.IMPORT in role.permissions)
_OWN_UNIT = Condition(using=f"t.unit_id = (SELECT silta_unit()) AND (SELECT silta_role()) IN ({_IMPORTERS})")
# The rows are erased by the night's job; it too acts under the application's role.
_ERASABLE = ("SELECT", "INSERT", "UPDATE", "DELETE")

POLICIES = [
    TablePolicy("intake_mapping", _OWN_UNIT, verbs=_ERASABLE),
    TablePolicy("intake_file", _OWN_UNIT),
    TablePolicy("intake_row", _OWN_UNIT, verbs=_ERASABLE),
    TablePolicy("intake_tie", _OWN_UNIT),
]
