"""Domain errors: a message for people and a code for machines.

Views turn ``NotAllowed`` and ``NotFound`` into the same 404, so that absent and forbidden look alike.
"""

from uuid import UUID

from django.utils.functional import Promise


class SiltaError(Exception):
    """The root of the domain's errors: ``message`` is shown to a person, ``code`` is stable for machines.

    ``person_id`` says whose data were asked for, where the raiser knows; it goes to the journal, never to the page.
    """

    def __init__(
        self, message: str | Promise, *, code: str, field: str | None = None, person_id: UUID | None = None
    ) -> None:
        super().__init__(str(code))
        self.message = message
        self.code = code
        self.field = field
        self.person_id = person_id


class NotFound(SiltaError):
    """There is no such thing for this actor, or she may not know of it."""


class NotAllowed(SiltaError):
    """The actor's role, unit or ground does not permit this."""


class OpenedElsewhere(SiltaError):
    """A page was opened in another place than its user acts from now; nothing was written. ``place`` is the page's."""

    def __init__(self, place: str) -> None:
        super().__init__("", code="kernel.opened_elsewhere")
        self.place = place


class RuleBroken(SiltaError):
    """The request is allowed but the rules of the field refuse it; ``field`` names the input, if one is at fault."""


class Conflict(SiltaError):
    """Somebody else changed the same thing meanwhile; nothing was written."""
