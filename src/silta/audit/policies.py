"""Who may read the journal: the acting user's own events, the client her own, the officer her organisation's,
and the unit those of the people it has a current ground to know."""  # noqa: D205, D209

from silta.kernel.rowsecurity import Condition, TablePolicy

POLICIES = [
    TablePolicy(
        "audit_event",
        Condition(
            using=(
                "t.user_id = silta_user()::text OR t.person_id = silta_person()::text"
                " OR (silta_role() = 'data_protection_officer' AND t.organisation_id = silta_organisation()::text)"
            ),
            check="t.user_id = coalesce(silta_user()::text, '')",
        ),
        verbs=("SELECT", "INSERT"),
    ),
    TablePolicy("audit_chainhead", Condition(using="false", check="false"), verbs=()),
]
