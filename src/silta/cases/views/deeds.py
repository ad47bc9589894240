"""One way to do every deed on a case: show its form, check it, do it once, and answer with what changed.

A deed's form is the same template part on its own page and as a fragment on the case page. What was typed survives
every refusal: a rule that was broken is said at its field, and where somebody else was faster both versions are shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases import queries
from silta.cases.forms.base import CaseForm, VersionedForm
from silta.cases.models import Case
from silta.cases.operations import drafts
from silta.cases.queries import casepage
from silta.cases.views import answers, page
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotFound, RuleBroken

Words = str | Promise
REFUSED = 422
_DAY_AND_NIGHT = 24 * 60 * 60


def _nothing(*_: Any) -> dict[str, Any]:
    return {}


_SAID_BY = ("wording", "own_words", "text", "name", "value", "outsider_name")
_SHORT = 200


def _in_short(subject: Any) -> str:
    """What the row in question is, in its own words, so that nobody decides about the wrong one."""
    if getattr(subject, "user", None) is not None:
        return str(subject.user.name)
    words = next((str(getattr(subject, name)) for name in _SAID_BY if getattr(subject, name, "")), "")
    return words if len(words) <= _SHORT else f"{words[:_SHORT]}…"


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed: its form, the one operation that does it, who may, and which band of the page shows the result.

    ``perform`` is given the actor, the subject (the case itself, or a row of it) and the form's words. ``choices``
    and ``initial`` are given the actor, the case and the subject. ``more`` adds what the form's page shows beside it, given
    the form instead of the subject; ``about`` names the row in question. A deed that is not only ``is_for_insiders`` may be done from outside the case (an offer is
    answered by the unit it was made to): its operation decides. A deed that ``creates`` a row gives it the submission's own id.
    """

    name: str
    form: type[CaseForm]
    title: Words
    button: Words
    done: Words
    perform: Callable[[Actor, Any, dict[str, Any]], Any]
    subject: type[models.Model] | None = None
    permission: Permission = Permission.CASE_WORK
    band: str = "plan"
    choices: Callable[[Actor, Case, Any], Mapping[str, Any]] = _nothing
    initial: Callable[[Actor, Case, Any], Mapping[str, Any]] = _nothing
    more: Callable[[Actor, Case, CaseForm], Mapping[str, Any]] = _nothing
    about: Callable[[Any], Words] = _in_short
    hint: Words = ""
    template: str = "cases/_deed.html"
    returns_to: str = "cases:case"
    is_for_insiders: bool = True
    creates: bool = False
    keeps_draft: bool = False


def do_once(submission: UUID | None, perform: Callable[[], Any]) -> None:
    """Does it, unless the same submission was done already: a second press of the button changes nothing.

    The mark is written in the transaction of the deed, so a refused deed leaves none behind.
    """
    with transaction.atomic():
        if submission is None or cache.add(f"cases.submission.{submission}", 1, _DAY_AND_NIGHT):
            perform()


def _subject(deed: Deed, case: Case, subject_id: UUID | None) -> Any:
    if deed.subject is None:
        return case
    found = casepage.part_of(case, deed.subject, subject_id)
    if found is None:
        raise NotFound(_("There is no such page."), code="cases.part_not_found")
    return found


def _initial(deed: Deed, actor: Actor, case: Case, subject: Any) -> dict[str, Any]:
    initial = dict(deed.initial(actor, case, subject))
    if issubclass(deed.form, VersionedForm):
        initial["version"] = subject.version
    return initial


@dataclass(frozen=True, slots=True)
class Difference:
    """One field as somebody else left it, and as it was typed here."""

    label: Words
    theirs: str
    yours: str


def differences(form: CaseForm, current: Mapping[str, Any]) -> list[Difference]:
    """The fields in which what was typed and what now stands are not the same."""
    found = []
    for bound in form.visible_fields():
        if bound.name not in current:
            continue
        theirs, yours = _shown(bound.field, current[bound.name]), _shown(bound.field, bound.value())
        if theirs != yours:
            found.append(Difference(bound.label, theirs, yours))
    return found


def _shown(form_field: Any, value: Any) -> str:
    if value in (None, ""):
        return "–"
    labels = {str(code): str(label) for code, label in getattr(form_field, "choices", [])}
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return labels.get(str(value), str(value))


def _renewed(form: CaseForm, version: int) -> CaseForm:
    """The same typed form, now knowing the newest version, so that pressing the button again means it."""
    data = QueryDict(mutable=True)
    data.update(form.data)
    data["version"] = str(version)
    form.data = data
    return form


