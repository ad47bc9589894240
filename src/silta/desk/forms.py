"""The small forms of the desk: one for each deed that answers a line of the worklist, and the filters of lists."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from silta.accounts.models import User
from silta.cases.enums import Channel, ContactResult, Need
from silta.cases.queries import worklist
from silta.desk.filters import MOST_TEXT
from silta.kernel.identifiers import new_id
from silta.ui.fields import Day, PlainText


def _text(label: Any, most: int, **options: Any) -> PlainText:
    return PlainText(label=label, max_length=most, **options)


class DeedForm(forms.Form):
    """What every deed carries unseen: on which row, of which version, and its own mark so that it is done once."""

    subject = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    mark = PlainText(widget=forms.HiddenInput, required=False, max_length=60)
    submission = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=new_id)

    def refuse(self, field: str | None, message: Any) -> None:
        """Puts the domain's objection at its field, or at the top where the form has no such field."""
        self.add_error(field if field in self.fields else None, ValidationError(message))


class StepForm(DeedForm):
    """The next step: what and by when."""

    text = _text(_("Next step"), 300)
    due_on = Day(label=_("By"), required=False)


class GoalForm(DeedForm):
    """What the client wants."""

    own_words = _text(_("The goal in the client's own words"), 1000, rows=2)


class ContactForm(DeedForm):
    """A contact with the client, in seconds."""

    channel = forms.ChoiceField(label=_("How"), choices=Channel, initial=Channel.PHONE)
    result = forms.ChoiceField(label=_("Result"), choices=ContactResult, initial=ContactResult.REACHED)
    text = _text(_("Note"), 8000, rows=2, required=False)


class ReviewForm(DeedForm):
    """The plan was looked at together."""

    findings = _text(_("What was found"), 4000, rows=3)
    present = _text(_("Who took part"), 300, required=False)


class EmergencyReviewForm(forms.Form):
    """The lead's view of one emergency access."""

    was_justified = forms.TypedChoiceField(
        label=_("Was it justified?"), choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
    )  # fmt: skip
    note = _text(
        _("Remark"), 500, required=False, rows=2,
        help_text=_("Needed where it was not justified: why, and what follows."),
    )  # fmt: skip


class PlanForm(DeedForm):
    """A version of the plan out of what has been agreed."""

    reason = _text(_("Reason for the version"), 300)
    how_followed = _text(_("How implementation is followed"), 2000, rows=2)


class MarkForm(DeedForm):
    """The day of a dated fact."""

    on = Day(label=_("Day"))


class ServiceForm(DeedForm):
    """The awaited service has begun."""

    on = Day(label=_("Began on"))


class ResponsibleForm(DeedForm):
    """Who takes the case."""

    responsible = forms.ModelChoiceField(label=_("Responsible person"), queryset=User.objects.none())
    note = _text(_("What the next one must know"), 2000, rows=2, required=False)


class BatchForm(forms.Form):
    """What is said of all the chosen cases at once; each deed takes of it what it needs."""

    responsible = forms.UUIDField(label=_("Responsible person"), required=False)
    note = _text(_("What the next one must know"), 2000, required=False)
    text = _text(_("Next step"), 300, required=False)
    due_on = Day(label=_("By"), required=False)
    need = forms.ChoiceField(label=_("Need of support"), choices=[("", ""), *Need.choices], required=False)
    reason = _text(_("Reason"), 300, required=False)

    @property
    def objection(self) -> str:
        """The first thing that is wrong, in words."""
        return str(next(error for errors in self.errors.values() for error in errors))


class FilterForm(forms.Form):
    """The filters of the client list, to be drawn; what an address asks is read by ``filters_of``."""

    text = PlainText(label=_("Name, identity code or date of birth"), max_length=MOST_TEXT, required=False)
    kind = forms.ChoiceField(label=_("Kind of case"), required=False)
    need = forms.ChoiceField(label=_("Need of support"), required=False)
    responsible = forms.ChoiceField(label=_("Responsible person"), required=False)
    municipality = forms.ChoiceField(label=_("Municipality"), required=False)
    reason = forms.ChoiceField(label=_("Reason"), required=False)

    def __init__(
        self,
        data: Any,
        *,
        kinds: list[tuple[str, str]],
        workers: list[tuple[str, str]],
        municipalities: list[tuple[str, str]],
    ) -> None:
        """The lists hold what the acting unit can have."""
        super().__init__(data)
        every = ("", _("All"))
        lists: dict[str, list[tuple[str, Any]]] = {
            "kind": [every, *kinds],
            "need": [every, *Need.choices],
            "responsible": [every, *workers],
            "municipality": [every, *municipalities],
            "reason": [every, *((reason.value, str(name)) for reason, name in worklist.NAMES.items())],
        }
        for name, choices in lists.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices


class SaveViewForm(forms.Form):
    """A name for the filters that are on."""

    name = _text(_("Name of the view"), 80)
    query = PlainText(widget=forms.HiddenInput, required=False, max_length=500)
