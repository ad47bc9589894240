"""Who the person is and how to reach her; the gate before a new client."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from silta.cases import enums
from silta.cases.forms.base import CaseForm, VersionedForm
from silta.kernel import clock
from silta.kernel.identifiers import birth_date_of, normalise_identity_code
from silta.people.enums import ContactKind, Language, NoCodeReason
from silta.ui.fields import Day, PlainText


def clean_code(text: str) -> str:
    """The identity code as law writes it, or a message at the field."""
    if not text:
        return ""
    try:
        return normalise_identity_code(text)
    except ValueError:
        raise forms.ValidationError(
            _("The identity code does not hold. Check the date, the separator and the last character."),
            code="code",
        ) from None


class GateForm(CaseForm):
    """Who is it? By identity code, or by name and date of birth."""

    identity_code = PlainText(label=_("Identity code"), max_length=20, required=False)
    first_names = PlainText(label=_("First names"), max_length=150, required=False)
    last_name = PlainText(label=_("Last name"), max_length=150, required=False)
    birth_date = Day(label=_("Date of birth"), future=False, required=False)

    def clean_identity_code(self) -> str:
        """A code that holds, or none."""
        return clean_code(self.cleaned_data["identity_code"])

    def clean(self) -> dict[str, Any]:
        """One of the two ways is taken whole."""
        cleaned = super().clean() or {}
        if "identity_code" not in cleaned or cleaned["identity_code"]:
            return cleaned
        if not cleaned.get("last_name"):
            self.add_error("last_name", _("Give the identity code, or the name and the date of birth."))
        elif not cleaned.get("first_names"):
            self.add_error("first_names", _("Give the first names too."))
        elif "birth_date" in cleaned and not cleaned["birth_date"]:
            self.add_error("birth_date", _("Give the date of birth too, or the identity code above."))
        return cleaned


class CaseFields(CaseForm):
    """Why the work begins: what every new case needs, whoever it is about."""

    kind = forms.ChoiceField(label=_("Kind of case"), choices=(), widget=forms.RadioSelect)
    source = forms.ChoiceField(
        label=_("How the person came"), choices=enums.Source, initial=enums.Source.SELF
    )
    contact_reason = PlainText(
        label=_("Why now"),
        max_length=500,
        rows=2,
        required=False,
        help_text=_("In the client's own words, if you can."),
    )
    opened_on = Day(label=_("Opened on"), future=False, initial=clock.today)
    official_reference = PlainText(
        label=_("Reference to the official record"), max_length=80, required=False,
        help_text=_("The number in the authority's own system, if there is one."),
    )  # fmt: skip


class OpenKnownForm(CaseFields):
    """A new case for a person who is in the register already; the code proves who is meant."""

    identity_code = PlainText(max_length=20, required=False, widget=forms.HiddenInput)
    person = forms.UUIDField(required=False, widget=forms.HiddenInput)


class RegisterForm(CaseFields):
    """A new person and her first case, on one screen."""

    identity_code = PlainText(label=_("Identity code"), max_length=20, required=False)
    no_code_reason = forms.ChoiceField(
        label=_("Why there is no code"),
        choices=[("", _("There is a code")), *NoCodeReason.choices],
        required=False,
    )
    birth_date = Day(label=_("Date of birth"), future=False, required=False)
    first_names = PlainText(label=_("First names"), max_length=150)
    last_name = PlainText(label=_("Last name"), max_length=150)
    call_name = PlainText(label=_("Name used"), max_length=80, required=False)
    mother_tongue = forms.ChoiceField(label=_("Mother tongue"), choices=Language, initial=Language.FINNISH)
    service_language = forms.ChoiceField(
        label=_("Language of service"), choices=Language, initial=Language.FINNISH
    )
    needs_interpreter = forms.BooleanField(label=_("Needs an interpreter"), required=False)
    municipality = PlainText(label=_("Home municipality"), max_length=100, required=False)
    phone = PlainText(label=_("Telephone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=250, required=False)
    non_disclosure = forms.BooleanField(
        label=_("Non-disclosure for personal safety"), required=False,
        help_text=_("Municipality and contact details are then hidden everywhere."),
    )  # fmt: skip
    none_of_these = forms.BooleanField(required=False, widget=forms.HiddenInput)

    PERSON = (
        "identity_code", "no_code_reason", "birth_date", "first_names", "last_name", "call_name", "mother_tongue",
        "service_language", "needs_interpreter", "municipality", "phone", "email", "non_disclosure",
    )  # fmt: skip
    CASE = ("kind", "source", "contact_reason", "opened_on", "official_reference")

    def clean_identity_code(self) -> str:
        """A code that holds, or none."""
        return clean_code(self.cleaned_data["identity_code"])

    def clean(self) -> dict[str, Any]:
        """Either a code, from which the date of birth follows, or a reason for having none."""
        cleaned = super().clean() or {}
        if code := cleaned.get("identity_code"):
            cleaned["birth_date"], cleaned["no_code_reason"] = birth_date_of(code), ""
        elif "identity_code" in cleaned and not cleaned.get("no_code_reason"):
            self.add_error("no_code_reason", _("Give the code above, or say why there is none."))
        return cleaned

    @property
    def person_fields(self) -> dict[str, Any]:
        """What is said of the person."""
        return {name: self.cleaned_data[name] for name in self.PERSON}

    @property
    def case_fields(self) -> dict[str, Any]:
        """What is said of the case."""
        return {name: self.cleaned_data[name] for name in self.CASE}


class CorrectPersonForm(VersionedForm):
    """Names, languages and non-disclosure, put right."""

    first_names = PlainText(label=_("First names"), max_length=150)
    last_name = PlainText(label=_("Last name"), max_length=150)
    call_name = PlainText(label=_("Name used"), max_length=80, required=False)
    mother_tongue = forms.ChoiceField(label=_("Mother tongue"), choices=Language)
    service_language = forms.ChoiceField(label=_("Language of service"), choices=Language)
    needs_interpreter = forms.BooleanField(label=_("Needs an interpreter"), required=False)
    non_disclosure = forms.BooleanField(
        label=_("Non-disclosure for personal safety"), required=False,
        help_text=_("Municipality and contact details are then hidden everywhere."),
    )  # fmt: skip


class ResidenceForm(CaseForm):
    """Where the person lives."""

    municipality = PlainText(label=_("Home municipality"), max_length=100)
    since = Day(label=_("Since"), future=False, required=False)


class ContactPointForm(CaseForm):
    """A way to reach the person."""

    kind = forms.ChoiceField(
        label=_("What kind"), choices=ContactKind, initial=ContactKind.PHONE,
        widget=forms.RadioSelect(attrs={"class": "chips"}),
    )  # fmt: skip
    value = PlainText(label=_("Number or address"), max_length=250)
    is_preferred = forms.BooleanField(label=_("The way the client prefers"), required=False)


class MergeForm(CaseForm):
    """Two rows of one person become one."""

    reason = PlainText(
        label=_("How do you know they are the same person?"), max_length=300,
        help_text=_("A merge can be undone, and both histories stay."),
    )  # fmt: skip


class RevealForm(CaseForm):
    """What non-disclosure hides is shown to one worker, for a while and for a reason that is reviewed."""

    reason = PlainText(
        label=_("Why you must see them now"), max_length=500, rows=3,
        help_text=_("Your lead reviews this afterwards, and the client sees it in the journal."),
    )  # fmt: skip
    minutes = forms.TypedChoiceField(label=_("For how long"), choices=(), coerce=int)
