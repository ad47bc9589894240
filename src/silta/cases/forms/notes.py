"""Contacts, observations and flags."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category
from silta.cases import enums
from silta.cases.forms.base import CaseForm, VersionedForm
from silta.kernel import clock
from silta.ui.fields import Moment, PlainText


class _ReadersForm(CaseForm):
    """Who may read what is written here, said in the words of this case."""

    visibility = forms.ChoiceField(
        label=_("Who reads this"),
        choices=enums.Visibility,
        initial=enums.Visibility.SHARED,
        widget=forms.RadioSelect,
    )
    category = forms.ChoiceField(
        label=_("If restricted: to those who may see"),
        choices=Category,
        initial=Category.HEALTH,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """A note that is not restricted belongs to the clienthood; a restricted one names its category."""
        cleaned = super().clean() or {}
        if cleaned.get("visibility") != enums.Visibility.RESTRICTED:
            cleaned["category"] = Category.CLIENTHOOD.value
        elif not cleaned.get("category"):
            self.add_error("category", _("Choose to whom the note is restricted."))
        return cleaned


class ContactForm(_ReadersForm):
    """A contact, logged in seconds: everything but how it went has a sensible beginning."""

    result = forms.ChoiceField(
        label=_("How it went"),
        choices=enums.ContactResult,
        initial=enums.ContactResult.REACHED,
        widget=forms.RadioSelect(attrs={"class": "chips"}),
    )
    channel = forms.ChoiceField(
        label=_("How"),
        choices=enums.Channel,
        initial=enums.Channel.PHONE,
        widget=forms.RadioSelect(attrs={"class": "chips"}),
    )
    text = PlainText(label=_("Note, if there is something to say"), max_length=8000, rows=3, required=False)
    happened_at = Moment(label=_("When"), initial=clock.now)
    with_client = forms.BooleanField(label=_("With the client"), initial=True, required=False)
    with_whom = PlainText(label=_("Who else, or with whom instead"), max_length=200, required=False)

    field_order = (
        "submission", "result", "channel", "text", "happened_at", "with_client", "with_whom", "visibility", "category",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A contact without the client names the other party."""
        cleaned = super().clean()
        if not cleaned.get("with_client") and not cleaned.get("with_whom"):
            self.add_error("with_whom", _("Write with whom, when it was not with the client."))
        return cleaned


class ObservationForm(_ReadersForm):
    """Something seen or heard that others who help should know."""

    text = PlainText(label=_("Note"), max_length=8000, rows=6)
    happened_at = Moment(label=_("When"), initial=clock.now)

    field_order = ("submission", "text", "happened_at", "visibility", "category")


class FlagForm(CaseForm):
    """Something all in the case should see at once."""

    text = PlainText(label=_("What should everyone notice?"), max_length=300)


class ResolveFlagForm(CaseForm):
    """How the matter of a flag was settled."""

    resolution = PlainText(label=_("How was it resolved?"), max_length=300)


class CorrectNoteForm(VersionedForm):
    """The words of one's own note, put right; the history keeps the earlier ones."""

    text = PlainText(label=_("Note"), max_length=8000, rows=6, required=False)
