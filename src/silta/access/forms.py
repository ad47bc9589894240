"""The forms of access: they validate what was typed, the operations decide."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from silta.access import queries, rules
from silta.access.enums import Category, ConsentChannel, DataRight, Purpose, TokenScope, Verdict
from silta.kernel.actor import Actor
from silta.kernel.identifiers import normalise_identity_code
from silta.organisations.models import Unit
from silta.ui.fields import Day, Pick, PlainText

_LANGUAGES = [("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English"))]


def categories_field(label: Any) -> forms.MultipleChoiceField:
    """Some of the seven categories of data."""
    return forms.MultipleChoiceField(
        label=label, choices=Category.choices, widget=forms.CheckboxSelectMultiple
    )


class EmergencyForm(forms.Form):
    """Opening a person's data in an emergency."""

    identity_code = PlainText(label=_("Personal identity code"), max_length=14)
    reason = PlainText(
        label=_("Why now, and why without the usual ground"),
        max_length=500,
        rows=3,
    )
    minutes = forms.TypedChoiceField(label=_("For how long"), coerce=int)
    reveals_protected = forms.BooleanField(
        label=_("Show also the contact details that non-disclosure hides"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limits = rules.emergency_limits()
        steps = sorted({limits.least_minutes, 30, limits.usual_minutes, 120, limits.most_minutes})
        choices = [(step, _("%(minutes)d minutes") % {"minutes": step}) for step in steps]
        _let_choose(self, "minutes", choices)
        self.fields["minutes"].initial = limits.usual_minutes

    def clean_identity_code(self) -> str:
        """The code as the register keeps it."""
        try:
            return normalise_identity_code(self.cleaned_data["identity_code"])
        except ValueError as error:
            raise forms.ValidationError(_("Check the code: its date or check character is wrong.")) from error


class JournalForm(forms.Form):
    """The officer's search."""

    identity_code = PlainText(label=_("Personal identity code"), max_length=14, required=False)
    worker = forms.EmailField(label=_("Worker's e-mail address"), required=False)
    first = Day(label=_("From"), required=False)
    last = Day(label=_("Until"), required=False)
    refused = forms.BooleanField(label=_("Refused attempts only"), required=False)

    def clean_identity_code(self) -> str:
        """The code as the register keeps it, or nothing."""
        text = self.cleaned_data["identity_code"]
        try:
            return normalise_identity_code(text) if text else ""
        except ValueError as error:
            raise forms.ValidationError(_("Check the code: its date or check character is wrong.")) from error

    def clean(self) -> dict[str, Any]:
        """A period cannot end before it begins."""
        found = super().clean() or {}
        if found.get("first") and found.get("last") and found["last"] < found["first"]:
            self.add_error("last", _("It cannot end before it begins."))
        return found


class ExportForm(forms.Form):
    """The officer asks for a client's own data on her behalf."""

    identity_code = PlainText(label=_("Personal identity code"), max_length=14)
    ground = forms.ChoiceField(label=_("On which right of hers"), choices=DataRight.choices)
    reason = PlainText(
        label=_("How she asked, and how you made sure who she is"), max_length=300, rows=2,
        help_text=_("For example: came to the office and showed her passport. She sees this in her own journal and data."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("In which language"), choices=_LANGUAGES)

    def clean_identity_code(self) -> str:
        """The code as the register keeps it."""
        try:
            return normalise_identity_code(self.cleaned_data["identity_code"])
        except ValueError as error:
            raise forms.ValidationError(_("Check the code: its date or check character is wrong.")) from error


def _let_choose(form: forms.Form, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
    """Fills in what may be chosen, known only when the form is made."""
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices


def _offer(form: forms.Form, name: str, units: queries.Units) -> None:
    field = form.fields[name]
    if isinstance(field, Pick):
        field.offer(units)


class InviteForm(forms.Form):
    """Inviting a worker to a unit: of the keeper's, to any; of a lead, to her own, which nobody asks."""

    email = forms.EmailField(label=_("E-mail address"))
    name = PlainText(label=_("Name"), max_length=150, required=False, help_text=_("Needed for a new user."))
    unit = Pick(label=_("Unit"))
    role = forms.ChoiceField(label=_("Role"))
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)
    title = PlainText(label=_("Job title"), max_length=120, required=False)
    phone = PlainText(label=_("Work telephone"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=_LANGUAGES)

    def __init__(self, *args: Any, actor: Actor, by_keeper: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "unit", queries.Units(actor))
        if not by_keeper:
            own = Unit.objects.filter(pk=queries.own_unit_id(actor))
            self.fields["unit"] = forms.ModelChoiceField(
                queryset=own, initial=actor.unit_id, widget=forms.HiddenInput
            )
        roles = rules.roles_to_give(by_keeper=by_keeper)
        _let_choose(self, "role", [(code, role.name) for code, role in roles.items()])


class MembersForm(forms.Form):
    """What an address asks of the list of members."""

    q = PlainText(label=_("Name, e-mail address or unit"), max_length=100, required=False)
    ended = forms.BooleanField(label=_("Show ended ones too"), required=False)
    after = forms.UUIDField(widget=forms.HiddenInput, required=False)

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked, in the words of the query; what cannot be understood counts as not said."""
        self.is_valid()
        said = self.cleaned_data
        return {"text": said.get("q", ""), "with_ended": bool(said.get("ended")), "after": said.get("after")}


class EndForm(forms.Form):
    """Ending a membership."""

    reason = PlainText(label=_("Why it ends"), max_length=200)
    at_once = forms.BooleanField(label=_("At once, not at the end of the day"), required=False)
    passes_on = forms.BooleanField(
        label=_("What she still answers for comes to the lead of the unit"), required=False,
        help_text=_("The lead is then responsible until she names another."),
    )  # fmt: skip


class ConsentForm(forms.Form):
    """Recording a consent."""

    ground = forms.ChoiceField(label=_("Ground"))
    to_unit = Pick(label=_("To whom"))
    categories = categories_field(_("Which data"))
    purpose_text = PlainText(label=_("For what purpose"), max_length=500, rows=2)
    channel = forms.ChoiceField(label=_("How it was given"), choices=ConsentChannel.choices)
    language = forms.ChoiceField(label=_("Language in which it was read"), choices=_LANGUAGES)
    given_on = Day(label=_("Given on"), future=False)
    valid_until = Day(label=_("Valid until"), past=False, required=False)

    def __init__(self, *args: Any, units: queries.Units, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "to_unit", units)
        named = [ground for ground in rules.grounds().values() if ground.needs is rules.Needs.CONSENT]
        _let_choose(self, "ground", [(one.code, f"{one.name} ({one.citation})") for one in named])


class SharingForm(forms.Form):
    """The question "may I share this?"."""

    to_unit = Pick(label=_("With whom"))
    categories = categories_field(_("Which data"))

    def __init__(self, *args: Any, units: queries.Units, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "to_unit", units)


class TokenForm(forms.Form):
    """A token for a program: what it is, what it may do, until when."""

    name = PlainText(
        label=_("Which program"),
        max_length=100,
        help_text=_("For example: transfer to our own client system."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=TokenScope.choices, widget=forms.CheckboxSelectMultiple
    )
    expires_on = Day(label=_("Last day"), past=False, help_text=_("A year ahead at most."))


class ReleaseForm(forms.Form):
    """Why the counts of a stopped erasure are right."""

    reason = PlainText(label=_("Why the counts are right"), max_length=500, rows=3)


class AnswerForm(forms.Form):
    """What is said of one membership in a review of rights; nothing said takes back what was."""

    verdict = forms.ChoiceField(choices=Verdict.choices, required=False, widget=forms.HiddenInput)
    ends_on = Day(label=_("Last day"), past=False, required=False)
    right_role = forms.ChoiceField(label=_("The right role"), required=False)
    note = PlainText(label=_("Note"), max_length=200, required=False)
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [(code, role.name) for code, role in rules.roles_to_give(by_keeper=True).items()]
        _let_choose(self, "right_role", [("", "–"), *roles])


class ReviewCloseForm(forms.Form):
    """The list that is confirmed, as it was seen."""

    seen = PlainText(max_length=64, widget=forms.HiddenInput)


class SettleForm(forms.Form):
    """What became of a request of a review."""

    note = PlainText(label=_("What was done, or why it stays"), max_length=200)


class RightsForm(forms.Form):
    """What an address asks of the list of units under review."""

    late = forms.BooleanField(label=_("Late ones only"), required=False)
    after = forms.UUIDField(widget=forms.HiddenInput, required=False)

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked, in the words of the query; what cannot be understood counts as not said."""
        self.is_valid()
        return {"late_only": bool(self.cleaned_data.get("late")), "after": self.cleaned_data.get("after")}
