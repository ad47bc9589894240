"""The gallery of components, whether a session stands, and the error page of an aged form."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from silta.kernel import clock
from silta.ui import icons
from silta.ui.fields import Choice, Pick


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Says that the page had grown old, and how to go on without losing what was typed."""
    return render(request, "403_csrf.html", status=403)


@login_not_required
@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Whether the reader is still signed in: 204 or 401, and nothing else. Asked before a long-open form is sent."""
    return HttpResponse(status=204 if request.user.is_authenticated else 401)


class Few:
    """Three invented units, as a ``Pick`` of the gallery finds them; nobody types there, so it has no address."""

    address, most = "", 20
    _choices = (
        Choice("1", "Työkyvyn tuki", "Kainuun työllisyysalue", "tyokyvyn tuki kainuun tyollisyysalue", 1),
        Choice("2", "Kuntoutusratkaisut", "Kela", "kuntoutusratkaisut kela", 2),
        Choice("3", "Työhönvalmennus", "Valmennus Vuoksi ry", "tyohonvalmennus valmennus vuoksi ry", 3),
    )

    def usual(self) -> Sequence[Choice]:
        """All of them."""
        return self._choices

    def find(self, text: str) -> Sequence[Choice]:
        """Those that are called so."""
        return [one for one in self._choices if one.is_called(text)]

    def get(self, key: str) -> Choice | None:
        """One by its key."""
        return next((one for one in self._choices if one.key == key), None)


class Specimen(forms.Form):
    """Every kind of input, with a hint and an error on some."""

    name = forms.CharField(label=_("Name of the example"), help_text=_("As in the passport."), max_length=40)
    email = forms.EmailField(label=_("E-mail address"))
    met_on = forms.DateField(label=_("Date"), widget=forms.DateInput)
    at = forms.DateTimeField(label=_("Date and time"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("one", _("First kind")), ("two", _("Second kind"))])
    way = forms.ChoiceField(
        label=_("How"),
        choices=[("phone", _("By telephone")), ("met", _("Face to face"))],
        widget=forms.RadioSelect,
        help_text=_("Choose one."),
    )
    parts = forms.MultipleChoiceField(
        label=_("Parts"),
        choices=[("a", _("Part one")), ("b", _("Part two"))],
        widget=forms.CheckboxSelectMultiple,
    )
    text = forms.CharField(label=_("Longer text"), widget=forms.Textarea, required=False)
    sure = forms.BooleanField(label=_("I have told this to the client"))
    unit = Pick(label=_("Unit"), required=False)
    document = forms.FileField(label=_("File"), required=False, help_text=_("CSV or XLSX, at most 20 MB."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["unit"]
        if isinstance(field, Pick):
            field.offer(Few())


@dataclass(frozen=True)
class Step:
    """A phase of the specimen path."""

    code: str
    name: object


STEPS = [
    Step("contact", _("Contact")), Step("assessment", _("Assessment")), Step("plan", _("Plan")),
    Step("services", _("Services")), Step("follow_up", _("Follow-up")), Step("ended", _("Ended")),
]  # fmt: skip
SECTORS = (
    "employment", "social", "health", "social_insurance", "education", "working_life", "third", "administration",
)  # fmt: skip


@login_not_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build pages and for the tests of accessibility."""
    today = clock.today()
    context = {
        "empty_form": Specimen(prefix="empty"),
        "faulty_form": Specimen(
            {"faulty-met_on": "31.2.2026", "faulty-email": "aino", "faulty-at": ""}, prefix="faulty"
        ),
        "days": [today + dt.timedelta(days=days) for days in (-40, -1, 0, 1, 5, 30)],
        "today": today,
        "steps": STEPS,
        "sectors": SECTORS,
        "tones": ("neutral", "info", "good", "warn", "late"),
        "icons": sorted(icons.OWN_NAMES),
        "loads": [("Eero Virtanen", 34), ("Leena Ahonen", 27), ("Matti Rautio", 12)],
        "columns": [_("Unit"), _("Clients")],
        "rows": [("Työkyvyn tuki", 34), ("Yrityspalvelut", 12)],
    }
    return render(request, "ui/gallery.html", context)
