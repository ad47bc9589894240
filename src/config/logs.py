"""How a line of the log is written: what went wrong and where, never whose data it happened to.

The message of an exception may hold a row (PostgreSQL quotes the failing one), a name or what somebody typed. Of an
exception only its type, the code of the database's error and the lines of code it passed through are told.
"""

import logging
import traceback
from types import TracebackType

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Impersonal(logging.Formatter):
    """Writes exceptions without their messages."""

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
