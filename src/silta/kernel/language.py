"""Text in the three languages of the product, for words that live in data rather than in code."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import get_language

from silta.kernel import clock

LANGUAGES = ("fi", "sv", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """One text in Finnish, Swedish and English; ``str()`` speaks the active language, Finnish where in doubt."""

    fi: str
    sv: str
    en: str

    def __str__(self) -> str:
        language = (get_language() or "fi")[:2]
        return {"sv": self.sv, "en": self.en}.get(language, self.fi) or self.fi


def in_figures(day: dt.date) -> str:
    """A day in figures, as all three languages write it: 24.12.2026; of a moment, its day in Finland."""
    if isinstance(day, dt.datetime):
        day = day.astimezone(clock.HELSINKI)
    return f"{day.day}.{day.month}.{day.year}"
