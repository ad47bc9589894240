"""The words of files, as data: headings, yes and no, languages, services."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from silta.intake.enums import Field
from silta.kernel.folding import fold

_FOLDER = Path(__file__).resolve().parents[1] / "definitions"


def _load(name: str) -> Any:
    return yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def headings() -> dict[str, Field]:
    """Each known heading, folded, to its field; raises ``ValueError`` where one heading is given to two fields."""
    found: dict[str, Field] = {}
    for entry in _load("fields"):
        field = Field(entry["field"])
        for names in entry["headings"].values():
            for name in names:
                if found.setdefault(fold(name), field) is not field:
                    raise ValueError(f"the heading {name!r} is given to two fields")
    return found


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = _load("words")
    return loaded


@cache
def yes_and_no() -> dict[str, bool]:
    """Each word for yes and no."""
    return {
        **{fold(str(word)): True for word in _words()["yes"]},
        **{fold(str(word)): False for word in _words()["no"]},
    }


@cache
def languages() -> dict[str, str]:
    """Each way to write a language, to its code."""
    found = {code: code for code in _words()["languages"]}
    for code, names in _words()["languages"].items():
        found |= {fold(str(name)): code for name in names}
    return found


@cache
def services() -> dict[str, str]:
    """Each known name of a service, to the code of its kind of case."""
    return {fold(name): kind for kind, names in _words()["services"].items() for name in names}


_WRITINGS: dict[str, str | Promise] = {
    "utf-8": "Unicode (UTF-8)", "utf-8-sig": "Unicode (UTF-8)", "utf-16": "Unicode (UTF-16)", "utf-32": "Unicode (UTF-32)",
    "utf-16-le": "Unicode (UTF-16)", "utf-16-be": "Unicode (UTF-16)",
    "cp1252": _("Windows, Western Europe"), "iso8859-15": _("ISO, Western Europe"), "mac-roman": _("old Macintosh"),
    "cp850": _("old DOS"),
}  # fmt: skip


def writing(encoding: str) -> str:
    """How the letters of a file were written, in words a reader may know; a rare encoding by its own name."""
    return str(_WRITINGS.get(encoding, encoding.upper()))


@cache
def surname_particles() -> frozenset[str]:
    """Parts that begin a surname and cannot be one alone."""
    return frozenset(_words()["surname_particles"])
