"""The verbs of subscriptions: making and ending one, trying it, and telling receivers what has happened."""

from silta.subscriptions.operations.keeping import (
    end,
    resume,
    retry,
    rotate_secret,
    send_test,
    subscribe,
)
from silta.subscriptions.operations.telling import deliver, pause_restored, read_on

__all__ = [
    "deliver",
    "end",
    "pause_restored",
    "read_on",
    "resume",
    "retry",
    "rotate_secret",
    "send_test",
    "subscribe",
]
