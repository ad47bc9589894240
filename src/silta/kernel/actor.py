"""Who is acting, for which unit, in which role and for what purpose."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person of one request, job or command; every query and operation is given one.

    A professional acts for a unit; a client acts for a person (herself, or one she represents), and has no unit.
    ``role`` is a key of ``access.rules.ROLES``; ``purpose`` a value of ``access.enums.Purpose``. ``looking_unit_id``
    is set in a preview only: the unit of the worker who looks at what ``unit_id`` would see. Nothing passes that both
    may not see. ``token_id`` and ``scopes`` are set where a program acts in a worker's name: the token it showed, which the
    journal tells with each act, and what it was limited to (``access.enums.TokenScope``).
    """

    user_id: UUID
    role: str
    purpose: str
    unit_id: UUID | None = None
    organisation_id: UUID | None = None
    person_id: UUID | None = None
    looking_unit_id: UUID | None = None
    token_id: UUID | None = None
    scopes: frozenset[str] | None = None

    @property
    def is_client(self) -> bool:
        """Whether the actor is a client who acts in her own matter, not a professional."""
        return self.person_id is not None
