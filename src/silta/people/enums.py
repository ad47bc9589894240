"""Vocabulary of the register of people."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NoCodeReason(TextChoices):
    """Why a person has no Finnish identity code in the register."""

    NOT_YET = "not_yet", _("Has applied, not yet received")
    FOREIGNER = "foreigner", _("Foreigner without a Finnish code")
    NOT_KNOWN = "not_known", _("Code not known when registered")
    UNSOUND = "unsound", _("The code given does not hold; to be checked")


class ContactKind(TextChoices):
    """Kinds of contact point."""

    PHONE = "phone", _("Telephone")
    EMAIL = "email", _("E-mail")
    POST = "post", _("Postal address")


class Language(TextChoices):
    """Languages offered first; any other is written by its ISO 639 code."""

    FINNISH = "fi", _("Finnish")
    SWEDISH = "sv", _("Swedish")
    NORTHERN_SAMI = "se", _("Northern Sámi")
    ENGLISH = "en", _("English")
    RUSSIAN = "ru", _("Russian")
    ESTONIAN = "et", _("Estonian")
    ARABIC = "ar", _("Arabic")
    SOMALI = "so", _("Somali")
    UKRAINIAN = "uk", _("Ukrainian")
    PERSIAN = "fa", _("Persian")
    SIGN = "sgn", _("Sign language")
    OTHER = "und", _("Other or not known")
