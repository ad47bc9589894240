"""The kinds of case as dated definitions: phases, timers, required parts and closing rules, each with its source.

A definition is a file of ``cases/definitions``; an organisation adds files of its own in the folders of the setting
``CASE_DEFINITIONS``. Law and practice change by a new version with a period of validity, never by an ``if``.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from pydantic import ValidationError

from silta.cases.rules.schema import Definition

__all__ = [
    "SHIPPED", "Definition", "DefinitionError", "definition", "definitions", "gather", "kinds_open_to", "read",
    "shared_rules",
]  # fmt: skip

SHIPPED = Path(__file__).resolve().parents[1] / "definitions"


class DefinitionError(ValueError):
    """A definition file is not sound; the message names the file and the place in it."""


def read(path: Path) -> Definition:
    """Reads one definition file; a rule given by its name alone is that rule of ``definitions/shared/rules.yaml``.

    Raises ``DefinitionError`` with the file's name and the places at fault, for a reader who will mend the file.
    """
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path.name}: the file is not readable YAML: {error}") from error
    if isinstance(content, dict) and isinstance(content.get("rules"), list):
        content["rules"] = [
            shared_rules().get(one, one) if isinstance(one, str) else one for one in content["rules"]
        ]
    try:
        return Definition.model_validate(content)
    except ValidationError as error:
        places = [f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}" for one in error.errors()]
        raise DefinitionError(f"{path.name}: " + "; ".join(places)) from error


@cache
def shared_rules() -> dict[str, object]:
    """The rules that several kinds share, by code, as their file has them."""
    content = yaml.safe_load((SHIPPED / "shared" / "rules.yaml").read_text(encoding="utf-8"))
    return {one["code"]: one for one in content}


def _disjoint(versions: Sequence[Definition]) -> None:
    ordered = sorted(versions, key=lambda one: one.valid_from)
    for earlier, later in itertools.pairwise(ordered):
        if earlier.valid_until is None or later.valid_from <= earlier.valid_until:
            raise DefinitionError(
                f"{later.code}: versions {earlier.version} and {later.version} hold on the same day"
            )


def gather(folders: Iterable[Path]) -> dict[str, tuple[Definition, ...]]:
    """All versions of all kinds found in the folders, newest first; raises ``DefinitionError`` where two clash."""
    found: dict[str, list[Definition]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            one = read(path)
            if any(other.version == one.version for other in found.get(one.code, ())):
                raise DefinitionError(f"{path.name}: version {one.version} of {one.code} is there twice")
            found.setdefault(one.code, []).append(one)
    for versions in found.values():
        for holder in {one.for_business_ids for one in versions}:
            _disjoint([one for one in versions if one.for_business_ids == holder])
    return {
        code: tuple(sorted(found[code], key=lambda one: one.valid_from, reverse=True))
        for code in sorted(found)
    }


@cache
def definitions() -> dict[str, tuple[Definition, ...]]:
    """Every version of every kind of case, the product's and the installation's own; read once."""
    own = [Path(folder) for folder in getattr(settings, "CASE_DEFINITIONS", ())]
    return gather([SHIPPED, *own])


def definition(
    kind: str, version: str | None = None, *, on: dt.date | None = None, business_id: str = ""
) -> Definition:
    """The definition of a kind: the named version; else the one in force on the day; else the newest.

    ``business_id`` prefers the version that organisation has for itself (thresholds are set per employer).
    Raises ``KeyError`` where there is none.
    """
    versions = definitions()[kind]
    if version is not None:
        found = [one for one in versions if one.version == version]
    else:
        in_force = [one for one in versions if on is None or one.holds_on(on)]
        own = [one for one in in_force if business_id and business_id in one.for_business_ids]
        found = own or [one for one in in_force if not one.for_business_ids]
    if not found:
        raise KeyError(kind)
    return found[0]


def kinds_open_to(organisation_kind: str, *, on: dt.date | None = None) -> list[Definition]:
    """The kinds of case that an organisation of this kind may open, in force on the day (the newest, without a day)."""
    found = []
    for versions in definitions().values():
        in_force = [one for one in versions if not one.for_business_ids and (on is None or one.holds_on(on))]
        if in_force and organisation_kind in in_force[0].controller_kinds:
            found.append(in_force[0])
    return found
