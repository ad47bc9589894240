"""Runs the rounds, prints what they took, and tells whether every bar was kept."""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

from config import database
from config.benching import plans, scratch, timing
from config.benching.timing import Side, Times

# The bars of issue 3, in milliseconds and shares.
WRITES_BAR = 80.0
GROWTH_BAR = 1.5
SHARE_BAR = 0.25
SMALL = 10_000
# Two answers are about the same things where one is at most this much longer than the other.
_ALIKE = 1.02


def pages(chosen: argparse.Namespace, home: Path, server: str) -> bool:
    """Measures the pages of the region as chosen and prints them; whether all kept to their bars."""
    with _sides(chosen, home, server) as sides:
        if chosen.growth:
            return all(list(_growth(chosen, sides)))
        if chosen.without_row_security:
            return all(list(_share(chosen, sides)))
        return all(list(_alone(chosen, sides)))


@contextmanager
def _sides(chosen: argparse.Namespace, home: Path, server: str) -> Iterator[list[Side]]:
    """What is compared: the region; with the small one before it, or with itself without policies after it."""
    with ExitStack() as kept:

        def entered(address: str, role: str = database.APP) -> BaseDatabaseWrapper:
            connection = scratch.connected(address, role)
            kept.callback(connection.close)
            return connection

        sides = [Side.of(entered(server))]
        if chosen.growth:
            sides.insert(0, Side.of(entered(scratch.region(home / "small", SMALL))))
        if chosen.without_row_security:
            # Asked about the very same: which cases are hers, row-level security decides as well.
            bare = kept.enter_context(scratch.unlocked(server))
            sides.append(Side(entered(server, bare), sides[0].pages))
        yield sides


def _bar(chosen: argparse.Namespace, times: Times) -> float:
    bar: float = WRITES_BAR if times.page.writes else chosen.bar
    return bar


def _alone(chosen: argparse.Namespace, sides: Sequence[Side]) -> Iterator[bool]:
    print(f"{'page':22}{'p50 ms':>9}{'p95 ms':>9}{'own ms':>9}{'queries':>9}{'rows':>8}")
    for (times,) in timing.measure(sides, chosen.rounds, only=chosen.page, reads_plans=chosen.plans):
        late = times.percentile(0.95) > _bar(chosen, times)
        print(f"{times.page.name:22}{times.percentile(0.5):9.1f}{times.percentile(0.95):9.1f}{times.least_own:9.1f}"
              f"{len(times.queries):9}{times.rows_read:8}{'  slower than the bar' if late else ''}", flush=True)  # fmt: skip
        if chosen.queries:
            for spent, query in sorted(times.queries, reverse=True):
                print(f"    {spent:7.1f} ms  {' '.join(query.split())[:400]}")
        walks = chosen.plans and _walks(sides[0], times)
        yield not (late or walks)


def _walks(side: Side, times: Times) -> bool:
    """Prints the plans of a page; whether one of them walks through a table that grows."""
    with scratch.entered(side.connection):
        large = plans.growing()
    kinds = Counter(node.kind for plan in times.planned for node in plan.nodes)
    indexes = Counter(node.index for plan in times.planned for node in plan.nodes if node.index)
    print(
        f"    {len(times.planned)} plans: {', '.join(f'{kind} {many}' for kind, many in kinds.most_common())}"
    )
    print(f"    {', '.join(f'{name} {many}' for name, many in indexes.most_common())}")
    walked = [(node, plan) for plan in times.planned for node in plan.walked_through(large)]
    for node, plan in walked:
        print(
            f"    WALKS THROUGH {node.table} ({node.kind} {node.index}): {' '.join(plan.query.split())[:300]}"
        )
    return bool(walked)


def _growth(chosen: argparse.Namespace, sides: Sequence[Side]) -> Iterator[bool]:
    print(f"{'page':22}{'p50 ms':>16}{'ratio':>7}{'p95 ms':>16}{'ratio':>7}{'rows read':>18}")
    for small, large in timing.measure(sides, chosen.rounds, only=chosen.page):
        middle = large.percentile(0.5) / small.percentile(0.5)
        late = large.percentile(0.95) / small.percentile(0.95)
        print(f"{small.page.name:22}{small.percentile(0.5):8.1f}{large.percentile(0.5):8.1f}{middle:7.2f}"
              f"{small.percentile(0.95):8.1f}{large.percentile(0.95):8.1f}{late:7.2f}{small.rows_read:9}{large.rows_read:9}"
              f"{'  grows more than the bar' if late > GROWTH_BAR else ''}", flush=True)  # fmt: skip
        yield late <= GROWTH_BAR


def _share(chosen: argparse.Namespace, sides: Sequence[Side]) -> Iterator[bool]:
    print(f"{'page':22}{'with ms':>9}{'without':>9}{'share':>8}{'rows read':>18}")
    with_, without = 0.0, 0.0
    for locked, bare in timing.measure(sides, chosen.rounds, only=chosen.page):
        mine, other = locked.percentile(0.5), bare.percentile(0.5)
        with_, without, share = with_ + mine, without + other, 1 - other / mine
        said = "  more than the bar" if share > SHARE_BAR else ""
        if max(locked.size, bare.size) > _ALIKE * min(locked.size, bare.size):
            said += f"  (other answers: {locked.size:.0f} and {bare.size:.0f} letters)"
        print(f"{locked.page.name:22}{mine:9.1f}{other:9.1f}{share:8.0%}{locked.rows_read:9}{bare.rows_read:9}{said}",
              flush=True)  # fmt: skip
        yield share <= SHARE_BAR
    print(f"{'all together':22}{with_:9.1f}{without:9.1f}{1 - without / with_:8.0%}")
