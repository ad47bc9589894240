"""Row security of cases: by person and category of data; internal rows stay in the unit that wrote them."""

from silta.kernel.rowsecurity import Condition, Covered, Open, TablePolicy

_CLIENTHOOD = Covered(category="'clienthood'")
_PLAN = Covered(category="'plan'")
# The unit whose work another took over speaks through it: what was internal to the one is internal to the other.
_PREDECESSORS = (
    "(WITH RECURSIVE before AS (SELECT s.from_unit_id FROM organisations_succession s"
    " WHERE s.to_unit_id = (SELECT silta_unit()) UNION SELECT s.from_unit_id FROM organisations_succession s"
    " JOIN before b ON s.to_unit_id = b.from_unit_id) SELECT from_unit_id FROM before)"
)
_NOTE = Covered(
    internal=f"t.visibility = 'internal' AND NOT t.recorded_by_unit_id IN {_PREDECESSORS}",
    client_sees="t.visibility = 'shared' AND t.withdrawn_at IS NULL",
)
_KEPT = ("SELECT", "INSERT", "UPDATE", "DELETE")
_HISTORY = ("SELECT", "INSERT")

POLICIES = [
    TablePolicy("cases_case", _CLIENTHOOD),
    TablePolicy("cases_participation", _CLIENTHOOD),
    TablePolicy("cases_handover", Covered(category="'clienthood'", client_sees="false")),
    TablePolicy("cases_assessmententry", Covered()),
    TablePolicy("cases_goal", _PLAN),
    TablePolicy("cases_action", _PLAN),
    TablePolicy("cases_agreedservice", _PLAN),
    TablePolicy("cases_planversion", _PLAN),
    TablePolicy("cases_review", _PLAN),
    TablePolicy("cases_note", _NOTE),
    TablePolicy("cases_flag", Covered(category="'clienthood'", client_sees="false")),
    TablePolicy("cases_statuschange", _CLIENTHOOD),
    TablePolicy("cases_transfer", Covered(category="'clienthood'", client_sees="false")),
    TablePolicy("cases_deadline", _PLAN, verbs=_KEPT),
    TablePolicy(
        "cases_draft",
        Condition(
            using="t.user_id = silta_user() AND t.unit_id = silta_unit() AND (SELECT silta_looking()) IS NULL"
        ),
        verbs=_KEPT,
    ),
    TablePolicy("cases_casenumber", Open("A counter.")),
    TablePolicy("cases_caseevent", _CLIENTHOOD, verbs=_HISTORY),
    TablePolicy("cases_assessmententryevent", Covered(), verbs=_HISTORY),
    TablePolicy("cases_goalevent", _PLAN, verbs=_HISTORY),
    TablePolicy("cases_actionevent", _PLAN, verbs=_HISTORY),
    TablePolicy("cases_agreedserviceevent", _PLAN, verbs=_HISTORY),
    TablePolicy("cases_noteevent", _NOTE, verbs=_HISTORY),
]
