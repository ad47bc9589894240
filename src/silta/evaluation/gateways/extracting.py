"""Takes the offered rows out of PostgreSQL to Parquet, as Arrow through ADBC, in batches of bounded size."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import adbc_driver_postgresql.dbapi as adbc
from pyarrow import parquet

from silta.kernel.offers import Column, Leaves, Offer

KEY_BYTES = 12
_MANIFEST = "manifest.json"
_KEY = "(SELECT decode(current_setting('silta.figures_key'), 'hex'))"


@dataclass(frozen=True, slots=True)
class Extract:
    """A whole extract: its folder, and how many rows each table has."""

    folder: Path
    rows: Mapping[str, int]


def keyed(key: bytes, asked: UUID) -> bytes:
    """The name under which an id leaves: a digest that only this installation's key gives."""
    return hashlib.sha256(key + asked.bytes).digest()[:KEY_BYTES]


def kept_key(root: Path) -> bytes:
    """The key of this installation, made once and readable by its owner only; it leaves the folder in a backup only."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = root / "key"
    if not path.exists():
        fresh = root / f"key-{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32))
        fresh.rename(path)
    return bytes.fromhex(path.read_text())


def address(settings: Mapping[str, Any]) -> str:
    """The address by which the tool reaches the database of Django's settings, as their user and in no other role."""
    user, password, host = (
        quote(str(settings[name] or ""), safe="") for name in ("USER", "PASSWORD", "HOST")
    )
    secret = f":{password}" if password else ""
    port = f"&port={settings['PORT']}" if settings["PORT"] else ""
    return f"postgresql://{user}{secret}@/{quote(str(settings['NAME']))}?host={host}{port}"


def statement(offer: Offer) -> str:
    """The SQL of one table of the extract."""
    return f"SELECT {', '.join(map(_selected, offer.columns))} FROM {offer.rows}"  # noqa: S608 - words of the rooms' own offers


def _selected(column: Column) -> str:
    if column.leaves is Leaves.KEYED:
        return f"substring(sha256({_KEY} || uuid_send({column.sql})) for {KEY_BYTES}) AS {column.name}"
    return f"{column.sql} AS {column.name}"


def extract(
    database: str, offers: Sequence[Offer], key: bytes, folder: Path, *, told: Mapping[str, Any]
) -> Extract:
    """Writes every offer to a file of ``folder``, all as of one moment; ``told`` goes into the manifest.

    The folder is there whole or not at all: it is written beside and renamed. Rows pass in batches, so that the memory
    it takes does not grow with them.
    """
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    try:
        tables = _tables(database, offers, key, part)
        manifest = {**told, "tables": tables}
        _write(part / _MANIFEST, json.dumps(manifest, indent=1, default=str))
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Extract(folder, {name: int(table["rows"]) for name, table in tables.items()})


def _tables(database: str, offers: Sequence[Offer], key: bytes, folder: Path) -> dict[str, dict[str, Any]]:
    tables = {}
    with adbc.connect(database) as connection, connection.cursor() as cursor:
        # One snapshot for all tables: a case and its plan are of the same moment.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # As a parameter, so that the key does not stand in the text of any statement.
        cursor.execute("SELECT set_config('silta.figures_key', $1, true)", (key.hex(),))
        cursor.fetchall()
        # A digest costs more than to pass a row on, which the server's own reckoning of processes does not know.
        cursor.execute("SET LOCAL parallel_setup_cost = 0")
        cursor.execute("SET LOCAL parallel_tuple_cost = 0")
        for offer in offers:
            cursor.execute(statement(offer))
            tables[offer.name] = _file(cursor.fetch_record_batch(), offer, folder / f"{offer.name}.parquet")
    return tables


def _file(reader: Any, offer: Offer, path: Path) -> dict[str, Any]:
    rows = 0
    path.touch(mode=0o600)
    # Words repeat and are told once each; nearly every digest is another, and looking for repetition takes twice the time.
    words = [column.name for column in offer.columns if column.leaves is not Leaves.KEYED]
    with parquet.ParquetWriter(
        path, reader.schema, compression="zstd", compression_level=1, use_dictionary=words
    ) as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return {"rows": rows, "schema": {field.name: str(field.type) for field in reader.schema}}


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    with path.open("rb") as written:
        os.fsync(written.fileno())


def forget_others(kept: Path) -> None:
    """Removes every extract beside this one: an older one tells nothing that is still needed."""
    for other in kept.parent.iterdir():
        if other != kept and other.is_dir():
            shutil.rmtree(other, ignore_errors=True)
