"""Django's registration of the room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.ui"
    label = "ui"
