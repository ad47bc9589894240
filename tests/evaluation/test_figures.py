"""Each indicator, counted once more by plain SQL on PostgreSQL: the figures are the same, cell by cell."""

import datetime as dt
from typing import Any

import psycopg
import pytest
from pyarrow import parquet

from silta.evaluation import operations
from silta.evaluation.gateways import counting
from silta.evaluation.rules.definitions import indicators
from silta.evaluation.rules.suppression import LEAST, Bucket, hidden_cells
from tests.evaluation.conftest import TODAY, Reckoned

# The counting tool reads its own database in a way that it will change in a later version.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
_HOME = """
LEFT JOIN (SELECT r.person_id, m.code FROM people_residence r JOIN people_municipality m ON m.id = r.municipality_id
           JOIN people_person p ON p.id = r.person_id WHERE r.valid_until IS NULL AND NOT p.non_disclosure) h
  ON h.person_id = c.person_id
"""
_WAITING = f"""
SELECT c.person_id, c.unit_id, c.kind, coalesce(h.code, '') municipality, s.first AS on_day, (s.first - c.opened_on)::float8 AS value
FROM cases_case c JOIN (SELECT case_id, min(started_on) AS first FROM cases_agreedservice
                        WHERE started_on IS NOT NULL OR state IN ('started', 'done') GROUP BY case_id) s ON s.case_id = c.id
{_HOME} WHERE s.first IS NULL OR s.first >= c.opened_on
"""
_PLAN = f"""
SELECT c.person_id, c.unit_id, c.kind, coalesce(h.code, '') municipality, c.assessment_started_on AS on_day,
  CASE WHEN c.assessment_started_on IS NULL THEN NULL
       WHEN p.first <= (c.assessment_started_on + interval '3 months')::date THEN 1.0 ELSE 0.0 END::float8 AS value
FROM cases_case c LEFT JOIN (SELECT case_id, min(made_on) AS first FROM cases_planversion GROUP BY case_id) p ON p.case_id = c.id
{_HOME}
WHERE c.kind = 'joint_support' AND (p.first IS NOT NULL
  OR (c.assessment_started_on + interval '3 months')::date <= coalesce(c.ended_on, %(today)s::date - 1))
"""
_STEP = f"""
SELECT c.person_id, c.unit_id, c.kind, coalesce(h.code, '') municipality, %(today)s::date AS on_day,
  (c.open_steps = 0)::int::float8 AS value
FROM cases_case c {_HOME} WHERE c.state = 'open'
"""
_REVIEW = f"""
SELECT c.person_id, c.unit_id, c.kind, coalesce(h.code, '') municipality, l.due AS on_day,
  (l.next IS NOT NULL AND l.next <= l.due)::int::float8 AS value
FROM cases_case c
JOIN (SELECT case_id, (day + interval '3 months')::date AS due, lead(day) OVER (PARTITION BY case_id ORDER BY day) AS next
      FROM (SELECT case_id, made_on AS day FROM cases_planversion UNION SELECT case_id, held_on FROM cases_review) e
      WHERE day >= (SELECT min(made_on) FROM cases_planversion p WHERE p.case_id = e.case_id)) l ON l.case_id = c.id
{_HOME}
WHERE c.kind = 'joint_support' AND (l.next IS NOT NULL OR l.due <= coalesce(c.ended_on, %(today)s::date - 1))
"""
PLAIN = {
    "waiting_median": (_WAITING, "percentile_cont(0.5) WITHIN GROUP (ORDER BY value)"),
    "waiting_p90": (_WAITING, "percentile_cont(0.9) WITHIN GROUP (ORDER BY value)"),
    "plan_in_time": (_PLAN, "avg(value)"),
    "no_next_step": (_STEP, "avg(value)"),
    "review_in_time": (_REVIEW, "avg(value)"),
}


def by_plain_sql(place: Reckoned, code: str) -> dict[Bucket, tuple[float | None, int, int, int]]:
    """Every cell of an indicator: value, number, people, unknown."""
    rows, measure = PLAIN[code]
    query = f"""
      SELECT unit_id::text, municipality, kind, to_char(on_day, 'YYYY-MM-01'), {measure}, count(value),
        count(DISTINCT person_id) FILTER (WHERE value IS NOT NULL), count(*) - count(value),
        grouping(unit_id, municipality, kind, to_char(on_day, 'YYYY-MM-01'))
      FROM ({rows}) r
      GROUP BY GROUPING SETS ((), (to_char(on_day, 'YYYY-MM-01')), (unit_id), (unit_id, to_char(on_day, 'YYYY-MM-01')),
        (municipality), (kind))
    """
    found = {}
    with psycopg.connect(place.owner) as connection:
        for *words, value, n, people, unknown, grouped in connection.execute(query, {"today": TODAY}):
            if not grouped & 1 and words[3] is None:
                continue  # What has no day is in no month.
            told = [None if grouped & (8 >> place_) else word for place_, word in enumerate(words)]
            found[Bucket(*told)] = (value, n, people, unknown)
    return found


def by_ibis(place: Reckoned) -> dict[str, dict[Bucket, counting.Cell]]:
    """The same cells, counted from the extract; units under their own ids again."""
    from silta.evaluation.gateways.extracting import keyed
    from tests.evaluation.conftest import UNITS

    secret = bytes.fromhex((place.home / "figures" / "key").read_text())
    names = {keyed(secret, unit).hex(): str(unit) for unit in UNITS}
    return {
        one.code: {bucket._replace(unit=names[bucket.unit]) if bucket.unit else bucket: cell for bucket, cell in cells.items()}
        for one, cells in counting.count(place.extract, TODAY, list(indicators().values()))
    }  # fmt: skip


