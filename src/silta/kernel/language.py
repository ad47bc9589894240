"""Text in the three languages of the product, for words that live in data rather than in code."""

from dataclasses import dataclass

from django.utils.translation import get_language

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
