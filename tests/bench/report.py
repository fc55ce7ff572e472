"""The tables of docs/cost.md, made from what a run has found."""

import re
import statistics

from gates import medians
from rows import EMPTY
from scale import configure_seconds, key_kib
from steady import ORDERS

BEGIN = "<!-- {}: written by `make cost` from cost.json -->"
END = "<!-- end of {} -->"
# Fewer take less time and memory than two starts of Envoy differ by.
ENOUGH_KEYS = 10_000
PREFIX = {"yardstick": "", "wasm": "ours: ", "native": "ours, native: ", "other": ""}


def tables(results):
    """The Markdown of each section by its name."""
    made = {"costs": _costs, "accuracy": _accuracy, "steady": _steady, "scale": _scale, "hostile": _hostile}
    return {name: "\n".join(make(results)) for name, make in made.items()}


def _thousands(value):
    return f"{value / 1000:.1f} k"


def _costs(results):
    costs = medians(results)
    yield "| a request, direct response | instructions | lowest to highest | × empty filter |\n|---|---:|---:|---:|"
    for row in results["rows"]:
        if row["group"] == "hostile":
            continue
        share = f"{costs[row['name']] / costs[EMPTY]:.2f}" if EMPTY in costs else "–"
        lowest, highest = min(row["instructions"]), max(row["instructions"])
        yield (f"| {PREFIX[row['group']]}{row['title']} | {_thousands(costs[row['name']])} "
               f"| {lowest / 1000:.1f} to {highest / 1000:.1f} | {share} |")
    runs = f"the median of {results['runs']} runs" if results["runs"] > 1 else "one run"
    yield f"\nEnvoy {results['envoy']}; {runs} of {results['counted']} requests."


def _accuracy(results):
    yield ("| what limits, with two workers | most in a second ÷ N, flood | around the edges of seconds "
           "| sent in the flood |\n|---|---:|---:|---:|")
    for row in results["accuracy"]:
        shares = [f"{row[situation]['busiest'] / row['limit']:.2f}" for situation in ("flood", "edges")]
        yield f"| {row['title']} | {shares[0]} | {shares[1]} | {row['flood']['sent']:,} |"


def _steady(results):
    yield ("| a steady N over eight workers | N | lost, workers in turn | lost, workers by chance "
           "| most in a second ÷ N |\n|---|---:|---:|---:|---:|")
    for row in results["steady"]:
        for found in row["limits"]:
            orders = [found[name] for name in ORDERS]
            lost = [f"{order['refused'] / order['offered']:.2%}".replace("%", " %") for order in orders]
            most = max(order["busiest"] for order in orders) / found["limit"]
            yield f"| {row['title']} | {found['limit']:,} | {lost[0]} | {lost[1]} | {most:.4f} |"


def _scale(results):
    yield ("| keys | document | instructions | CPU to ready | memory | a further worker: memory "
           "| `on_configure` of a VM | memory a key and VM |\n|---:|---:|---:|---:|---:|---:|---:|---:|")
    for row in results["starts"]:
        yield (f"| {row['title']} | – | – | {row['ready_cpu_seconds']:.2f} s | {row['memory_kib'] / 1024:.0f} MiB "
               f"| {row['worker_memory_kib'] / 1024:.1f} MiB | – | – |")
    for row in results["scale"]:
        first = results["scale"][0]
        tells = row["keys"] >= ENOUGH_KEYS
        configure = f"{configure_seconds(row, first) * 1000:.0f} ms" if tells else "–"
        key = f"{key_kib(row, first):.2f} KiB" if tells else "–"
        yield (f"| {row['keys']:,} | {row['document_bytes'] / 2**20:.2f} MiB "
               f"| {_thousands(statistics.median(row['instructions']))} | {row['ready_cpu_seconds']:.2f} s "
               f"| {row['memory_kib'] / 1024:.0f} MiB | {row['worker_memory_kib'] / 1024:.1f} MiB "
               f"| {configure} | {key} |")


def _hostile(results):
    costs = medians(results)
    yield "| a hostile request | bytes | instructions without the filter | with it | × |\n|---|---:|---:|---:|---:|"
    for row in results["rows"]:
        if row["group"] != "hostile" or row["beside"] not in costs:
            continue
        without, with_filter = costs[row["beside"]], costs[row["name"]]
        yield (f"| {row['title']} | {row['bytes']} | {without / 1000:.0f} k | {with_filter / 1000:.0f} k "
               f"| {with_filter / without:.2f} |")


def written(page, results):
    """The page with its marked sections made anew."""
    for name, table in tables(results).items():
        begin, end = BEGIN.format(name), END.format(name)
        section = f"{begin}\n\n{table}\n\n{end}"
        between = rf"{re.escape(begin)}\n.*?{re.escape(end)}"
        page, number = re.subn(between, lambda _, made=section: made, page, flags=re.DOTALL)
        if number != 1:
            raise SystemExit(f"docs/cost.md has {number} sections `{begin}`")
    return page
