"""Asks for sign-in, and loses nothing that was typed when a session has ended: it is given back to its typist."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from silta.accounts import operations

COOKIE = "silta_typist"
_OWN_PATHS = "/accounts/"


def _signer() -> Signer:
    return Signer(salt=COOKIE)


def _typist(request: HttpRequest) -> tuple[UUID, str] | None:
    """Who last worked in this browser, and from which place; a form with a sound CSRF token can only be hers.

    The token is made anew at each sign-in, so a page left open by an earlier user is refused before it comes here.
    """
    try:
        user, _mark, place = _signer().unsign(request.COOKIES.get(COOKIE, "")).partition(" ")
        return UUID(user), place
    except (BadSignature, ValueError):
        return None


class SignInMiddleware(LoginRequiredMiddleware):
    """Django's demand for sign-in, which keeps a form that came too late.

    The form lies encrypted in the session of whoever now signs in, opens for the user who typed it only, and not after
    ``rules.KEPT_FOR``; nothing of it stands in an address. Scripts are told by status, and keep the page as it is.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Sends strangers to sign in; what is sent again is kept no longer."""
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is None and request.method == "POST" and request.user.is_authenticated:
            kept = operations.unsent_of(request.session, request.user.pk)
            if kept is not None and kept.path == request.get_full_path():
                operations.forget_unsent(request.session)
        return answer

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        """The sign-in page; behind it waits the form, where one was sent, or the page that was asked for."""
        typist = _typist(request)
        # A page's own navigation says so; a script's request (a fragment, a draft) leaves the page in place.
        is_page = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        is_fragment = request.headers.get("HX-Request") == "true"
        if request.method != "POST" or typist is None or is_fragment or not is_page:
            return super().handle_no_permission(request, view_func)
        user_id, place = typist
        is_kept = operations.keep_typed(
            request.session, request.POST, path=request.get_full_path(), place=place, user_id=user_id,
            had_files=bool(request.FILES),
        )  # fmt: skip
        if not is_kept:
            messages.warning(request, _("Your session had ended, and what you sent was too long to keep."))
            return redirect_to_login("/")
        messages.info(
            request, _("Your session had ended. What you typed is safe: sign in, and you get it back.")
        )
        return redirect_to_login(settings.UNSENT_URL)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Remembers in the browser who works in it and from which place, until she signs out."""
        user, place = getattr(request, "user", None), getattr(request, "place", None)
        if user is None or place is None:
            return response
        if not user.is_authenticated:  # she has just signed out
            response.delete_cookie(COOKIE)
            return response
        told = _signer().sign(f"{user.pk} {place.choice}")
        if request.COOKIES.get(COOKIE) != told:
            response.set_cookie(
                COOKIE, told, httponly=True, samesite="Lax", secure=bool(settings.SESSION_COOKIE_SECURE)
            )
        return response
