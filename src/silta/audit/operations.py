"""Writing the journal, proving it whole, and shortening it when its time is up."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from prometheus_client import Counter

from silta.audit import queries
from silta.audit.enums import Kind, Outcome
from silta.audit.models import Event
from silta.kernel import batches, clock
from silta.kernel.actor import Actor
from silta.kernel.identifiers import new_id

# Told to whoever watches over the machine (``silta metrics``): codes and counts, nobody's id.
_acts = Counter("silta_acts", "Acts that were written into the journal", ["action", "outcome"])


_APPEND = batches.Unawaited("SELECT audit_append_many(%s::jsonb, %s::jsonb)")


def record(
    actor: Actor | None,
    action: str,
    *,
    kind: Kind = Kind.WRITE,
    person_id: UUID | None = None,
    subject: Any = None,
    ground: str = "",
    outcome: Outcome = Outcome.DONE,
    recipient_unit_id: UUID | None = None,
    **details: Any,
) -> None:
    """Writes one event in the transaction of the act it tells of, so that neither exists without the other.

    ``action`` is ``room.verb`` ("cases.open"), a word of ``audit.rules.SENTENCES``; ``subject`` a model instance;
    ``details`` hold field names, codes, counts and ids, never names, texts or other content (703/2023 10 §). In a
    preview the event stands under the unit of the worker who looks, not under the unit whose view she looks at. Of what a
    program did in a worker's name the event tells the token too.
    """
    told = Told(person_id, subject, ground, recipient_unit_id, details)
    Event(**_act(actor, action, kind, outcome), **_own(actor, told)).save(force_insert=True)
    _count(action, outcome)


@dataclass(frozen=True, slots=True)
class Told:
    """What one event tells beside the act itself: whose data, which row, on which ground, to whom, and the details."""

    person_id: UUID | None = None
    subject: Any = None
    ground: str = ""
    recipient_unit_id: UUID | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def record_many(actor: Actor | None, action: str, told: Iterable[Told], *, kind: Kind = Kind.WRITE) -> None:
    """Writes one event for each of many acts of the same kind, as ``record`` does for one, in a single statement.

    The database links them all at once, in the order given (``audit_append_many``).
    """
    own = [{"id": new_id().hex, **_own(actor, one)} for one in told]
    if not own:
        return
    columns = {name: [one[name] for one in own] for name in own[0]}
    act = {name: [value] * len(own) for name, value in _act(actor, action, kind, Outcome.DONE).items()}
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, batches.documents({**act, **columns}))
    _count(action, Outcome.DONE, len(own))


def _count(action: str, outcome: Outcome, many: int = 1) -> None:
    """Counts what was written, once it is certain to stay."""
    counted = _acts.labels(action=action, outcome=str(outcome.value))
    transaction.on_commit(lambda: counted.inc(many))


def _act(actor: Actor | None, action: str, kind: Kind, outcome: Outcome) -> dict[str, Any]:
    """What the events of one call share: who did what, when, for which unit and to which purpose."""
    return {
        "at": clock.now(),
        "kind": kind,
        "action": action,
        "outcome": outcome,
        "user_id": _text(actor.user_id if actor else None),
        "unit_id": _text((actor.looking_unit_id or actor.unit_id) if actor else None),
        "organisation_id": _text(actor.organisation_id if actor else None),
        "role": actor.role if actor else "",
        "purpose": actor.purpose if actor else "",
    }


def _own(actor: Actor | None, told: Told) -> dict[str, Any]:
    """What is one event's own."""
    details, subject = dict(told.details), told.subject
    if actor is not None and actor.looking_unit_id is not None:
        details["as_unit"] = _text(actor.unit_id)
    if actor is not None and actor.token_id is not None:
        details["token"] = _text(actor.token_id)
    return {
        "person_id": _text(told.person_id),
        "subject_type": subject._meta.label_lower if subject is not None else "",
        "subject_id": _text(subject.pk if subject is not None else details.pop("subject_id", None)),
        "ground": told.ground,
        "recipient_unit_id": _text(told.recipient_unit_id),
        "details": details,
    }


def _text(value: UUID | str | int | None) -> str:
    return "" if value is None else str(value)


def verify() -> list[queries.BrokenLink]:
    """Checks every chain from its first kept event to its head; names the first broken link of each broken chain.

    Runs as the owner of the database (worker, command line); raises ``PermissionError`` in the web process.
    """
    broken: dict[int, queries.BrokenLink] = {}
    for link in queries.broken_links():
        broken.setdefault(link.chain, link)
    return [broken[chain] for chain in sorted(broken)]


def note_verified() -> None:
    """Writes down, beside the heads of the chains, that all of them were found whole now (``queries.first_broken_link``).

    Runs as the owner of the database, within ``maintaining()``.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON TABLE audit_chainhead IS 'verified {clock.now().isoformat()}'")


@transaction.atomic
def shorten(before: dt.datetime) -> int:
    """Erases from the start of every chain the events older than ``before``; returns how many.

    A chain is shortened only from its start, up to the first event that must be kept, and its head remembers where
    the kept part begins and the digest before it: what is left can be verified. To be called within ``maintaining()``.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL silta.erasing = 'on'")
        cursor.execute(
            """
            WITH kept AS (
              SELECT h.chain, coalesce(min(e.position) FILTER (WHERE e.at >= %s), h.position + 1) AS position
              FROM audit_chainhead h LEFT JOIN audit_event e ON e.chain = h.chain GROUP BY h.chain, h.position
            ), last_gone AS (
              SELECT DISTINCT ON (e.chain) e.chain, e.position, e.digest FROM audit_event e JOIN kept k ON k.chain = e.chain
              WHERE e.position < k.position ORDER BY e.chain, e.position DESC
            ), moved AS (
              UPDATE audit_chainhead h SET kept_from_position = g.position + 1, kept_from_digest = g.digest
              FROM last_gone g WHERE g.chain = h.chain RETURNING h.chain, h.kept_from_position
            )
            DELETE FROM audit_event e USING moved m WHERE e.chain = m.chain AND e.position < m.kept_from_position
            """,
            [before],
        )
        gone = int(cursor.rowcount)
        cursor.execute("SET LOCAL silta.erasing = 'off'")
    return gone
