"""Django's registration of the room."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.intake"
    label = "intake"
