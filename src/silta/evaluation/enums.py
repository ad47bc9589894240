"""Vocabulary of figures."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RunState(TextChoices):
    """The life of one reckoning of the figures."""

    ORDERED = "ordered", _("Ordered")
    RUNNING = "running", _("Being worked out")
    DONE = "done", _("Ready")
    FAILED = "failed", _("Stopped")


class Stage(TextChoices):
    """What a reckoning is doing now."""

    WAITING = "waiting", _("Waiting for its turn")
    EXTRACTING = "extracting", _("Taking out the data, without names")
    COUNTING = "counting", _("Counting")
    DRAWING = "drawing", _("Drawing the charts")
    READY = "ready", _("Ready")


class Measure(TextChoices):
    """What is said of the values of a group of rows."""

    SHARE = "share", _("Share")
    MEDIAN = "median", _("Median")
    P90 = "p90", _("90th percentile")


class Hidden(TextChoices):
    """Why a cell is not shown."""

    SMALL = "small", _("fewer than 5")
    PROTECTING = "protecting", _("hidden, so that a smaller one cannot be worked out")
