"""What many users at once do, as locust has them do it; run by ``config.benching.load``, apart from any Django.

The mix of reads and writes stands in docs/performance.md. Each user was signed in ahead and has cases of her own: what she
knows comes from the file that ``SILTA_LOAD`` names.
"""

import itertools
import json
import os
import random
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from locust import HttpUser, constant, task

_TOLD: dict[str, Any] = json.loads(Path(os.environ["SILTA_LOAD"]).read_text())
_USERS: Iterator[dict[str, Any]] = itertools.cycle(_TOLD["users"])
_PARTS = ("kemp", "mäki", "aino", "nen", "virt", "kor")
_DICE = random.Random(1)  # noqa: S311 - the same order of deeds each time, not a secret
_WRITES = 0 if _TOLD["reads_only"] else 1


class Worker(HttpUser):
    """A worker at her desk: reads a page, thinks, reads the next; now and then she writes."""

    host = _TOLD["host"]
    wait_time = constant(_TOLD["think"])

    def on_start(self) -> None:
        """Takes the place of the next user who was signed in."""
        self.me = next(_USERS)
        self.client.cookies.update({"sessionid": self.me["session"], "csrftoken": self.me["token"]})
        self.client.headers.update({"X-CSRFToken": self.me["token"], "Referer": f"{_TOLD['host']}/"})

    def _read(self, address: str, name: str, part: str = "") -> None:
        headers = {"HX-Request": "true", "HX-Target": part} if part else {}
        with self.client.get(
            address, name=name, headers=headers, allow_redirects=False, catch_response=True
        ) as answer:
            if answer.status_code != HTTPStatus.OK:  # the page itself, and no page of sign-in
                answer.failure(f"answered {answer.status_code}")

    def _write(self, address: str, name: str, typed: dict[str, str]) -> None:
        with self.client.post(
            address, typed, name=name, allow_redirects=False, catch_response=True
        ) as answer:
            if answer.status_code != HTTPStatus.FOUND:  # done; a form that comes back is 200
                answer.failure(f"answered {answer.status_code}")

    def _case(self) -> str:
        return f"/cases/{_DICE.choice(self.me['cases'])}/"

    @task(30)
    def worklist(self) -> None:
        """The first page of the day."""
        self._read("/", "worklist")

    @task(25)
    def case(self) -> None:
        """A client's case."""
        self._read(self._case(), "case")

    @task(15)
    def search(self) -> None:
        """A client by part of her name."""
        self._read(f"/search/?q={_DICE.choice(_PARTS)}", "search")

    @task(10)
    def timeline(self) -> None:
        """What has happened in a case."""
        self._read(f"{self._case()}?show=contacts", "timeline", "happened")

    @task(6)
    def clients(self) -> None:
        """Her clients."""
        self._read("/clients/", "clients")

    @task(3)
    def form(self) -> None:
        """The form of a new step."""
        self._read(f"{self._case()}action/", "form", "deed")

    @task(8 * _WRITES)
    def contact(self) -> None:
        """A call is logged."""
        self._write(
            f"{self._case()}contact/", "log a contact", {**_TOLD["contact"], "submission": str(uuid.uuid4())}
        )

    @task(2 * _WRITES)
    def register(self) -> None:
        """A new client and her case."""
        self._write(
            "/cases/new/register/", "open a case",
            {**_TOLD["registering"], "last_name": f"Mittari-{uuid.uuid4()}", "submission": str(uuid.uuid4())},
        )  # fmt: skip

    @task(1 * _WRITES)
    def plan(self) -> None:
        """A version of a plan, of a case that has all its parts."""
        if self.me["plannable"]:
            address = f"/cases/{_DICE.choice(self.me['plannable'])}/plan/"
            self._write(address, "save a plan", {**_TOLD["plan"], "submission": str(uuid.uuid4())})
