"""Row security of cases: by person and category of data; internal rows stay in the unit that wrote them.

What the professionals tell each other in order to work (hand-over notes, offers of transfer, flags) is clienthood data
too, yet not necessary to everybody in the network: docs/adr/0006-what-professionals-tell-each-other.md says who reads it and why.
"""

from silta.kernel.rowsecurity import Condition, Covered, TablePolicy

_CLIENTHOOD = Covered(category="'clienthood'")
_PLAN = Covered(category="'plan'")
# The unit whose work another took over speaks through it: what was internal to the one is internal to the other.
_PREDECESSORS = (
    "(WITH RECURSIVE before AS (SELECT s.from_unit_id FROM organisations_succession s"
    " WHERE s.to_unit_id = (SELECT silta_unit()) UNION SELECT s.from_unit_id FROM organisations_succession s"
    " JOIN before b ON s.to_unit_id = b.from_unit_id) SELECT from_unit_id FROM before)"
)
_NOTE = Covered(
    internal=(
        # Not so in a preview: whoever looks is not the successor.
        f"t.visibility = 'internal' AND ((SELECT silta_looking()) IS NOT NULL"
        f" OR NOT t.recorded_by_unit_id IN {_PREDECESSORS})"
    ),
    client_sees="t.visibility = 'shared' AND t.withdrawn_at IS NULL",
)


def _only_for(reader: str, *, client_sees: str = "false") -> Covered:
    """Clienthood rows for the units of which ``reader`` holds; in a preview, for a unit and a looker who both are such."""
    both = " AND ".join(
        f"((SELECT {unit}) IS NULL OR {reader.format(unit=f'(SELECT {unit})')})"
        for unit in ("silta_unit()", "silta_looking()")
    )
    return Covered(category="'clienthood'", internal=f"NOT ({both})", client_sees=client_sees)


# The unit whose case it is, and those whose worker is or has been responsible for it (0006_leading).
_LEADS = "silta_leads(t.case_id, {unit})"
_HAND_OVER = _only_for(_LEADS)
_TRANSFER = _only_for(f"({{unit}} IN (t.from_unit_id, t.to_unit_id) OR {_LEADS})")
_TAKES_PART = (
    "EXISTS (SELECT 1 FROM cases_participation j WHERE j.id = t.participation_id AND j.unit_id = {unit})"
)
_OF_PART = _only_for(f"({_TAKES_PART} OR {_LEADS})", client_sees="true")
# All but employers, who read what their own organisation has raised (759/2004 5 §).
_FLAG = _only_for(
    "NOT EXISTS (SELECT 1 FROM organisations_unit u JOIN organisations_organisation o ON o.id = u.organisation_id"
    " WHERE u.id = {unit} AND o.kind = 'employer' AND NOT EXISTS (SELECT 1 FROM organisations_unit r"
    " WHERE r.id = t.recorded_by_unit_id AND r.organisation_id = o.id))"
)
_KEPT = ("SELECT", "INSERT", "UPDATE", "DELETE")
_HISTORY = ("SELECT", "INSERT")

POLICIES = [
    TablePolicy("cases_case", _CLIENTHOOD),
    TablePolicy("cases_participation", _CLIENTHOOD),
    TablePolicy("cases_joiningreason", _OF_PART),
    TablePolicy("cases_leavingreason", _OF_PART),
    TablePolicy("cases_handover", _HAND_OVER),
    TablePolicy("cases_assessmententry", Covered()),
    TablePolicy("cases_goal", _PLAN),
    TablePolicy("cases_action", _PLAN),
    TablePolicy("cases_agreedservice", _PLAN),
    TablePolicy("cases_planversion", _PLAN),
    TablePolicy("cases_review", _PLAN),
    TablePolicy("cases_note", _NOTE),
    TablePolicy("cases_flag", _FLAG),
    TablePolicy("cases_statuschange", _CLIENTHOOD),
    TablePolicy("cases_transfer", _TRANSFER),
    TablePolicy("cases_deadline", _PLAN, verbs=_KEPT),
    TablePolicy(
        "cases_draft",
        Condition(
            using="t.user_id = silta_user() AND t.unit_id = silta_unit() AND (SELECT silta_looking()) IS NULL"
        ),
        verbs=_KEPT,
    ),
    # The counter is reached through silta_take_numbers() alone (0004_numbers).
    TablePolicy("cases_casenumber", Condition(using="false"), verbs=()),
    TablePolicy("cases_caseevent", _CLIENTHOOD, verbs=_HISTORY),
    TablePolicy("cases_assessmententryevent", Covered(), verbs=_HISTORY),
    TablePolicy("cases_goalevent", _PLAN, verbs=_HISTORY),
    TablePolicy("cases_actionevent", _PLAN, verbs=_HISTORY),
    TablePolicy("cases_agreedserviceevent", _PLAN, verbs=_HISTORY),
    TablePolicy("cases_noteevent", _NOTE, verbs=_HISTORY),
]
