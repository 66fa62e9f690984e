"""Native charts of the workbook. Every series points at cells, so a chart changes with its figures."""

from __future__ import annotations

from typing import NamedTuple

from xlsxwriter.chart import Chart

from optimizer.report.workbook.style import Styles

DOWN, UP, TOTAL, _BAR, LINE = "#2E8B57", "#C0392B", "#44546A", "#4472C4", "#C55A11"
_WHOLE = '#,##0;(#,##0);"-"'
FONT = {"size": 9}


class Place(NamedTuple):
    """Cells of one sheet that a chart shows: rows `first` to `last`, counted from 0."""

    sheet: str
    first: int
    last: int

    def of(self, column: int) -> list[object]:
        return [self.sheet, self.first, column, self.last, column]


def framed(chart: Chart, title: str, width: int, height: int, number: str = _WHOLE) -> Chart:
    """Title, size and axes that all charts have; rows that a filter hides stay in the chart."""
    chart.set_title({"name": title, "name_font": {"size": 12, "bold": True}, "overlay": False})
    chart.set_size({"width": width, "height": height})
    chart.set_x_axis({"num_font": FONT, "label_position": "low"})
    chart.set_y_axis(
        {
            "num_format": number,
            "num_font": FONT,
            "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
        }
    )
    chart.set_legend({"none": True})
    chart.show_hidden_data()
    return chart


def bars(
    styles: Styles, title: str, place: Place, labels: int, values: int, name: str, width: int, height: int
) -> Chart:
    """Horizontal bars, the first row on top."""
    chart = styles.book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": name,
            "categories": place.of(labels),
            "values": place.of(values),
            "gap": 40,
            "fill": {"color": _BAR},
            "invert_if_negative": True,
            "invert_if_negative_color": DOWN,
        }
    )
    framed(chart, title, width, height)
    chart.set_y_axis({"reverse": True, "num_font": FONT, "label_position": "low"})
    chart.set_x_axis(
        {
            "num_format": _WHOLE,
            "num_font": FONT,
            "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
        }
    )
    return chart


def pareto(
    styles: Styles,
    title: str,
    place: Place,
    labels: int,
    values: int,
    shares: int,
    names: tuple[str, str],
    width: int,
    height: int,
) -> Chart:
    """Columns, dearest first, and the share they reach together as a line on an axis of its own."""
    chart, line = styles.book.add_chart({"type": "column"}), styles.book.add_chart({"type": "line"})
    chart.add_series(
        {
            "name": names[0],
            "categories": place.of(labels),
            "values": place.of(values),
            "gap": 40,
            "fill": {"color": _BAR},
        }
    )
    dot = {"type": "circle", "size": 5, "fill": {"color": LINE}, "border": {"color": LINE}}
    line.add_series(
        {
            "name": names[1],
            "categories": place.of(labels),
            "values": place.of(shares),
            "y2_axis": True,
            "line": {"color": LINE, "width": 2},
            "marker": dot,
        }
    )
    line.set_y2_axis({"num_format": "0%", "num_font": FONT, "min": 0, "max": 1})
    chart.combine(line)
    framed(chart, title, width, height)
    chart.set_x_axis({"num_font": {**FONT, "rotation": -45}, "label_position": "low"})
    chart.set_legend({"position": "bottom", "font": FONT})
    return chart


class Steps(NamedTuple):
    """Columns of the block behind a waterfall, counted from 0."""

    labels: int
    blank: int
    total: int
    down: tuple[int, int]  # above and below zero
    up: tuple[int, int]


def waterfall(
    styles: Styles, title: str, place: Place, at: Steps, names: tuple[str, str, str], width: int, height: int
) -> Chart:
    """Floating steps between two totals out of stacked columns: a blank one carries what floats; `names` are
    total, down and up.

    A step that crosses zero has a part above and a part below.
    """
    chart = styles.book.add_chart({"type": "column", "subtype": "stacked"})
    for name, column, colour in (
        (" ", at.blank, ""),
        (names[0], at.total, TOTAL),
        (names[1], at.down[0], DOWN),
        (names[1], at.down[1], DOWN),
        (names[2], at.up[0], UP),
        (names[2], at.up[1], UP),
    ):
        chart.add_series(
            {
                "name": name,
                "categories": place.of(at.labels),
                "values": place.of(column),
                "gap": 30,
                "fill": {"color": colour} if colour else {"none": True},
                "border": {"none": True},
            }
        )
    framed(chart, title, width, height)
    chart.set_x_axis({"num_font": {**FONT, "rotation": -45}, "label_position": "low"})
    chart.set_legend({"position": "bottom", "font": FONT, "delete_series": [0, 3, 5]})
    return chart
