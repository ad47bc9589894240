"""The worklist: which cases ask for somebody, why, and since when. The rules below are shown to the user as they stand.

A case is on one of the lists, and once: *needs you* before *waits for others* before *quiet too long*, and after its end
in *aftercare*; its row tells all its reasons. ``board`` finds the cases of the lists; the details are read for one page only, so that the number
of queries is the same for five cases and for five thousand. The conditions here narrow the list of clients to a reason.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from silta.cases.enums import ActionState, Need, State, TransferState
from silta.cases.models import Action, Case, Deadline, Transfer
from silta.cases.rules import definitions
from silta.kernel.actor import Actor
from silta.kernel.language import Text
from silta.people import queries as people

FIRST, PAGE = 7, 25
MOST_OFFERS = 25
SOON_DAYS = 7
GOAL_GRACE_DAYS = 14
_RANKS = {"0": 0, "1": 1, "2": 2}


class Whose(StrEnum):
    """For whom the list is."""

    MINE = "mine"
    UNIT = "unit"


class Band(StrEnum):
    """The lists of the first page, in their order; those who have left are counted apart from those who are here."""

    NEEDS = "needs"
    WAITING = "waiting"
    QUIET = "quiet"
    AFTERCARE = "aftercare"


class Reason(StrEnum):
    """Why a case is on the list, in the order in which the reasons are told."""

    LEFT = "left"
    OVERDUE = "overdue"
    TRANSFER = "transfer"
    DUE_SOON = "due_soon"
    REMINDED = "reminded"
    NO_RESPONSIBLE = "no_responsible"
    NO_GOAL = "no_goal"
    NO_STEP = "no_step"
    AFTERCARE = "aftercare"
    WAITING = "waiting"
    QUIET = "quiet"


NAMES: dict[Reason, Text] = {
    Reason.LEFT: Text("Jäi lähteneeltä", "Lämnades av någon som slutat", "Left behind"),
    Reason.OVERDUE: Text("Myöhässä", "Försenat", "Overdue"),
    Reason.TRANSFER: Text("Siirto odottaa vastausta", "Överföring väntar på svar", "Transfer to answer"),
    Reason.DUE_SOON: Text("Määräpäivä lähestyy", "Snart dags", "Due soon"),
    Reason.REMINDED: Text("Sinua muistutettiin", "Du har blivit påmind", "You were reminded"),
    Reason.NO_RESPONSIBLE: Text("Ei vastuuhenkilöä", "Ingen ansvarig person", "No responsible person"),
    Reason.NO_GOAL: Text("Ei tavoitetta", "Inget mål", "No goal"),
    Reason.NO_STEP: Text("Ei seuraavaa askelta", "Inget nästa steg", "No next step"),
    Reason.AFTERCARE: Text("Jälkiseuranta", "Uppföljning efter avslut", "Aftercare"),
    Reason.WAITING: Text("Odottaa muita", "Väntar på andra", "Waits for others"),
    Reason.QUIET: Text("Hiljaista liian pitkään", "Tyst för länge", "Quiet too long"),
}
RULES: dict[Reason, Text] = {
    Reason.LEFT: Text(
        "Vastuuhenkilö lähti yksiköstä, ja asia tuli esihenkilölle, joka siirtää sen toiselle tai kertoo pitävänsä sen.",
        "Den ansvariga slutade i enheten och ärendet kom till chefen, som överlämnar det eller meddelar att hen behåller det.",
        "Whoever was responsible left the unit. The case came to the lead, who hands it over or says that she keeps it.",
    ),
    Reason.OVERDUE: Text(
        "Määräpäivä tai oman yksikön lupaama tehtävä on mennyt ohi.",
        "En tidsfrist eller en uppgift som den egna enheten lovat har passerat.",
        "A due date, or an action your own unit promised, has passed.",
    ),
    Reason.TRANSFER: Text(
        "Toinen yksikkö tarjoaa vastuuta teille, eikä siihen ole vastattu.",
        "En annan enhet erbjuder er ansvaret och har inte fått svar.",
        "Another unit offers the responsibility to yours and has had no answer.",
    ),
    Reason.DUE_SOON: Text(
        f"Määräpäivän varoitusaika on alkanut, tai oman tehtävän päivä on enintään {SOON_DAYS} päivän päässä.",
        f"Varningstiden för en tidsfrist har börjat, eller det är högst {SOON_DAYS} dagar till en egen uppgift.",
        f"The warning time of a due date has begun, or an action of your own is due within {SOON_DAYS} days.",
    ),
    Reason.REMINDED: Text(
        "Joku mukana oleva muistutti sinua lupaamastasi tehtävästä.",
        "Någon av de andra har påmint dig om en uppgift som du lovat.",
        "One of the others reminded you of an action you promised.",
    ),
    Reason.NO_RESPONSIBLE: Text(
        "Tuki on kesken, eikä vastuuhenkilöä ole nimetty.",
        "Stödet pågår, men ingen ansvarig person har utsetts.",
        "The support goes on and no responsible person is named.",
    ),
    Reason.NO_GOAL: Text(
        f"Tuen alusta on yli {GOAL_GRACE_DAYS} päivää, eikä tavoitetta ole ehdotettu tai vahvistettu.",
        f"Stödet började för över {GOAL_GRACE_DAYS} dagar sedan och inget mål har föreslagits eller bekräftats.",
        f"The support began more than {GOAL_GRACE_DAYS} days ago and no goal is proposed or confirmed.",
    ),
    Reason.NO_STEP: Text(
        "Tuki on kesken, eikä kenelläkään ole avointa tehtävää.",
        "Stödet pågår, men ingen har någon öppen uppgift.",
        "The support goes on and nobody has an open action.",
    ),
    Reason.AFTERCARE: Text(
        "Tuki on päättynyt, ja jälkiseurannan yhteydenoton aika on tullut.",
        "Stödet har avslutats och det är dags för uppföljningskontakten.",
        "The support has ended and the time for the aftercare contact has come.",
    ),
    Reason.WAITING: Text(
        "Sovittu palvelu ei ole alkanut, tai tuettavalla itsellään tai toisella yksiköllä on avoin tehtävä.",
        "En överenskommen tjänst har inte börjat, eller personen själv eller en annan enhet har en öppen uppgift.",
        "An agreed service has not started, or the person supported or another unit has an open action.",
    ),
    Reason.QUIET: Text(
        "Tuettavaa ei ole tavoitettu niin moneen päivään kuin tuen laji ja tarve sallivat.",
        "Personen har inte nåtts inom den tid som stödets slag och stödbehovet tillåter.",
        "The person has not been reached for as many days as the kind and the need of support allow.",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """What the user narrows the list to; every part is optional and kept in the address."""

    kind: str = ""
    need: str = ""
    phase: str = ""
    municipality: str = ""
    responsible: UUID | None = None
    reason: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the next one begins after it."""

    rank: int
    on: dt.date | None
    id: UUID

    def __str__(self) -> str:
        return f"{self.rank},{self.on or 'none'},{self.id}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """The cursor of an address; none where the address has none or a mangled one: the list begins anew."""
        try:
            rank, day, key = text.split(",")
            return cls(_RANKS[rank], None if day == "none" else dt.date.fromisoformat(day), UUID(key))
        except (KeyError, ValueError):
            return None


@cache
def silent_rules() -> frozenset[str]:
    """The rules that never make a case due: of silence, and those that only inform."""
    every = (
        rule for versions in definitions.definitions().values() for one in versions for rule in one.rules
    )
    return frozenset(rule.code for rule in every if rule.quiet or rule.informational)


@cache
def quiet_rules() -> frozenset[str]:
    """The rules of silence."""
    every = (
        rule for versions in definitions.definitions().values() for one in versions for rule in one.rules
    )
    return frozenset(rule.code for rule in every if rule.quiet)


class Conditions:
    """The written rules as conditions over cases, for one actor, one list and one day."""

    def __init__(self, actor: Actor, whose: Whose, today: dt.date) -> None:
        self._actor, self._whose, self._today = actor, whose, today
        self._case = OuterRef("pk")

    @property
    def own_action(self) -> Q:
        """Over actions: promised by the worker herself (or by her unit, where nobody in it is named)."""
        unit = Q(owner_unit_id=self._actor.unit_id)
        if self._whose is Whose.UNIT:
            return unit
        return Q(owner_id=self._actor.user_id, owner_unit_id=self._actor.unit_id) | unit & Q(
            owner__isnull=True
        )

    @property
    def others_action(self) -> Q:
        """Over actions: promised by the client or by another unit."""
        return Q(owner_is_client=True) | ~Q(owner_unit_id=self._actor.unit_id)

    def _timer(self, **when: object) -> Exists:
        rows = Deadline.objects.filter(case=self._case, subject_id__isnull=True, **when)
        return Exists(rows.exclude(rule__in=silent_rules()))

    def _action(self, condition: Q, **when: object) -> Exists:
        return Exists(Action.objects.filter(condition, case=self._case, state=ActionState.OPEN, **when))

    def of(self, reason: Reason) -> Q:
        """The cases to which the reason applies; a transfer is no condition of a case (see ``offered_to``)."""
        return self._makers[reason]()

    @property
    def _makers(self) -> dict[Reason, Callable[[], Q]]:
        today = self._today
        soon = today + dt.timedelta(days=SOON_DAYS)
        grace = today - dt.timedelta(days=GOAL_GRACE_DAYS)
        quiet = {"case": self._case, "rule__in": quiet_rules(), "due_on__lt": today}
        return {
            Reason.LEFT: lambda: Q(state=State.OPEN, left_by__isnull=False),
            Reason.OVERDUE: lambda: (
                Q(self._timer(due_on__lt=today)) | Q(self._action(self.own_action, due_on__lt=today))
            ),
            Reason.DUE_SOON: lambda: (
                Q(self._timer(warn_on__lte=today, due_on__gte=today))
                | Q(self._action(self.own_action, due_on__gte=today, due_on__lte=soon))
            ),
            Reason.REMINDED: lambda: Q(self._action(self.own_action, nudged_on__isnull=False)),
            Reason.NO_RESPONSIBLE: lambda: Q(state=State.OPEN, responsible__isnull=True),
            Reason.NO_GOAL: lambda: Q(state=State.OPEN, open_goals=0, opened_on__lt=grace),
            Reason.NO_STEP: lambda: Q(state=State.OPEN, open_steps=0),
            Reason.AFTERCARE: lambda: Q(state=State.ENDED) & Q(self._timer(warn_on__lte=today)),
            Reason.WAITING: lambda: (
                Q(state=State.OPEN) & (Q(waiting_services__gt=0) | Q(self._action(self.others_action)))
            ),
            Reason.QUIET: lambda: Q(state=State.OPEN) & Q(Exists(Deadline.objects.filter(**quiet))),
            Reason.TRANSFER: lambda: Q(pk__in=[]),
        }


def offered_to(actor: Actor) -> "QuerySet[Transfer]":
    """The transfers that wait for the acting unit's answer, the oldest first."""
    if actor.unit_id is None:
        return Transfer.objects.none()
    return (
        Transfer.objects.filter(to_unit_id=actor.unit_id, state=TransferState.PROPOSED)
        .select_related("case__person", "case__unit", "from_unit__organisation", "recorded_by")
        .order_by("recorded_at", "id")
    )


def narrowed(rows: "QuerySet[Case]", filters: Filters) -> "QuerySet[Case]":
    """The cases that the filters leave. A protected person is never found by her municipality."""
    same = {
        "kind": filters.kind, "need": filters.need if filters.need in Need.values else "", "phase": filters.phase,
        "responsible_id": filters.responsible,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in same.items() if value})
    if filters.municipality:
        rows = rows.filter(
            person__residences__municipality__code=filters.municipality,
            person__residences__valid_until__isnull=True,
            person__non_disclosure=False,
        )
    return people.matching(rows, filters.text, "person__") if filters.text else rows
