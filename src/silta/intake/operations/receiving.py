"""Receiving a file: read by its content, its rows kept as they came, nothing of it written anywhere else."""

import io
import itertools
from collections.abc import Iterator
from hashlib import sha256
from pathlib import PurePath
from typing import BinaryIO

from django.db import transaction

from silta.access import queries as access
from silta.access.enums import Permission
from silta.audit import operations as audit
from silta.intake.gateways import spreadsheets
from silta.intake.gateways.reading import Record, refuse
from silta.intake.models import File, Mapping, Row
from silta.intake.queries.files import unit_of
from silta.intake.rules import headings
from silta.kernel import batches, clock
from silta.kernel.actor import Actor

_LOOKED_AT = 20
_BATCH = 500
_CHUNK = 1024 * 1024


@transaction.atomic
def receive(actor: Actor, *, stream: BinaryIO, name: str, mapping: Mapping | None = None) -> File:
    """Takes in a file: its headings found, its columns matched (by the saved mapping, else by known headings).

    Raises ``NotAllowed`` without the permission to import, and ``RuleBroken`` at the field ``file`` with the reason in
    plain words where the file cannot be read; then nothing is written.
    """
    access.require(actor, Permission.IMPORT)
    digest, size = _digest(stream)
    table = spreadsheets.read(stream)
    first = list(itertools.islice(table.records, _LOOKED_AT))
    place = headings.find_row([record.cells for record in first])
    titles = [cell.strip() for cell in first[place].cells] if first else []
    while titles and not titles[-1]:
        titles.pop()
    if len([title for title in titles if title]) < 2:  # noqa: PLR2004 - a table has two columns at least
        raise refuse("no_headings")
    chosen = mapping or _fitting(actor, titles)
    file = File(
        unit_id=unit_of(actor), original_name=PurePath(name.replace("\\", "/")).name[-255:] or "-", sha256=digest,
        size=size, container=table.container, encoding=table.encoding, separator=table.separator, headings=titles,
        heading_number=first[place].number, source=chosen.name if chosen else "",
        columns={
            str(index): field.value
            for index, field in headings.guess(titles, chosen.columns if chosen else None).items()
        },
        services=chosen.services if chosen else {}, workers=chosen.workers if chosen else {},
        recorded_by_id=actor.user_id, recorded_by_unit_id=actor.unit_id, recorded_at=clock.now(),
    )  # fmt: skip
    file.save(force_insert=True)
    rows = _keep_rows(file, itertools.chain(first[place + 1 :], table.records))
    if not rows["rows"]:
        raise refuse("no_rows")
    file.counts, file.rows_total, file.notices = rows, rows["rows"], table.notices
    file.save(update_fields=["counts", "rows_total", "notices"])
    audit.record(actor, "intake.receive", subject=file, rows=rows["rows"], size=size)
    return file


def _digest(stream: BinaryIO) -> tuple[str, int]:
    found, size = sha256(), 0
    stream.seek(0)
    while piece := stream.read(_CHUNK):
        found.update(piece)
        size += len(piece)
    stream.seek(0, io.SEEK_SET)
    return found.hexdigest(), size


def _fitting(actor: Actor, titles: list[str]) -> Mapping | None:
    """The unit's latest mapping that knows the headings of the file; where none does, none."""
    for mapping in Mapping.objects.filter(unit_id=unit_of(actor)).order_by("-recorded_at", "-id"):
        if mapping.columns and set(mapping.columns) <= set(titles):
            return mapping
    return None


def _keep_rows(file: File, records: Iterator[Record]) -> dict[str, int]:
    counts = {"rows": 0, "blank": 0, "repeated_headings": 0}
    titles = tuple(file.headings)
    waiting: list[Row] = []
    for record in records:
        if record.is_blank:
            counts["blank"] += 1
        elif tuple(cell.strip() for cell in record.cells)[: len(titles)] == titles:
            counts["repeated_headings"] += 1
        else:
            counts["rows"] += 1
            waiting.append(
                Row(file=file, unit_id=file.unit_id, number=record.number, cells=list(record.cells),
                    stripped=sorted(record.stripped))
            )  # fmt: skip
        if len(waiting) >= _BATCH:
            batches.bulk_insert(waiting)
            waiting = []
    batches.bulk_insert(waiting)
    return counts
