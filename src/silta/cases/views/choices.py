"""The lists that forms about one case offer, and what a choice in them stands for."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from typing import Any
from uuid import UUID

from django.utils.functional import lazy
from django.utils.translation import gettext

from silta.access import queries as access
from silta.access.enums import Category
from silta.cases import enums
from silta.cases.models import Case, Goal
from silta.cases.queries import caseknown, casepage
from silta.cases.queries.casepage import Insider
from silta.cases.rules import definitions
from silta.kernel.actor import Actor
from silta.organisations.models import Unit

CLIENT = "client"
_LIVING = (enums.GoalState.PROPOSED, enums.GoalState.CONFIRMED)
Grouped = list[tuple[Any, Any]]


def lazystr(say: Callable[[], str]) -> Any:
    """Words that are put together when somebody reads them."""
    return lazy(say, str)()


def owners(actor: Actor, inside: Sequence[Insider]) -> Grouped:
    """Who may promise something: whoever writes it down, or else who answers for the case; the client; all others in it.

    The first is what a form holds until another is chosen: as in ``actions.add_action``, a promise is one's own unless
    somebody else makes it.
    """
    found: Grouped = [(CLIENT, gettext("The client"))]
    part_of: dict[str, tuple[bool, bool]] = {}
    for insider in inside:
        row = insider.participation
        if row.unit_id is None:
            continue
        code = f"{row.unit_id}:{row.user_id or ''}"
        found.append((code, f"{insider.name}, {row.unit}" if row.user_id else str(row.unit)))
        part_of[code] = (row.user_id == actor.user_id, row.part == enums.Part.RESPONSIBLE)
    first = max(part_of, key=lambda code: part_of[code], default="")
    if any(part_of.get(first, ())):
        found.insert(0, (first, dict(found)[first]))
    return list(dict(found).items())


def owner_fields(code: str) -> dict[str, Any]:
    """What a choice among ``owners`` means to the operation."""
    if code == CLIENT:
        return {"owner_is_client": True}
    unit, _, user = code.partition(":")
    return {
        "owner_unit": Unit.objects.get(pk=unit),
        "owner": _user(UUID(unit), user) if user else None,
    }


def _user(unit_id: UUID, user_id: str) -> Any:
    return next((user for user in access.workers_of(unit_id) if str(user.pk) == user_id), None)


def worker(code: str, unit_id: UUID) -> Any:
    """The chosen worker of a unit; none, where the unit as a whole was meant."""
    return _user(unit_id, code) if code else None


def goals(rows: Iterable[Goal]) -> Grouped:
    """The goals among these that are alive, and none."""
    living = [goal for goal in rows if goal.state in _LIVING]
    return [
        ("", gettext("No particular goal")),
        *((str(goal.pk), goal.wording or goal.own_words[:80]) for goal in living),
    ]


def goal(case: Case, code: str) -> Goal | None:
    """The chosen goal."""
    return Goal.objects.filter(case=case, pk=code).first() if code else None


def units(
    actor: Actor, inside: Iterable[UUID], *, of_kinds: Iterable[str] = (), without: UUID | None = None
) -> access.Units:
    """Where a unit is found for a case, the others ``inside`` first; only of some kinds of organisation, where they are given."""
    first = sorted(inside, key=lambda key: (key == actor.unit_id, key))
    return access.Units(actor, kinds=tuple(of_kinds), without=without, first=first)


def workers(unit_id: UUID, *, without: UUID | None = None) -> Grouped:
    """The workers of a unit by name."""
    return [(str(user.pk), user.name) for user in access.workers_of(unit_id) if user.pk != without]


def phases(case: Case) -> Grouped:
    """The phases to which the path allows going from here."""
    definition = definitions.definition(case.kind, case.definition_version)
    return [
        (phase.code, str(phase.name))
        for phase in definition.phases
        if definition.may_move(case.phase, phase.code) and phase.code != definition.last_phase
    ]


def domains(actor: Actor, case: Case) -> Grouped:
    """The domains in which the acting unit has a ground to write."""
    covered = access.covered_categories(actor, case.person_id, matter_id=case.pk)
    return [(block.code, block.name) for block in caseknown.known_of(case, (), covered) if block.is_visible]


_RESTRICTABLE = (
    Category.HEALTH, Category.SOCIAL, Category.SKILLS, Category.SERVICE_NEED, Category.PLAN,
)  # fmt: skip


class Readers:
    """Who may read a note, in the names of this case. The names are read where they are shown, not to check an answer."""

    def __init__(self, actor: Actor, case: Case) -> None:
        self._actor, self._case = actor, case

    @cached_property
    def _inside(self) -> Sequence[Insider]:
        return casepage.insiders(self._case)

    @cached_property
    def _covered(self) -> frozenset[str]:
        return access.covered_categories(self._actor, self._case.person_id, matter_id=self._case.pk)

    @property
    def _own(self) -> str:
        inside = (one.participation for one in self._inside)
        return next((str(row.unit) for row in inside if row.unit_id == self._actor.unit_id), "")

    def visibilities(self) -> Grouped:
        """The unit alone, everyone in the case, or those who may see more."""
        return [
            (enums.Visibility.SHARED.value, lazystr(self._everyone)),
            (enums.Visibility.INTERNAL.value, lazystr(self._own_unit)),
            (
                enums.Visibility.RESTRICTED.value,
                gettext("Only those who may see one kind of data, chosen below"),
            ),
        ]

    def categories(self) -> Grouped:
        """The categories to which a note can be restricted, with the units that would read it."""
        return [
            (category.value, lazystr(partial(self._who_see, category)))
            for category in _RESTRICTABLE
            if category in self._covered
        ]

    def _everyone(self) -> str:
        own = self._own
        others = dict.fromkeys(
            str(one.participation.unit) for one in self._inside
            if one.participation.unit_id not in {None, self._actor.unit_id} and Category.CLIENTHOOD in one.categories
        )  # fmt: skip
        names = ", ".join([*([own] if own else []), *others, gettext("the client")])
        return gettext("Everyone in the case: %(names)s") % {"names": names}

    def _own_unit(self) -> str:
        return gettext("Only %(unit)s") % {"unit": self._own or gettext("your own unit")}

    def _who_see(self, category: Category) -> str:
        names = dict.fromkeys(
            str(one.participation.unit) for one in self._inside if category in one.categories
        )
        return f"{category.label}: {', '.join(names)}"


def successors(case: Case) -> Grouped:
    """Who can take the responsibility over: the workers of the case's unit, then the others who are in the case."""
    found = dict(workers(case.unit_id, without=case.responsible_id))
    for insider in casepage.insiders(case):
        user = insider.participation.user
        if user is not None and user.pk != case.responsible_id:
            found.setdefault(str(user.pk), f"{user.name}, {insider.participation.unit}")
    return list(found.items())


def successor(case: Case, code: str) -> Any:
    """The chosen successor."""
    own = _user(case.unit_id, code)
    inside = (one.participation.user for one in casepage.insiders(case))
    return own or next((user for user in inside if user is not None and str(user.pk) == code), None)
