"""The forms of the keeper: founding, naming and closing organisations and units, and handing a unit's work over."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from silta.kernel import clock
from silta.kernel.errors import Conflict, RuleBroken
from silta.organisations import queries
from silta.organisations.enums import Kind, Sector
from silta.organisations.models import Organisation, Unit
from silta.ui.fields import Choice, Day, Pick, PlainText, Source

_LONGEST, _SEARCHED = 200, 100


def offer(form: forms.Form, name: str, source: Source) -> None:
    """Says where a field of the form is searched."""
    field = form.fields[name]
    if isinstance(field, Pick):
        field.offer(source)


@dataclass(frozen=True, slots=True)
class Parents:
    """The organisations of today under which another may come: all but itself."""

    child: UUID

    @property
    def address(self) -> str:
        """Where the page asks while somebody types."""
        return reverse("desk:parents", args=[self.child])

    @property
    def most(self) -> int:
        """How many are found at most."""
        return queries.MOST_FOUND

    def usual(self) -> list[Choice]:
        """None: nobody can tell."""
        return []

    def find(self, text: str) -> list[Choice]:
        """Those that are called so, or have such a business id."""
        return [
            self._choice(row) for row in queries.organisations_called(clock.today(), text, without=self.child)
        ]

    def get(self, key: str) -> Choice | None:
        """The organisation of this key, if it exists today."""
        try:
            row = queries.organisations_on(clock.today()).exclude(pk=self.child).filter(pk=UUID(key)).first()
        except ValueError:
            return None
        return self._choice(row) if row else None

    def _choice(self, row: Organisation) -> Choice:
        return Choice(str(row.pk), row.name, row.business_id, row.sought, row)


def _name(label: str | Promise, **options: Any) -> PlainText:
    return PlainText(label=label, max_length=_LONGEST, **options)


class SearchForm(forms.Form):
    """What an address asks of a list of units."""

    q = PlainText(label=_("Name"), max_length=_SEARCHED, required=False)
    closed = forms.BooleanField(label=_("Show closed ones too"), required=False)
    after = forms.UUIDField(widget=forms.HiddenInput, required=False)

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked, in the words of the queries; what cannot be understood counts as not said."""
        self.is_valid()
        said = self.cleaned_data
        return {
            "text": said.get("q", ""), "with_closed": bool(said.get("closed")), "after": said.get("after"),
        }  # fmt: skip


class OrganisationSearchForm(SearchForm):
    """What an address asks of the list of organisations."""

    q = PlainText(label=_("Name or business id"), max_length=_SEARCHED, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("All")), *Kind.choices], required=False)
    field_order = ("q", "kind", "closed")

    @property
    def asked(self) -> dict[str, Any]:
        """The kind besides."""
        return super().asked | {"kind": self.cleaned_data.get("kind", "")}


class KeepingForm(forms.Form):
    """A form of the keeper's; tells a broken rule at the field it names."""

    def refuse(self, error: RuleBroken | Conflict) -> None:
        """Puts the objection at its field, or at the top where the form has no such field."""
        self.add_error(
            error.field if error.field in self.fields else None, ValidationError(str(error.message))
        )


class NamesForm(KeepingForm):
    """The names in three languages."""

    name_fi = _name(_("Name in Finnish"))
    name_sv = _name(_("Name in Swedish"), required=False)
    name_en = _name(_("Name in English"), required=False)

    @classmethod
    def of(cls, body: Organisation | Unit, data: Any = None) -> "NamesForm":
        """The form over the present names."""
        return cls(data, initial={name: getattr(body, name) for name in cls.base_fields})


class OrganisationForm(NamesForm):
    """Founding an organisation."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("Choose the kind")), *Kind.choices])
    business_id = PlainText(
        label=_("Business id"), max_length=12, required=False, help_text=_("For example 0201256-6.")
    )
    valid_from = Day(label=_("First day"), initial=clock.today)
    requires_second_factor = forms.BooleanField(label=_("Two-factor sign-in is required"), required=False)
    field_order = ("kind", "name_fi", "name_sv", "name_en", "business_id", "valid_from")


class OrganisationFactsForm(KeepingForm):
    """What an organisation is, and what it is part of."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    business_id = PlainText(
        label=_("Business id"), max_length=12, required=False, help_text=_("For example 0201256-6.")
    )
    parent = Pick(
        label=_("Part of"), required=False,
        help_text=_("The organisation above it, if there is one: write a part of its name, and choose from the list."),
    )  # fmt: skip


class UnitFactsForm(KeepingForm):
    """The sector of a unit, and the unit above it."""

    sector = forms.ChoiceField(label=_("Sector"), choices=Sector.choices)
    parent = Pick(label=_("Unit above it"), required=False)


class UnitForm(NamesForm):
    """Founding a unit of an organisation."""

    sector = forms.ChoiceField(label=_("Sector"), choices=[("", _("Choose the sector")), *Sector.choices])
    parent = Pick(label=_("Unit above it"), required=False)
    valid_from = Day(label=_("First day"), initial=clock.today)
    field_order = ("name_fi", "name_sv", "name_en", "sector", "parent", "valid_from")


class CloseForm(KeepingForm):
    """The last day of an organisation or a unit."""

    on = Day(label=_("Last day"))


class ReceiverForm(KeepingForm):
    """The unit that takes the work of another."""

    to_unit = Pick(label=_("The unit that goes on with the work"))

    def __init__(self, data: Any, units: Source) -> None:
        super().__init__(data)
        offer(self, "to_unit", units)


class HandOverForm(KeepingForm):
    """From when and why the work of a unit is another's."""

    on = Day(label=_("First day under the new unit"), initial=clock.today, future=False)
    reason = PlainText(
        label=_("Reason"), max_length=300, rows=2,
        help_text=_("The decision or act behind the reform. It is told in the history of every case."),
    )  # fmt: skip
