"""The same client twice in one file: what is a repetition, what a mistake, and what two people."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from silta.intake.enums import Field
from silta.intake.rules.problems import Problem
from silta.kernel.folding import fold
from silta.kernel.identifiers import identity_code_fault

_MARK = 6


@dataclass(frozen=True, slots=True)
class Seen:
    """What is compared of one row; ``contents`` is a digest of all its cells."""

    key: UUID
    number: int
    contents: str
    external_id: str
    identity_code: str
    name: str
    service: str


def find(rows: Iterable[Seen]) -> dict[UUID, list[Problem]]:
    """The problems of rows that speak of the same number, code or person as another; the rest are absent."""
    found: dict[UUID, list[Problem]] = defaultdict(list)
    rest = list(_without_repeats(rows, found))
    _same_number(rest, found)
    _same_code(rest, found)
    _twins(rest, found)
    _perhaps_same(rest, found)
    return dict(found)


def _groups(rows: Iterable[Seen], attribute: str) -> Iterator[list[Seen]]:
    groups: dict[str, list[Seen]] = defaultdict(list)
    for row in rows:
        if value := getattr(row, attribute):
            groups[value].append(row)
    return (group for group in groups.values() if len(group) > 1)


def _others(row: Seen, group: Iterable[Seen]) -> str:
    return ", ".join(str(other.number) for other in group if other.key != row.key)


def _without_repeats(rows: Iterable[Seen], found: dict[UUID, list[Problem]]) -> Iterator[Seen]:
    first: dict[str, Seen] = {}
    for row in sorted(rows, key=lambda row: row.number):
        earlier = first.setdefault(row.contents, row)
        if earlier is row:
            yield row
        else:
            found[row.key].append(Problem("same_row", says={"rows": str(earlier.number)}))


def _same_number(rows: list[Seen], found: dict[UUID, list[Problem]]) -> None:
    for group in _groups(rows, "external_id"):
        for row in group:
            found[row.key].append(
                Problem("same_number", Field.EXTERNAL_ID, row.external_id, says={"rows": _others(row, group)})
            )


def _same_code(rows: list[Seen], found: dict[UUID, list[Problem]]) -> None:
    for group in _groups(rows, "identity_code"):
        for row in group:
            others_named = [other for other in group if fold(other.name) != fold(row.name)]
            same_matter = [
                other
                for other in group
                if other.service == row.service and other.external_id != row.external_id
            ]
            if others_named:
                found[row.key].append(
                    Problem("same_code_other_name", Field.IDENTITY_CODE, row.identity_code,
                            says={"rows": _others(row, others_named)})
                )  # fmt: skip
            elif same_matter:
                found[row.key].append(
                    Problem("same_person", Field.IDENTITY_CODE, row.identity_code,
                            says={"rows": _others(row, same_matter)})
                )  # fmt: skip


def _twins(rows: list[Seen], found: dict[UUID, list[Problem]]) -> None:
    """Codes that differ in the century mark only belong to two people (law-standards-evidence.md 1.8)."""
    groups: dict[str, list[Seen]] = defaultdict(list)
    for row in rows:
        if row.identity_code and identity_code_fault(row.identity_code) is None:
            groups[row.identity_code[:_MARK] + row.identity_code[_MARK + 1 :]].append(row)
    for group in groups.values():
        for row in group:
            twins = [other for other in group if other.identity_code != row.identity_code]
            if twins:
                found[row.key].append(
                    Problem(
                        "twin_code",
                        Field.IDENTITY_CODE,
                        row.identity_code,
                        says={"rows": _others(row, twins)},
                    )
                )


def _perhaps_same(rows: list[Seen], found: dict[UUID, list[Problem]]) -> None:
    coded: dict[str, list[Seen]] = defaultdict(list)
    for row in rows:
        if row.identity_code:
            coded[fold(row.name)].append(row)
    for row in rows:
        if not row.identity_code and (others := coded.get(fold(row.name))):
            found[row.key].append(
                Problem("perhaps_same", Field.IDENTITY_CODE, says={"rows": _others(row, others)})
            )
