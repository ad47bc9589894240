"""Which rows make one story, how often each story is copied, and whose units and workers a copy has."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from config.crowding.reading import Fields, Table, ids

Numbers = NDArray[np.uint32]
# As many people to a set of units as a region's units see; as many such sets to an organisation as a county has.
PEOPLE_PER_BRANCH = 480
OPEN_PER_BRANCH = 120
BRANCHES_PER_REGION = 100
# A story of no more rows than this is a brief one: somebody came once or twice.
BRIEF = 45
# A long story is told in one of so many branches, each in others: a million people have some ten million rows of timeline
# and journal, and a worker has long and brief stories side by side.
LONG_IN_ONE_OF = 5
_STAFF = {"organisations_unit", "accounts_user", "access_membership"}
_ORGANISATIONS = {"organisations_organisation"}


class Level(IntEnum):
    """What an id belongs to: nothing that is copied, an organisation, a set of units and workers, one story."""

    COMMON = 0
    ORGANISATION = 1
    STAFF = 2
    STORY = 3


@dataclass(frozen=True)
class Copies:
    """The copies of a row: by which number each changes its story's ids, its workers' and its organisations'."""

    story: Numbers
    staff: Numbers
    organisation: Numbers

    def __len__(self) -> int:
        return len(self.staff)

    def of(self, level: Level) -> Numbers:
        """The numbers that the ids of a level change by."""
        return {Level.STORY: self.story, Level.STAFF: self.staff}.get(level, self.organisation)


@dataclass
class _Story:
    people: int = 0
    rows: int = 0
    is_open: bool = False
    weight: int = 1
    every: int = 1
    copies: list[int] = field(default_factory=list)


@dataclass
class Plan:
    """Who is copied how often: the level of every id, its story, and the copies of each story."""

    levels: dict[bytes, Level]
    story_of: dict[bytes, bytes]
    copies: dict[bytes, Copies]
    staff: Copies
    organisations: Copies

    def row(self, table: Table, fields: Fields) -> Copies | None:
        """The copies of a row; none where it is of the frame."""
        found = {
            key
            for kind, value in zip(table.types, fields, strict=True)
            if value
            for _at, key, _ in ids(kind, value)
        }
        level = max((self.levels.get(key, Level.COMMON) for key in found), default=Level.COMMON)
        if level == Level.STORY:
            return self.copies[next(self.story_of[key] for key in found if key in self.story_of)]
        return {Level.STAFF: self.staff, Level.ORGANISATION: self.organisations}.get(level)


def plan(tables: Iterable[Table], *, people: int) -> Plan:
    """Says how often each story is copied, so that there are so many people in all, about a quarter with an open case."""
    tables = list(tables)
    levels = _levels(tables)
    story_of = _together(tables, levels)
    stories = _stories(tables, story_of)
    for key, root in list(story_of.items()):
        if not stories[root].people:
            # Nobody's story: what workers and units have of their own.
            levels[key] = Level.STAFF
            del story_of[key]
    told = {root: story for root, story in stories.items() if story.people}
    _weigh(told, people)
    _spread(told, people - sum(story.people for story in told.values()))
    most = max(story.weight for story in told.values())
    copies: dict[bytes, Copies] = {}
    last = sum(len(story.copies) for story in told.values())
    for root, story in told.items():
        copies[root] = _numbered(story.copies, most, last)
        last -= len(story.copies)
    branches = max((int(one.staff.max()) for one in copies.values() if len(one)), default=0)
    return Plan(levels, story_of, copies, _branches(branches), _regions(branches // BRANCHES_PER_REGION))


def _levels(tables: list[Table]) -> dict[bytes, Level]:
    levels: dict[bytes, Level] = {}
    for table in tables:
        place = table.at("id")
        if place < 0 or table.types[place] != "uuid":
            continue
        level = Level.STAFF if table.name in _STAFF else Level.STORY
        level = Level.ORGANISATION if table.name in _ORGANISATIONS else level
        for row in table.rows:
            levels[row[place] or b""] = level
    return levels


def _together(tables: list[Table], levels: dict[bytes, Level]) -> dict[bytes, bytes]:
    """Each id of a story with the id that stands for the whole story: ids in one row are of one story."""
    parent = {key: key for key, level in levels.items() if level == Level.STORY}

    def root(key: bytes) -> bytes:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for table in tables:
        for row in table.rows:
            first: bytes | None = None
            for kind, value in zip(table.types, row, strict=True):
                for _place, key, _text in ids(kind, value) if value else ():
                    if key in parent:
                        first = first or key
                        parent[root(key)] = root(first)
    return {key: root(key) for key in parent}


def _stories(tables: list[Table], story_of: dict[bytes, bytes]) -> dict[bytes, _Story]:
    stories = {root: _Story() for root in story_of.values()}
    for table in tables:
        state = table.at("state") if table.name == "cases_case" else -1
        for row in table.rows:
            roots = {story_of[key] for kind, value in zip(table.types, row, strict=True) if value
                     for _place, key, _text in ids(kind, value) if key in story_of}  # fmt: skip
            for root in roots:
                stories[root].rows += 1
                stories[root].people += table.name == "people_person"
                stories[root].is_open |= state >= 0 and row[state] == b"open"
    return stories


def _weigh(stories: dict[bytes, _Story], people: int) -> None:
    """Brief stories are told more often than long ones, as in life; a small region takes each as it is.

    So that a quarter of the people have an open case, brief stories fill up what long ones leave of a branch.
    """
    if people < 2 * PEOPLE_PER_BRANCH:
        return
    kinds = Counter((story.rows <= BRIEF, story.is_open) for story in stories.values())
    wanted = {True: OPEN_PER_BRANCH, False: PEOPLE_PER_BRANCH - OPEN_PER_BRANCH}
    for story in stories.values():
        if story.rows <= BRIEF:
            long, brief = kinds[False, story.is_open] / LONG_IN_ONE_OF, kinds[True, story.is_open]
            story.weight = max(1, round((wanted[story.is_open] - long) / brief))
        else:
            story.every = LONG_IN_ONE_OF


def _spread(stories: dict[bytes, _Story], missing: int) -> None:
    """Numbers the copies of each story, branch by branch, until nobody is missing; told stories are in branch 0."""
    most = max(story.weight for story in stories.values())
    ordered = sorted(stories.items())
    branch = 0
    while missing > 0:
        for place, (_root, story) in enumerate(ordered):
            if (branch + place) % story.every:
                continue
            for turn in range(0 if branch else 1, story.weight):
                if missing > 0:
                    story.copies.append(branch * most + turn)
                    missing -= story.people
        branch += 1


def _numbered(copies: list[int], most: int, last: int) -> Copies:
    """The copies of one story, by numbers that no other story has: they count down, for an id is the earlier the more."""
    story = np.arange(last, last - len(copies), -1, dtype=np.int64).astype(np.uint32)
    turn = np.array(copies, dtype=np.uint32)
    return Copies(story, turn // np.uint32(most), turn // np.uint32(most * BRANCHES_PER_REGION))


def _branches(last: int) -> Copies:
    staff = np.arange(1, last + 1, dtype=np.uint32)
    return Copies(staff, staff, staff // np.uint32(BRANCHES_PER_REGION))


def _regions(last: int) -> Copies:
    regions = np.arange(1, last + 1, dtype=np.uint32)
    return Copies(regions, regions, regions)
