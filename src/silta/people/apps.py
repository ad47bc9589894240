"""Django's registration of the room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.people"
    label = "people"
