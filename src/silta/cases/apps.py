"""Django's registration of the room."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.cases"
    label = "cases"
