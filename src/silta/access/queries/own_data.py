"""Everything that is held about one person, told to herself: by the declarations of the rooms, as far as she may read it.

Each room says in ``definitions/own/tables.yaml`` under which heading and in which words its tables are told. What is told
is what the database lets the person herself read; of what it keeps back, the number and the ground are told. The walk
goes over Django's registry of models, so that it imports no room; a test demands that every table stands in it.
"""

import datetime as dt
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

from silta.access import rules
from silta.access.enums import Category
from silta.access.models import DataExport
from silta.accounts.models import User
from silta.kernel import clock
from silta.kernel.language import Text, in_figures
from silta.kernel.personaldata import Holds, declared_by
from silta.organisations.models import Unit
from silta.people import queries as people
from silta.people.enums import Language

Model = type[models.Model]
# Plain ids of the registers below this room: they know no users and no units as tables.
_USERS, _UNITS = {"recorded_by", "undone_by"}, {"recorded_by_unit", "unit"}
_GROUNDS, _LANGUAGES = {"ground", "legal_basis"}, {"language", "mother_tongue", "service_language"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Table:
    """How one table is told: under which heading, found by which path to the person, in which words.

    ``hidden`` is the ground for rows that the person herself does not read; ``elsewhere`` says where a table is told
    that is not in the export; ``contact`` marks what tells how or where she is reached.
    """

    label: str
    order: int
    title: Text
    person: str = "person"
    only: Mapping[str, object] = field(default_factory=dict)
    fields: Mapping[str, Text] = field(default_factory=dict)
    keys: Mapping[str, Text] = field(default_factory=dict)
    skip: frozenset[str] = frozenset()
    hidden: Text | None = None
    elsewhere: Text | None = None
    contact: bool = False

    @property
    def model(self) -> Model:
        """The model of the table."""
        return apps.get_model(self.label)

    def words(self, name: str) -> str:
        """What a field is called; fields that many tables have are named once for all."""
        found = self.fields.get(name) or common_words().get(name)
        return str(found) if found else name

    def told_fields(self) -> list["models.Field[Any, Any]"]:
        """The fields that are told, in the order of the table."""
        declared = declared_by(self.model)
        own = self.person.partition("__")[0]
        return [
            one
            for one in self.model._meta.concrete_fields
            if (
                not one.primary_key
                and one.name not in self.skip
                and one.name != own
                and (declared.fields[one.name] != Holds.NONE if declared else one.name in self.fields)
            )
            or one.name in self.fields
        ]

    def rows(self, person_ids: Iterable[UUID]) -> "models.QuerySet[models.Model]":
        """Her rows, as far as whoever acts may read them."""
        ids = [str(one) for one in person_ids]
        return self.model._default_manager.filter(**{f"{self.person}__in": ids}, **self.only).distinct()


def _text(words: object) -> Text | None:
    return Text(**words) if isinstance(words, dict) else None


def _named(entry: object) -> dict[str, Text]:
    return {name: Text(**words) for name, words in entry.items()} if isinstance(entry, dict) else {}


@cache
def _declared() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for config in apps.get_app_configs():
        path = Path(config.path) / "definitions" / "own" / "tables.yaml"
        if config.name.startswith("silta.") and path.exists():
            found |= yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@cache
def common_words() -> dict[str, Text]:
    """What the fields are called that many tables have."""
    return _named(_declared()["*"])


@cache
def tables() -> tuple[Table, ...]:
    """Every table that tells of a person, in the order in which she reads them."""
    found = [
        Table(
            label=label, order=entry["order"], title=Text(**entry["title"]), person=entry.get("person", "person"),
            only=entry.get("only", {}), fields=_named(entry.get("fields")), keys=_named(entry.get("keys")),
            skip=frozenset(entry.get("skip", ())), hidden=_text(entry.get("hidden")),
            elsewhere=_text(entry.get("elsewhere")), contact=entry.get("contact", False),
        )
        for label, entry in _declared().items()
        if label != "*"
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda table: table.order))


def told_tables(*, with_contacts: bool) -> list[Table]:
    """The tables of an export; without what tells how a protected person is reached, where somebody else asks for her."""
    return [table for table in tables() if not table.elsewhere and (with_contacts or not table.contact)]


