"""Vocabulary of what goes out."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """What became of a message."""

    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Not delivered")
    WITHHELD = "withheld", _("Not sent: there was no right to know any more")


class Reason(TextChoices):
    """Why an attempt, or the whole message, failed; nothing of what the receiver answered is kept but its status."""

    ADDRESS = "address", _("The address leads to a place that nothing is sent to")
    NAME = "name", _("The name of the server is not known")
    CERTIFICATE = "certificate", _("The certificate of the server does not hold")
    CONNECTION = "connection", _("There was no connection to the server")
    SLOW = "slow", _("The server did not answer in time")
    REDIRECT = "redirect", _("The server pointed elsewhere, and that is not followed")
    STATUS = "status", _("The server did not accept it")
    LATE = "late", _("The time for trying was over")
    PAUSED = "paused", _("Sending was paused")
