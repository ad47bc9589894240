"""How a line of the log is written: what happened, where and how long it took, never whose data it happened to.

Silta's own lines are made of numbers, codes and the names of routes. The message of an exception may hold a row
(PostgreSQL quotes the failing one), a name or what somebody typed, and so may any line of a library, which puts
addresses, arguments of jobs or header lines into its text. So of a library's line only its place in the code is told, and
of an exception its type, the code of the database's error and the lines of code it passed through.

Lines are JSON objects where machines gather them, and plain ones at a person's desk (``SILTA_LOG``).
"""

import datetime as dt
import json
import logging
import os
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import Any

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

# Whose text is told as it is: our own loggers, and the web server's, which speaks of its processes only.
_OWN = ("silta", "config", "_granian")

_NOT_FOR_READERS = frozenset({"time", "level", "logger", "request"})

# The number of the request that is being answered here, for every line that is written meanwhile.
current_request: ContextVar[str] = ContextVar("current_request", default="")


def write(logger: logging.Logger, level: int, event: str, **facts: str | float) -> None:
    """Writes a line of ours: what happened, and its numbers, codes and names of routes, each in a field of its own."""
    logger.log(level, event, extra={"facts": {"event": event, **facts}})


class Impersonal(logging.Formatter):
    """Writes exceptions without their messages, and libraries' lines without their texts."""

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the library's name
        """The exception and what led to it, from the first to the last, each by its type and its lines of code."""
        told: list[str] = []
        error = ei[1]
        while error is not None:
            lines = [
                f"  {frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
            code = getattr(error, "sqlstate", None) or getattr(error, "code", None)
            named = f"{type(error).__module__}.{type(error).__qualname__}"
            told.insert(0, "\n".join([*lines, f"{named} ({code})" if isinstance(code, str) else named]))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(told)

    def facts(self, record: logging.LogRecord) -> dict[str, Any]:
        """What the line tells, in order: time, level, where it comes from, the request, and the facts."""
        found = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": current_request.get(),
        }
        given = getattr(record, "facts", None)
        if isinstance(given, Mapping):
            found |= given
        elif record.name.partition(".")[0] in _OWN:
            found["event"] = record.getMessage()
        else:
            found["event"] = f"{record.module}.{record.funcName}"
        if record.exc_info:
            found["error"] = self.formatException(record.exc_info)
        return {name: value for name, value in found.items() if value != ""}


class Json(Impersonal):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; whatever is in it, it stays one line."""
        return json.dumps(self.facts(record), ensure_ascii=False, default=str)


class Plain(Impersonal):
    """A line to be read by a person, with the lines of code of an exception below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The clock, the level where it matters, the event and its facts."""
        facts = self.facts(record)
        error = facts.pop("error", "")
        clock = dt.datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        shown = [
            clock,
            *([record.levelname] if record.levelno > logging.INFO else []),
            str(facts.pop("event")),
        ]
        shown += [f"{name}={value}" for name, value in facts.items() if name not in _NOT_FOR_READERS]
        return "\n".join([" ".join(shown), *([error] if error else [])])


def settings() -> dict[str, Any]:
    """Django's ``LOGGING``: the form that ``SILTA_LOG`` names (``json`` or ``plain``), JSON in production by default."""
    production = os.environ.get("SILTA_PRODUCTION") == "1"
    form = os.environ.get("SILTA_LOG") or ("json" if production else "plain")
    forms = {"json": "config.logs.Json", "plain": "config.logs.Plain"}
    if form not in forms:
        raise ValueError(f"SILTA_LOG is “{form}”; it is json or plain")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": forms[form]}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "silta": {"level": "INFO"},
            "config": {"level": "INFO"},
        },
    }


def for_the_web_server() -> dict[str, Any]:
    """The same for granian, which reads its own from a file."""
    found = settings()
    found["loggers"] = {
        name: {"handlers": ["console"], "level": "WARNING", "propagate": False}
        for name in ("_granian", "granian.access")
    }
    return found
