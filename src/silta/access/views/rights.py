"""Reviews of rights: the units and how far they are, one unit's list answered line by line, and what waits for the keeper."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from silta.access import operations, queries, rules, strands
from silta.access.enums import Permission, Verdict
from silta.access.forms import AnswerForm, ReviewCloseForm, RightsForm, SettleForm
from silta.access.models import RightsAnswer, RightsReview
from silta.access.views.answers import actor_of, tell_at_field
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.kernel.request import Request

_REFUSED, _CONFLICT = 422, 409
# Whoever has not signed in for so long may not need the rights: ours, no source gives any.
_QUIET = dt.timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list as it is drawn: the membership, what was said last and was wrong, what happened meanwhile."""

    one: queries.Reviewed
    said: AnswerForm | None = None
    error: str = ""
    takes_focus: bool = False

    @property
    def role(self) -> str | Promise:
        """The role's name."""
        return _role(self.one.membership.role)

    @property
    def right_role(self) -> str | Promise:
        """The name of the role that was answered to be right."""
        return _role(self.one.answer.right_role) if self.one.answer else ""

    @property
    def is_quiet(self) -> bool:
        """Whether she has not signed in for a long time, or never since she came."""
        signed_in = self.one.membership.user.last_login
        last = signed_in.astimezone(clock.HELSINKI).date() if signed_in else self.one.membership.valid_from
        return last < clock.today() - _QUIET

    @property
    def wrong(self) -> str:
        """Which of the two longer answers is open, because something was wrong with it."""
        return str(self.said.data.get("verdict", "")) if self.said else ""

    @property
    def ends_form(self) -> AnswerForm:
        """The form of an end."""
        return self._form(Verdict.ENDS)

    @property
    def role_form(self) -> AnswerForm:
        """The form of a wrong role."""
        return self._form(Verdict.ROLE)

    def _form(self, verdict: str) -> AnswerForm:
        if self.said is not None and self.wrong == verdict:
            return self.said
        return AnswerForm(auto_id=_ids(self.one.membership.pk, verdict))


def _ids(membership_id: UUID, verdict: str) -> str:
    """The ids of a form's fields: on one page there are two forms for each member. Of what was sent only a verdict is taken."""
    return f"{membership_id}-{verdict if verdict in Verdict.values else ''}-%s"


def _role(code: str) -> str | Promise:
    return rules.ROLES[code].name if code in rules.ROLES else code


@require_safe
def overview(request: Request) -> HttpResponse:
    """What is the user's own to answer, what waits for the keeper, and for whoever oversees them the units and their state."""
    actor = actor_of(request)
    oversees = queries.permits(actor, Permission.RIGHTS_OVERSEE)
    if not oversees:
        queries.require(actor, Permission.RIGHTS_REVIEW)
    search = RightsForm(request.GET)
    listed = queries.rights_overview(actor, **search.asked) if oversees else None
    said = {"late": "on"} if search.asked["late_only"] else {}
    context = {
        "own": queries.open_rights_reviews(actor), "oversees": oversees, "search": search, "is_filtered": bool(said),
        "units": listed.rows if listed else [], "first": f"?{urlencode(said)}" if request.GET.get("after") else "",
        "next": f"?{urlencode(said | {'after': listed.next})}" if listed and listed.next else "",
        "requests": [_request(row) for row in queries.rights_requests(actor)],
    }  # fmt: skip
    return render(request, "access/rights.html", context)


def _request(row: RightsAnswer) -> dict[str, Any]:
    return {
        "row": row, "role": _role(row.membership.role), "right_role": _role(row.right_role),
        "form": SettleForm(auto_id=f"{row.pk}-%s"),
    }  # fmt: skip


@require_POST
def start(request: Request, unit_id: UUID) -> HttpResponse:
    """Asks a unit early."""
    actor = actor_of(request)
    unit = queries.unit_overseen(actor, unit_id)
    try:
        operations.start_review(actor, unit=unit)
    except (RuleBroken, Conflict) as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(request, _("The review of %(unit)s has begun.") % {"unit": unit.name})
    return redirect("access:rights")


@require_safe
def review(request: Request, review_id: UUID) -> HttpResponse:
    """One unit's list: to be answered while it is open, as it was confirmed once it is closed."""
    actor = actor_of(request)
    return _page(request, actor, queries.rights_review_for(actor, review_id))


