"""The pages on which a lead keeps her unit's subscriptions, and the keeper sees to all."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from silta.access import queries as access
from silta.access.enums import Permission
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, RuleBroken
from silta.kernel.request import Request
from silta.outbox.enums import State
from silta.outbox.models import Message
from silta.subscriptions import jobs, operations, queries
from silta.subscriptions.enums import TEST, Kind
from silta.subscriptions.forms import DeliveriesForm, SubscriptionForm
from silta.subscriptions.models import Subscription


def _actor(request: Request) -> Actor:
    if request.actor is None:
        raise NotAllowed("", code="subscriptions.nobody")
    return request.actor


@require_http_methods(["GET", "POST"])
def subscriptions(request: Request) -> HttpResponse:
    """The subscriptions, and making one for the place the lead acts from; its secret is shown this once."""
    actor, secret = _actor(request), ""
    form = SubscriptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _made, secret = operations.subscribe(actor, **form.cleaned_data)
        except RuleBroken as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            form = SubscriptionForm()
    context = {
        "form": form, "secret": secret, "shown": queries.subscriptions(actor), "may_make": _sees_cases(actor),
        "keeps_all": access.permits(actor, Permission.ORGANISATIONS_MANAGE),
    }  # fmt: skip
    return render(request, "subscriptions/subscriptions.html", context)


@require_safe
def subscription(request: Request, subscription_id: UUID) -> HttpResponse:
    """One subscription: how it stands, and what was sent, is to be sent or failed."""
    actor = _actor(request)
    return _page(request, actor, queries.subscription_for(actor, subscription_id))


def _page(request: Request, actor: Actor, row: Subscription, secret: str = "") -> HttpResponse:
    asked = DeliveriesForm(request.GET).asked
    found = queries.deliveries(row, state=State.FAILED if asked["failed"] else None, after=asked["after"])
    context = {
        "row": row, "secret": secret, "kinds": [kind.label for kind in Kind if kind in row.kinds],
        "messages_of": [_shown(message) for message in found.messages], "failed_only": asked["failed"],
        "first": _address(failed=asked["failed"]) if asked["after"] else "",
        "next": _address(failed=asked["failed"], after=found.next_key) if found.next_key else "",
        "runs": row.ended_at is None and row.paused_at is None, "may_rotate": _sees_cases(actor),
    }  # fmt: skip
    return render(request, "subscriptions/subscription.html", context)


def _address(*, failed: bool, after: UUID | None = None) -> str:
    query = QueryDict(mutable=True)
    if failed:
        query["failed"] = "on"
    if after is not None:
        query["after"] = str(after)
    return f"?{query.urlencode()}"


_TONES = {State.DELIVERED: "good", State.FAILED: "late", State.WAITING: "neutral", State.WITHHELD: "neutral"}


def _shown(message: Message) -> dict[str, object]:
    kind = (
        _("Test")
        if message.kind == TEST
        else Kind(message.kind).label
        if message.kind in Kind
        else message.kind
    )
    return {
        "row": message, "kind": kind, "tone": _TONES[State(message.state)],
        "can_retry": message.state == State.FAILED,
    }  # fmt: skip


def _sees_cases(actor: Actor) -> bool:
    """Whether she may make subscriptions and hold their secrets: a keeper sees no cases, and does not."""
    return access.permits(actor, Permission.CASE_VIEW)


@require_POST
def rotate(request: Request, subscription_id: UUID) -> HttpResponse:
    """Makes a new secret and shows it this once."""
    actor = _actor(request)
    row = queries.subscription_for(actor, subscription_id)
    try:
        secret = operations.rotate_secret(actor, subscription=row)
    except RuleBroken as error:
        messages.error(request, str(error.message))
        return redirect("subscriptions:subscription", subscription_id)
    return _page(request, actor, queries.subscription_for(actor, subscription_id), secret)


@require_POST
def test(request: Request, subscription_id: UUID) -> HttpResponse:
    """Has a message sent that tells of nothing."""

    def do(actor: Actor, row: Subscription) -> None:
        operations.send_test(actor, subscription=row)
        jobs.send.defer()

    return _done(
        request, subscription_id, do, _("A test message is on its way. Load the page again in a moment.")
    )


@require_POST
def resume(request: Request, subscription_id: UUID) -> HttpResponse:
    """Lets it tell again."""

    def do(actor: Actor, row: Subscription) -> None:
        operations.resume(actor, subscription=row)

    return _done(request, subscription_id, do, _("Messages are sent again, of what happens from now on."))


@require_POST
def end(request: Request, subscription_id: UUID) -> HttpResponse:
    """Ends it."""

    def do(actor: Actor, row: Subscription) -> None:
        operations.end(actor, subscription=row)

    return _done(request, subscription_id, do, _("The subscription has ended."))


@require_POST
def retry(request: Request, subscription_id: UUID, message_id: UUID) -> HttpResponse:
    """Has a message that failed sent once more."""

    def do(actor: Actor, row: Subscription) -> None:
        operations.retry(actor, subscription=row, message=queries.message_for(row, message_id))
        jobs.send.defer()

    return _done(
        request, subscription_id, do, _("The message is on its way again. Load the page again in a moment.")
    )


def _done(
    request: Request, subscription_id: UUID, do: Callable[[Actor, Subscription], None], told: str
) -> HttpResponse:
    actor = _actor(request)
    row = queries.subscription_for(actor, subscription_id)
    try:
        do(actor, row)
    except RuleBroken as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, told)
    return redirect("subscriptions:subscription", subscription_id)
