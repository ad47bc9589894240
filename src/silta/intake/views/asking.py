"""Who asks, and an upload that is refused before it fills the disk."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadhandler import (
    FileUploadHandler,
    MemoryFileUploadHandler,
    SkipFile,
    TemporaryFileUploadHandler,
)
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from silta.access import queries as access
from silta.access.enums import Permission
from silta.intake.gateways.reading import MOST_BYTES
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound
from silta.kernel.request import Request, require_same_place

TOO_LARGE = "intake.too_large"
_ROOM_FOR_THE_FORM = 1024 * 1024


def actor_of(request: Request) -> Actor:
    """The acting professional, where her role imports; raises ``NotFound`` for everybody else."""
    actor = request.actor
    if actor is None or not access.permits(actor, Permission.IMPORT):
        raise NotFound(_("There is nothing here."), code="intake.not_permitted")
    return actor


def is_fragment(request: Request) -> bool:
    """Whether HTMX asks for a part of the page."""
    return bool(getattr(request, "htmx", False))


class _Limit(FileUploadHandler):
    """Lets an upload through up to the limit; of a larger one nothing is kept, and the page says so."""

    chunk_size = 256 * 1024

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 - Django's signature
        """Counts, and skips the rest of a file that is too large."""
        self._received += len(raw_data)
        if self._received > MOST_BYTES + _ROOM_FOR_THE_FORM:
            if self.request is not None:
                self.request.META[TOO_LARGE] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps the file."""


def limited(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Takes a file, within the limit, where other pages take none; the forgery check, which reads the body, comes after."""

    @csrf_protect
    def protected(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        require_same_place(request)
        return view(request, *args, **kwargs)

    @csrf_exempt
    @wraps(view)
    def before(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            request.upload_handlers = [
                _Limit(request), MemoryFileUploadHandler(request), TemporaryFileUploadHandler(request),
            ]  # fmt: skip
        return protected(request, *args, **kwargs)

    return before
