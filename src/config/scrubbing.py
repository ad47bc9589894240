"""A copy of a database without anybody in it: the same tables, counts and ids, invented names, and no words.

What becomes of a field is read from the ``PersonalData`` of its model. The copy is written row by row into a new, migrated
database: what the original says never stands in it, not even for a moment. Invented values come from a key that is made
for the run and kept nowhere: the same original gives the same value within one copy, and nobody can ask of a copy whether
it was made from a certain name. What is left, ids and days among it, still speaks of real people to whoever holds the
original: the copy goes to those who help, under agreement, and to nobody else.
"""

import datetime as dt
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.db import models
from psycopg import sql

from config import database
from silta.accounts.models import User
from silta.audit.models import Event
from silta.kernel.personaldata import Holds, declared_by
from silta.people.models import Person, Residence
from silta.people.rules import search_name

Row = dict[str, str | None]
Model = type[models.Model]
EMPTIED = "–"
_AT_ONCE = 2000
# What opens something, and what was put together for one reader: none of it is copied.
LEFT_OUT = frozenset({
    "access.feedkey", "access.token", "access.keptanswer", "access.dataexport", "subscriptions.subscription",
    "subscriptions.bookmark", "outbox.message", "audit.chainhead",
})  # fmt: skip
_OF_THE_ORIGINAL = {"DATABASE_URL", "DATABASE_OWNER_URL", "SILTA_DATABASE_ROLE", "SILTA_EMBEDDED"}
_CODE = re.compile(r"[a-z0-9_.:-]{0,60}")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{1,19}")
_WORDS = {Holds.FREE_TEXT, Holds.HEALTH}
_FIRST = (
    "Aamu",
    "Eeli",
    "Helka",
    "Ilmo",
    "Kielo",
    "Lahja",
    "Mainio",
    "Oiva",
    "Pilvi",
    "Sade",
    "Taimi",
    "Utu",
)
_LAST = (
    "Aarnio",
    "Hongisto",
    "Kivikko",
    "Lampinen",
    "Nummila",
    "Ojala",
    "Petäjä",
    "Rinne",
    "Salmela",
    "Vaara",
)
_SYLLABLES = ("ka", "li", "mo", "ne", "pu", "ra", "so", "ti", "va", "yö")


class ScrubError(RuntimeError):
    """The copy cannot be made; the message says why."""


