"""Row security of users and their own settings."""

from silta.kernel.rowsecurity import Condition, TablePolicy

# What she keeps in one unit does not show when she acts for another.
_OWN = "t.user_id = silta_user() AND t.unit = silta_unit() AND (SELECT silta_looking()) IS NULL"

POLICIES = [
    # Read before anyone acts, at sign-in; staff names stand beside their work. Made by those who keep members; changed
    # by the user herself and by the pages of sign-in, where nobody acts yet (password, last sign-in): who keeps members
    # sets nobody's password.
    TablePolicy(
        "accounts_user",
        Condition(
            using="true",
            check="silta_may('members.manage')",
            change="silta_user() IS NULL OR (t.id = silta_user() AND (SELECT silta_looking()) IS NULL)",
        ),
    ),
    TablePolicy("accounts_savedview", Condition(using=_OWN), verbs=("SELECT", "INSERT", "UPDATE", "DELETE")),
]
