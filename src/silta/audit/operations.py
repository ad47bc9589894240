"""Writing the journal."""

from typing import Any
from uuid import UUID

from silta.audit.enums import Kind, Outcome
from silta.audit.models import Event
from silta.kernel import clock
from silta.kernel.actor import Actor


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

    ``action`` is ``room.verb`` ("cases.open"); ``subject`` a model instance; ``details`` hold field names, codes,
    counts and ids, never names, texts or other content (703/2023 10 §).
    """
    Event(
        at=clock.now(),
        kind=kind,
        action=action,
        outcome=outcome,
        user_id=_text(actor.user_id if actor else None),
        unit_id=_text(actor.unit_id if actor else None),
        organisation_id=_text(actor.organisation_id if actor else None),
        role=actor.role if actor else "",
        purpose=actor.purpose if actor else "",
        person_id=_text(person_id),
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=_text(subject.pk if subject is not None else None),
        ground=ground,
        recipient_unit_id=_text(recipient_unit_id),
        details=details,
    ).save(force_insert=True)


def _text(value: UUID | str | int | None) -> str:
    return "" if value is None else str(value)