def _page(request: Request, actor: Actor, row: RightsReview, *, answered: Line | None = None) -> HttpResponse:
    if row.closed_at is not None:
        confirmed = [
            {"membership": membership, "line": line, "answer": answer, "role": _role(str(line["role"])),
             "right_role": _role(str(line["right_role"])), "verdict": Verdict(str(line["answer"])) if line["answer"] else None}
            for membership, line, answer in queries.confirmed_members(row)
        ]  # fmt: skip
        return render(request, "access/rights_closed.html", {"review": row, "confirmed": confirmed})
    members = _members(actor, row)
    lines = [
        answered if answered and answered.one.membership == one.membership else Line(one) for one in members
    ]
    context = {"review": row, "lines": lines, **_closing(members)}
    return render(request, "access/rights_review.html", context, status=_REFUSED if answered else 200)


def _members(actor: Actor, row: RightsReview) -> list[queries.Reviewed]:
    return queries.reviewed_members(actor, row, strands.open_work_counts(actor, row.unit_id))


def _closing(members: list[queries.Reviewed]) -> dict[str, Any]:
    """What the foot of the list tells: how many are answered, and what follows when it is closed."""
    asked = [one for one in members if not one.is_own or one.verdict]
    return {
        "asked": len(asked), "answered": sum(bool(one.verdict) for one in asked),
        "ending": sum(one.verdict == Verdict.ENDS for one in members),
        "changing": sum(one.verdict == Verdict.ROLE for one in members),
        "requests": sum(one.is_request for one in members),
        "close_form": ReviewCloseForm(initial={"seen": queries.digest_of_list(members)}),
    }  # fmt: skip


@require_POST
def answer(request: Request, review_id: UUID, membership_id: UUID) -> HttpResponse:
    """One line answered, or its answer taken back."""
    actor = actor_of(request)
    row = queries.rights_review_for(actor, review_id)
    one = _line(actor, row, membership_id)
    form = AnswerForm(request.POST, auto_id=_ids(membership_id, request.POST.get("verdict", "")))
    status, error = 200, ""
    if form.is_valid():
        try:
            operations.answer_for_member(actor, review=row, membership=one.membership, **form.cleaned_data)
        except RuleBroken as broken:
            tell_at_field(form, broken)
        except Conflict as conflict:
            status, error = _CONFLICT, str(conflict.message)
    if form.errors:
        status = _REFUSED
    if request.headers.get("HX-Request") != "true":
        if form.errors:
            return _page(request, actor, row, answered=Line(one, form))
        if error:
            messages.warning(request, error)
        return redirect(f"{reverse('access:rights_review', args=[row.pk])}#member-{membership_id}")
    members = _members(actor, row)
    now = next((each for each in members if each.membership.pk == membership_id), one)
    line = Line(now, form if form.errors else None, error, takes_focus=not form.errors)
    return render(
        request,
        "access/_rights_answered.html",
        {"review": row, "line": line, **_closing(members)},
        status=status,
    )


def _line(actor: Actor, row: RightsReview, membership_id: UUID) -> queries.Reviewed:
    for one in _members(actor, row):
        if one.membership.pk == membership_id:
            return one
    raise NotFound(_("There is no such member."), code="access.no_membership")


@require_POST
def close(request: Request, review_id: UUID) -> HttpResponse:
    """Confirms the list as it was seen."""
    actor = actor_of(request)
    row = queries.rights_review_for(actor, review_id)
    form = ReviewCloseForm(request.POST)
    try:
        operations.close_review(actor, review=row, seen=form.cleaned_data["seen"] if form.is_valid() else "")
    except (RuleBroken, Conflict) as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(request, _("The review is closed. What you answered has come true."))
    return redirect("access:rights_review", review_id=row.pk)


@require_POST
def settle(request: Request, answer_id: UUID) -> HttpResponse:
    """The keeper's word on a request."""
    actor = actor_of(request)
    if not queries.permits(actor, Permission.ORGANISATIONS_MANAGE):
        raise NotAllowed("", code="access.settle_rights_request")
    row = queries.rights_request_for(actor, answer_id)
    form = SettleForm(request.POST)
    try:
        if form.is_valid():
            operations.settle_request(actor, answer=row, note=form.cleaned_data["note"])
            messages.success(request, _("It is noted."))
        else:
            messages.warning(request, _("Say what was done."))
    except (RuleBroken, Conflict) as error:
        messages.warning(request, str(error.message))
    return redirect("access:rights")
