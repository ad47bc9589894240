"""Goals, promises, services, the plan and its reviews."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from silta.cases import enums
from silta.cases.forms.base import CaseForm, VersionedForm
from silta.kernel import clock
from silta.ui.fields import Day, Pick, PlainText


class GoalForm(CaseForm):
    """What the client wants."""

    own_words = PlainText(
        label=_("In the client's own words"),
        max_length=1000,
        rows=3,
        help_text=_("As said, not as translated."),
    )
    wording = PlainText(
        label=_("As agreed, in one line"),
        max_length=300,
        required=False,
        help_text=_("If a short wording is needed."),
    )
    proposed_by = forms.ChoiceField(
        label=_("Who proposed it"),
        choices=enums.ProposedBy,
        initial=enums.ProposedBy.CLIENT,
        widget=forms.RadioSelect(attrs={"class": "chips"}),
    )


class ConfirmGoalForm(VersionedForm):
    """The client takes the goal as hers; a worker writes down how she said so (REQ-002-20)."""

    reason = PlainText(
        label=_("How the client confirmed it"),
        max_length=300,
        help_text=_("For example: at the meeting, on the telephone, in writing."),
    )


class ActionForm(CaseForm):
    """A promise: what, who, by when."""

    text = PlainText(label=_("What"), max_length=300)
    owner = forms.ChoiceField(label=_("Who"), choices=())
    due_on = Day(label=_("By"), past=False, required=False)
    goal = forms.ChoiceField(label=_("For which goal"), choices=(), required=False)


class PostponeForm(VersionedForm):
    """A new day for a promise, and why."""

    due_on = Day(label=_("New day"), past=False)
    reason = PlainText(label=_("Reason"), max_length=300)


class ServiceForm(CaseForm):
    """A service that was agreed."""

    name = PlainText(label=_("Which service"), max_length=200)
    provider_unit = Pick(
        label=_("Who provides it"), required=False,
        help_text=_("A unit that works in Silta: write a part of its name, and choose from the list."),
    )  # fmt: skip
    provider_name = PlainText(label=_("Or somebody else"), max_length=200, required=False)
    expected_on = Day(label=_("Should start by"), required=False)
    goal = forms.ChoiceField(label=_("For which goal"), choices=(), required=False)

    def clean(self) -> dict[str, Any]:
        """A service has a provider, chosen or named."""
        cleaned = super().clean() or {}
        is_chosen = cleaned.get("provider_unit") or "provider_unit" in self.errors
        if not is_chosen and not cleaned.get("provider_name"):
            self.add_error("provider_unit", _("Choose the provider, or write its name below."))
        return cleaned


class ServiceStateForm(VersionedForm):
    """Where an agreed service stands now."""

    state = forms.ChoiceField(
        label=_("Where it stands now"),
        choices=enums.ServiceState,
        widget=forms.RadioSelect(attrs={"class": "chips"}),
    )
    on = Day(label=_("Since"), future=False, initial=clock.today)
    reason = PlainText(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("Needed when the service is late or refused."),
    )

    def clean(self) -> dict[str, Any]:
        """Lateness and refusal are explained."""
        cleaned = super().clean() or {}
        explained = {enums.ServiceState.DELAYED, enums.ServiceState.REFUSED}
        if cleaned.get("state") in explained and not cleaned.get("reason"):
            self.add_error("reason", _("Say why the service is late or refused."))
        return cleaned


class PlanForm(CaseForm):
    """The plan as it now stands is made into a version."""

    reason = PlainText(label=_("Why is the plan made or changed now?"), max_length=300)
    how_followed = PlainText(
        label=_("How is the plan followed up?"), max_length=2000, rows=3,
        help_text=_("Who asks whom, and how often."),
    )  # fmt: skip
    made_on = Day(label=_("Made on"), future=False, initial=clock.today)


class AcceptPlanForm(CaseForm):
    """The client accepts the plan (VNA 385/2024 2 §)."""

    accepted_how = forms.ChoiceField(
        label=_("How the client accepts the plan"), choices=enums.AcceptedHow, widget=forms.RadioSelect
    )
    explained_how = PlainText(
        label=_("How the content and its meaning were explained"), max_length=500, rows=2,
        help_text=_("For example: read aloud together, with an interpreter, in plain language."),
    )  # fmt: skip
    accepted_on = Day(label=_("Accepted on"), future=False, initial=clock.today)


class RefusePlanForm(CaseForm):
    """The client does not accept the plan; that is recorded, and nothing follows from it by itself."""

    reason = PlainText(label=_("What the client does not accept, in her own words"), max_length=500, rows=3)


class ReviewForm(CaseForm):
    """The plan was looked at together."""

    findings = PlainText(
        label=_("What was found: what helped, what did not, what changes"), max_length=4000, rows=5
    )
    held_on = Day(label=_("Held on"), future=False, initial=clock.today)
    present = PlainText(label=_("Who took part"), max_length=300, required=False)
    asked_by_client = forms.BooleanField(label=_("The client asked for the review"), required=False)


class RewordForm(VersionedForm):
    """The goal said anew; a confirmed goal goes back to the client when its words change."""

    own_words = PlainText(label=_("In the client's own words"), max_length=1000, rows=3)
    wording = PlainText(label=_("As agreed, in one line"), max_length=300, required=False)


class HandActionForm(VersionedForm):
    """Somebody else takes the step."""

    owner = forms.ChoiceField(label=_("Who"), choices=())
