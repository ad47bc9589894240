"""Django's registration of the room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.audit"
    label = "audit"
