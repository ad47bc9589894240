"""Row security of imports: what a unit uploads is seen by those of that unit whose role imports, whoever the clients are."""

from silta.access.enums import Permission
from silta.access.rules import ROLES
from silta.kernel.rowsecurity import Condition, TablePolicy

_IMPORTERS = ", ".join(f"'{name}'" for name, role in ROLES.items() if Permission.IMPORT in role.permissions)
_IMPORTER = f"t.unit_id = (SELECT silta_unit()) AND (SELECT silta_role()) IN ({_IMPORTERS})"
_OWN_UNIT = Condition(using=_IMPORTER)
# The person herself reads what another system told of her, once it is known that it was she.
_OWN_UNIT_OR_HERSELF = Condition(
    using=f"({_IMPORTER}) OR t.person_id = (SELECT silta_person())", check=_IMPORTER, change=_IMPORTER
)
# The rows are erased by the night's job; it too acts under the application's role.
_ERASABLE = ("SELECT", "INSERT", "UPDATE", "DELETE")

POLICIES = [
    TablePolicy("intake_mapping", _OWN_UNIT, verbs=_ERASABLE),
    TablePolicy("intake_file", _OWN_UNIT),
    TablePolicy("intake_row", _OWN_UNIT_OR_HERSELF, verbs=_ERASABLE),
    TablePolicy("intake_tie", _OWN_UNIT_OR_HERSELF),
]
