"""Row security of users and their own settings."""

from silta.kernel.rowsecurity import Condition, Open, TablePolicy

POLICIES = [
    TablePolicy("accounts_user", Open("Sign-in reads it before anyone acts; staff names stand beside their work.")),
    TablePolicy(
        "accounts_savedview",
        Condition(using="t.user_id = silta_user()", check="t.user_id = silta_user()"),
        verbs=("SELECT", "INSERT", "UPDATE", "DELETE"),
    ),
]
