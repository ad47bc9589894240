"""Who may read the journal.

The acting user reads her own events, the client her own, the officer her organisation's, and the lead what her own
unit did. What was done with a duplicate that was merged into the client is her own too.
"""

from silta.kernel.rowsecurity import Condition, TablePolicy

POLICIES = [
    TablePolicy(
        "audit_event",
        Condition(
            using=(
                "t.user_id = silta_user()::text OR t.person_id IN (SELECT people_identities(silta_person())::text)"
                " OR (silta_may('journal.search') AND t.organisation_id = silta_organisation()::text)"
                " OR (silta_may('access.emergency_review') AND t.unit_id = silta_unit()::text)"
            ),
            # Nobody writes under another's name: user and unit are those told to the database.
            check=(
                "t.user_id = coalesce(silta_user()::text, '')"
                " AND t.unit_id = coalesce(silta_looking()::text, silta_unit()::text, '')"
            ),
        ),
        verbs=("SELECT", "INSERT"),
    ),
    TablePolicy("audit_chainhead", Condition(using="false", check="false"), verbs=()),
]
