"""How the tests call the interface: writes with a key of their own, and what a problem looks like."""

import itertools
from typing import Any

from django.test import Client

V1 = "/api/v1"
_NUMBERS = itertools.count(1)


def send(client: Client, path: str, body: Any, *, read: str = "", key: str | None = None) -> Any:
    """Writes: with a key of its own unless one is given, and the version that was read where one is named."""
    headers = {"Idempotency-Key": f"koe-{next(_NUMBERS):08d}" if key is None else key}
    if read:
        headers["If-Match"] = read
    return client.post(f"{V1}/{path}", body, content_type="application/json", headers=headers)


def is_problem(response: Any, status: int, code: str) -> bool:
    """Whether the answer is a problem of this status and code, whole."""
    told = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert set(told) == {"type", "title", "status", "detail", "code", "errors"}
    return (response.status_code, told["status"], told["code"]) == (status, status, code)
