"""Vocabulary of imports."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Field(TextChoices):
    """What a column of a client file can hold; the headings that name it are in ``definitions/fields.yaml``."""

    EXTERNAL_ID = "external_id", _("Client number")
    LAST_NAME = "last_name", _("Last name")
    FIRST_NAMES = "first_names", _("First names")
    IDENTITY_CODE = "identity_code", _("Identity code")
    BIRTH_DATE = "birth_date", _("Date of birth")
    MUNICIPALITY = "municipality", _("Municipality")
    MOTHER_TONGUE = "mother_tongue", _("Mother tongue")
    SERVICE_LANGUAGE = "service_language", _("Language of service")
    PHONE = "phone", _("Telephone")
    EMAIL = "email", _("E-mail")
    NON_DISCLOSURE = "non_disclosure", _("Non-disclosure for personal safety")
    SERVICE = "service", _("Service (kind of case)")
    OPENED_ON = "opened_on", _("Clienthood began")
    ASSESSMENT_STARTED_ON = "assessment_started_on", _("Assessment started")
    PLAN_MADE_ON = "plan_made_on", _("Plan made")
    LAST_REVIEW_ON = "last_review_on", _("Last review")
    RESPONSIBLE = "responsible", _("Responsible person")
    LAST_CONTACT_ON = "last_contact_on", _("Last contact")
    ENDED_ON = "ended_on", _("Clienthood ended")
    NOTE = "note", _("Further information")


DATES = (
    Field.OPENED_ON, Field.ASSESSMENT_STARTED_ON, Field.PLAN_MADE_ON, Field.LAST_REVIEW_ON, Field.LAST_CONTACT_ON,
    Field.ENDED_ON,
)  # fmt: skip
REQUIRED = (Field.LAST_NAME, Field.FIRST_NAMES, Field.SERVICE, Field.OPENED_ON)
WHERE_TO_REACH = (Field.MUNICIPALITY, Field.PHONE, Field.EMAIL)


class FileState(TextChoices):
    """The life of an uploaded file."""

    UPLOADED = "uploaded", _("Received")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    RUNNING = "running", _("Being imported")
    DONE = "done", _("Imported")
    FAILED = "failed", _("Stopped")


class RowState(TextChoices):
    """Where one row stands."""

    UNCHECKED = "unchecked", _("Not yet checked")
    READY = "ready", _("Sound")
    BAD = "bad", _("Needs correcting")
    LEFT_OUT = "left_out", _("Left out")
    DONE = "done", _("Imported")


class Outcome(TextChoices):
    """What importing a row does, or did."""

    NEW = "new", _("New")
    UPDATED = "updated", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    SKIPPED = "skipped", _("Skipped")


class Severity(StrEnum):
    """How much a problem weighs: it stops the row, it wants a look, or it is only told."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Container(TextChoices):
    """What kind of file it was, by its content."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"
