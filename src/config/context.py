"""What every page gets from the composition root."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """Whether these are demonstration data, who acts, and the languages offered."""
    return {
        "demonstration": settings.DEMONSTRATION,
        "actor": getattr(request, "actor", None),
        "languages": settings.LANGUAGES,
    }
