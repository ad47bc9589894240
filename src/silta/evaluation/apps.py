"""Django's registration of the room."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """The room, under its short label."""

    name = "silta.evaluation"
    label = "evaluation"
