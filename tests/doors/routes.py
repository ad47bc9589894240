"""Who may come in by which door: every route of the product, and who meets something else than "not found" behind it.

``gets`` and ``posts`` name the members of the cast who are let in; for everybody else the door does not exist (404).
A route without a method simply does not offer it. ``done_by`` names whoever succeeds with what is sent. ``PUBLIC`` doors open without signing in. Arguments in capitals
stand for rows of the situation the test builds (``doors.situation``).
"""

from dataclasses import dataclass, field

EVERYONE = "eero paula saara kaisa liisa olli hanna tiina vaino officer admin aino"
STAFF = "eero paula saara kaisa liisa olli hanna tiina vaino officer admin"
WORKERS = "eero paula saara kaisa liisa vaino"
NETWORK = "eero paula saara kaisa"
CASE_ROLES = "eero paula saara kaisa liisa olli hanna vaino"
EXPORTERS = "eero paula saara liisa vaino"
OPENERS = "eero paula saara liisa hanna vaino"


@dataclass(frozen=True)
class Door:
    """One route: its arguments, who may look, who may act."""

    arguments: dict[str, str] = field(default_factory=dict)
    gets: str | None = None
    posts: str | None = None
    sends: dict[str, str] = field(default_factory=dict)
    done_by: str = ""
    public: bool = False


CASE = {"case_id": "CASE"}
FILE = {"file_id": "FILE"}
SUBSCRIPTION = {"subscription_id": "SUBSCRIPTION"}
ORGANISATION, UNIT = {"organisation_id": "ORGANISATION"}, {"unit_id": "UNIT_KELA"}


def deed(*, who: str, case: str = "CASE", subject: str = "", done_by: str = "", **sends: str) -> Door:
    """The door of a deed on the case, or on one row of it: who sees its form may also send it."""
    arguments = {"case_id": case} | ({"subject_id": subject} if subject else {})
    return Door(arguments, gets=who, posts=who, sends=sends, done_by=done_by)


