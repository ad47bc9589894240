"""Django's registration of the room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.api"
    label = "api"
