"""The copies of every table's rows, ready for COPY: ids, names, codes, numbers and addresses of their own."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from config.crowding.identities import Identity, Names, identities
from config.crowding.planning import Copies, Plan
from config.crowding.reading import Fields, Table
from config.crowding.tiling import Bytes, Patch, counted, digits, renamed, tiles, tuple_of

_PERSON = {"people_person", "people_personevent"}
_CASE = {"cases_case", "cases_caseevent"}
# Columns that must tell branches apart get the branch's number behind, or before the at sign.
_TOLD_APART = {
    ("accounts_user", "email"), ("account_emailaddress", "email"), ("organisations_unit", "name_fi"),
    ("organisations_unit", "name_sv"), ("organisations_unit", "sought"), ("organisations_organisation", "name_fi"),
    ("organisations_organisation", "name_sv"), ("organisations_organisation", "sought"),
}  # fmt: skip
_BRANCH_DIGITS = 5


@dataclass
class Printer:
    """Prints the copies of all rows; made once for a whole load."""

    plan: Plan
    births: dict[bytes, Identity]
    numbers: dict[bytes, tuple[int, int]]
    counts: dict[str, int]

    def copies(self, table: Table) -> Iterator[bytes]:
        """The copies of a table's rows as COPY reads them: story by story, and copy by copy, so that keys come in order."""
        count = self.counts.get(table.name, 0)
        for rows, copies in self._together(table):
            told: list[bytes] = []
            patches: list[Patch] = []
            for turn, fields in enumerate(rows):
                row, own = self._row(table, fields, copies, count + turn + 1, len(rows))
                patches += [Patch(patch.place + sum(map(len, told)), patch.content) for patch in own]
                told.append(row)
            count += len(rows) * len(copies)
            yield from tiles(b"".join(told), len(copies), patches)

    def _together(self, table: Table) -> Iterator[tuple[list[Fields], Copies]]:
        """The rows of each story in the order of their keys, and how the story is copied."""
        found: dict[int, tuple[list[Fields], Copies]] = {}
        key = table.at("id")
        for fields in sorted(table.rows, key=lambda row: row[key] or b"") if key >= 0 else table.rows:
            copies = self.plan.row(table, fields)
            if copies is not None and len(copies):
                found.setdefault(id(copies), ([], copies))[0].append(fields)
        # Numbers count down from the first story to the last.
        return iter(sorted(found.values(), key=lambda one: -int(one[1].story[0])))

    def _row(
        self, table: Table, fields: Fields, copies: Copies, first: int, step: int
    ) -> tuple[bytes, list[Patch]]:
        """The row with room for what is a copy's own, and that of every copy; where rows are counted, from the first on."""
        told, own = self._told_apart(table, self._renumbered(table, fields), copies)
        row, places = tuple_of(told)
        patches = renamed(self.plan, table, told, places, copies)
        patches += [Patch(places[place] + at, content) for place, at, content in own]
        if table.counted:
            place = table.at(table.counted)
            patches.append(Patch(places[place], counted(first, step, len(copies), len(told[place] or b""))))
        if table.name in _PERSON:
            patches += self._person(table, told, places, copies)
        elif table.name in _CASE:
            patches.append(self._case(table, fields, places, copies))
        return row, patches

    def _renumbered(self, table: Table, fields: Fields) -> Fields:
        """The row with room for the copies' numbers of cases."""
        if table.name not in _CASE:
            return fields
        place = table.at("number")
        number = fields[place] or b""
        return (*fields[:place], number[:5] + bytes(self.numbers[number][1]), *fields[place + 1 :])

    def _told_apart(
        self, table: Table, fields: Fields, copies: Copies
    ) -> tuple[Fields, list[tuple[int, int, Bytes]]]:
        """The row with room for the branch's number, and what goes there: column, place within it, digits."""
        told, own = list(fields), []
        for place, column in enumerate(table.columns):
            value = fields[place]
            if value and (table.name, column) in _TOLD_APART:
                before, sign, after = value.partition(b"@")
                room = b"." if sign else b" "
                told[place] = before + room + bytes(_BRANCH_DIGITS) + sign + after
                own.append((place, len(before) + 1, digits(copies.staff.astype(np.int64), _BRANCH_DIGITS)))
        return tuple(told), own

    def _case(self, table: Table, fields: Fields, places: list[int], copies: Copies) -> Patch:
        place = table.at("number")
        first, width = self.numbers[fields[place] or b""]
        return Patch(places[place] + 5, digits(np.arange(first, first + len(copies), dtype=np.int64), width))

    def _person(self, table: Table, fields: Fields, places: list[int], copies: Copies) -> list[Patch]:
        surnames, given = _surnames(), _given()

        def at(column: str) -> int:
            return places[table.at(column)]

        told = {
            column: fields[table.at(column)] or b""
            for column in ("last_name", "first_names", "call_name", "search_name")
        }
        patches = []
        identity = self.births.get(fields[table.at("id")] or b"")
        if identity is not None:
            patches.append(Patch(at("birth_date"), identity.born))
            if fields[table.at("identity_code")]:
                patches.append(Patch(at("identity_code"), identity.codes))
        for name, names, columns in (
            (told["last_name"], surnames, ("last_name",)),
            (told["call_name"], given, ("first_names", "call_name")),
        ):
            folded = _folded(name)
            plain, sought = names.like(name, folded, copies.story)
            patches += [
                Patch(at(column) + told[column].index(name), plain)
                for column in columns
                if name in told[column]
            ]
            if folded in told["search_name"]:
                patches.append(Patch(at("search_name") + told["search_name"].rindex(folded), sought)
                               if names is surnames else
                               Patch(at("search_name") + told["search_name"].index(folded), sought))  # fmt: skip
        return patches


_surnames, _given = cache(Names.surnames), cache(Names.given)


def _folded(name: bytes) -> bytes:
    from silta.kernel.folding import fold

    return fold(name.decode()).encode()


def printer(tables: list[Table], plan: Plan, taken: dict[int, int]) -> tuple[Printer, dict[int, int]]:
    """Everything printing needs, and the last number of each year; ``taken`` has the numbers already given, by year."""
    named = {table.name: table for table in tables}
    people = named["people_person"]
    key, born = people.at("id"), people.at("birth_date")
    births = {
        row[key] or b"": (
            struct.unpack(">i", row[born] or b"")[0],
            plan.copies[plan.story_of[row[key] or b""]].story,
        )
        for row in people.rows
        if row[born]
    }
    counts = {table.name: max((int.from_bytes(row[table.at(table.counted)] or b"") for row in table.rows), default=0)
              for table in tables if table.counted}  # fmt: skip
    numbers, last = _numbers(named["cases_case"], plan, taken)
    return Printer(plan, identities(births), numbers, counts), last


def _numbers(
    cases: Table, plan: Plan, taken: dict[int, int]
) -> tuple[dict[bytes, tuple[int, int]], dict[int, int]]:
    """From which number on the copies of each case count, and in how many digits: five, and more from 100000 on."""
    key, place = cases.at("id"), cases.at("number")
    wanted = {row[place] or b"": len(plan.copies[plan.story_of[row[key] or b""]]) for row in cases.rows}
    last, numbers = dict(taken), {}
    for year in taken:
        of_year = {number: many for number, many in wanted.items() if int(number[:4]) == year}
        width = 5
        while last[year] + sum(of_year.values()) >= 10**width:
            last[year], width = max(last[year], 10**width - 1), width + 1
        for number, many in of_year.items():
            numbers[number] = (last[year] + 1, width)
            last[year] += many
    return numbers, last
