"""The extract and the indicators over a whole region: rows a second, and the same cells by hand-written SQL of DuckDB."""

import datetime as dt
import math
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from config import database

if TYPE_CHECKING:
    from silta.evaluation.rules.definitions import Indicator

# The bars of issue 3: rows of the extract in a second, and the indicators beside the same by hand.
LEAST_ROWS, MOST_TIMES = 500_000, 2.0
_TIMES = 3
Cells = dict[tuple[str, str | None, str | None, str | None, str | None], tuple[float | None, int, int, int]]

_WORDS = {
    "columns": "c.person_key, c.unit_key, c.kind, coalesce(r.municipality, '') AS municipality",
    "home": "LEFT JOIN residences r ON r.person_key = c.person_key",
}
# Of each expression: the rows it counts, by hand.
_ROWS = {
    "waiting": """
        SELECT $columns, s.first AS day, (s.first - c.opened_on)::DOUBLE AS value
        FROM cases c JOIN (SELECT case_key, min(started_on) AS first FROM services
                           WHERE started_on IS NOT NULL OR state IN ('started', 'done') GROUP BY ALL) s USING (case_key)
        $home WHERE s.first IS NULL OR s.first >= c.opened_on""",
    "plan_in_time": """
        SELECT $columns, c.assessment_started_on AS day,
          CASE WHEN day IS NULL THEN NULL ELSE coalesce(p.first <= (day + INTERVAL $months MONTH)::DATE, false) END::DOUBLE AS value
        FROM cases c LEFT JOIN (SELECT case_key, min(made_on) AS first FROM plans GROUP BY ALL) p USING (case_key) $home
        WHERE c.kind = $kind AND (p.first IS NOT NULL
          OR (c.assessment_started_on + INTERVAL $months MONTH)::DATE <= coalesce(c.ended_on, $as_of::DATE - 1))""",
    "no_next_step": """
        SELECT $columns, $as_of::DATE AS day, (c.open_steps = 0)::DOUBLE AS value
        FROM cases c $home WHERE c.state = 'open'""",
    "review_in_time": """
        WITH looked AS (SELECT case_key, made_on AS seen FROM plans UNION SELECT case_key, held_on FROM reviews),
          due AS (SELECT case_key, (seen + INTERVAL $months MONTH)::DATE AS due, lead(seen) OVER (PARTITION BY case_key ORDER BY seen) AS next
                  FROM looked JOIN (SELECT case_key, min(made_on) AS first FROM plans GROUP BY ALL) USING (case_key) WHERE seen >= first)
        SELECT $columns, d.due AS day, coalesce(d.next <= d.due, false)::DOUBLE AS value
        FROM cases c JOIN due d USING (case_key) $home
        WHERE c.kind = $kind AND (d.next IS NOT NULL OR d.due <= coalesce(c.ended_on, $as_of::DATE - 1))""",
}  # fmt: skip
_MEASURES = {"median": "quantile_cont(value, 0.5)", "p90": "quantile_cont(value, 0.9)", "share": "avg(value)"}
_SETS = "(), (month), (unit_key), (unit_key, month), (municipality), (kind)"


def run(home: Path, server: str) -> bool:
    """Takes the extract of the region, counts it both ways, prints what each took; whether the bars were kept."""
    from silta.evaluation.rules import definitions
    from silta.kernel import clock

    folder, asked, as_of = home / "figures" / "bench", list(definitions.indicators().values()), clock.today()
    shutil.rmtree(folder, ignore_errors=True)
    try:
        fast = _extracted(folder, server)
        took, by_ibis, beside, by_hand = math.inf, Cells(), math.inf, Cells()
        for _time in range(_TIMES):
            took, by_ibis = _quicker(took, lambda: counted_by_ibis(folder, as_of, asked))
            beside, by_hand = _quicker(beside, lambda: counted_by_hand(folder, as_of, asked))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    same = are_same(by_ibis, by_hand)
    print(f"{len(asked)} indicators, {len(by_ibis)} cells: {took:.2f} s by Ibis, {beside:.2f} s by hand-written SQL of DuckDB,"
          f" {took / beside:.2f} times (bar: {MOST_TIMES}); {'the same cells' if same else 'THE CELLS DIFFER'}")  # fmt: skip
    return fast and same and took <= MOST_TIMES * beside