def count(person_id: UUID, *, with_contacts: bool) -> dict[str, int]:
    """How many rows each table holds about her, for whoever may read them all (the worker, ``maintaining``)."""
    ids = people.identities_of(person_id)
    return {table.label: table.rows(ids).count() for table in told_tables(with_contacts=with_contacts)}


def everything(person_id: UUID, *, held: Mapping[str, int], with_contacts: bool) -> dict[str, Any]:
    """Her data in the active language, as whoever acts may read them; ``held`` says how many rows there are of each table.

    The answer is plain values, fit to be kept as JSON: sections with rows, each value as it is kept (``value``) and in
    words (``told``); of rows kept back the number and the ground; of tables told elsewhere, where.
    """
    ids = people.identities_of(person_id)
    names = _Names()
    sections = []
    for table in told_tables(with_contacts=with_contacts):
        rows = list(table.rows(ids).select_related(*_joined(table)))
        kept_back = held.get(table.label, len(rows)) - len(rows)
        if not rows and not kept_back:
            continue
        earlier = _earlier(table, rows, names)
        sections.append({
            "table": table.label, "title": str(table.title), "kept_back": kept_back,
            "ground": str(table.hidden or _usual_ground()) if kept_back else "",
            "rows": [
                {"id": str(row.pk), "fields": _fields(table, row, names), "earlier": earlier.get(str(row.pk), [])}
                for row in rows
            ],
        })  # fmt: skip
    elsewhere = [
        {"table": table.label, "title": str(table.title), "where": str(table.elsewhere)}
        for table in tables()
        if table.elsewhere
    ]
    return {"sections": sections, "elsewhere": elsewhere}


def _usual_ground() -> str:
    return _("It is looked at before it is given (Data Protection Act 1050/2018, section 34).")


def _joined(table: Table) -> list[str]:
    return [
        name
        for one in table.told_fields()
        if isinstance(one, models.ForeignKey)
        for name in ([one.name, f"{one.name}__organisation"] if one.related_model is Unit else [one.name])
    ]


class _Names:
    """The names behind plain ids, each looked up once."""

    def __init__(self) -> None:
        self._found: dict[tuple[Model, object], str] = {}

    def of(self, model: Model, key: object) -> str:
        """The name of a user or a unit; empty where there is none."""
        if (model, key) not in self._found:
            rows = model._default_manager.filter(pk=key)
            row = (rows.select_related("organisation") if model is Unit else rows).first()
            self._found[model, key] = _name(row) if row else ""
        return self._found[model, key]


def _name(row: models.Model) -> str:
    """What a row is called to a client: a worker by her name, a unit with its organisation; a bare id by nothing."""
    if isinstance(row, Unit):
        return f"{row.name}, {row.organisation.name}"
    named = getattr(row, "name", "") or getattr(row, "number", "")
    return str(named) if isinstance(row, User) or not getattr(row, "person_id", None) else str(named or "")


def _fields(table: Table, row: models.Model, names: _Names) -> list[dict[str, Any]]:
    """The fields of one row that say anything."""
    found = []
    for one in table.told_fields():
        raw = getattr(row, one.attname)
        if raw in (None, "", [], {}):
            continue
        told = _told(table, row, one, raw, names)
        lines = told if isinstance(told, list) else [told] if told else []
        found.append({
            "name": one.name, "label": table.words(one.name), "value": _kept(one, raw, told), "told": lines,
        })  # fmt: skip
    return found


def _kept(one: "models.Field[Any, Any]", raw: Any, told: Any) -> Any:
    """The value for machines: people and units by name, never by an id of theirs; the rest as it is kept."""
    if isinstance(one, models.ForeignKey) and told:
        return told
    if one.name in _USERS | _UNITS:
        return told
    if isinstance(raw, dt.date | UUID):
        return raw.isoformat() if isinstance(raw, dt.date) else str(raw)
    return raw


