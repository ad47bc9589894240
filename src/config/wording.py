"""Whom the pages speak of: a public authority and a provider have clients, an employer has employees.

An employer's people read a wording of their language: ``fi-x-employer`` says what ``fi`` says, but for the texts of
``wordings/fi_X-employer``. The catalogues are searched last of all, so they win over those of the rooms; whatever they
do not hold is said in the language itself. A text about clients that an employer meets gets a line there.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from silta.kernel.actor import Actor

EMPLOYERS = frozenset({"employer_coordinator", "supervisor"})


def of(language: str, actor: Actor | None) -> str:
    """The wording of the language in which this actor is spoken to."""
    return f"{language}-x-employer" if actor is not None and actor.role in EMPLOYERS else language


class WordingMiddleware:
    """Speaks to an employer's people in their own wording, from the view on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serves one request in the wording of its actor."""
        language = translation.get_language() or "fi"
        with translation.override(of(language, getattr(request, "actor", None))):
            return self.get_response(request)
