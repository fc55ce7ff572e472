"""Draws docs/cost.svg: what a request costs, as bars, of which the grey part is Envoy without any filter."""

import sys

from configuration import REPOSITORY
from gates import medians
from rows import EMPTY

sys.path.append(str(REPOSITORY / "tests" / "envoy" / "observability"))
from draw import COLOURS, STYLE, WIDTH, steps, text  # noqa: E402

MARGIN, HEADER, ROW, GAP = 20, 70, 25, 16
LABELS = 560
GROUPS = {"yardstick": "Envoy, and an empty filter", "wasm": "ours, as a WebAssembly module",
          "native": "ours, as a dynamic module", "other": "Envoy's own filters, a script, a server"}
MORE_STYLE = ".base { fill: #c9d0d8 } @media (prefers-color-scheme: dark) { .base { fill: #48525e } }"


def drawn(results):
    """The picture as SVG."""
    costs = medians(results)
    base = costs["none"] if "none" in costs else 0
    groups = [(colour, heading, [row for row in results["rows"] if row["group"] == group])
              for colour, (group, heading) in zip(COLOURS, GROUPS.items())]
    groups = [group for group in groups if group[2]]
    marks = steps(max(costs[row["name"]] for *_, rows in groups for row in rows) / 1000, 7)
    left, right = MARGIN + LABELS, WIDTH - MARGIN - 90
    height = HEADER + sum(len(rows) * ROW + ROW + GAP for *_, rows in groups) + 40

    def across(instructions):
        return left + instructions / 1000 / marks[-1] * (right - left)

    bottom = height - 40
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>What a request costs, in thousands of instructions</title>\n<style>{STYLE}\n{MORE_STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>',
        f'<rect class="panel" x="{MARGIN / 2}" y="50" width="{WIDTH - MARGIN}" height="{height - 60}" rx="5"/>',
        text(MARGIN, 34, "What a request costs", "head"),
        text(WIDTH - MARGIN, 34, "thousands of instructions, and how many times the empty filter; "
             f"grey: Envoy {results['envoy']} without a filter", "soft", "end"),
    ]
    for mark in marks:
        x = across(mark * 1000)
        lines += [f'<path class="grid" d="M{x:.1f} {HEADER}V{bottom:.1f}"/>',
                  text(x, bottom + 18, f"{mark:g}", "soft", "middle")]
    y = HEADER
    for colour, heading, rows in groups:
        lines.append(text(MARGIN, y + ROW - 8, heading, "title"))
        y += ROW
        for row in rows:
            lines += _bar(row, costs, base, across, colour, y)
            y += ROW
        y += GAP
    return "\n".join([*lines, "</svg>"]) + "\n"


def _bar(row, costs, base, across, colour, y):
    cost = costs[row["name"]]
    start, end = across(min(base, cost)), across(cost)
    yield text(MARGIN + 14, y + ROW / 2 + 4, row["title"].replace("`", ""))
    yield f'<rect class="base" x="{across(0):.1f}" y="{y + 4}" width="{start - across(0):.1f}" height="{ROW - 8}"/>'
    yield f'<rect x="{start:.1f}" y="{y + 4}" width="{max(end - start, 0):.1f}" height="{ROW - 8}" fill="{colour}"/>'
    share = f", {cost / costs[EMPTY]:.2f} ×" if EMPTY in costs else ""
    yield text(end + 7, y + ROW / 2 + 4, f"{cost / 1000:.0f}{share}")
