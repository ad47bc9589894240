"""Reading the register. Row-level security decides what is seen; nobody here asks who is looking."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from silta.kernel import clock
from silta.kernel.folding import fold
from silta.kernel.identifiers import compact_identity_code
from silta.kernel.offers import Column, Leaves, Offer
from silta.kernel.statements import Asked, Statement
from silta.people import rules
from silta.people.models import ContactPoint, Municipality, Person, Residence

Row = TypeVar("Row", bound=Model)


def identity(person: Person) -> rules.Identity:
    """The person as the rules of comparison look at her."""
    return rules.Identity(person.first_names, person.last_name, person.birth_date, person.identity_code)


def id_by_code(identity_code: str) -> UUID | None:
    """The person who holds this identity code, whoever may see her; of a merged duplicate, the one it was merged into.

    Gives the id only: the row itself stays behind row-level security. This is the first line of the duplicate gate.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_id_by_code(%s)", [compact_identity_code(identity_code)])
        found: UUID | None = cursor.fetchone()[0]
    return found


def ids_by_code(identity_codes: Collection[str]) -> dict[str, UUID]:
    """For each of many identity codes the person ``id_by_code`` gives; codes that nobody holds are absent. One query."""
    compact = {code: compact_identity_code(code) for code in identity_codes}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, holder FROM people_ids_by_code(%s::text[])", [list(set(compact.values()))]
        )
        holders: dict[str, UUID] = dict(cursor.fetchall())
    return {given: holders[code] for given, code in compact.items() if code in holders}


def likely_same(first_names: str, last_name: str, birth_date: dt.date | None) -> list[UUID]:
    """The people who are likely this one, whoever may see them: same names (folded) and same date of birth.

    First names agree when all of the shorter list are in the longer (``Aino`` and ``Aino Maria``). Without a date of
    birth only people without one, of exactly these names, are given. Ids only; telephone and address never decide.
    """
    words = fold(f"{first_names} {last_name}").split()
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_likely_same(%s, %s, %s)", [words, fold(last_name).split(), birth_date])
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """Another person who may be the same, with how surely and why."""

    person: Person
    comparison: rules.Comparison


def possible_duplicates(person: Person) -> list[PossibleDuplicate]:
    """The people, of those the actor may see, who may be the same as this person; the surest first."""
    ids = likely_same(person.first_names, person.last_name, person.birth_date)
    others = Person.objects.filter(pk__in=ids).exclude(pk=person.pk)
    found = [PossibleDuplicate(other, rules.compare(identity(person), identity(other))) for other in others]
    order = list(rules.Likeness)
    wanted = (
        row
        for row in found
        if row.comparison.likeness not in {rules.Likeness.NONE, rules.Likeness.TWO_PEOPLE}
    )
    return sorted(wanted, key=lambda row: order.index(row.comparison.likeness))


