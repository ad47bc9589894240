"""The lists of the first page, found by the database in one statement under row-level security.

The statement says the written rules of ``worklist`` once for all lists, and places and counts the cases of each:
so little goes over the wire, and so few policies are planned, that a page costs the same for five cases and for five
hundred. Its text never changes, so that a server may keep it prepared. That it agrees with ``worklist.Conditions`` and
with the words of ``worklist_reasons`` is tested over every story.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from silta.cases.queries import worklist
from silta.cases.queries.worklist import Band, Cursor, Whose
from silta.kernel.actor import Actor

_START = Cursor(-1, None, UUID(int=0))


@dataclass(slots=True)
class Listed:
    """Some cases of one list in its order, and how many there are from here on."""

    places: list[Cursor] = field(default_factory=list)
    total: int = 0


# A candidate is a case of the unit (for *mine*: the worker's own), an ended one whose aftercare has a date, or a case
# in which the unit (the worker) has promised something that is due or was reminded of. A row *leads* where the case is
# of this list in its own right; in others only the promise counts.
_LISTS = """
WITH candidate AS (
  SELECT c.id, c.unit_id, c.state, c.responsible_id, c.opened_on, c.open_steps, c.open_goals, c.waiting_services, c.next_deadline_on,
    c.left_by_id
  FROM cases_case c
  WHERE c.unit_id = %(unit)s AND (
    c.state = 'open' AND (NOT %(mine)s OR c.responsible_id = %(user)s)
    OR c.state = 'ended' AND c.next_deadline_on IS NOT NULL AND c.aftercare_until IS NOT NULL AND (NOT %(mine)s OR EXISTS (
      SELECT 1 FROM cases_participation q
      WHERE q.case_id = c.id AND q.part = 'responsible' AND q.user_id = %(user)s AND q.left_on = c.ended_on)))
  UNION
  SELECT c.id, c.unit_id, c.state, c.responsible_id, c.opened_on, c.open_steps, c.open_goals, c.waiting_services, c.next_deadline_on,
    c.left_by_id
  FROM cases_action a JOIN cases_case c ON c.id = a.case_id
  WHERE a.owner_unit_id = %(unit)s AND NOT a.owner_is_client AND a.state = 'open' AND c.state = 'open'
    AND (a.due_on <= %(soon)s OR a.nudged_on IS NOT NULL)
    AND (a.owner_id = %(user)s OR c.unit_id <> %(unit)s AND (a.owner_id IS NULL OR NOT %(mine)s))
    AND (c.unit_id = %(unit)s OR EXISTS (
      SELECT 1 FROM cases_participation p
      WHERE p.case_id = c.id AND p.unit_id = %(unit)s AND (p.left_on IS NULL OR p.writes_until >= %(today)s)))
), told AS (
  SELECT c.*, asked.leads, timer.quiet, own.reminded, own.others,
    least(CASE WHEN asked.leads THEN timer.due_on END, own.due_on) AS due_on,
    asked.leads AND c.state = 'open' AND (
      c.responsible_id IS NULL OR c.left_by_id IS NOT NULL OR c.open_steps = 0 OR c.open_goals = 0 AND c.opened_on < %(grace)s) AS lacks
  FROM candidate c
  CROSS JOIN LATERAL (
    SELECT c.unit_id = %(unit)s AND (
      NOT %(mine)s OR c.responsible_id IS NOT DISTINCT FROM %(user)s OR c.state = 'ended') AS leads) asked
  CROSS JOIN LATERAL (
    SELECT min(d.due_on) FILTER (WHERE NOT d.rule = ANY (%(silent)s)) AS due_on,
      coalesce(bool_or(d.due_on < %(today)s AND d.rule = ANY (%(quiet)s)), false) AS quiet
    FROM cases_deadline d WHERE d.case_id = c.id AND d.warn_on <= %(today)s AND d.subject_id IS NULL) timer
  CROSS JOIN LATERAL (
    SELECT min(a.due_on) FILTER (WHERE a.owned AND a.due_on <= %(soon)s) AS due_on,
      coalesce(bool_or(a.owned AND a.nudged_on IS NOT NULL), false) AS reminded,
      coalesce(bool_or(a.of_others), false) AS others
    FROM (SELECT o.due_on, o.nudged_on, o.owner_is_client OR o.owner_unit_id IS DISTINCT FROM %(unit)s AS of_others,
            NOT o.owner_is_client AND o.owner_unit_id = %(unit)s
              AND (NOT %(mine)s OR o.owner_id IS NULL OR o.owner_id = %(user)s) AS owned
          FROM cases_action o WHERE o.case_id = c.id AND o.state = 'open') a) own
), listed AS (
  SELECT t.id, coalesce(t.due_on, t.next_deadline_on) AS due_on,
    CASE WHEN t.due_on < %(today)s THEN 0
      WHEN t.due_on IS NOT NULL OR t.reminded THEN 1 ELSE 2 END AS rank,
    CASE WHEN t.state = 'ended' THEN CASE WHEN t.due_on IS NOT NULL THEN 'aftercare' END
      WHEN t.due_on IS NOT NULL OR t.reminded OR t.lacks THEN 'needs'
      WHEN NOT t.leads THEN NULL
      WHEN t.waiting_services > 0 OR t.others THEN 'waiting'
      WHEN t.quiet THEN 'quiet' END AS band
  FROM told t
), placed AS (
  SELECT l.band, l.rank, l.due_on, l.id, count(*) OVER (PARTITION BY l.band) AS total,
    row_number() OVER (PARTITION BY l.band ORDER BY l.rank, l.due_on, l.id) AS place
  FROM listed l
  WHERE l.band = ANY (%(bands)s)
    AND (l.rank, coalesce(l.due_on, 'infinity'), l.id)
      > (%(rank)s, coalesce(%(on)s::date, 'infinity'), %(id)s)
)
SELECT band, rank, due_on, id, total FROM placed WHERE place <= %(most)s ORDER BY band, place
"""


def lists(
    actor: Actor,
    whose: Whose,
    today: dt.date,
    *,
    bands: Sequence[Band] = tuple(Band),
    after: Cursor | None = None,
    most: int,
) -> dict[Band, Listed]:
    """The first ``most`` cases of each of these lists after the cursor; one query.

    What is overdue comes first, then what is due soon or was reminded of, and what is missing last; in each the
    earlier day before the later, and those without a day at the end.
    """
    found = {band: Listed() for band in bands}
    if actor.unit_id is None:
        return found
    start = after or _START
    asked: dict[str, Any] = {
        "unit": actor.unit_id, "user": actor.user_id, "mine": whose is Whose.MINE, "today": today,
        "soon": today + dt.timedelta(days=worklist.SOON_DAYS), "grace": today - dt.timedelta(days=worklist.GOAL_GRACE_DAYS),
        "silent": sorted(worklist.silent_rules()), "quiet": sorted(worklist.quiet_rules()),
        "bands": [band.value for band in bands], "rank": start.rank, "on": start.on, "id": start.id, "most": most,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LISTS, asked)
        for band, rank, on, case_id, total in cursor.fetchall():
            listed = found[Band(band)]
            listed.places.append(Cursor(rank, on, case_id))
            listed.total = total
    return found
