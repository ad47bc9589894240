"""The ground of every form of the room: one submission counted once, and no change of a thing that others changed meanwhile."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from silta.kernel.identifiers import new_id
from silta.ui.fields import Pick, PlainText

Choices = Sequence[tuple[Any, Any]]


class CaseForm(forms.Form):
    """A form about a case.

    ``submission`` is made with the form and comes back with it: the same submission twice does its deed once.
    ``choices`` fills the lists that depend on the case (its goals, its people, where its units are found), each at once or,
    where it is a function, when the form needs it. What was read for them and belongs to no field is kept ``beside``
    the form, for the page that shows it.
    """

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        choices: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        prefix: str | None = None,
    ) -> None:
        """Builds the form, typed-in or fresh."""
        super().__init__(data, initial={"submission": new_id(), **(initial or {})}, prefix=prefix)
        self.beside: dict[str, Any] = {}
        for name, offered in (choices or {}).items():
            field = self.fields.get(name)
            if isinstance(field, Pick):
                field.offer(offered)
            elif isinstance(field, forms.ChoiceField):
                field.choices = offered if callable(offered) else list(offered)
            else:
                self.beside[name] = offered

    @property
    def words(self) -> dict[str, Any]:
        """What was decided, without the marks the form itself needs."""
        return {name: value for name, value in self.cleaned_data.items() if name != "submission"}

    def refuse(self, field: str | None, message: Any) -> None:
        """Puts the domain's own objection at the field it concerns, or at the top where it concerns none shown."""
        shown = field is not None and field in self.fields and not self.fields[field].widget.is_hidden
        self.add_error(field if shown else None, ValidationError(message))


class VersionedForm(CaseForm):
    """A form that changes something which others may change meanwhile."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class BareForm(CaseForm):
    """Nothing to type: the button says it all."""


class BareVersionedForm(VersionedForm):
    """Nothing to type, but the thing may have changed meanwhile."""


class ReasonForm(CaseForm):
    """A reason in a line."""

    reason = PlainText(label=_("Reason"), max_length=300)


class VersionedReasonForm(VersionedForm):
    """A change that needs a reason."""

    reason = PlainText(label=_("Reason"), max_length=300)


class VersionedOptionalReasonForm(VersionedForm):
    """A change that may be explained."""

    reason = PlainText(label=_("Reason, if there is something to say"), max_length=300, required=False)
