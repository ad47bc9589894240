"""Reads one cell as a value: dates, codes, words for yes and no, languages, telephone numbers, addresses.

Every reader returns the value, or raises ``UnreadableError`` with the code of the problem; none guesses.
"""

import datetime as dt
import re
import unicodedata

from silta.intake.rules import words
from silta.kernel.folding import fold
from silta.people.rules import is_email, is_phone

MASK = "***"
_SHAPES = (
    re.compile(r"(?P<d>\d{1,2})\s*[./-]\s*(?P<m>\d{1,2})\s*[./-]\s*(?P<y>\d{4}|\d{2})"),
    re.compile(r"(?P<y>\d{4})\s*[-/.]\s*(?P<m>\d{1,2})\s*[-/.]\s*(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})"),
)
_TIME = re.compile(
    r"[T\s]+(?:klo\.?\s*|kl\.?\s*)?\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$"
)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
# Excel counts days from 1899-12-30; a serial of five digits between these is a day of 1954-2064.
_EPOCH, _FIRST_SERIAL, _LAST_SERIAL = dt.date(1899, 12, 30), 20_000, 60_000
_PIVOT_YEARS = 20
_MOST_DIGITS = 15
# A sign before anything but digits; a telephone number or a plain number is none.
_SIGNED = re.compile(r"[+-](?![\d\s().]*$)")
_BEGINNING = 300
_MARKUP = re.compile(r"<\s*/?\s*[a-zA-Z!][^>]*>")


class UnreadableError(ValueError):
    """The cell does not hold such a value; ``code`` names the problem."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def tidy(text: str) -> str:
    """The cell in composed characters, without spaces around it and with single spaces within each line."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    composed = unicodedata.normalize("NFC", text.replace("\N{NO-BREAK SPACE}", " "))
    lines = [re.sub(r"[ \t\u2000-\u200b\ufeff]+", " ", line).strip() for line in composed.splitlines()]
    return "\n".join(lines).strip()


def read_date(text: str, today: dt.date) -> dt.date:
    """A day written the Finnish way, the ISO way, with two-digit years, with a time behind it, or as Excel's serial."""
    compact = _TIME.sub("", text.strip())
    if _SERIAL.fullmatch(compact):
        serial = int(re.split(r"[.,]", compact)[0])
        if _FIRST_SERIAL <= serial <= _LAST_SERIAL:
            return _EPOCH + dt.timedelta(days=serial)
        raise UnreadableError("not_a_date")
    for shape in _SHAPES:
        if found := shape.fullmatch(compact):
            try:
                return dt.date(_year(found["y"], today), int(found["m"]), int(found["d"]))
            except ValueError:
                raise UnreadableError("no_such_day") from None
    raise UnreadableError("not_a_date")


def _year(digits: str, today: dt.date) -> int:
    if len(digits) == 4:  # noqa: PLR2004 - a whole year
        return int(digits)
    year = today.year // 100 * 100 + int(digits)
    return year if year <= today.year + _PIVOT_YEARS else year - 100


def read_yes_no(text: str) -> bool:
    """Whether the cell says yes."""
    answer = words.yes_and_no().get(fold(text))
    if answer is None:
        raise UnreadableError("unknown_answer")
    return answer


def read_language(text: str) -> str:
    """The code of a language written as a code or a name."""
    code = words.languages().get(fold(text))
    if code is None:
        raise UnreadableError("unknown_language")
    return code


def read_phone(text: str) -> str:
    """A telephone number: digits and the usual marks, at most fifteen digits (ITU-T E.164)."""
    if not is_phone(text) or len(re.sub(r"\D", "", text)) > _MOST_DIGITS:
        raise UnreadableError("not_a_phone")
    return text


def read_email(text: str) -> str:
    """An e-mail address; letters beyond ASCII are allowed (RFC 6531)."""
    if not is_email(text):
        raise UnreadableError("not_an_email")
    return text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet program would run the cell: also after spaces, and in the wide letters of East Asia."""
    start = unicodedata.normalize("NFKC", text.lstrip()[:_BEGINNING])
    return start.startswith(("=", "@")) or bool(_SIGNED.match(start))


def has_markup(text: str) -> bool:
    """Whether a browser would read the cell as markup."""
    return bool(_MARKUP.search(text))
