"""Draws the chart of one figure as SVG, without a word in it, so that one picture serves every language."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import vl_convert

from silta.evaluation.enums import Measure

_WIDTH, _HEIGHT = 300, 130
_LAKE, _INK, _LINE = "#0d4f6c", "#33424d", "#d5dde2"
_FONT = "sans-serif"


@dataclass(frozen=True, slots=True)
class Point:
    """One month of a chart; without a value there is a gap."""

    month: str
    value: float | None


def draw(points: Sequence[Point], measure: Measure) -> str:
    """The chart as an SVG document: a bar a month, from nought."""
    is_share = measure is Measure.SHARE
    rows = [{"month": _month(point.month), "value": point.value} for point in points]
    named = [str(row["month"]) for row in rows]
    chart = (
        alt.Chart(alt.InlineData(values=rows), width=_WIDTH, height=_HEIGHT)
        .mark_bar(color=_LAKE, cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(
            x=alt.X("month:N", sort=named, title=None, scale=alt.Scale(domain=named, paddingInner=0.25),
                       axis=alt.Axis(labelAngle=0, labelOverlap="parity", ticks=False, domainColor=_INK)),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, 1]) if is_share else alt.Scale(zero=True),
                       axis=alt.Axis(format=".0%" if is_share else ".0f", tickCount=4, domain=False, ticks=False)),
        )
        .configure_view(stroke=None)
        .configure_axis(labelFont=_FONT, labelFontSize=11, labelColor=_INK, gridColor=_LINE)
    )  # fmt: skip
    return str(vl_convert.vegalite_to_svg(chart.to_json()))


def _month(day: str) -> str:
    return f"{int(day[5:7])}/{day[2:4]}"