def _extracted(folder: Path, server: str) -> bool:
    from silta.evaluation import queries
    from silta.evaluation.gateways import extracting

    address = extracting.address(database.django_settings(database.with_user(server, database.OWNER)))
    key = extracting.kept_key(folder.parent)
    began, own = time.perf_counter(), time.process_time()
    taken = extracting.extract(address, queries.offers(), key, folder, told={})
    seconds, own = time.perf_counter() - began, time.process_time() - own
    rows = sum(taken.rows.values())
    size = sum(path.stat().st_size for path in folder.glob("*.parquet"))
    print(", ".join(f"{name} {many}" for name, many in taken.rows.items()))
    print(f"extract: {rows} rows in {seconds:.2f} s ({own:.2f} s of this process), {rows / seconds:,.0f} rows a second"
          f" (bar: {LEAST_ROWS:,}), {size / 2**20:.1f} MiB")  # fmt: skip
    return rows / seconds >= LEAST_ROWS


def _quicker(before: float, count: Callable[[], Cells]) -> tuple[float, Cells]:
    began = time.perf_counter()
    cells = count()
    return min(before, time.perf_counter() - began), cells


def counted_by_ibis(folder: Path, as_of: dt.date, asked: "Sequence[Indicator]") -> Cells:
    """The cells of the indicators over an extract, as the worker counts them."""
    from silta.evaluation.gateways import counting

    return {
        (one.code, bucket.unit, bucket.municipality, bucket.kind, bucket.month): (cell.value, cell.n, cell.people, cell.unknown)
        for one, cells in counting.count(folder, as_of, asked)
        for bucket, cell in cells.items()
    }  # fmt: skip


def counted_by_hand(folder: Path, as_of: dt.date, asked: "Sequence[Indicator]") -> Cells:
    """The same cells by SQL of DuckDB that somebody wrote for them alone."""
    import duckdb

    found: Cells = {}
    with duckdb.connect() as connection:
        for path in sorted(folder.glob("*.parquet")):
            connection.read_parquet(str(path)).create_view(path.stem)
        for expression in dict.fromkeys(one.expression for one in asked):
            sharing = [one for one in asked if one.expression == expression]
            rows = _ROWS[expression]
            given = {
                name: _word(value) for name, value in {"as_of": str(as_of), **sharing[0].parameters}.items()
            }
            for name, word in {**_WORDS, **given}.items():
                rows = rows.replace(f"${name}", word)
            for cell in connection.execute(_cells(rows, sharing)).fetchall():
                unit, municipality, kind, month, grouped, n, people, unknown, *values = cell
                if month is None and not grouped & 1:
                    continue  # What has no day is in no month.
                bucket = (unit.hex() if unit is not None else None, municipality, kind, month)
                found |= {
                    (one.code, *bucket): (value, n, people, unknown)
                    for one, value in zip(sharing, values, strict=True)
                }
    return found


def _word(value: object) -> str:
    return str(value) if isinstance(value, int) else f"'{value}'"


def _cells(rows: str, sharing: "Sequence[Indicator]") -> str:
    measures = ", ".join(_MEASURES[one.measure] for one in sharing)
    return f"""
        SELECT unit_key, municipality, kind, month, grouping(unit_key, municipality, kind, month), count(value),
          count(DISTINCT person_key) FILTER (WHERE value IS NOT NULL), count(*) - count(value), {measures}
        FROM (SELECT *, strftime(day, '%Y-%m-01') AS month FROM ({rows}))
        GROUP BY GROUPING SETS ({_SETS})"""  # noqa: S608 - words of this module and of the reviewed definitions


def are_same(one: Cells, other: Cells) -> bool:
    """Whether both found the same cells; of a mean the last digits may differ."""
    return one.keys() == other.keys() and all(
        cell[1:] == other[key][1:] and _is_close(cell[0], other[key][0]) for key, cell in one.items()
    )


def _is_close(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9))
