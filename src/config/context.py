"""What every page gets from the composition root: the words of upper rooms that the frame below them shows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from silta.access import queries as access
from silta.access import rules
from silta.access.enums import Permission
from silta.access.models import Membership
from silta.desk import navigation
from silta.kernel.actor import Actor
from silta.workbench import demonstration_users


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the rail or of a menu: its words, address and picture; ``key`` follows ``g`` on the keyboard."""

    label: str | Promise
    url: str
    icon: str
    key: str = ""
    count: int = 0
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A unit, role and purpose the user may act for; ``sector`` gives its colour."""

    id: UUID
    unit: str
    organisation: str
    role: str
    purpose: str
    sector: str
    is_current: bool


class Frame:
    """The frame of one page, worked out only where a page shows it."""

    def __init__(self, request: HttpRequest) -> None:
        self._path = request.path
        self._user = getattr(request, "user", None)
        self._actor: Actor | None = getattr(request, "actor", None)
        self._place: access.Place | None = getattr(request, "place", None)

    @cached_property
    def choices(self) -> list[Choice]:
        """All the user may act for, today."""
        place = self._place
        if place is None:
            return []
        return [self._choice(row, is_current=row.pk == place.choice) for row in place.memberships]

    def _choice(self, row: Membership, *, is_current: bool) -> Choice:
        role = rules.ROLES.get(row.role)
        return Choice(
            id=row.pk, unit=str(row.unit), organisation=str(row.unit.organisation), sector=row.unit.sector,
            role=str(role.name) if role else row.role, purpose=str(row.get_purpose_display()), is_current=is_current,
        )  # fmt: skip

    @cached_property
    def acting(self) -> Choice | None:
        """The unit, role and purpose acted for now."""
        return next((choice for choice in self.choices if choice.is_current), None)

    @property
    def sector(self) -> str:
        """The sector whose colour stands for the user."""
        return self.acting.sector if self.acting else "administration"

    @cached_property
    def navigation(self) -> list[Entry]:
        """The rail: what the desk offers the actor; the longest address that begins this page's is the current one."""
        if self._actor is None:
            return []
        items = navigation.items(self._actor)
        begun = [
            item.url
            for item in items
            if self._path == item.url or (item.url != "/" and self._path.startswith(item.url))
        ]
        current = max(begun, key=len, default="")
        return [
            Entry(item.label, item.url, item.icon, item.key, item.count, item.url == current)
            for item in items
        ]

    @property
    def search(self) -> str:
        """The address of the search, for those who have clients to search."""
        actor = self._actor
        may = actor is not None and not actor.is_client and access.permits(actor, Permission.CASE_VIEW)
        return reverse("desk:search") if may else ""

    @property
    def programs(self) -> str:
        """Where a worker keeps the tokens of programs that act for her; a client has none."""
        actor = self._actor
        return reverse("access:tokens") if actor is not None and not actor.is_client else ""

    @property
    def switch(self) -> str:
        """Where a change of unit, role or purpose is sent."""
        return reverse("access:switch")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Whether these are demonstration data, who acts, the frame, and the languages offered."""
    user = getattr(request, "user", None)
    shows_people = settings.DEMONSTRATION and not (user and user.is_authenticated)
    return {
        "demonstration": settings.DEMONSTRATION,
        "demonstration_people": [one for one in demonstration_users.USERS if one.description]
        if shows_people
        else [],
        "demonstration_password": demonstration_users.PASSWORD if shows_people else "",
        "actor": getattr(request, "actor", None),
        "frame": Frame(request),
        "languages": settings.LANGUAGES,
    }
