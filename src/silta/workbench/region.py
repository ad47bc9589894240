"""The demonstration region: who there is before anything happens, and how the whole is written."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.db import connection

from silta.access import operations as access
from silta.access.models import Membership
from silta.accounts.models import User
from silta.kernel import clock
from silta.kernel.acting import acting, maintaining
from silta.kernel.actor import Actor
from silta.organisations import operations as organisations
from silta.organisations.enums import Kind, Sector
from silta.organisations.models import Organisation, Unit
from silta.workbench.demonstration_users import COLLEAGUES, PASSWORD, USERS, DemonstrationUser

# Before this day the act on joint support was not in force (381/2023), so no story begins earlier.
IN_FORCE = dt.date(2025, 1, 1)
FOUNDED = dt.date(2023, 1, 1)
HISTORY = dt.timedelta(days=730)

ORGANISATIONS: dict[str, tuple[Kind, str, str]] = {
    "authority": (Kind.EMPLOYMENT_AUTHORITY, "Kainuun työllisyysalue", "Kajanalands sysselsättningsområde"),
    "county": (Kind.WELLBEING_COUNTY, "Kainuun hyvinvointialue", "Kajanalands välfärdsområde"),
    "kela": (Kind.KELA, "Kela", "FPA"),
    "provider": (Kind.PROVIDER, "Valmennus Vuoksi ry", ""),
    "employer": (Kind.EMPLOYER, "Mäkisen Puu Oy", ""),
    "city": (Kind.EMPLOYER, "Kajaanin kaupunki", "Kajana stad"),
    "clinic": (Kind.OCCUPATIONAL_HEALTH, "Vaaran Työterveys Oy", ""),
    "evaluator": (Kind.EVALUATOR, "Arviointi Oy", ""),
    "keeper": (Kind.KEEPER, "Sillan ylläpito", "Siltas underhåll"),
}
UNITS: dict[str, tuple[str, Sector, str, str]] = {
    "employment": ("authority", Sector.EMPLOYMENT, "Työkyvyn tuki", "Stöd för arbetsförmågan"),
    "employment_young": ("authority", Sector.EMPLOYMENT, "Nuorten palvelut", "Tjänster för unga"),
    "employment_other": ("authority", Sector.EMPLOYMENT, "Yrityspalvelut", "Företagstjänster"),
    "social": (
        "county",
        Sector.SOCIAL,
        "Työikäisten sosiaalipalvelut",
        "Socialservice för personer i arbetsför ålder",
    ),
    "health": ("county", Sector.HEALTH, "Työttömien terveyspalvelut", "Hälsovård för arbetslösa"),
    "kela": ("kela", Sector.SOCIAL_INSURANCE, "Kuntoutusratkaisut", "Rehabiliteringslösningar"),
    "coaching": ("provider", Sector.THIRD, "Työhönvalmennus", "Arbetsträning"),
    "workplace": ("employer", Sector.WORKING_LIFE, "Tuotanto", "Produktion"),
    "workplace_hr": ("employer", Sector.WORKING_LIFE, "Henkilöstö", "Personal"),
    "city_hr": ("city", Sector.WORKING_LIFE, "Henkilöstöpalvelut", "Personalservice"),
    "occupational": ("clinic", Sector.HEALTH, "Työterveyshuolto", "Företagshälsovård"),
    "evaluation": ("evaluator", Sector.ADMINISTRATION, "Arviointi", "Utvärdering"),
    "keeping": ("keeper", Sector.ADMINISTRATION, "Ylläpito", ""),
}


@dataclass
class Region:
    """The region as the stories see it: units by name, workers by the first part of their e-mail address."""

    units: dict[str, Unit] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    units_of: dict[str, str] = field(default_factory=dict)

    def workers(self, unit: str, *roles: str) -> list[str]:
        """The workers of a unit in these roles, by name."""
        return [
            name for name, where in self.units_of.items() if where == unit and self.actors[name].role in roles
        ]


def is_empty() -> bool:
    """Whether nothing has been written yet: no organisation, no user."""
    with maintaining():
        return not (Organisation.objects.exists() or User.objects.exists())


def _short(user: DemonstrationUser) -> str:
    return user.email.partition("@")[0].partition(".")[0] if user in USERS else user.email.partition("@")[0]


def found() -> Region:
    """Founds the organisations and units, and invites the workers, as the keeper of the installation does."""
    region = Region()
    admin = next(user for user in USERS if user.role == "keeper")
    beginning = dt.datetime.combine(FOUNDED, dt.time(9), tzinfo=clock.HELSINKI)
    with clock.at(beginning):
        keeper = access.first_keeper(
            email=admin.email, name=admin.name, organisation=ORGANISATIONS["keeper"][1],
            organisation_sv=ORGANISATIONS["keeper"][2], unit=UNITS["keeping"][2],
        ).actor  # fmt: skip
        with acting(keeper):
            _found_units(region, keeper)
            for person in [*USERS, *COLLEAGUES]:
                if person.unit and person is not admin:
                    _invite(region, keeper, person)
    region.actors["admin"] = keeper
    _client(region)
    return region


def find() -> Region:
    """The region that was founded before."""
    region = Region()
    with maintaining():
        named = {unit.name_fi: unit for unit in Unit.objects.select_related("organisation")}
        users = {user.email: user for user in User.objects.all()}
        left = set(Membership.objects.exclude(valid_until=None).values_list("user_id", flat=True))
    region.units = {name: named[fi] for name, (_body, _sector, fi, _sv) in UNITS.items() if name != "keeping"}
    for person in [*USERS, *COLLEAGUES]:
        name = _short(person)
        region.users[name] = users[person.email]
        if person.unit in region.units and users[person.email].pk not in left:
            unit = region.units[person.unit]
            region.units_of[name] = person.unit
            region.actors[name] = Actor(
                users[person.email].pk, person.role, person.purpose, unit.pk, unit.organisation_id
            )
    return region


def _found_units(region: Region, keeper: Actor) -> None:
    bodies = {
        name: organisations.found_organisation(keeper, kind=kind, name_fi=fi, name_sv=sv, valid_from=FOUNDED)
        for name, (kind, fi, sv) in ORGANISATIONS.items()
        if name != "keeper"
    }
    for name, (body, sector, fi, sv) in UNITS.items():
        if name != "keeping":
            region.units[name] = organisations.found_unit(
                keeper, organisation=bodies[body], sector=sector, name_fi=fi, name_sv=sv, valid_from=FOUNDED
            )


def _invite(region: Region, keeper: Actor, person: DemonstrationUser) -> None:
    unit, name = region.units[person.unit], _short(person)
    invitation = access.invite_member(
        keeper, email=person.email, name=person.name, unit=unit, role=person.role, purpose=person.purpose,
        title=person.title, phone=person.phone, valid_from=FOUNDED,
    )  # fmt: skip
    region.users[name] = invitation.membership.user
    region.units_of[name] = person.unit
    region.actors[name] = Actor(
        region.users[name].pk, person.role, person.purpose, unit.pk, unit.organisation_id
    )


def _client(region: Region) -> None:
    """The client's own user; one password, hashed once, for everybody."""
    aino = next(user for user in USERS if not user.unit)
    with maintaining():
        region.users["aino"] = User.objects.create(email=aino.email, name=aino.name)
        User.objects.update(password=make_password(PASSWORD))


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """Writes faster: no waiting for the disk, no savepoint around each verb, and queries planned once.

    What a crash would lose is loaded anew, and a verb that fails ends the whole load, so neither is needed.
    """
    settings = {"synchronous_commit": "off", "plan_cache_mode": "force_generic_plan", "jit": "off"}
    features = connection.features
    before = features.uses_savepoints
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET {name} = {value}" for name, value in settings.items()))
    features.uses_savepoints = False
    try:
        yield
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"RESET {name}" for name in settings))
    finally:
        features.uses_savepoints = before
