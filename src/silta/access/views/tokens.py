"""A person's own tokens: what programs act in her name, and an end to each."""

import datetime as dt
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from silta.access import operations, queries, rules
from silta.access.enums import TokenScope
from silta.access.forms import TokenForm
from silta.access.models import Token
from silta.access.views.answers import actor_of, tell_at_field
from silta.kernel import clock
from silta.kernel.errors import RuleBroken
from silta.kernel.request import Request


@require_http_methods(["GET", "POST"])
def tokens(request: Request) -> HttpResponse:
    """The tokens of all her places, and making one for the place she acts from; its secret is shown this once."""
    actor = actor_of(request)
    queries.own_unit_id(actor)
    today, secret = clock.today(), ""
    first = {"expires_on": today + dt.timedelta(days=rules.TOKEN_DAYS)}
    form = TokenForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            _token, secret = operations.make_token(actor, **form.cleaned_data)
        except RuleBroken as error:
            tell_at_field(form, error)
        else:
            form = TokenForm(initial=first)
    context = {
        "form": form, "secret": secret,
        "tokens": [_shown(token, today) for token in queries.tokens_of(actor)],
    }  # fmt: skip
    return render(request, "access/tokens.html", context)


def _shown(token: Token, today: dt.date) -> dict[str, object]:
    role = rules.ROLES.get(token.membership.role)
    return {
        "row": token,
        "role": role.name if role else token.membership.role,
        "scopes": [TokenScope(scope).label for scope in token.scopes if scope in TokenScope],
        "holds": token.revoked_at is None and token.expires_on >= today,
    }


@require_POST
def revoke(request: Request, token_id: UUID) -> HttpResponse:
    """Makes a token useless at once."""
    actor = actor_of(request)
    operations.revoke_token(actor, token=queries.token_for(actor, token_id))
    messages.success(request, _("The token no longer opens anything."))
    return redirect("access:tokens")
