"""Asks for each page round by round, and holds what it took to the bars."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from config.benching import plans, scratch
from config.benching.pages import Asker, Page, pages

_FIRST = -3  # rounds before those that count: what is read and prepared for the first time is ready then


@dataclass
class Times:
    """What was measured of one page: seconds of server time, of those this process's own, rows read, queries, and sizes."""

    page: Page
    seconds: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    queries: list[tuple[float, str]] = field(default_factory=list)
    planned: list[plans.Plan] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """The time within which this share of the answers came, in milliseconds."""
        return _percentile(self.seconds, share)

    @property
    def least_own(self) -> float:
        """The least processor time this process took for an answer, in milliseconds: what a busy machine hides least."""
        return _percentile(self.own, 0)

    @property
    def rows_read(self) -> int:
        """Rows and entries of indexes that were read for one answer, on the average."""
        return round(sum(self.rows) / len(self.rows))

    @property
    def size(self) -> float:
        """Letters of an answer, on the average."""
        return sum(self.sizes) / len(self.sizes)


def _percentile(seconds: list[float], share: float) -> float:
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Side:
    """One of what is compared: a region, entered by one role, with its pages and whoever asks for them."""

    connection: BaseDatabaseWrapper
    pages: dict[str, Page]
    asker: Asker = field(default_factory=Asker)

    @classmethod
    def of(cls, connection: BaseDatabaseWrapper) -> "Side":
        """The side of this connection: its pages are asked about cases and people of its own region."""
        with scratch.entered(connection):
            return cls(connection, {page.name: page for page in pages()})


def measure(
    sides: Sequence[Side], rounds: int, *, only: str = "", reads_plans: bool = False
) -> Iterator[list[Times]]:
    """Asks each side for each page in turn, so many rounds; gives page by page what each side took.

    The sides take turns within a round: what else the machine does meanwhile falls on all of them alike.
    """
    for name in sides[0].pages:
        if only in {"", name}:
            found = [Times(side.pages[name]) for side in sides]
            for number in range(_FIRST, rounds):
                for side, times in zip(sides, found, strict=True):
                    with scratch.entered(side.connection):
                        _once(side, times, number)
            if reads_plans:
                for side, times in zip(sides, found, strict=True):
                    times.planned = _plans(side, times)
            yield found


def _plans(side: Side, times: Times) -> list[plans.Plan]:
    """The plans of the page's queries: on a connection of its own, which prepares them and nothing else."""
    with scratch.entered(side.connection):
        connection.close()
        for _time in range(2 - _FIRST):
            times.page.ask(side.asker.of(times.page.who), 0)
        return plans.prepared()


def _once(side: Side, times: Times, number: int) -> None:
    client, asked = side.asker.of(times.page.who), list[tuple[float, str]]()

    def listen(execute: Callable[..., Any], query: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(query, params, many, context)
        finally:
            asked.append((1000 * (time.perf_counter() - began), str(query)))

    before = plans.rows_read()
    with connection.execute_wrapper(listen):
        seconds, own, answer = _asked(times.page, client, number)
    if number >= 0:
        times.seconds.append(seconds)
        times.own.append(own)
        times.rows.append(plans.rows_read() - before)
        times.sizes.append(len(answer.content))
        times.queries = asked


def _asked(page: Page, client: Client, number: int) -> tuple[float, float, Any]:
    began, began_own = time.perf_counter(), time.process_time()
    answer = page.ask(client, number)
    seconds, own = time.perf_counter() - began, time.process_time() - began_own
    wanted = HTTPStatus.FOUND if page.writes else HTTPStatus.OK
    if answer.status_code != wanted:
        raise RuntimeError(f"“{page.name}” answered {answer.status_code}: {_refusals(answer)}")
    return seconds, own, answer


def _refusals(answer: Any) -> str:
    """What the page says is wrong, or the beginning of it."""
    text = answer.content.decode()
    said = re.findall(r'class="[^"]*error[^"]*"[^>]*>([^<]+)<', text)
    return "; ".join(part.strip() for part in said if part.strip()) or text[:300]
