"""The constant cast: the same people in every story, each with the same place in the field.

Aino is the client, Eero her caseworker, Paula his lead, Saara the social worker, Kaisa works at Kela, Liisa coaches at
a provider, Olli employs, Hanna coordinates at a municipal employer, Tiina evaluates. Väinö works in another unit of
Eero's own authority and is on no case: to him everything is "not found".
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from silta.access.enums import Purpose
from silta.access.models import Membership, Representation
from silta.accounts.models import User
from silta.kernel.actor import Actor
from silta.organisations.enums import Kind, Sector
from silta.organisations.models import Organisation, Unit
from silta.people.models import Person

LONG_AGO = dt.date(2020, 1, 1)
PASSWORD = "silta-demo"


def key(name: str) -> uuid.UUID:
    """The same id for the same name in every run."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"silta.example/{name}")


@contextmanager
def as_owner() -> Iterator[None]:
    """Arranges rows past row-level security, in the test's own transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE silta_owner")
        try:
            yield
        finally:
            if not connection.needs_rollback:
                cursor.execute("SET ROLE silta_app")


ORGANISATIONS = {
    "authority": (Kind.EMPLOYMENT_AUTHORITY, "Kainuun työllisyysalue", "Kajanalands sysselsättningsområde"),
    "county": (Kind.WELLBEING_COUNTY, "Kainuun hyvinvointialue", "Kajanalands välfärdsområde"),
    "kela": (Kind.KELA, "Kela", "FPA"),
    "provider": (Kind.PROVIDER, "Valmennus Vuoksi ry", "Valmennus Vuoksi rf"),
    "employer": (Kind.EMPLOYER, "Mäkisen Puu Oy", ""),
    "city": (Kind.EMPLOYER, "Kajaanin kaupunki", "Kajana stad"),
    "evaluator": (Kind.EVALUATOR, "Arviointi Oy", ""),
    "keeper": (Kind.KEEPER, "Sillan ylläpito", "Siltas underhåll"),
}
UNITS = {
    "employment": ("authority", Sector.EMPLOYMENT, "Työkyvyn tuki", "Stöd för arbetsförmågan"),
    "employment_other": ("authority", Sector.EMPLOYMENT, "Yrityspalvelut", "Företagstjänster"),
    "social": ("county", Sector.SOCIAL, "Työikäisten sosiaalipalvelut", "Socialservice för vuxna"),
    "health": ("county", Sector.HEALTH, "Työttömien terveyspalvelut", "Hälsovård för arbetslösa"),
    "kela": ("kela", Sector.SOCIAL_INSURANCE, "Kuntoutusratkaisut", "Rehabilitering"),
    "coaching": ("provider", Sector.THIRD, "Työhönvalmennus", "Arbetsträning"),
    "workplace": ("employer", Sector.WORKING_LIFE, "Tuotanto", ""),
    "city_hr": ("city", Sector.WORKING_LIFE, "Henkilöstöpalvelut", "Personalservice"),
    "evaluation": ("evaluator", Sector.ADMINISTRATION, "Arviointi", ""),
    "keeping": ("keeper", Sector.ADMINISTRATION, "Ylläpito", ""),
}
PROFESSIONALS = {
    "eero": ("Eero Virtanen", "eero.virtanen@tyollisyys.example", "employment", "case_worker", Purpose.JOINT_SUPPORT),
    "paula": ("Paula Laine", "paula.laine@tyollisyys.example", "employment", "unit_lead", Purpose.JOINT_SUPPORT),
    "saara": ("Saara Niemi", "saara.niemi@hyvinvointi.example", "social", "case_worker", Purpose.JOINT_SUPPORT),
    "kaisa": ("Kaisa Lehto", "kaisa.lehto@kela.example", "kela", "network_member", Purpose.JOINT_SUPPORT),
    "liisa": ("Liisa Koski", "liisa.koski@valmennus.example", "coaching", "work_coach", Purpose.COACHING),
    "olli": ("Olli Mäkinen", "olli.makinen@yritys.example", "workplace", "supervisor", Purpose.WORKPLACE_SUPPORT),
    "hanna": ("Hanna Järvinen", "hanna.jarvinen@kaupunki.example", "city_hr", "employer_coordinator",
              Purpose.WORKPLACE_SUPPORT),
    "tiina": ("Tiina Rautio", "tiina.rautio@arviointi.example", "evaluation", "evaluator", Purpose.EVALUATION),
    "vaino": ("Väinö Salo", "vaino.salo@tyollisyys.example", "employment_other", "case_worker", Purpose.JOINT_SUPPORT),
    "officer": ("Reino Aho", "reino.aho@tyollisyys.example", "employment", "data_protection_officer",
                Purpose.OVERSIGHT),
    "admin": ("Sillan ylläpitäjä", "admin@silta.example", "keeping", "keeper", Purpose.KEEPING),
}  # fmt: skip


@dataclass(frozen=True)
class Cast:
    """Everybody by name: ``cast.eero`` is an Actor, ``cast.unit("kela")`` a unit, ``cast.aino`` the client's Actor."""

    def __getattr__(self, name: str) -> Actor:
        if name == "aino":
            return Actor(
                user_id=key("aino"), role="client", purpose=Purpose.OWN_MATTER, person_id=key("aino person")
            )
        if name not in PROFESSIONALS:
            raise AttributeError(name)
        unit, role, purpose = PROFESSIONALS[name][2:]
        organisation = UNITS[unit][0]
        return Actor(
            user_id=key(name), role=role, purpose=purpose, unit_id=key(f"unit {unit}"),
            organisation_id=key(f"organisation {organisation}"),
        )  # fmt: skip

    def unit(self, name: str) -> Unit:
        """A unit by its name in the cast."""
        return Unit.objects.select_related("organisation").get(pk=key(f"unit {name}"))

    def user(self, name: str) -> User:
        """A user by her first name."""
        return User.objects.get(pk=key(name))

    def person(self) -> Person:
        """Aino's row in the register of people, read past row-level security."""
        with as_owner():
            return Person.objects.get(pk=key("aino person"))


