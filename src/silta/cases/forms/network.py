"""Who takes part: inviting, joining, handing over, transferring, leaving."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from silta.cases.forms.base import CaseForm, VersionedForm
from silta.ui.fields import Pick, PlainText


class AskUnitForm(CaseForm):
    """Which unit is to be asked in."""

    unit = Pick(label=_("Which unit"))

    def __init__(self, data: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.auto_id = "ask_%s"  # The page holds the invitation too, with the unit in it.


class InviteForm(CaseForm):
    """A unit, perhaps a person in it, is asked in; only what may be shared can be chosen."""

    unit = PlainText(widget=forms.HiddenInput, max_length=60)
    user = forms.ChoiceField(label=_("Who there"), choices=(), required=False)
    answers_for = PlainText(
        label=_("What they answer for"),
        max_length=300,
        help_text=_("In plain words: the client reads this too."),
    )
    reference = PlainText(
        label=_("Reference of the contract"), max_length=200, required=False,
        help_text=_("Only where the ground above is a contract."),
    )  # fmt: skip
    categories = forms.MultipleChoiceField(
        label=_("What they get to know"), choices=(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one group of data, only what is necessary.")},
    )  # fmt: skip


class SupporterForm(CaseForm):
    """Someone of the client's own: a relative, a friend, an interest worker."""

    name = PlainText(label=_("Name"), max_length=150)
    answers_for = PlainText(label=_("How she or he supports the client"), max_length=300, required=False)


class HandOverForm(VersionedForm):
    """The responsibility goes to another worker."""

    to_user = forms.ChoiceField(label=_("Who takes over"), choices=())
    note = PlainText(
        label=_("What the next one must know"), max_length=4000, rows=5,
        help_text=_("What was promised, what is delicate, what comes next."),
    )  # fmt: skip
    transition_days = forms.IntegerField(
        label=_("Days in which the former worker may still write"), min_value=0, max_value=90, required=False
    )


class TransferForm(CaseForm):
    """The case is offered to another unit."""

    to_unit = Pick(label=_("To which unit"))
    reason = PlainText(label=_("Why"), max_length=500)
    note = PlainText(label=_("What the next unit must know"), max_length=4000, rows=5, required=False)


class AcceptTransferForm(CaseForm):
    """The offered case is taken, by somebody named."""

    responsible = forms.ChoiceField(label=_("Who becomes responsible"), choices=())


class JoinForm(CaseForm):
    """Somebody who has work for the person comes in on her own, with a reason that stays."""

    find = PlainText(
        label=_("Case number or identity code"),
        max_length=20,
        help_text=_("As the client or a colleague gave it."),
    )
    reason = PlainText(
        label=_("What is your work for this person?"), max_length=300, rows=2,
        help_text=_("The reason is kept, and the client and the case responsible see it."),
    )  # fmt: skip
    answers_for = PlainText(label=_("What will you answer for?"), max_length=300, required=False)


class ShareForm(VersionedForm):
    """What a participant answers for, said anew."""

    answers_for = PlainText(label=_("What they answer for"), max_length=300)
