"""Row security of the register: a person is reached only through work one has for her (703/2023 9 §).

The row of a merged duplicate, and the history written under it, are reached through the person it was merged into.
"""

from silta.kernel.rowsecurity import Condition, Covered, TablePolicy

IDENTITY = "'identity'"
_SURVIVOR = "coalesce((SELECT q.merged_into_id FROM people_person q WHERE q.id = {0}), {0})"
_OF_ROW = _SURVIVOR.format("t.person_id")
_OF_PERSON = _SURVIVOR.format("t.pgh_obj_id")
_HISTORY = ("SELECT", "INSERT")
_KEEPER = "silta_may('organisations.manage')"

POLICIES = [
    # A public code list, kept by the keeper of the installation.
    TablePolicy("people_municipality", Condition(using="true", check=_KEEPER, change=_KEEPER)),
    TablePolicy("people_person", Covered(person="coalesce(t.merged_into_id, t.id)", category=IDENTITY)),
    TablePolicy("people_residence", Covered(category=IDENTITY, protected=True)),
    TablePolicy("people_contactpoint", Covered(category=IDENTITY, protected=True)),
    TablePolicy("people_merge", Covered(person=_OF_ROW, category=IDENTITY, client_sees="false")),
    TablePolicy("people_personevent", Covered(person=_OF_PERSON, category=IDENTITY), verbs=_HISTORY),
    TablePolicy(
        "people_residenceevent", Covered(person=_OF_ROW, category=IDENTITY, protected=True), verbs=_HISTORY
    ),
    TablePolicy(
        "people_contactpointevent", Covered(person=_OF_ROW, category=IDENTITY, protected=True), verbs=_HISTORY
    ),
]
