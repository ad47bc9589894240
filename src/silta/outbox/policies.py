"""Who may see what goes out: whoever sees the channel it goes through, by that channel's own policy."""

from silta.kernel.rowsecurity import Condition, TablePolicy

POLICIES = [
    TablePolicy(
        "outbox_message",
        Condition(using="EXISTS (SELECT 1 FROM subscriptions_subscription s WHERE s.id = t.channel)"),
    ),
]
