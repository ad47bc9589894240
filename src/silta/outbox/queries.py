"""What has gone out through a channel; row-level security decides who reads it."""

from uuid import UUID

from django.db.models import QuerySet

from silta.outbox.enums import State
from silta.outbox.models import Message


def messages_of(
    channel: UUID, *, state: State | None = None, after: UUID | None = None
) -> "QuerySet[Message]":
    """The messages of a channel, the newest first, from the one after ``after`` on."""
    rows = Message.objects.filter(channel=channel).order_by("-id")
    if state is not None:
        rows = rows.filter(state=state)
    return rows.filter(pk__lt=after) if after is not None else rows