DOORS: dict[str, Door] = {
    # The look itself, and the machine's sign of life: no data behind them.
    "ui:gallery": Door(gets=EVERYONE, public=True),
    "ui:alive": Door(gets=EVERYONE, public=True),
    # Today is everybody's first page; the client is taken to her own.
    "desk:today": Door(gets=EVERYONE),
    "desk:rules": Door(gets=STAFF),
    "desk:clients": Door(gets=CASE_ROLES),
    "desk:search": Door(gets=CASE_ROLES),
    "desk:batch": Door(posts=CASE_ROLES),
    "desk:save_view": Door(posts=CASE_ROLES),
    # (Forgetting a view that is not one's own changes nothing, and answers as if it had never been.)
    "desk:forget_view": Door({"view_id": "VIEW_OF_EERO"}, posts=CASE_ROLES, done_by="eero"),
    "desk:export": Door({"form": "csv"}, gets=EXPORTERS),
    "desk:going": Door(gets=CASE_ROLES),
    "desk:unit": Door(gets="paula"),
    "desk:emergencies": Door(gets="paula"),
    "desk:emergency_judge": Door({"access_id": "EMERGENCY_OF_EERO"}, posts="paula"),
    # Organisations and units are the keeper's.
    "desk:organisations": Door(gets="admin"),
    "desk:found_organisation": Door(
        gets="admin",
        posts="admin",
        done_by="admin",
        sends={"kind": "employer", "name_fi": "Uusi Oy", "valid_from": "2026-01-01"},
    ),
    "desk:organisation": Door(ORGANISATION, gets="admin"),
    "desk:organisation_names": Door(
        ORGANISATION, gets="admin", posts="admin", done_by="admin", sends={"name_fi": "Uusi nimi"}
    ),
    "desk:organisation_facts": Door(
        ORGANISATION,
        gets="admin",
        posts="admin",
        done_by="admin",
        sends={"kind": "employment_authority", "business_id": "0246246-0"},
    ),
    "desk:parents": Door(ORGANISATION, gets="admin"),
    "desk:organisation_close": Door(ORGANISATION, gets="admin", posts="admin"),
    "desk:second_factor": Door(ORGANISATION, posts="admin", done_by="admin", sends={"required": "yes"}),
    "desk:found_unit": Door(
        ORGANISATION,
        gets="admin",
        posts="admin",
        done_by="admin",
        sends={"name_fi": "Uusi yksikkö", "sector": "employment", "valid_from": "2026-01-01"},
    ),
    "desk:keep_unit": Door(UNIT, gets="admin"),
    "desk:unit_names": Door(
        UNIT, gets="admin", posts="admin", done_by="admin", sends={"name_fi": "Uusi nimi"}
    ),
    "desk:unit_facts": Door(UNIT, gets="admin", posts="admin", done_by="admin", sends={"sector": "health"}),
    "desk:unit_close": Door(UNIT, gets="admin", posts="admin", done_by="admin", sends={"on": "2026-01-01"}),
    "desk:receiver": Door(UNIT, gets="admin"),
    "desk:unit_hand_over": Door(
        {**UNIT, "to_id": "UNIT_OTHER"},
        gets="admin",
        posts="admin",
        done_by="admin",
        sends={"on": "2026-01-01", "reason": "Alueuudistus"},
    ),
    "desk:calendar": Door(gets=CASE_ROLES),
    "desk:make_address": Door(posts=CASE_ROLES),
    "desk:revoke_address": Door(posts=CASE_ROLES),
    "desk:calendar_feed": Door({"secret": "SECRET_OF_EERO"}, gets=EVERYONE, public=True),
    "desk:why": Door(CASE, gets=NETWORK),
    "desk:deed": Door({**CASE, "name": "contact"}, gets=NETWORK, posts=NETWORK),
    # Access: switching is everybody's; the rest by role, and consents by the people one has a ground to know.
    # To Eero's own place only Eero goes; anybody else's place is not there for the others.
    "access:switch": Door(posts="eero", sends={"membership": "MEMBERSHIP_OF_EERO"}, done_by="eero"),
    # Units are public knowledge; they are looked up by whoever works in one.
    "access:units": Door(gets=STAFF),
    "access:unsent": Door(gets=EVERYONE, posts=EVERYONE),
    "access:reference": Door(gets=STAFF),
    "access:emergency": Door(gets=WORKERS, posts=WORKERS),
    "access:emergency_close": Door({"access_id": "EMERGENCY_OF_SAARA"}, posts="saara", done_by="saara"),
    "access:journal": Door(gets="officer"),
    "access:erasure": Door(gets="officer"),
    "access:erasure_release": Door(
        {"run_id": "STOPPED_RUN"},
        gets="officer",
        posts="officer",
        sends={"reason": "Vanha asiakaskunta"},
        done_by="officer",
    ),
    # A lead answers for her unit; who oversees it sees how far it is, and begins a review early.
    "access:rights": Door(gets="paula officer admin"),
    "access:rights_start": Door({"unit_id": "UNIT_OTHER"}, posts="officer admin", done_by="officer"),
    "access:rights_review": Door({"review_id": "RIGHTS_REVIEW"}, gets="paula"),
    "access:rights_answer": Door(
        {"review_id": "RIGHTS_REVIEW", "membership_id": "MEMBERSHIP_OF_EERO"},
        posts="paula",
        sends={"verdict": "stays", "version": "0"},
        done_by="paula",
    ),
    "access:rights_close": Door({"review_id": "RIGHTS_REVIEW"}, posts="paula"),
    "access:rights_settle": Door(
        {"answer_id": "RIGHTS_REQUEST"}, posts="admin", sends={"note": "Jatkaa yksikössä"}, done_by="admin"
    ),
    # Whoever asked for a client's data reads them, and nobody else.
    "access:exports": Door(gets="officer", posts="officer"),
    "access:export_read": Door({"export_id": "EXPORT_OF_OFFICER"}, gets="officer"),
    "access:export_file": Door({"export_id": "EXPORT_OF_OFFICER"}, gets="officer"),
    "access:members": Door(gets="paula admin", posts="paula admin"),
    "access:member_end": Door(
        {"membership_id": "MEMBERSHIP_OF_EERO"}, gets="paula admin", posts="paula admin"
    ),
    # A token is its maker's alone, and made for a place in a unit.
    "access:tokens": Door(
        gets=STAFF,
        posts=STAFF,
        sends={"name": "Siirto", "scopes": "cases.read", "expires_on": "2099-01-01"},
    ),
    "access:token_revoke": Door({"token_id": "TOKEN_OF_EERO"}, posts="eero", done_by="eero"),
    "access:consents": Door({"person_id": "PERSON"}, gets=NETWORK, posts=NETWORK),
    "access:consent_withdraw": Door({"consent_id": "CONSENT"}, posts=f"{NETWORK} aino", done_by="eero"),
    "access:sharing": Door({"person_id": "PERSON"}, gets=NETWORK),
    # The case: its network is let in, and each page of it is nobody else's.
    "cases:new": Door(gets=OPENERS, posts=OPENERS),
    "cases:new_draft": Door(posts=OPENERS),
    "cases:new_draft_discard": Door(posts=OPENERS),
    "cases:register": Door(posts=OPENERS),
    "cases:open_known": Door(posts=OPENERS),
    "cases:join": Door(gets=WORKERS, posts=WORKERS),
    "cases:case": Door(CASE, gets=NETWORK),
    "cases:sharing": Door(CASE, gets=NETWORK),
    "cases:preview": Door({**CASE, "unit_id": "UNIT_KELA"}, gets=NETWORK),
    "cases:members": Door(CASE, gets=NETWORK),
    "cases:invite": Door(CASE, gets=NETWORK, posts=NETWORK),
    "cases:plans": Door(CASE, gets=NETWORK),
    "cases:person": Door(CASE, gets=NETWORK),
    "cases:draft": Door({**CASE, "form": "note"}, posts=NETWORK),
    "cases:draft_discard": Door({**CASE, "form": "note"}, posts=NETWORK),
    "cases:merge": Door(
        CASE, gets="paula", posts="paula", sends={"other": "TWIN", "reason": "Sama ihminen"}, done_by="paula"
    ),
    "cases:unmerge": Door(
        {**CASE, "merge_id": "MERGE"}, posts="paula", sends={"reason": "Eri ihminen"}, done_by="paula"
    ),
    # An offer is seen by those who made it and those it was made to, answered by these and taken back by those
    # (whoever sees the form and may not is told so).
    "cases:offer": Door({"case_id": "COACHING_CASE", "transfer_id": "TRANSFER"}, gets="saara eero paula"),
    "cases:transfer_accept": deed(
        case="COACHING_CASE", subject="TRANSFER", who="saara eero paula", done_by="eero", responsible="EERO"
    ),
    "cases:transfer_decline": Door(
        {"case_id": "COACHING_CASE", "subject_id": "TRANSFER"},
        gets="saara eero paula",
        posts="eero paula",
        sends={"reason": "Ei ole tilaa"},
        done_by="eero",
    ),
    "cases:transfer_withdraw": deed(
        case="COACHING_CASE", subject="TRANSFER", who="saara", done_by="saara", reason="Jatkamme itse"
    ),
    # Deeds on the case, and on a row of it: the workers of its network.
    **{
        f"cases:{name}": deed(who=NETWORK)
        for name in (
            "contact",
            "note",
            "flag",
            "entry",
            "goal",
            "action",
            "service",
            "plan",
            "review",
            "phase",
            "assessment_start",
            "duties",
            "need",
            "hand_over",
            "supporter",
            "transfer",
            "end",
            "reopen",
            "planned_end",
            "mark",
            "trigger",
            "mark_withdraw",
            "trigger_withdraw",
            "residence",
            "contact_point",
        )
    },
    **{
        f"cases:{name}": deed(subject=subject, who=NETWORK)
        for subject, names in {
            "NOTE": ("note_withdraw", "note_correct"),
            "FLAG": ("flag_resolve",),
            "ENTRY": ("entry_correct", "entry_dispute"),
            "GOAL": (
                "goal_confirm",
                "goal_decline",
                "goal_achieve",
                "goal_drop",
                "goal_reword",
                "goal_take_up",
            ),
            "ACTION": (
                "action_complete",
                "action_reopen",
                "action_drop",
                "action_postpone",
                "action_nudge",
                "action_hand",
            ),
            "SERVICE": ("service_state",),
            "PLAN": ("plan_accept", "plan_refuse"),
            "PARTICIPATION": ("leave", "share"),
            "PERSON": ("person_correct",),
            "CONTACT": ("contact_point_end",),
        }.items()
        for name in names
    },
    # A note is brought back by the unit that wrote it (the others see the form, and are told so).
    "cases:note_restore": Door(
        {"case_id": "CASE", "subject_id": "NOTE"}, gets=NETWORK, posts="eero paula", sends={"version": "1"}
    ),
    "cases:reveal": deed(who=NETWORK),
    # Holding the erasure of data is the lead's.
    "cases:hold": deed(who="paula"),
    "cases:release": deed(who="paula"),
    # Imports are the lead's.
    # Figures: of her own unit to a lead, of all to the evaluator. (A chart of another unit is not there: the row is nobody's.)
    "evaluation:figures": Door(gets="paula tiina"),
    "evaluation:order": Door(posts="paula tiina"),
    "evaluation:progress": Door(gets="paula tiina"),
    "evaluation:chart": Door({"chart_id": "CHART"}, gets="paula tiina"),
    # Messages to other systems: a lead makes and keeps those of her unit, the keeper of the installation sees to all.
    "subscriptions:list": Door(
        gets="paula admin",
        posts="paula",
        sends={"name": "Oma rekisteri", "url": "https://vastaanottaja.example/", "kinds": "case.opened"},
    ),
    "subscriptions:subscription": Door(SUBSCRIPTION, gets="paula admin"),
    "subscriptions:rotate": Door(SUBSCRIPTION, posts="paula"),
    "subscriptions:test": Door(SUBSCRIPTION, posts="paula admin", done_by="paula"),
    "subscriptions:resume": Door(SUBSCRIPTION, posts="paula admin"),
    "subscriptions:end": Door(SUBSCRIPTION, posts="paula admin", done_by="admin"),
    "subscriptions:retry": Door(
        {**SUBSCRIPTION, "message_id": "MESSAGE"}, posts="paula admin", done_by="paula"
    ),
    "intake:files": Door(gets="paula", posts="paula"),
    "intake:template": Door(gets="paula"),
    "intake:forget": Door({"mapping_id": "MAPPING"}, posts="paula"),
    "intake:columns": Door(FILE, gets="paula", posts="paula"),
    "intake:file": Door(FILE, gets="paula"),
    "intake:progress": Door(FILE, gets="paula"),
    "intake:correct": Door({**FILE, "row_id": "ROW"}, posts="paula"),
    "intake:run": Door(FILE, posts="paula"),
    "intake:recheck": Door(FILE, posts="paula"),
    "intake:bad_rows": Door({**FILE, "ending": "csv"}, gets="paula"),
    # The client's own.
    "portal:home": Door(gets="aino"),
    "portal:journal": Door(gets="aino"),
    "portal:sharing": Door(gets="aino"),
    "portal:own_data": Door(gets="aino", posts="aino", done_by="aino"),
    "portal:own_data_read": Door({"export_id": "EXPORT_OF_AINO"}, gets="aino"),
    "portal:own_data_file": Door({"export_id": "EXPORT_OF_AINO"}, gets="aino"),
    "portal:goal_confirm": Door({"goal_id": "GOAL"}, posts="aino"),
    "portal:goal_decline": Door({"goal_id": "GOAL"}, posts="aino"),
    "portal:step_done": Door(
        {"action_id": "STEP_OF_AINO"}, posts="aino", sends={"version": "1"}, done_by="aino"
    ),
    "portal:consent_withdraw": Door({"consent_id": "CONSENT"}, posts="aino", done_by="aino"),
}
