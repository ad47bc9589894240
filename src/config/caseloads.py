"""How fast a caseload comes in: an invented file, brought in as a unit's lead does it, once more, and a week later."""

import csv
import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.db import connection
from django.utils.translation import override

from silta.access import queries as access
from silta.access.enums import Permission
from silta.accounts.models import User
from silta.intake import operations as intake
from silta.intake.models import File
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.people.models import Municipality
from silta.workbench.population import Invented, Population

LEAD = "paula.laine@tyollisyys.example"
# Other people than the demonstration's own.
_SEED = 4711
_SOURCE = "bench"
_HEADINGS = (
    "Asiakasnumero", "Sukunimi", "Etunimet", "Henkilötunnus", "Kotikunta", "Äidinkieli", "Puhelin", "Turvakielto",
    "Palvelu", "Asiakkuus alkoi", "Arviointi aloitettu", "Suunnitelma laadittu", "Vastuuhenkilö", "Viimeisin yhteydenotto",
    "Lisätieto",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage took: seconds on the clock, and of the processor in this process and in the database's."""

    name: str
    rows: int
    seconds: float
    own: float
    database: float

    def __str__(self) -> str:
        busy = self.own + self.database
        return (
            f"{self.name:22}{self.rows:8}{self.seconds:9.1f}{self.own:9.1f}{self.database:9.1f}"
            f"{self.rows / self.seconds:10.0f}{self.rows / busy:12.0f}"
        )


def measure(folder: Path, rows: int) -> Iterator[Stage]:
    """Brings in a file of so many clients, the same once more, and one in which every client has changed.

    In a region that was kept from an earlier run they are other clients than those of that run.
    """
    actor = _lead()
    with acting(actor):
        before = File.objects.filter(source=_SOURCE).count()
    with override("fi"):
        for told in ("new", "unchanged", "changed"):
            path = folder / f"caseload-{told}.csv"
            _write(path, rows, before, is_later=told == "changed")
            yield _timed(f"checks, {told}", rows, partial(_check, actor, path))
            with acting(actor):
                file = intake.begin(actor, file=File.objects.order_by("-recorded_at")[0])
            yield _timed(
                f"written, {told}", file.rows_total, partial(intake.run_import, actor, file_id=file.pk)
            )


def _lead() -> Actor:
    user = User.objects.get(email=LEAD)
    places = (access.actor_for(user.pk, membership.pk) for membership in access.memberships_of(user.pk))
    return next(one for one in places if one is not None and access.permits(one, Permission.IMPORT))


def _check(actor: Actor, path: Path) -> None:
    with acting(actor):
        with path.open("rb") as stream:
            file = intake.receive(actor, stream=stream, name=path.name)
        columns = {int(index): field for index, field in file.columns.items()}
        file = intake.choose(actor, file=file, columns=columns, source=_SOURCE)
        intake.check_file(actor, file=file)


def _timed(name: str, rows: int, work: Callable[[], object]) -> Stage:
    before = time.perf_counter(), time.process_time(), _database_seconds()
    work()
    after = time.perf_counter(), time.process_time(), _database_seconds()
    return Stage(name, rows, *(end - start for start, end in zip(before, after, strict=True)))


def _database_seconds() -> float:
    """The processor time that the database's process of this connection has taken so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        spent = Path(f"/proc/{cursor.fetchone()[0]}/schedstat").read_text().split()[0]
    return int(spent) / 1e9


def _write(path: Path, rows: int, before: int, *, is_later: bool) -> None:
    today = clock.today()
    population = Population(_SEED + before, today)
    places = dict(Municipality.objects.filter(valid_until=None).values_list("code", "name_fi"))
    with path.open("w", newline="", encoding="utf-8") as stream:
        file = csv.writer(stream, delimiter=";")
        file.writerow(_HEADINGS)
        for number in range(rows):
            person = population.person(number)
            row = _row(person, places[person.municipality], number, today, is_later=is_later)
            file.writerow([f"B-{before}-{number}", *row])


def _row(person: Invented, place: str, number: int, today: dt.date, *, is_later: bool) -> list[str]:
    opened = today - dt.timedelta(days=30 + number % 400)
    assessed, planned = opened + dt.timedelta(days=15), opened + dt.timedelta(days=70)
    contacted = max(opened, today - dt.timedelta(days=2 + number % 50))
    phone = person.phone
    if is_later and number % 2:
        contacted = today - dt.timedelta(days=1)
    elif is_later:
        phone = f"050 000 {number:06}"
    return [
        person.last_name, person.first_names, person.identity_code, place, person.language,
        phone, "K" if person.is_protected else "E", "Monialainen tuki", _day(opened), _day(assessed),
        _day(planned) if planned < today else "", "Eero Virtanen" if number % 3 else "", _day(contacted),
        "" if number % 4 else "Tuotu edellisestä järjestelmästä",
    ]  # fmt: skip


def _day(day: dt.date) -> str:
    return f"{day.day}.{day.month}.{day.year}"