@pytest.fixture(scope="module")
def counted(reckoned: Reckoned) -> dict[str, dict[Bucket, counting.Cell]]:
    return by_ibis(reckoned)


def test_every_indicator_is_tried() -> None:
    assert indicators().keys() == PLAIN.keys()


@pytest.mark.parametrize("code", sorted(PLAIN))
def test_the_figure_is_what_plain_sql_says(
    reckoned: Reckoned, counted: dict[str, dict[Bucket, counting.Cell]], code: str
) -> None:
    plain = by_plain_sql(reckoned, code)
    assert counted[code].keys() == plain.keys()
    assert len(plain) > 12
    for bucket, cell in counted[code].items():
        value, *numbers = plain[bucket]
        assert [cell.n, cell.people, cell.unknown] == numbers, bucket
        assert cell.value == (None if value is None else pytest.approx(value)), bucket
    assert plain[Bucket()][1] > 0


def test_what_is_kept_hides_what_is_small(
    reckoned: Reckoned, counted: dict[str, dict[Bucket, counting.Cell]]
) -> None:
    query = "SELECT code, unit_id::text, nullif(municipality, ''), nullif(kind, ''), month, value, n, hidden FROM evaluation_datum"
    with psycopg.connect(reckoned.owner) as connection:
        kept = connection.execute(query).fetchall()
    assert len(kept) == sum(map(len, counted.values()))
    seen = set()
    for code, unit, municipality, kind, month, value, n, why in kept:
        bucket = Bucket(
            unit, "" if municipality == "-" else municipality, kind, month.isoformat() if month else None
        )
        cell = counted[code][bucket]
        hidden = hidden_cells({one: each.people for one, each in counted[code].items()})
        assert why == hidden.get(bucket, "")
        assert (value, n) == ((None, None) if why else (cell.value, cell.n))
        assert why or cell.people == 0 or cell.people >= LEAST
        seen.add(why)
    assert seen == {"", "small", "protecting"}


def test_no_name_text_or_id_leaves(reckoned: Reckoned) -> None:
    with psycopg.connect(reckoned.owner) as connection:
        ids = [row[0].bytes for table in ("people_person", "cases_case", "organisations_unit")
               for row in connection.execute(f"SELECT id FROM {table}")]  # fmt: skip
    values: set[Any] = set()
    for path in reckoned.extract.glob("*.parquet"):
        for column in parquet.read_table(path).columns:
            values.update(column.to_pylist())
    assert not values & set(ids)
    assert not [value for value in values if isinstance(value, bytes) and len(value) != 12]
    words = {value for value in values if isinstance(value, str)}
    assert not [word for word in words if "alainen" in word or "Nimi" in word]
    assert not [value for value in values if not isinstance(value, bytes | str | dt.date | int | type(None))]


def test_where_a_person_under_non_disclosure_lives_does_not_leave(reckoned: Reckoned) -> None:
    with psycopg.connect(reckoned.owner) as connection:
        rows = connection.execute(
            "SELECT count(*) FILTER (WHERE p.non_disclosure), count(*) FILTER (WHERE NOT p.non_disclosure)"
            " FROM people_residence r JOIN people_person p ON p.id = r.person_id"
        ).fetchone()
    assert rows is not None
    assert rows[0] > 0
    assert reckoned.manifest["tables"]["residences"]["rows"] == rows[1]


def test_the_manifest_tells_what_was_taken_when_and_for_which_definitions(reckoned: Reckoned) -> None:
    manifest = reckoned.manifest
    assert manifest["as_of"] == TODAY.isoformat()
    assert manifest["definitions"] == {code: one.version for code, one in indicators().items()}
    for name, table in manifest["tables"].items():
        read = parquet.read_table(reckoned.extract / f"{name}.parquet")
        assert (table["rows"], list(table["schema"])) == (read.num_rows, read.column_names)


def test_the_journal_tells_of_the_reckoning_once(reckoned: Reckoned) -> None:
    with psycopg.connect(reckoned.owner) as connection:
        events = connection.execute(
            "SELECT details FROM audit_event WHERE action = 'evaluation.reckon'"
        ).fetchall()
    assert len(events) == 1
    assert events[0][0]["rows"] == {
        name: table["rows"] for name, table in reckoned.manifest["tables"].items()
    }


def test_every_drawn_chart_is_a_picture_without_a_script_or_word(reckoned: Reckoned) -> None:
    with psycopg.connect(reckoned.owner) as connection:
        charts = connection.execute("SELECT code, svg FROM evaluation_chart").fetchall()
    assert {code for code, _svg in charts} == indicators().keys()
    for _code, svg in charts:
        assert svg.startswith("<svg")
        assert "<script" not in svg
        assert "href" not in svg


def test_a_month_without_figures_is_a_gap_in_the_chart() -> None:
    months = list(operations._months(dt.date(2025, 11, 1), dt.date(2026, 2, 1)))
    assert months == [dt.date(2025, 11, 1), dt.date(2025, 12, 1), dt.date(2026, 1, 1), dt.date(2026, 2, 1)]


def test_the_folder_is_the_owners_alone(reckoned: Reckoned) -> None:
    paths = [
        reckoned.home / "figures",
        reckoned.extract,
        *reckoned.extract.iterdir(),
        reckoned.home / "figures" / "key",
    ]
    assert not [path for path in paths if path.stat().st_mode & 0o077]
    assert not list((reckoned.home / "figures").glob("*.part"))


def test_the_web_process_cannot_change_a_figure(reckoned: Reckoned) -> None:
    with psycopg.connect(reckoned.app) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM evaluation_datum")
