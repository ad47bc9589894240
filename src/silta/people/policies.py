"""Row security of the register: a person is reached only through work one has for her (703/2023 9 §)."""

from silta.kernel.rowsecurity import Covered, Open, TablePolicy

IDENTITY = "'identity'"
POLICIES = [
    TablePolicy("people_municipality", Open("A public code list.")),
    TablePolicy("people_person", Covered(person="t.id", category=IDENTITY)),
    TablePolicy("people_residence", Covered(category=IDENTITY, protected=True)),
    TablePolicy("people_contactpoint", Covered(category=IDENTITY, protected=True)),
    TablePolicy("people_merge", Covered(category=IDENTITY, client_sees="false")),
    TablePolicy("people_personevent", Covered(person="t.pgh_obj_id", category=IDENTITY), verbs=("SELECT", "INSERT")),
    TablePolicy("people_residenceevent", Covered(category=IDENTITY, protected=True), verbs=("SELECT", "INSERT")),
    TablePolicy("people_contactpointevent", Covered(category=IDENTITY, protected=True), verbs=("SELECT", "INSERT")),
]
