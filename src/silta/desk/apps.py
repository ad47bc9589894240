"""Django's registration of the room."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.desk"
    label = "desk"
