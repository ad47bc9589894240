"""Django's registration of the room."""

from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.workbench"
    label = "workbench"