class Invention:
    """Invented values of one run: the same original gives the same value, and no value tells its original."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._codes: dict[str, str] = {}
        self._taken: set[str] = set()

    def number(self, *of: str | None) -> int:
        """A large number that stands for these."""
        said = "\x1f".join(part or "" for part in of).encode()
        return int.from_bytes(hmac.digest(self._key, said, hashlib.sha256)[:12], "big")

    def word(self, *of: str | None) -> str:
        """A short invented mark, for what must differ where its original does."""
        return f"{self.number(*of):024x}"[:12]

    def first_name(self, original: str) -> str:
        """An invented first name for each part of the original."""
        return " ".join(_FIRST[self.number("first", part) % len(_FIRST)] for part in original.split())

    def last_name(self, original: str) -> str:
        """An invented last name, one of a thousand."""
        chosen = self.number("last", original)
        syllables = (_SYLLABLES[chosen // 10**at % 10] for at in (1, 2))
        return f"{_LAST[chosen % 10]}{''.join(syllables)}"

    def name(self, original: str) -> str:
        """A whole invented name."""
        return f"{self.first_name(original.split(maxsplit=1)[0])} {self.last_name(original)}"

    def identity_code(self, original: str) -> str:
        """An artificial code (900-999), of somebody born within two years of the original; each once in a copy."""
        if original not in self._codes:
            attempt = 0
            while (made := self._code(original, attempt)) in self._taken:
                attempt += 1
            self._codes[original] = made
            self._taken.add(made)
        return self._codes[original]

    def _code(self, original: str, attempt: int) -> str:
        chosen = self.number("code", original, str(attempt))
        year = _year_of(original) + chosen % 5 - 2
        born = dt.date(year, 1, 1) + dt.timedelta(days=chosen // 5 % 365)
        digits = f"{born:%d%m%y}{900 + chosen // 2000 % 100}"
        check = _CHECKS[int(digits) % len(_CHECKS)]
        return f"{digits[:6]}{_CENTURIES[year // 100]}{digits[6:]}{check}"

    def day(self, original: str) -> str:
        """An invented day of the same year, or one of its neighbours."""
        chosen = self.number("day", original)
        return str(dt.date(int(original[:4]) + chosen % 5 - 2, 1, 1) + dt.timedelta(days=chosen // 5 % 365))


_CENTURIES = {18: "+", 19: "-", 20: "A"}
_CHECKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_OF_SIGN = {"+": 1800, **dict.fromkeys("-YXWVU", 1900), **dict.fromkeys("ABCDEF", 2000)}


def _year_of(code: str) -> int:
    found = re.fullmatch(r"\d{4}(\d\d)(.).*", code)
    return _OF_SIGN.get(found[2], 1900) + int(found[1]) if found else 1970


def born_on(code: str) -> str:
    """The day of birth that a code tells."""
    return str(dt.date(_year_of(code), int(code[2:4]), int(code[:2])))


class Scrubber:
    """What becomes of each row of one table."""

    def __init__(self, model: Model, invented: Invention) -> None:
        self._model: Model = getattr(model, "pgh_tracked_model", None) or model
        self._invented = invented
        declared = declared_by(self._model)
        self._ways: dict[str, Callable[[str], str | None]] = {}
        unique = {name for names in _unique(self._model) for name in names}
        for one in model._meta.concrete_fields:
            if one.name.startswith("pgh_"):
                if one.name == "pgh_context":
                    self._ways[str(one.column)] = lambda _said: None
                continue
            holds = declared.fields[one.name] if declared else Holds.FREE_TEXT
            if (way := self._way(one, holds, is_unique=one.name in unique)) is not None:
                self._ways[str(one.column)] = way

    def scrub(self, row: Row) -> Row:
        """The row as the copy has it."""
        made = row | {
            column: way(said) if (said := row.get(column)) else said
            for column, way in self._ways.items()
            if column in row
        }
        if self._model is Person:
            made |= self._person(row, made)
        if self._model is User:
            made |= {
                "email": f"user-{self._invented.word('user', row['id'])}@scrubbed.invalid",
                "password": "!",
            }
        return made

    def _person(self, row: Row, made: Row) -> Row:
        """A person's names, code and day of birth go together; a name used is one of hers."""
        first, last = (
            self._invented.first_name(row["first_names"] or ""),
            self._invented.last_name(row["last_name"] or ""),
        )
        called = self._invented.first_name((row["call_name"] or "").split(" ")[0])
        code = self._invented.identity_code(row["identity_code"]) if row["identity_code"] else ""
        born = born_on(code) if code and row["birth_date"] else made["birth_date"]
        return {
            "first_names": first, "last_name": last, "call_name": called, "identity_code": code, "birth_date": born,
            "search_name": search_name(first, last, called),
        }  # fmt: skip

    def _way(
        self, one: "models.Field[Any, Any]", holds: Holds, *, is_unique: bool
    ) -> Callable[[str], str | None] | None:
        """How one column is scrubbed; nothing where it stays as it is."""
        way: Callable[[str], str | None] | None = None
        if self._model is Event and one.name == "details":
            way = _nothing
        elif self._model is Residence and one.name == "municipality":
            way = self._another_place
        elif one.is_relation or isinstance(one, models.UUIDField) or holds is Holds.NONE:
            way = None
        elif isinstance(one, models.JSONField):
            way = _without_words(codes_stay=holds is Holds.FACT)
        elif isinstance(one, models.DateField):
            way = self._invented.day if holds is Holds.IDENTITY else None
        elif isinstance(one, models.CharField | models.TextField):
            way = self._text(one, holds, is_unique=is_unique)
        return way

    def _text(
        self, one: "models.Field[Any, Any]", holds: Holds, *, is_unique: bool
    ) -> Callable[[str], str | None]:
        if holds is Holds.FACT:
            return lambda said: (
                said if _CODE.fullmatch(said) or one.choices else self._mark(said, is_unique=is_unique)
            )
        if holds is Holds.REFERENCE:
            return lambda said: said if _ID.fullmatch(said) else self._mark(said, is_unique=is_unique)
        if holds is Holds.IDENTITY and one.name == "identity_code":
            return self._invented.identity_code
        if holds is Holds.IDENTITY and "name" in one.name:
            return self._invented.name
        return lambda said: self._mark(said, is_unique=is_unique)

    def _mark(self, said: str, *, is_unique: bool) -> str:
        return f"{EMPTIED}{self._invented.word('text', said)}" if is_unique else EMPTIED

    def _another_place(self, said: str) -> str:
        places = _municipalities()
        return str(places[self._invented.number("place", said) % len(places)])


def _nothing(_said: str) -> str:
    return "{}"


def _without_words(*, codes_stay: bool) -> Callable[[str], str]:
    return lambda said: json.dumps(_emptied(json.loads(said), codes_stay=codes_stay))


def _unique(model: Model) -> Iterator[tuple[str, ...]]:
    """The fields that must differ from row to row, alone or together."""
    yield from ((one.name,) for one in model._meta.concrete_fields if one.unique)
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            yield tuple(constraint.fields)


