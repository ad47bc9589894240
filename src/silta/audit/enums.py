"""Vocabulary of the journal."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Outcome(TextChoices):
    """What came of the attempt."""

    DONE = "done", _("It was done")
    REFUSED = "refused", _("It was refused")


class Kind(TextChoices):
    """What kind of act the event tells of (703/2023 10 §: use and disclosure are logged apart)."""

    READ = "read", _("Read")
    WRITE = "write", _("Written")
    DISCLOSE = "disclose", _("Disclosed")
    SIGN_IN = "sign_in", _("Sign-in")
