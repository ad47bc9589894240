"""Members: the keeper keeps those of all units, a lead those of her own."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from silta.access import operations, queries, rules, strands
from silta.access.enums import Permission
from silta.access.forms import EndForm, InviteForm, MembersForm
from silta.access.models import Membership
from silta.access.views.answers import actor_of, tell_at_field
from silta.kernel import clock
from silta.kernel.errors import Conflict, RuleBroken
from silta.kernel.request import Request


def members(request: Request) -> HttpResponse:
    """Who works where, and inviting another; a new user's set-password address is shown once."""
    actor = actor_of(request)
    queries.require(actor, Permission.MEMBERS_MANAGE)
    by_keeper = queries.permits(actor, Permission.ORGANISATIONS_MANAGE)
    form, link = InviteForm(request.POST or None, actor=actor, by_keeper=by_keeper), ""
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.invite_member(actor, **form.cleaned_data)
        except RuleBroken as error:
            tell_at_field(form, error)
        else:
            messages.success(request, _("The member is added."))
            if made.password_path is None:
                return redirect("access:members")
            link = request.build_absolute_uri(made.password_path)
            form = InviteForm(actor=actor, by_keeper=by_keeper)
    search = MembersForm(request.GET)
    listed = queries.members(actor, **search.asked)
    said = {name: request.GET[name] for name in ("q", "ended") if request.GET.get(name)}
    context = {
        "form": form, "search": search, "link": link, "by_keeper": by_keeper, "is_filtered": bool(said),
        "members": [{"row": row, "role": _role(row), "is_ended": _is_ended(row)} for row in listed.rows],
        "first": f"?{urlencode(said)}" if request.GET.get("after") else "",
        "next": f"?{urlencode(said | {'after': listed.next})}" if listed.next else "",
    }  # fmt: skip
    return render(request, "access/members.html", context)


def _role(row: Membership) -> Any:
    return rules.ROLES[row.role].name if row.role in rules.ROLES else row.role


def _is_ended(row: Membership) -> bool:
    return row.valid_until is not None and row.valid_until < clock.today()


def end(request: Request, membership_id: UUID) -> HttpResponse:
    """Ends a membership; asks once, and says what follows."""
    actor = actor_of(request)
    membership = queries.membership_for(actor, membership_id)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        today = clock.today()
        last = today - dt.timedelta(days=1) if form.cleaned_data["at_once"] else today
        try:
            operations.end_membership(
                actor,
                membership=membership,
                reason=form.cleaned_data["reason"],
                on=last,
                passes_on=form.cleaned_data["passes_on"],
            )
        except (RuleBroken, Conflict) as error:
            tell_at_field(form, error)
        else:
            messages.success(request, _("The membership ends."))
            return redirect("access:members")
    return render(
        request,
        "access/member_end.html",
        {"form": form, "membership": membership, "work": strands.open_work(actor, membership)},
    )
