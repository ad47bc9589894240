"""Django's registration of the room."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.outbox"
    label = "outbox"
