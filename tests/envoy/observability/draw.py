#!/usr/bin/env python3
"""Draws the panels of the dashboard, as SVG, from what the test of the dashboard has recorded.

    draw.py DASHBOARD SAMPLES > PICTURE

Titles, units, places and names of series are those of the dashboard. Colours are for light and for dark pages.
"""

import json
import math
import re
import sys
from html import escape

WIDTH = 1200
MARGIN = 12
HEADER = 58
# Grafana divides the width into 24 columns; the height of a row is free.
COLUMN = (WIDTH - 2 * MARGIN) / 24
ROW = 29
GAP = 10
TEXT = 12.5
UNITS = {"reqps": "per second", "ms": "ms", "short": "", "hex": ""}
# Most people who do not see red and green can distinguish them, on white and on black.
COLOURS = ["#3b82c4", "#d9822b", "#2e9e83", "#b5589c", "#8d7bd1", "#c9a227", "#d1495b", "#6f8a91", "#5aa9e6"]
STYLE = """
text { font: 12.5px system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; fill: #24292f }
.page { fill: #f2f4f7 } .panel { fill: #ffffff; stroke: #d5dae1 } .grid { stroke: #e4e8ed } .axis { stroke: #b4bcc6 }
.title { font-weight: 600; font-size: 14px } .head { font-weight: 600; font-size: 19px } .soft { fill: #5b6673 }
.mono { font-family: ui-monospace, "DejaVu Sans Mono", "Liberation Mono", monospace }
@media (prefers-color-scheme: dark) {
  text { fill: #e3e8ee } .soft { fill: #9aa6b3 }
  .page { fill: #14181d } .panel { fill: #1d2229; stroke: #323a44 } .grid { stroke: #2d343d } .axis { stroke: #55606c }
}
""".strip()


def width_of(text, size=TEXT):
    """About how wide a text is: fonts differ, so this is an estimate from above."""
    return len(text) * size * 0.56


def fitting(text, room):
    """The text, cut to the room."""
    most = int(room / (TEXT * 0.56))
    return text if len(text) <= most else text[: most - 1] + "…"


def number(value, digits=3):
    """A number for a reader."""
    if abs(value) >= 1000 or value == int(value):
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.{digits}g}"


def steps(highest, about):
    """The marks of an axis from 0 to at least `highest`."""
    if highest <= 0:
        return [0, 1]
    raw = highest / about
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw)
    return [step * mark for mark in range(math.ceil(highest / step - 1e-9) + 1)]


