"""Gathers the texts of each room for translation and compiles the translations, without a gettext program.

The source language of the code is English; each room keeps ``locale/fi`` and ``locale/sv`` beside its code. The
catalogues are written so that they change only when a text does: sorted, without line numbers and dates. Nothing
translated is overwritten, nothing is guessed, and what the code no longer says is left out.
"""

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOMS = Path(__file__).resolve().parents[1] / "silta"
LANGUAGES = ("fi", "sv")
_PLURALS = "nplurals=2; plural=(n != 1);"
_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

Key = tuple[str, str | None]


@dataclass
class Report:
    """What one catalogue lacks after gathering: ``untranslated`` holds the texts without a translation."""

    room: str
    language: str
    total: int
    untranslated: list[str] = field(default_factory=list)


def rooms() -> list[str]:
    """The rooms of the house, by name."""
    return sorted(path.parent.name for path in ROOMS.glob("*/apps.py"))


def catalogue_path(room: str, language: str) -> Path:
    """Where the catalogue of one room in one language is kept."""
    return ROOMS / room / "locale" / language / "LC_MESSAGES" / "django.po"


def gather(room: str) -> Catalog:
    """Every text of the room that is to be translated, from its Python and its templates, as an empty catalogue."""
    catalog = Catalog()
    for path in sorted([*(ROOMS / room).rglob("*.py"), *(ROOMS / room).glob("**/templates/**/*.*")]):
        if "migrations" in path.parts:
            continue
        for _line, message, comments, context in extract(
            "python", io.BytesIO(_as_python(path)), _KEYWORDS, ["Translators:"]
        ):
            catalog.add(message, auto_comments=comments, context=context)
    return catalog


def _as_python(path: Path) -> bytes:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django turns a template into calls of gettext among blanks; the blanks' indentation means nothing to Python.
        text = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())
    return text.encode()


def read(room: str, language: str) -> Catalog:
    """The catalogue as it is kept; empty where there is none yet."""
    path = catalogue_path(room, language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as kept:
        return read_po(kept, locale=language)


def texts(catalog: Catalog) -> dict[Key, Message]:
    """The messages of a catalogue, without its header, by their text and context."""
    return {(_first(message.id), message.context): message for message in catalog if message.id}


def _first(value: str | tuple[str, ...] | list[str]) -> str:
    return value if isinstance(value, str) else value[0]


def is_translated(message: Message) -> bool:
    """Whether every form of the text has a translation that nobody has marked as a guess."""
    forms = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    return bool(forms) and all(forms) and not message.fuzzy


def merge(room: str, language: str) -> Report:
    """Brings one catalogue in step with the code and writes it if it changed; reports what is untranslated."""
    catalog = read(room, language)
    catalog.update(gather(room), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path, written = catalogue_path(room, language), _written(catalog, room, language)
    named = texts(catalog)
    if named and not (path.exists() and path.read_bytes() == written):
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, written)
    lacking = [key[0] for key, message in named.items() if not is_translated(message)]
    return Report(room, language, len(named), lacking)


def _written(catalog: Catalog, room: str, language: str) -> bytes:
    body = io.BytesIO()
    write_po(
        body, catalog, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True, width=0
    )
    header = (
        f"# Silta, room: {room}\n"
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {_PLURALS}\\n"\n\n'
    )
    return (header + body.getvalue().decode().strip() + "\n").encode()


def catalogues() -> list[Path]:
    """Every catalogue there is: those of the rooms, and the wordings of ``config.wording``."""
    wordings = ROOMS.parent / "config" / "wordings"
    return sorted(
        [*ROOMS.glob("*/locale/*/LC_MESSAGES/django.po"), *wordings.glob("*/LC_MESSAGES/django.po")]
    )


def compile_all() -> list[Path]:
    """Compiles every catalogue that is newer than its compiled form; returns what was compiled."""
    return [made for path in catalogues() if (made := _compile(path))]


def uncompiled() -> list[Path]:
    """The catalogues whose compiled form is missing or older than they are."""
    return [path for path in catalogues() if not _is_compiled(path)]


def _is_compiled(path: Path) -> bool:
    made = path.with_suffix(".mo")
    return made.exists() and made.stat().st_mtime_ns >= path.stat().st_mtime_ns


def _compile(path: Path) -> Path | None:
    if _is_compiled(path):
        return None
    with path.open("rb") as kept:
        catalog = read_po(kept, locale=path.parts[-3].partition("_")[0])
    body = io.BytesIO()
    write_mo(body, catalog)
    _replace(path.with_suffix(".mo"), body.getvalue())
    return path.with_suffix(".mo")


def _replace(path: Path, content: bytes) -> None:
    """Writes a file so that a reader sees the old or the new one, never half: several processes may do it at once."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def disagreements() -> Iterator[str]:
    """Texts that two rooms translate differently: all rooms share one domain, so only one of them would be seen."""
    seen: dict[tuple[str, Key], tuple[str, object]] = {}
    for room in rooms():
        for language in LANGUAGES:
            for key, message in texts(read(room, language)).items():
                if not is_translated(message):
                    continue
                first = seen.setdefault((language, key), (room, message.string))
                if first[1] != message.string:
                    yield f"{language}: “{key[0]}” is “{first[1]}” in {first[0]}, “{message.string}” in {room}"