def _emptied(value: Any, *, codes_stay: bool) -> Any:
    """The same structure without its words; where it holds facts, codes and numbers stay."""
    if isinstance(value, dict):
        keys = (key if _CODE.fullmatch(key) else f"{EMPTIED}{at}" for at, key in enumerate(value))
        return dict(
            zip(keys, (_emptied(part, codes_stay=codes_stay) for part in value.values()), strict=True)
        )
    if isinstance(value, list):
        return [_emptied(part, codes_stay=codes_stay) for part in value]
    if isinstance(value, str) and value:
        return value if codes_stay and _CODE.fullmatch(value) else EMPTIED
    return value if codes_stay or value is None or isinstance(value, bool | str) else 0


def _municipalities() -> list[int]:
    from silta.people.models import Municipality

    return list(Municipality.objects.order_by("pk").values_list("pk", flat=True))


def copied_models() -> list[Model]:
    """The tables that are copied: those of the rooms, history among them; libraries' (sessions, second factors, queue) are not."""
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("silta.") and model._meta.managed and not model._meta.proxy
        and model._meta.label_lower not in LEFT_OUT
    ]  # fmt: skip
    return sorted(found, key=lambda one: one._meta.label_lower)


def empty(write: "psycopg.Connection[Any]") -> None:
    """Empties every table that is copied, of what migrations have put there."""
    write.execute("SET LOCAL session_replication_role = replica")
    tables = sql.SQL(", ").join(sql.Identifier(one._meta.db_table) for one in copied_models())
    write.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))


def copy(source: str, target: str, *, key: bytes) -> dict[str, int]:
    """Copies every table into a migrated, empty database without anybody in it; returns the rows of each.

    ``source`` is the address of the owner, ``target`` that of the superuser of the new server: while it is written,
    triggers sleep, save those that link the journal anew. Raises ``ScrubError`` where the target holds people.
    """
    invented, counts = Invention(key), {}
    with psycopg.connect(source) as read, psycopg.connect(target) as write:
        read.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = write.execute("SELECT EXISTS (SELECT 1 FROM people_person)").fetchone()
        if found is None or found[0]:
            raise ScrubError("There are people in the new database already: nothing is written there.")
        empty(write)
        for model in copied_models():
            scrubber = Scrubber(model, invented)
            made = map(scrubber.scrub, rows_of(read, model))
            counts[model._meta.label_lower] = write_rows(write, model, made)
        _set_sequences(write)
    return counts


def into_folder(folder: Path, *, key: bytes) -> dict[str, int]:
    """Makes a new database in a data folder, and copies the present one into it; returns the rows of each table.

    Raises ``ScrubError`` where the folder holds a database, and where the new one cannot be made.
    """
    data = folder / "postgres"
    if data.exists() and any(data.iterdir()):
        raise ScrubError(f"There is a database in {data}. Name a new folder.")
    environment = {name: value for name, value in os.environ.items() if name not in _OF_THE_ORIGINAL}
    made = subprocess.run(
        [sys.executable, "-m", "config.cli", "migrate", "--quiet"], check=False, capture_output=True, text=True,
        env=environment | {"SILTA_HOME": str(folder)},
    )  # fmt: skip
    if made.returncode:
        raise ScrubError(f"The new database could not be made: {made.stderr.strip()}")
    target = database.with_user(database.start_embedded(data).address, "postgres")
    return copy(os.environ["DATABASE_OWNER_URL"], target, key=key)


def _columns(model: Model) -> list[str]:
    return [
        str(one.column) for one in model._meta.concrete_fields if not isinstance(one, models.GeneratedField)
    ]


def rows_of(read: "psycopg.Connection[Any]", model: Model) -> Iterator[Row]:
    """Every row of a table as text, the journal in the order in which it was written."""
    columns = _columns(model)
    order = ["at", "chain", "position"] if model is Event else [str(model._meta.pk.column)]
    asked = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
        sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(one)) for one in columns),
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, order)),
    )  # fmt: skip
    with read.cursor(f"scrub_{model._meta.db_table}"[:60]) as found:
        found.itersize = _AT_ONCE
        found.execute(asked)
        for values in found:
            yield dict(zip(columns, values, strict=True))


def write_rows(write: "psycopg.Connection[Any]", model: Model, rows: Iterable[Row]) -> int:
    """Writes rows into an emptied table; returns how many. Triggers sleep, save those that link the journal anew."""
    columns, count = _columns(model), 0
    role = "origin" if model is Event else "replica"
    write.execute(sql.SQL("SET LOCAL session_replication_role = {}").format(sql.Literal(role)))
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with write.cursor().copy(into) as copying:
        for row in rows:
            copying.write_row([row[column] for column in columns])
            count += 1
    return count


def _set_sequences(write: "psycopg.Connection[Any]") -> None:
    """What counts up goes on where the copied rows end."""
    for model in copied_models():
        key = model._meta.pk
        if isinstance(key, models.AutoField):
            write.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence(%s, %s), greatest(max({}), 1)) FROM {}").format(
                    sql.Identifier(str(key.column)), sql.Identifier(model._meta.db_table)
                ),
                [model._meta.db_table, key.column],
            )