def text(x, y, words, classes="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{classes}" text-anchor="{anchor}">{escape(words)}</text>'


def name(legend, labels):
    """What a series is called: Grafana puts in the labels."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found.group(1), ""), legend)


class Panel:
    """A panel, where it is, and the series that it shows."""

    def __init__(self, panel, answers):
        place = panel["gridPos"]
        self.kind = panel["type"]
        self.heading = panel["title"]
        self.defaults = panel["fieldConfig"]["defaults"]
        self.left = MARGIN + place["x"] * COLUMN + GAP / 2
        self.top = HEADER + place["y"] * ROW + GAP / 2
        self.width = place["w"] * COLUMN - GAP
        self.height = place["h"] * ROW - GAP
        self.series = []
        for target in panel["targets"]:
            for series in answers[panel["title"], target["refId"]]:
                points = [(float(time), float(value)) for time, value in series["values"]]
                points = [point for point in points if math.isfinite(point[1])]
                self.series.append((name(target["legendFormat"], series["metric"]), points))

    def draw(self, begin, end):
        yield f'<rect class="panel" x="{self.left:.1f}" y="{self.top:.1f}" width="{self.width:.1f}" height="{self.height:.1f}" rx="5"/>'
        yield text(self.left + 12, self.top + 23, self.heading, "title")
        unit = UNITS[self.defaults["unit"]]
        if unit:
            yield text(self.left + self.width - 12, self.top + 23, unit, "soft", "end")
        shapes = {"timeseries": self.curves, "bargauge": self.bars, "table": self.rows}
        yield from shapes[self.kind](begin, end)

    def legend(self):
        """The lines of the legend, each a list of places, colours and names."""
        lines, x = [[]], 0.0
        for index, (label, _) in enumerate(self.series):
            room = width_of(label) + 30
            if x + room > self.width - 16 and lines[-1]:
                lines.append([])
                x = 0.0
            lines[-1].append((x, COLOURS[index % len(COLOURS)], label))
            x += room
        return lines

    def curves(self, begin, end):
        legend = self.legend()
        stacked = self.defaults["custom"]["stacking"]["mode"] == "normal"
        left, right = self.left + 48, self.left + self.width - 20
        top, bottom = self.top + 38, self.top + self.height - 30 - 19 * len(legend)
        times = sorted({time for _, points in self.series for time, _ in points})
        floor = dict.fromkeys(times, 0.0)
        drawn = []
        for _, points in self.series:
            if stacked:
                below = dict(floor)
                for time, value in points:
                    floor[time] += value
                drawn.append(([(time, floor[time]) for time in times], [(time, below[time]) for time in times]))
            else:
                drawn.append((points, None))
        marks = steps(max((value for points, _ in drawn for _, value in points), default=0), 4)

        def across(time):
            return left + (time - begin) / (end - begin) * (right - left)

        def up(value):
            return bottom - value / marks[-1] * (bottom - top)

        for mark in marks:
            yield f'<path class="grid" d="M{left:.1f} {up(mark):.1f}H{right:.1f}"/>'
            yield text(left - 8, up(mark) + 4, number(mark), "soft", "end")
        yield f'<path class="axis" d="M{left:.1f} {bottom:.1f}H{right:.1f}"/>'
        most = 8 if self.width > 500 else 5
        every = next(step for step in (2, 5, 10, 15, 30, 60, 120, 300, 600) if (end - begin) / step <= most)
        for second in range(0, int(end - begin) + 1, every):
            yield text(across(begin + second), bottom + 17, f"{second // 60}:{second % 60:02}", "soft", "middle")
        for index, (points, below) in enumerate(drawn):
            colour = COLOURS[index % len(COLOURS)]
            if len(points) < 2:
                continue
            line = "L".join(f"{across(time):.1f} {up(value):.1f}" for time, value in points)
            if below is not None:
                back = "L".join(f"{across(time):.1f} {up(value):.1f}" for time, value in reversed(below))
                yield f'<path d="M{line}L{back}Z" fill="{colour}" fill-opacity=".75"/>'
            else:
                yield f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="1.8" stroke-linejoin="round"/>'
        for row, line in enumerate(legend):
            y = bottom + 40 + 19 * row
            for x, colour, label in line:
                yield f'<rect x="{self.left + 14 + x:.1f}" y="{y - 9:.1f}" width="11" height="11" rx="2" fill="{colour}"/>'
                yield text(self.left + 30 + x, y, label)

    def bars(self, _begin, _end):
        left, right = self.left + 14, self.left + self.width - 14
        values = sorted(((points[-1][1], label) for label, points in self.series), reverse=True)
        if not values:
            yield text((left + right) / 2, self.top + self.height / 2, "none", "soft", "middle")
            return
        names = min(max(width_of(label) for _, label in values), (right - left) * 0.57)
        each = min((self.height - 44) / len(values), 30)
        highest = max(value for value, _ in values) or 1
        room = right - left - names - 70
        for row, (value, label) in enumerate(values):
            y = self.top + 40 + row * each
            yield text(left, y + each / 2 + 4, fitting(label, names + 8))
            length = max(room * value / highest, 1.5)
            yield f'<rect x="{left + names + 12:.1f}" y="{y + 3:.1f}" width="{length:.1f}" height="{each - 6:.1f}" rx="2" fill="{COLOURS[0]}"/>'
            yield text(left + names + 18 + length, y + each / 2 + 4, number(round(value)))

    def rows(self, _begin, _end):
        left, right = self.left + 14, self.left + self.width - 14
        yield text(left, self.top + 52, "instance", "soft")
        yield text(right, self.top + 52, "digest", "soft", "end")
        yield f'<path class="axis" d="M{left:.1f} {self.top + 60:.1f}H{right:.1f}"/>'
        for row, (label, points) in enumerate(self.series):
            y = self.top + 82 + 26 * row
            yield text(left, y, label)
            yield text(right, y, f"{int(points[-1][1]):X}", "mono", "end")


def main():
    dashboard, samples = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:3])
    answers = {(answer["panel"], answer["letter"]): answer["series"] for answer in samples["answers"]}
    begin, end = samples["begin"] / 1000, samples["end"] / 1000
    panels = [Panel(panel, answers) for panel in dashboard["panels"]]
    height = max(panel.top + panel.height for panel in panels) + MARGIN + GAP / 2
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img">')
    print(f"<title>{escape(dashboard['title'])}: the panels of the dashboard</title>\n<style>{STYLE}</style>")
    print(f'<rect class="page" width="{WIDTH}" height="{height:.0f}" rx="8"/>')
    print(text(MARGIN + 8, 36, dashboard["title"], "head"))
    about = f"{round(end - begin)} seconds of load on real Envoys ({samples['envoy']}), scraped by Prometheus"
    print(text(WIDTH - MARGIN - 8, 36, about, "soft", "end"))
    for panel in panels:
        print("\n".join(panel.draw(begin, end)))
    print("</svg>")


if __name__ == "__main__":
    main()
