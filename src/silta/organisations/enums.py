"""Vocabulary of organisations."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What an organisation is in this work; legal grounds speak in these words."""

    EMPLOYMENT_AUTHORITY = "employment_authority", _("Employment authority")
    WELLBEING_COUNTY = "wellbeing_county", _("Wellbeing services county")
    KELA = "kela", _("Kela")
    PROVIDER = "provider", _("Service provider")
    EMPLOYER = "employer", _("Employer")
    OCCUPATIONAL_HEALTH = "occupational_health", _("Occupational health care")
    EDUCATION = "education", _("Education provider")
    PENSION_INSURER = "pension_insurer", _("Pension insurer")
    ASSOCIATION = "association", _("Association or foundation")
    EVALUATOR = "evaluator", _("Evaluator or researcher")
    KEEPER = "keeper", _("Keeper of the installation")


class Sector(TextChoices):
    """The administrative sector; each has its own quiet colour in the screens."""

    EMPLOYMENT = "employment", _("Employment")
    SOCIAL = "social", _("Social welfare")
    HEALTH = "health", _("Health care")
    SOCIAL_INSURANCE = "social_insurance", _("Social insurance")
    EDUCATION = "education", _("Education")
    WORKING_LIFE = "working_life", _("Working life")
    THIRD = "third", _("Third sector")
    ADMINISTRATION = "administration", _("Administration")
