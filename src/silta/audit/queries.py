"""Reading the journal: whose data, who did what, and whether the chain is whole."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from silta.audit.enums import Outcome
from silta.audit.models import ChainHead, Event
from silta.kernel.acting import maintaining

# What a digest covers, in the order of the trigger ``audit_digest``. It is said here a second time on purpose: whoever
# alters the function in the database does not alter the check.
_CONTENT = """jsonb_build_array(e.previous_digest, e.chain, e.position, e.id, e.at, e.kind, e.action, e.outcome,
  e.user_id, e.unit_id, e.organisation_id, e.role, e.purpose, e.person_id, e.subject_type, e.subject_id, e.ground,
  e.recipient_unit_id, e.details)::text"""
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """Where a chain no longer holds: the chain, the position, the event if there is one, and what is wrong there.

    ``fault`` is ``changed`` (the content is not what was written), ``missing`` (events before this one are gone),
    ``foreign`` (the event does not continue the one before it) or ``cut`` (the chain's end is gone).
    """

    chain: int
    position: int
    event_id: UUID | None
    fault: str

    def __str__(self) -> str:
        named = f"event {self.event_id}" if self.event_id else "its end"
        return f"chain {self.chain}, position {self.position}, {named}: {self.fault}"


def first_broken_link() -> BrokenLink | None:
    """The first broken link of the journal, chain by chain; none where every chain is whole.

    Streams the journal through this process; runs as the owner of the database.
    """
    return next(broken_links(), None)


def broken_links() -> Iterator[BrokenLink]:
    """Every place where the journal no longer holds, chain by chain, in order of position."""
    with maintaining():
        heads = {head.chain: head for head in ChainHead.objects.order_by("chain")}
        seen: dict[int, tuple[int, str]] = {}
        with connection.cursor() as settings:
            settings.execute("SET LOCAL timezone = 'UTC'")
        for chain, position, event_id, previous, digest, content in _rows():
            head = heads.get(chain)
            start = (head.kept_from_position - 1, head.kept_from_digest) if head else (0, "")
            last_position, last_digest = seen.get(chain, start)
            if position != last_position + 1:
                yield BrokenLink(
                    chain, position, event_id, "missing" if position > last_position + 1 else "foreign"
                )
            elif previous != last_digest:
                yield BrokenLink(chain, position, event_id, "foreign")
            elif hashlib.sha256(content.encode()).hexdigest() != digest:
                yield BrokenLink(chain, position, event_id, "changed")
            seen[chain] = (position, digest)
        for chain, head in heads.items():
            start = (head.kept_from_position - 1, head.kept_from_digest)
            if seen.get(chain, start) != (head.position, head.digest) and not (
                head.position == 0 and chain not in seen
            ):
                yield BrokenLink(chain, head.position, None, "cut")


def _rows() -> Iterator[tuple[int, int, UUID, str, str, str]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT e.chain, e.position, e.id, e.previous_digest, e.digest, {_CONTENT} FROM audit_event e"  # noqa: S608 - words of this module
            " ORDER BY e.chain, e.position"
        )
        while rows := cursor.fetchmany(_BATCH):
            yield from rows


def ends() -> dict[int, int]:
    """The position up to which each chain is written. Runs as the owner of the database."""
    with maintaining():
        return dict(ChainHead.objects.order_by("chain").values_list("chain", "position"))


def written_since(
    positions: Mapping[int, int], actions: Iterable[str], *, most: int
) -> tuple[list[Event], dict[int, int]]:
    """What was done since these positions of the chains, of these acts only, the oldest first; and the positions reached.

    In a chain events stand in the order of their commits, so that nothing written later stands before a position that
    was reached. Of each chain ``most`` events at most are passed. Runs as the owner of the database.
    """
    with maintaining():
        reached = {chain: min(end, positions.get(chain, 0) + most) for chain, end in ends().items()}
        moved = [chain for chain, end in reached.items() if end > positions.get(chain, 0)]
        rows = Event.objects.raw(
            "SELECT e.* FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[]) AS stretch (chain, past, upto)"
            " JOIN audit_event e ON e.chain = stretch.chain AND e.position > stretch.past"
            " AND e.position <= stretch.upto WHERE e.action = ANY (%s) AND e.outcome = %s ORDER BY e.at, e.id",
            [moved, [positions.get(chain, 0) for chain in moved], [reached[chain] for chain in moved],
             list(actions), Outcome.DONE],
        )  # fmt: skip
        return list(rows) if moved else [], reached


def seal() -> str:
    """One digest over the heads of all chains: written down elsewhere, it proves later that no end was cut off."""
    with maintaining():
        heads = "".join(
            f"{head.chain}:{head.position}:{head.digest};" for head in ChainHead.objects.order_by("chain")
        )
    return hashlib.sha256(heads.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for in the journal; every condition that is set must hold."""

    person_ids: tuple[UUID, ...] = ()
    user_id: UUID | None = None
    first: dt.datetime | None = None
    until: dt.datetime | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of events, the newest first, and the key at which the next page begins; none, if this is the last."""

    events: list[Event]
    next_key: str | None


def _key(event: Event) -> str:
    return f"{event.at.timestamp():.6f}_{event.pk}"


def _after(rows: "QuerySet[Event]", key: str) -> "QuerySet[Event]":
    """The events after a page's key; an unsound key begins anew."""
    moment, _, identifier = key.partition("_")
    try:
        at, last = dt.datetime.fromtimestamp(float(moment), dt.UTC), UUID(identifier)
    except (ValueError, OverflowError, OSError):
        return rows
    return rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=last))


def _page(rows: "QuerySet[Event]", key: str, size: int) -> Page:
    found = list(_after(rows, key)[: size + 1])
    return Page(found[:size], _key(found[size - 1]) if len(found) > size else None)


def events_of_person(person_ids: Iterable[UUID], *, key: str = "", size: int = 50) -> Page:
    """What was done with a person's data under each of her ids, the newest first; row-level security decides who reads."""
    return _page(Event.objects.filter(person_id__in=[str(one) for one in person_ids]), key, size)


def search(wanted: Search, *, key: str = "", size: int = 50) -> Page:
    """The events that meet every condition, the newest first, page by page by key."""
    conditions = {
        "person_id__in": [str(one) for one in wanted.person_ids] or None,
        "user_id": str(wanted.user_id) if wanted.user_id else None,
        "at__gte": wanted.first, "at__lt": wanted.until, "outcome": wanted.outcome,
    }  # fmt: skip
    rows = Event.objects.filter(**{name: value for name, value in conditions.items() if value is not None})
    return _page(rows, key, size)