def identities_of(person_id: UUID) -> list[UUID]:
    """The person's id and the ids of the rows merged into her, whoever may see them: under each the journal may hold events."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_identities(%s)", [person_id])
        found = {row[0] for row in cursor.fetchall()}
    return [person_id, *sorted(found - {person_id})]


def matching(queryset: QuerySet[Row], text: str, prefix: str = "") -> QuerySet[Row]:
    """The rows whose person is asked for: by parts of her name in any order, her whole identity code, her birth date.

    ``prefix`` is the path from the row to the person (``person__`` from a case). Accents and case are ignored. All that
    is asked must hold; an empty search finds nobody. A unit finds only people it has a current grant for, and a merged
    duplicate is not found apart from the person it was merged into. Contact points and municipality are never searched.
    How, and at what cost: docs/adr/0003-name-search.md.
    """
    asked = rules.asked(text)
    if asked.is_empty:
        return queryset.none()
    if asked.words:
        # Gathered in an array, it is asked once: by itself it would be asked anew for every row it is joined to.
        found = RawSQL("SELECT unnest(ARRAY(SELECT people_matching(%s)))", [list(asked.words)])
        queryset = queryset.filter(**{f"{prefix}pk__in": found})
    if asked.identity_code:
        holder = RawSQL("people_id_by_code(%s)", [asked.identity_code])
        queryset = queryset.filter(**{f"{prefix}pk": holder})
    if asked.birth_date:
        born = {f"{prefix}birth_date": asked.birth_date, f"{prefix}merged_into__isnull": True}
        queryset = queryset.filter(**born)
    return queryset


def municipality_named(text: str, on: dt.date | None = None) -> Municipality | None:
    """The municipality of this name (Finnish or Swedish, accents and case ignored) or three-digit code.

    Of several periods the one valid on the day (today) is given, else the latest that had ended: ``valid_until`` then
    tells that it is no more, and ``successor_of`` what it became. ``None`` where there is none.
    """
    day = on or clock.today()
    name = fold(text)
    found = (
        Municipality.objects.filter(Q(folded_fi=name) | Q(folded_sv=name) | Q(code=text.strip()))
        .filter(valid_from__lte=day)
        .order_by(F("valid_until").desc(nulls_first=True), "-valid_from", "pk")
    )
    rows = list(found) if name else []
    return next(
        (row for row in rows if row.valid_until is None or row.valid_until >= day), rows[0] if rows else None
    )


def municipality_by_code(code: str, on: dt.date | None = None) -> Municipality | None:
    """The municipality that has the code on the day (today), or ``None``."""
    day = on or clock.today()
    return (
        Municipality.objects.filter(code=code, valid_from__lte=day)
        .exclude(valid_until__lt=day)
        .order_by("-valid_from")
    ).first()


def municipalities_by_code(codes: Collection[str], on: dt.date) -> dict[str, Municipality]:
    """For each of many codes the municipality ``municipality_by_code`` gives; codes without one are absent. One query."""
    rows = Municipality.objects.filter(code__any_of=list(codes), valid_from__lte=on)
    return {row.code: row for row in rows.exclude(valid_until__lt=on).order_by("valid_from")}


def successor_of(municipality: Municipality) -> Municipality | None:
    """What an ended municipality became, today: through several mergers where there were several."""
    seen: set[str] = set()
    code = municipality.successor_code
    while code and code not in seen:
        seen.add(code)
        current = Municipality.objects.filter(code=code).order_by("-valid_from").first()
        if current is None or current.valid_until is None or current.valid_until >= clock.today():
            return current
        code = current.successor_code
    return None


_RESIDENCE = Statement(
    lambda person, today: (
        Residence.objects.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=today), person_id=person)
        .exclude(valid_until__lt=today)
        .select_related("municipality")
        .order_by(F("valid_until").desc(nulls_first=True), F("valid_from").desc(nulls_last=True), "-pk")[:1]
    ),
    UUID,
    dt.date,
)


def residence_now(person_id: UUID) -> Asked[Residence]:
    """Where the person lives today, at most one row: none where it is not known, or hidden by non-disclosure."""
    return _RESIDENCE(person_id, clock.today())


def current_municipality(person: Person) -> Municipality | None:
    """The municipality of ``residence_now``, asked at once."""
    residence = residence_now(person.pk).first()
    return residence.municipality if residence else None


def contact_points(person: Person) -> list[ContactPoint]:
    """How to reach the person now, the preferred first within each kind; empty where non-disclosure hides it."""
    return list(person.contact_points.filter(ended_at__isnull=True))


def offers() -> tuple[Offer, ...]:
    """What evaluation may count of people: the municipality each lives in now, and nothing else.

    Of a person under non-disclosure not even that: where she lives is not known.
    """
    return (
        Offer(
            "residences",
            "people_residence t JOIN people_person p ON p.id = t.person_id AND NOT p.non_disclosure"
            " JOIN people_municipality m ON m.id = t.municipality_id WHERE t.valid_until IS NULL",
            "Residence",
            (
                Column("person_key", "t.person_id", "person", Leaves.KEYED),
                Column("municipality", "m.code", "municipality", Leaves.COARSENED),
            ),
        ),
    )