def _told(table: Table, row: models.Model, one: "models.Field[Any, Any]", raw: Any, names: _Names) -> Any:
    """The value in words: text, or for lists and plans a list of texts; empty where it is an id that says nothing."""
    if (in_words := getattr(declared_by(table.model), "in_words", {}).get(one.name)) is not None:
        return in_words(row)
    if isinstance(one, models.ForeignKey):
        if one.related_model in {User, Unit}:
            return names.of(one.related_model, raw)
        return _name(getattr(row, one.name))
    if one.name in _USERS | _UNITS:
        return names.of(User if one.name in _USERS else Unit, raw)
    return _of_list(one.name, raw) or _plain(table, row, one, raw)


def _of_list(name: str, code: Any) -> str:
    """What a code of a ground or a language is called."""
    if name in _GROUNDS and code in rules.grounds():
        return str(rules.grounds()[code].name)
    return str(Language(code).label) if name in _LANGUAGES and code in Language else ""


def _plain(table: Table, row: models.Model, one: "models.Field[Any, Any]", raw: Any) -> Any:
    match raw:
        case UUID():
            told: Any = ""
        case bool():
            told = _("Yes") if raw else _("No")
        case dt.date():
            told = _moment(raw)
        case list() if all(part in Category for part in raw):
            told = [str(Category(part).label) for part in raw]
        case list() | dict():
            told = list(_lines(table, raw))
        case _:
            told = str(getattr(row, f"get_{one.name}_display")() if one.choices else raw)
    return told


def _moment(day: dt.date) -> str:
    """A day in figures, and of a moment the time in Finland."""
    time = f" {day.astimezone(clock.HELSINKI):%H.%M}" if isinstance(day, dt.datetime) else ""
    return f"{in_figures(day)}{time}"


def _lines(table: Table, value: Any, name: str = "") -> Iterator[str]:
    """What lies in a kept structure, line by line: each text with what it is called."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in table.keys or not table.keys:
                yield from _lines(table, part, str(table.keys.get(key, key)))
    elif isinstance(value, list):
        for part in value:
            yield from _lines(table, part, name)
    elif value not in (None, "", False):
        value = _moment(dt.date.fromisoformat(value)) if _DAY.fullmatch(str(value)) else value
        yield f"{name}: {value}" if name else str(value)


def _earlier(table: Table, rows: list[models.Model], names: _Names) -> dict[str, list[dict[str, Any]]]:
    """What stood in the rows before they were changed: of each earlier version, the fields that were changed after it."""
    history = next(
        (one for one in apps.get_models() if getattr(one, "pgh_tracked_model", None) is table.model), None
    )
    if history is None:
        return {}
    versions: dict[str, list[Any]] = {}
    kept: models.QuerySet[Any] = history._default_manager.filter(pgh_obj_id__in=[row.pk for row in rows])
    for version in kept.order_by("pgh_obj_id", "pgh_created_at", "pgh_id"):
        versions.setdefault(str(version.pgh_obj_id), []).append(version)
    return {key: _changes(table, several, names) for key, several in versions.items()}


def _changes(table: Table, versions: list[Any], names: _Names) -> list[dict[str, Any]]:
    found = []
    for version, after in itertools.pairwise(versions):
        changed = {
            one.name
            for one in table.told_fields()
            if getattr(version, one.attname) != getattr(after, one.attname)
        }
        fields = [one for one in _fields(table, version, names) if one["name"] in changed]
        if fields:
            found.append({
                "until": after.pgh_created_at.isoformat(),
                "until_told": _moment(after.pgh_created_at),
                "fields": fields,
            })  # fmt: skip
    return found


def for_machines(export: DataExport) -> dict[str, Any]:
    """An export as programs read it (GDPR, Article 20): each table by its name, each value as it is kept."""

    def values(fields: list[dict[str, Any]]) -> dict[str, Any]:
        return {one["name"]: one["value"] for one in fields}

    content = export.content or {"sections": [], "elsewhere": []}
    return {
        "made_at": export.ready_at, "right": export.ground, "language": export.language,
        "tables": {
            one["table"]: {
                "title": one["title"],
                "rows": [
                    {"id": row["id"], **values(row["fields"]),
                     "earlier": [{"until": was["until"], **values(was["fields"])} for was in row["earlier"]]}
                    for row in one["rows"]
                ],
                "kept_back": one["kept_back"], "ground": one["ground"],
            }
            for one in content["sections"]
        },
        "elsewhere": content["elsewhere"],
    }  # fmt: skip
