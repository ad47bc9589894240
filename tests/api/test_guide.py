"""The session in docs/api.md is run as it stands there, call by call."""

import json
import re
import shlex
from collections.abc import Callable
from typing import Any

from django.test import Client

from silta.access.enums import TokenScope
from tests.cast import Cast
from tests.harness import ROOT

GUIDE = (ROOT / "docs" / "api.md").read_text()


def _call(told: str, known: dict[str, str]) -> Any:
    words = shlex.split(re.sub(r"\$([A-Z]+)", lambda found: known[found[1]], told.replace("\\\n", " ")))
    headers, body, address = {}, None, ""
    options = iter(words[1:])
    for word in options:
        if word == "-H":
            name, _, value = next(options).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(options)
        else:
            address = word
    kind = headers.pop("Content-Type", "application/json")
    if body is None:
        return Client(headers=headers).get(address)
    return Client(headers=headers).post(address, body, content_type=kind)


def _agrees(answer: Any, told: dict[str, Any], known: dict[str, str]) -> bool:
    """Whether the answer holds what is told of it; a word in capitals is remembered, or is what it was before."""
    for name, value in told.items():
        found = answer[name]
        if isinstance(value, str) and value.startswith("$"):
            if str(found) != known.setdefault(value[1:], str(found)):
                return False
        elif found != value:
            return False
    return True


def test_the_session_of_the_guide_goes_as_it_is_told(cast: Cast, secret_of: Callable[..., str]) -> None:
    known = {"SILTA": "", "TOKEN": secret_of("eero", TokenScope.CASES_READ, TokenScope.CASES_WRITE)}
    blocks = re.findall(r"```sh\n(.+?)\n# (\d+) (.+?)\n```", GUIDE, flags=re.DOTALL)
    assert len(blocks) == GUIDE.count("```sh") == 6
    for call, status, told in blocks:
        answer = _call(call, known)
        assert answer.status_code == int(status), (call, answer.content)
        assert _agrees(answer.json(), json.loads(told), known), (call, answer.content)


def test_the_guide_names_every_scope() -> None:
    assert set(re.findall(r"`([a-z]+\.[a-z]+)`", GUIDE.split("## One session")[0])) >= set(TokenScope)
