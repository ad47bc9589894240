"""Django's registration of the room."""

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.subscriptions"
    label = "subscriptions"
