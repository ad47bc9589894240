"""Django's registration of the room."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.organisations"
    label = "organisations"
