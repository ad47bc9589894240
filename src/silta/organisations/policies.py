"""Row security of organisations: they are public knowledge."""

from silta.kernel.rowsecurity import Open, TablePolicy

POLICIES = [
    TablePolicy("organisations_organisation", Open("Organisations are public knowledge.")),
    TablePolicy("organisations_unit", Open("Units are public knowledge.")),
    TablePolicy("organisations_succession", Open("Reforms of organisations are public knowledge.")),
]