def also_works_in(cast: Cast, name: str, unit: str, role: str = "case_worker") -> Membership:
    """A second place of one of the cast, in another organisation: she may switch to it."""
    with as_owner():
        return Membership.objects.create(
            user_id=getattr(cast, name).user_id, unit=cast.unit(unit), role=role, purpose=Purpose.REHABILITATION,
            valid_from=dt.date(2021, 1, 1),
        )  # fmt: skip


def seed() -> None:
    """Writes the cast, once for a test database. Aino is in the register, and on no case yet."""
    with transaction.atomic(), as_owner():
        for name, (kind, fi, sv) in ORGANISATIONS.items():
            Organisation.objects.create(
                id=key(f"organisation {name}"), kind=kind, name_fi=fi, name_sv=sv, valid_from=LONG_AGO
            )
        for name, (organisation, sector, fi, sv) in UNITS.items():
            Unit.objects.create(
                id=key(f"unit {name}"), organisation_id=key(f"organisation {organisation}"), sector=sector,
                name_fi=fi, name_sv=sv, valid_from=LONG_AGO,
            )  # fmt: skip
        for name, (full_name, email, unit, role, purpose) in PROFESSIONALS.items():
            user = User(id=key(name), email=email, name=full_name)
            user.set_password(PASSWORD)
            user.save()
            Membership.objects.create(
                id=key(f"membership {name}"), user=user, unit_id=key(f"unit {unit}"), role=role, purpose=purpose,
                valid_from=LONG_AGO,
            )  # fmt: skip
        aino = User(id=key("aino"), email="aino.korhonen@asiakas.example", name="Aino Korhonen")
        aino.set_password(PASSWORD)
        aino.save()
        Person.objects.create(
            id=key("aino person"), identity_code="010190-900P", birth_date=dt.date(1990, 1, 1), first_names="Aino Maria",
            last_name="Korhonen", call_name="Aino", search_name="aino maria korhonen", recorded_by=key("eero"),
            recorded_by_unit=key("unit employment"), recorded_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        )  # fmt: skip
        Representation.objects.create(user=aino, person_id=key("aino person"), valid_from=LONG_AGO)
