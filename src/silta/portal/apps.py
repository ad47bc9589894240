"""Django's registration of the room."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.portal"
    label = "portal"
