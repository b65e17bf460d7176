"""Plots as inline SVG: still pictures, with neither scripts nor anything to be fetched.

Drawn by pygal, which is made for this, pure Python and small; matplotlib brings fifty megabytes and draws letters as
outlines, and the portal's own bars (`services.portal.web`) know no axes. What pygal adds for its scripts is taken out.
"""

import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pygal
from markupsafe import Markup
from pygal.style import Style

# pygal leaves a finder of plugins behind that speaks a protocol which Python has given up, and warns at every import
# that fails; we have no plugins.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

#: Of a plot, in units that are pixels when the page is wide enough.
_WIDTH: Final = 960
_HEIGHT: Final = 300

#: Height of a bar with what is between bars, and of the axis.
_BAR_HEIGHT: Final = 32
_AROUND_BARS: Final = 50

#: Labels on the axis of days, about.
_DAY_LABELS: Final = 10

BLUE: Final = "#1d70b8"
GREEN: Final = "#00703c"
RED: Final = "#d4351c"
YELLOW: Final = "#b58840"

#: Letters of a bar's name at most; the table has all of it.
_LABEL_LETTERS: Final = 42

_DRAWN_IN_TURNS: Final = "10,5"
_DASHED: Final = {"width": 2, "dasharray": _DRAWN_IN_TURNS}

#: An axis of shares begins so far below its lowest, beside its span; and spans so much at least (per cent).
_BELOW: Final = 0.1
_LEAST_SPAN: Final = 0.1


def lines(
    name: str, labels: Sequence[str], series: Mapping[str, Sequence[int]], colors: Sequence[str], *, is_filled: bool
) -> Markup:
    """Lines over days, the second one dashed: what tells them apart isn't the colour alone.

    Args:
        name: Of the plot, unique on the page.
        labels: One a point; about ten are shown.
        series: Name and points of each line.
        colors: One a line.
        is_filled: Fill what lies below.
    """
    every = max(len(labels) // _DAY_LABELS, 1)
    chart = pygal.Line(
        **_settings(colors, _HEIGHT),
        show_dots=False,
        fill=is_filled,
        x_labels_major_every=every,
        show_minor_x_labels=False,
    )
    chart.x_labels = list(labels)
    for place, (title, points) in enumerate(series.items()):
        stroke = _DASHED if place else {"width": 2}
        chart.add(title, list(points), stroke_style=stroke)
    return _svg(chart, name)


def columns(
    name: str, labels: Sequence[str], series: Mapping[str, Sequence[float]], colors: Sequence[str], unit: str
) -> Markup:
    """Groups of columns.

    Args:
        name: Of the plot, unique on the page.
        labels: One a group.
        series: Name and heights of each kind of column.
        colors: One a kind.
        unit: Behind the figures of the axis.
    """
    chart = pygal.Bar(**_settings(colors, _HEIGHT + 60), x_label_rotation=35, spacing=12, margin_right=40)
    chart.value_formatter = lambda value: f"{value:g}{unit}"
    chart.x_labels = list(labels)
    for title, heights in series.items():
        chart.add(title, list(heights))
    return _svg(chart, name)


def stacked_bars(
    name: str, labels: Sequence[str], series: Mapping[str, Sequence[float]], colors: Sequence[str], unit: str
) -> Markup:
    """Bars that lie, each of several parts.

    Args:
        name: Of the plot, unique on the page.
        labels: One a bar, from the top.
        series: Name and lengths of each kind of part.
        colors: One a kind.
        unit: Behind the figures of the axis.
    """
    height = len(labels) * _BAR_HEIGHT + _AROUND_BARS
    chart = pygal.HorizontalStackedBar(**_settings(colors, height), spacing=8, margin_right=28, range=(0, 100))
    chart.value_formatter = lambda value: f"{value:g}{unit}"
    # It draws from the bottom.
    chart.x_labels = [textwrap.shorten(label, _LABEL_LETTERS, placeholder=" …") for label in reversed(labels)]
    for title, lengths in series.items():
        chart.add(title, list(reversed(lengths)))
    return _svg(chart, name)


def points(name: str, series: Mapping[str, Sequence[tuple[float, float]]], colors: Sequence[str], line: str) -> Markup:
    """Points over an axis of numbers, and the line on which both numbers are the same.

    Args:
        name: Of the plot, unique on the page.
        series: Name and points of each kind.
        colors: One a kind, and the line's.
        line: Its name.
    """
    most = max((point[0] for found in series.values() for point in found), default=1.0)
    chart = pygal.XY(**_settings(colors, _HEIGHT + 60), stroke=False, dots_size=4, margin_right=40, include_x_axis=True)
    for title, found in series.items():
        chart.add(title, list(found))
    chart.add(line, [(0, 0), (most, most)], stroke=True, show_dots=False, stroke_style=_DASHED)
    return _svg(chart, name)


def intervals(
    name: str, labels: Sequence[str], bands: Sequence[tuple[float, float, float]], target: float, colors: Sequence[str]
) -> Markup:
    """A point with a whisker over and under it for each label, and a dashed line at a target. The axis begins below.

    Args:
        name: Of the plot, unique on the page.
        labels: One a point.
        bands: The mean and both ends of each, in per cent.
        target: Where the line is, in per cent.
        colors: Of the points and of the line.
    """
    least = min([target, *(low for _, low, _ in bands)])
    chart = pygal.Line(
        **_settings(colors, _HEIGHT + 60),
        stroke=False,
        dots_size=4,
        x_label_rotation=60,
        range=(max(least - _BELOW * max(100 - least, _LEAST_SPAN), 0), 100),
    )
    chart.value_formatter = lambda value: f"{value:.4g}%"
    chart.x_labels = list(labels)
    chart.add("", [{"value": mean, "ci": {"low": low, "high": high}} for mean, low, high in bands])
    chart.add("", [target] * len(labels), stroke=True, show_dots=False, stroke_style=_DASHED)
    return _svg(chart, name)


def _settings(colors: Sequence[str], height: int) -> dict[str, Any]:
    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground="#0b0c0c",
        foreground_strong="#0b0c0c",
        foreground_subtle="#505a5f",
        guide_stroke_color="#d5d8da",
        major_guide_stroke_color="#b1b4b6",
        guide_stroke_dasharray="1,0",
        major_guide_stroke_dasharray="1,0",
        colors=tuple(colors),
        opacity=".85",
        opacity_hover=".85",
        stroke_opacity="1",
        transition="0s",
        stroke_width="2",
        font_family="inherit",
        label_font_size=14,
        major_label_font_size=14,
    )
    return {
        "style": style,
        "width": _WIDTH,
        "height": height,
        "js": [],
        "disable_xml_declaration": True,
        "show_legend": False,  # the page has one, whose letters keep their size on a phone
        "truncate_label": -1,
        "show_x_guides": False,
        "margin": 8,
        "no_data_text": "–",
    }


def _svg(chart: Any, name: str) -> Markup:
    """The drawing, without what it has for scripts; to those who can't see it the page tells what it is."""
    chart.uuid = name  # otherwise by chance
    chart.add_xml_filter(_without_scripts)
    # It escapes what it is given to write.
    return Markup(chart.render(is_unicode=True))  # noqa: S704


def _without_scripts(root: Any) -> Any:
    for parent in list(root.iter()):
        for child in list(parent):
            # Comments have no name.
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] in {"script", "title", "desc"}:
                parent.remove(child)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return root
