"""Row security of subscriptions: the lead keeps those of her unit, the keeper sees to all; clients are in none of them."""

from silta.kernel.rowsecurity import Condition, TablePolicy

_OF_THE_UNIT = "EXISTS (SELECT 1 FROM access_membership m WHERE m.id = t.membership_id AND m.unit_id = (SELECT silta_unit()))"
_OWN = (
    "EXISTS (SELECT 1 FROM access_membership m WHERE m.id = t.membership_id AND m.user_id = (SELECT silta_user())"
    " AND m.unit_id = (SELECT silta_unit()))"
)
_KEPT = (
    "(SELECT silta_looking()) IS NULL AND silta_may('subscriptions.manage')"
    f" AND (silta_may('organisations.manage') OR {_OF_THE_UNIT})"
)

POLICIES = [
    TablePolicy(
        "subscriptions_subscription",
        # It tells what its maker may know: nobody makes one in another's name.
        Condition(using=_KEPT, check=f"{_KEPT} AND silta_may('case.view') AND {_OWN}", change=_KEPT),
    ),
    TablePolicy("subscriptions_bookmark", Condition(using="false", check="false"), verbs=()),
]