def show(
    request: HttpRequest,
    deed: Deed,
    case: Case,
    subject: Any,
    form: CaseForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The deed's form: on its own page, or alone where the case page asked for it."""
    actor = answers.actor_of(request)
    context = {
        "deed": deed,
        "case": case,
        "subject": subject,
        "form": form,
        "action": request.path,
        "body": deed.template,
        "about": deed.about(subject),
        **deed.more(actor, case, form),
        **more,
    }
    if answers.is_fragment(request):
        response = render(request, deed.template, context | {"is_part": True}, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#deed", "innerHTML"
        return response
    return render(request, "cases/deed.html", context, status=status)


def _words(deed: Deed, form: CaseForm) -> dict[str, Any]:
    submission = form.cleaned_data.get("submission")
    return form.words | ({"key": submission} if deed.creates and submission else {})


def _perform(deed: Deed, actor: Actor, case: Case, subject: Any, form: CaseForm) -> None:
    """Does the deed; what was kept while it was typed is no longer needed then."""
    deed.perform(actor, subject, _words(deed, form))
    if deed.keeps_draft:
        drafts.discard_draft(actor, case=case, form=deed.name)


def _done(request: HttpRequest, deed: Deed, case: Case) -> HttpResponse:
    is_on_page = deed.returns_to == "cases:case"
    if answers.is_fragment(request) and is_on_page:
        try:
            return page.changed(request, case.pk, deed.band, str(deed.done), after=deed.name)
        except NotFound:
            return _gone(request, deed)
    if not queries.visible_to(answers.actor_of(request)).filter(pk=case.pk).exists():
        return _gone(request, deed)
    messages.success(request, str(deed.done))
    place = f"#{deed.band}" if is_on_page else ""
    return answers.go(request, reverse(deed.returns_to, args=[case.pk]) + place)


def _gone(request: HttpRequest, deed: Deed) -> HttpResponse:
    """The deed ended the unit's own part in the case: there is no page to return to."""
    messages.success(request, str(deed.done))
    return answers.go(request, settings.LOGIN_REDIRECT_URL)


def _is_stale(form: CaseForm, subject: Any) -> bool:
    """Whether what was typed rests on a row that others changed meanwhile: what it then lacks is not its typist's fault."""
    seen = form.cleaned_data.get("version") if isinstance(form, VersionedForm) else None
    return seen is not None and seen != subject.version


def _conflict(request: HttpRequest, deed: Deed, case: Case, subject: Any, form: CaseForm) -> HttpResponse:
    """The form as it was typed, beside what others made of the row meanwhile."""
    found = differences(form, deed.initial(answers.actor_of(request), case, subject))
    return show(
        request, deed, case, subject, _renewed(form, subject.version),
        status=REFUSED, conflict=True, differences=found, standing=casepage.standing_of(subject),
    )  # fmt: skip


def view_of(deed: Deed) -> Callable[..., HttpResponse]:
    """The view of one deed."""

    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, case_id: UUID, subject_id: UUID | None = None) -> HttpResponse:
        actor = answers.actor_of(request)
        case = queries.get_for(actor, case_id)
        access.require(actor, deed.permission, case.scope if deed.is_for_insiders else None)
        subject = _subject(deed, case, subject_id)
        choices = deed.choices(actor, case, subject)
        initial = _initial(deed, actor, case, subject)
        if request.method == "GET":
            draft = casepage.draft_of(actor, case, deed.name) if deed.keeps_draft else None
            form = deed.form(choices=choices, initial=initial | (draft.fields if draft else {}))
            return show(request, deed, case, subject, form, draft=draft)
        form = deed.form(request.POST, choices=choices, initial=initial)
        if not form.is_valid():
            if _is_stale(form, subject):
                return _conflict(request, deed, case, subject, form)
            return show(request, deed, case, subject, form, status=REFUSED)
        try:
            do_once(form.cleaned_data.get("submission"), lambda: _perform(deed, actor, case, subject, form))
        except RuleBroken as broken:
            form.refuse(broken.field, broken.message)
            return show(request, deed, case, subject, form, status=REFUSED)
        except Conflict:
            subject.refresh_from_db()
            return _conflict(request, deed, case, subject, form)
        return _done(request, deed, case)

    view.__name__ = view.__qualname__ = f"do_{deed.name}"
    return view


def urls_of(deeds: list[Deed]) -> list[URLPattern]:
    """The addresses of the deeds: ``<case>/<deed>/``, or ``<case>/<deed>/<row>/`` where it is about a row."""
    tail = {True: "", False: "<uuid:subject_id>/"}
    return [
        path(
            f"<uuid:case_id>/{deed.name.replace('_', '-')}/{tail[deed.subject is None]}",
            view_of(deed),
            name=deed.name,
        )
        for deed in deeds
    ]
