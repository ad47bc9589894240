"""The indicators, as reviewed definitions: what is counted, of what, by whom it is answered for, from which source."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from silta.evaluation.enums import Measure
from silta.kernel.language import Text

_FOLDER = Path(__file__).resolve().parents[1] / "definitions"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of one version. ``expression`` names how each case's value comes about; ``measure`` what is said of them.

    A ``snapshot`` tells how things stand on the day of the extract: what it told of earlier months is kept.
    """

    code: str
    version: str
    name: Text
    finding: Text
    numerator: Text
    denominator: Text
    base: Text
    month: Text
    expression: str
    measure: Measure
    parameters: dict[str, Any]
    owner: Text
    source: str
    review_on: dt.date
    snapshot: bool
    order: int


def _indicator(path: Path) -> Indicator:
    entry: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    texts = ("name", "finding", "numerator", "denominator", "base", "month", "owner")
    told: dict[str, Any] = {key: Text(**entry[key]) for key in texts}
    return Indicator(**{**entry, **told, "measure": Measure(entry["measure"])})


@cache
def indicators() -> dict[str, Indicator]:
    """All indicators by code, in the order in which they are read; raises where a file is not sound."""
    found = sorted(map(_indicator, _FOLDER.glob("*.yaml")), key=lambda one: (one.order, one.code))
    return {one.code: one for one in found}


def versions() -> dict[str, str]:
    """The version of each indicator, as a manifest tells it."""
    return {one.code: one.version for one in indicators().values()}
