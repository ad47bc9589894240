"""Draws the picture of the path, and the same as lines of a table."""

from collections.abc import Iterable

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from silta.cases.queries.casepath import Move
from silta.cases.views.picture import Bar, Dot, Lane, Line, Mark, Picture
from silta.kernel.language import in_figures
from silta.ui.markup import joined, markup, repeated

_MONTH = (
    '<line class="path-picture__month" x1="{0}" x2="{0}" y1="22" y2="{1}"></line>'
    '<text class="path-picture__date" x="{2}" y="14">{3}</text>'
)
_BAR = (
    '<g class="path-picture__bar path-picture__bar--{}"><title>{}</title>{}'
    '<rect class="path-picture__box" x="{}" y="{}" width="{}" height="16" rx="3"></rect>{}</g>'
)
_DOT = (
    '<g class="path-picture__dot path-picture__dot--{}"><title>{}</title>'
    '<circle cx="{}" cy="{}" r="{}"></circle></g>'
)
_HATCH = (
    '<defs><pattern id="hatch-{}" class="path-picture__hatch" width="7" height="7" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="7"></line></pattern></defs>'
)


def svg(picture: Picture, key: object) -> SafeString:
    """The picture; ``key`` tells its parts from those of another picture in the same page."""
    return markup(
        '<svg class="path-picture" viewBox="0 0 {0} {1}" role="img" aria-labelledby="picture-title-{2}">'
        '<title id="picture-title-{2}">{3}</title>{4}{5}{6}{7}</svg>',
        picture.width, picture.height, key, picture.title, markup(_HATCH, key),
        repeated(_MONTH, (_month(one, picture) for one in picture.months)),
        joined(_lane(lane, picture, key) for lane in picture.lanes), _today(picture),
    )  # fmt: skip


def _month(mark: Mark, picture: Picture) -> tuple[int, int, int, str]:
    return mark.x, picture.height, mark.x + 3, mark.name


def _lane(lane: Lane, picture: Picture, key: object) -> SafeString:
    return markup(
        '<line class="path-picture__rule" x1="0" x2="{}" y1="{}" y2="{}"></line>'
        '<text class="path-picture__lane" x="0" y="{}">{}</text>{}{}',
        picture.width, lane.top, lane.top, lane.label_y, lane.name,
        repeated(_BAR, (_bar(one, key) for one in lane.bars)),
        repeated(_DOT, (_dot(one) for one in lane.dots)),
    )  # fmt: skip


def _bar(bar: Bar, key: object) -> tuple[object, ...]:
    wait = (
        markup(
            '<rect x="{}" y="{}" width="{}" height="16" rx="3" fill="url(#hatch-{})"></rect>',
            bar.x, bar.y, bar.width, key,
        )
        if bar.is_wait
        else ""
    )  # fmt: skip
    name = (
        markup('<text class="path-picture__name" x="{}" y="{}">{}</text>', bar.text_x, bar.text_y, bar.name)
        if bar.name
        else ""
    )
    return bar.tone, bar.title, wait, bar.x, bar.y, bar.width, name


def _dot(dot: Dot) -> tuple[object, ...]:
    return dot.kind, dot.title, dot.x, dot.y, 6 if dot.kind == "review" else 4


def _today(picture: Picture) -> SafeString | str:
    if picture.today_x is None:
        return ""
    return markup(
        '<line class="path-picture__today" x1="{0}" x2="{0}" y1="18" y2="{1}"></line>'
        '<text class="path-picture__today-word" x="{0}" y="32" text-anchor="end">{2} </text>',
        picture.today_x, picture.height, gettext("today"),
    )  # fmt: skip


def lines(found: Iterable[Line]) -> SafeString:
    """What the picture shows, as rows of a table."""
    return repeated(
        '<tr><td>{}</td><td>{}</td><td class="nowrap">{}</td><td class="nowrap">{}</td><td>{}</td></tr>',
        (
            (one.lane, one.what, in_figures(one.first), in_figures(one.last) if one.last else "–", one.state)
            for one in found
        ),
    )


def moves(found: Iterable[Move]) -> SafeString:
    """The phases and states of the case with their reasons, as items of a timeline."""
    return repeated(
        '<li class="timeline__item"><span class="numeric">{}</span> <strong>{}</strong>{}'
        ' <span class="small muted">{}</span></li>',
        (
            (in_figures(one.on), one.name, markup(" – {}", one.reason) if one.reason else "", one.who)
            for one in found
        ),
    )
