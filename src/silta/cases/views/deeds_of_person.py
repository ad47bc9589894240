"""Deeds on who the person is and how to reach her; each returns to the page of her details."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from silta.access import operations as access
from silta.access import rules
from silta.access.enums import Permission
from silta.cases.forms import base
from silta.cases.forms import people as forms
from silta.cases.models import Case
from silta.cases.operations import person as operations
from silta.cases.views.deeds import Deed
from silta.kernel.actor import Actor
from silta.people.models import ContactPoint, Person

Fields = dict[str, Any]
_NAMES = (
    "first_names", "last_name", "call_name", "identity_code", "mother_tongue", "service_language", "needs_interpreter",
    "non_disclosure",
)  # fmt: skip


def _person_now(_actor: Actor, _case: Case, person: Person) -> Fields:
    return {name: getattr(person, name) for name in _NAMES}


def _minutes(_actor: Actor, _case: Case, _subject: Any) -> Fields:
    limits = rules.emergency_limits()
    steps = sorted({limits.least_minutes, 30, limits.usual_minutes})
    return {"minutes": [(step, gettext("%(minutes)d minutes") % {"minutes": step}) for step in steps]}


DEEDS = [
    Deed("person_correct", forms.CorrectPersonForm, _("Correct the client's details"), _("Save"),
         _("The details were corrected."),
         lambda actor, person, words: operations.correct_person(actor, person=person, **words), subject=Person,
         initial=_person_now, permission=Permission.PERSON_EDIT, returns_to="cases:person"),
    Deed("residence", forms.ResidenceForm, _("Home municipality"), _("Save"), _("The home municipality was saved."),
         lambda actor, case, words: operations.move_person(actor, case=case, **words),
         permission=Permission.PERSON_EDIT, returns_to="cases:person"),
    Deed("contact_point", forms.ContactPointForm, _("Add a way to reach the client"), _("Save"), _("Saved."),
         lambda actor, case, words: operations.add_contact_point(actor, case=case, **words),
         permission=Permission.PERSON_EDIT, returns_to="cases:person"),
    Deed("contact_point_end", base.BareForm, _("This way no longer reaches the client"), _("No longer in use"),
         _("The contact detail was ended."),
         lambda actor, contact, _words: operations.end_contact_point(actor, contact=contact), subject=ContactPoint,
         permission=Permission.PERSON_EDIT, returns_to="cases:person"),
    Deed("reveal", forms.RevealForm, _("Show the hidden contact details"), _("Show for this time"),
         _("The details are shown to you for the time you chose."),
         lambda actor, case, words: access.open_emergency_access(
             actor, person_id=case.person_id, reveals_protected=True, **words),
         choices=_minutes, permission=Permission.PROTECTED_REVEAL, returns_to="cases:person"),
]  # fmt: skip
