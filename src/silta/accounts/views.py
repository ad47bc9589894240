"""The page of whoever sent too much in too short a time."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# The longest any limit that ends here lasts; see ``ACCOUNT_RATE_LIMITS``.
_MINUTE = 60


def too_many(request: HttpRequest) -> HttpResponse:
    """Says how long to wait, in words and to programs."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(_MINUTE)
    return response
