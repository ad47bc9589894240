"""Django's registration of the room."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.access"
    label = "access"
