"""Walking through every door: each page of the product, asked for by everybody whom its door lets in."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from tests.doors.routes import DOORS
from tests.doors.test_doors import address

# Pages with a way to be asked that shows more of them.
_ASKED = {
    "desk:search": ({"q": "Korhonen"}, {"q": "Aino"}, {"q": "010190-900P"}),
    "desk:clients": ({"q": "Korhonen"}, {"whose": "all"}),
    "access:journal": ({"person": "010190-900P"},),
    "access:units": ({"q": "Kela"},),
    "cases:case": ({"kinds": "all"},),
    "cases:join": ({"q": "Korhonen"}, {"code": "010190-900P"}),
}


def every_page(rows: dict[str, Any], page_of: Callable[[str], Client]) -> Iterator[tuple[str, HttpResponse]]:
    """Each page by GET with who asked for it, as those see it whom the table of doors lets in; whatever it wrote is undone."""
    signed_in: dict[str, Client] = {}
    for name, door in sorted(DOORS.items()):
        where = address(name, door, rows)
        for who in (door.gets or "").split():
            client = signed_in.setdefault(who, page_of(who))
            for asked in ({}, *_ASKED.get(name, ())):
                with transaction.atomic():
                    answer: Any = client.get(where, asked)
                    transaction.set_rollback(True)
                yield f"{name} {asked or ''} by {who}", answer


def body(answer: HttpResponse) -> str:
    """The whole answer as text, a streamed one and a workbook's cells included."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":
        return _cells(content)
    return content.decode("utf-8", "replace")


def _cells(content: bytes) -> str:
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return "\n".join(
        str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row
    )
