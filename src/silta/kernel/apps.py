"""Django's registration of the room."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.kernel"
    label = "kernel"
