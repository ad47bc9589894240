"""Vocabulary of access: permissions, roles, purposes, and the closed list of data categories."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Category(TextChoices):
    """The seven groups of data that may be held at all: 381/2023 11 §, a closed list."""

    IDENTITY = "identity", _("Identity and contact details")
    CLIENTHOOD = "clienthood", _("Clienthood and contacts")
    SKILLS = "skills", _("Education, work history and skills")
    SOCIAL = "social", _("Social situation")
    HEALTH = "health", _("Health, work ability and functioning")
    SERVICE_NEED = "service_need", _("Need for services")
    PLAN = "plan", _("Plan, its implementation and review")


class Purpose(TextChoices):
    """What the acting person does the work for; part of every journal entry."""

    JOINT_SUPPORT = "joint_support", _("Joint support")
    COACHING = "coaching", _("Work coaching")
    REHABILITATION = "rehabilitation", _("Rehabilitation")
    WORKPLACE_SUPPORT = "workplace_support", _("Support at work")
    OVERSIGHT = "oversight", _("Oversight of data protection")
    EVALUATION = "evaluation", _("Evaluation")
    KEEPING = "keeping", _("Keeping the installation")
    OWN_MATTER = "own_matter", _("Own matter")


class ErasureState(TextChoices):
    """How far a run of retention has come."""

    RUNNING = "running", _("Not finished")
    DONE = "done", _("Finished")
    QUOTA = "quota", _("The day's share is done")
    STOPPED = "stopped", _("Stopped: the counts look wrong")


class DataRight(TextChoices):
    """On which right of hers a person is given her data."""

    ACCESS = "access", _("The right to see one's own data (GDPR, Article 15)")
    PORTABILITY = "portability", _("The right to take one's own data along (GDPR, Article 20)")


class Permission(StrEnum):
    """Everything that can be permitted; ``rules.ROLES`` says to whom."""

    CASE_VIEW = "case.view"
    CASE_OPEN = "case.open"
    CASE_WORK = "case.work"
    CASE_LEAD = "case.lead"
    CASE_ASSIGN = "case.assign"
    CASE_SELF_ATTACH = "case.self_attach"
    PERSON_REGISTER = "person.register"
    PERSON_EDIT = "person.edit"
    PERSON_MERGE = "person.merge"
    GRANT_GIVE = "grant.give"
    CONSENT_RECORD = "consent.record"
    EMERGENCY_ACCESS = "access.emergency"
    EMERGENCY_REVIEW = "access.emergency_review"
    PROTECTED_REVEAL = "person.reveal_protected"
    UNIT_OVERVIEW = "unit.overview"
    FIGURES_VIEW = "figures.view"
    FIGURES_REGION = "figures.region"
    EXPORT = "data.export"
    IMPORT = "data.import"
    SUBSCRIPTIONS_MANAGE = "subscriptions.manage"
    JOURNAL_SEARCH = "journal.search"
    RETENTION_HOLD = "retention.hold"
    RETENTION_OVERSEE = "retention.oversee"
    OWN_DATA_GIVE = "own_data.give"
    MEMBERS_MANAGE = "members.manage"
    RIGHTS_REVIEW = "rights.review"
    RIGHTS_OVERSEE = "rights.oversee"
    ORGANISATIONS_MANAGE = "organisations.manage"
    OWN_DATA = "own.data"
    OWN_PLAN_SAY = "own.plan_say"
    OWN_CONSENT = "own.consent"
    DEFINITIONS_VIEW = "definitions.view"


class Verdict(TextChoices):
    """What a reviewer of rights says of one membership."""

    STAYS = "stays", _("Stays")
    ENDS = "ends", _("Ends")
    ROLE = "role", _("The role is wrong")


class TokenScope(TextChoices):
    """What a token lets a program do: a closed list; ``rules.TOKEN_SCOPES`` says which permissions each stands for."""

    REFERENCE_READ = "reference.read", _("Read organisations, kinds of case and grounds")
    CASES_READ = "cases.read", _("Read cases and the worklist")
    CASES_WRITE = "cases.write", _("Open cases and write to them")
    NETWORK_WRITE = "network.write", _("Invite, hand over, transfer and record consents")
    PEOPLE_READ = "people.read", _("Read clients' details and how to reach them")
    PEOPLE_WRITE = "people.write", _("Register clients and correct their details")
    PEOPLE_SEARCH = "people.search", _("Search among clients")
    SHARING_ASK = "sharing.ask", _("Ask whether data may be shared")
    JOURNAL_READ = "journal.read", _("Read what was done in her own name")


class ConsentChannel(TextChoices):
    """How a consent was given; a consent to health data to a provider must be in writing (380/2023 116 §)."""

    WRITING = "writing", _("In writing")
    ELECTRONIC = "electronic", _("Electronically, signed in")
    SPOKEN = "spoken", _("Spoken, written down by the worker")
