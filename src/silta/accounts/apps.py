"""Django's registration of the room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.accounts"
    label = "accounts"
