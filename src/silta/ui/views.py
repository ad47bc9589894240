"""Error pages that lose nothing and give nothing away."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Says that the page had grown old, and how to go on without losing what was typed."""
    return render(request, "403_csrf.html", status=403)
