"""The bench compares like with like: what is written by hand finds the cells that the indicators have."""

import pytest

from config.benching import figures
from silta.evaluation.rules.definitions import indicators
from tests.evaluation.conftest import TODAY, Reckoned

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")


def test_hand_written_sql_finds_the_same_cells(reckoned: Reckoned) -> None:
    asked = list(indicators().values())
    by_hand = figures.counted_by_hand(reckoned.extract, TODAY, asked)
    by_ibis = figures.counted_by_ibis(reckoned.extract, TODAY, asked)
    assert len(by_hand) > 100
    assert figures.are_same(by_hand, by_ibis)


def test_other_cells_are_not_the_same() -> None:
    one: figures.Cells = {("share", None, None, None, None): (0.5, 4, 4, 0)}
    assert figures.are_same(one, dict.fromkeys(one, (0.5 + 1e-12, 4, 4, 0)))
    for cell in ((0.51, 4, 4, 0), (0.5, 5, 4, 0), (None, 4, 4, 0)):
        assert not figures.are_same(one, dict.fromkeys(one, cell))
    assert not figures.are_same(one, {})
