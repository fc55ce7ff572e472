"""The gates: what a request may cost at most, judged on what a run has found."""

import statistics

from rows import EMPTY
from scale import key_kib
from steady import ORDERS

# How many times the cost of the stock SDK's empty filter, at most.
MOST = {
    "allowing": 1.41, "two-plans": 1.45, "joined": 1.30, "headers": 1.55, "spent": 1.40, "forged": 1.40,
    "two-workers-20000": 1.45,
    "native-allowing": 1.10, "native-headers": 1.20, "native-spent": 1.05, "native-forged": 1.05,
    "native-two-plans": 1.12, "native-two-workers": 1.12, "native-two-workers-20000": 1.12,
}
# Of the same request that Envoy counts by itself.
MOST_OF_LOCAL = {"fleet": ("plenty", 1.08), "fleet-headers": ("plenty-headers", 1.08)}
# Of the same request with most keys and with one.
MOST_OF_ONE_KEY = 1.02
MOST_KIB_OF_A_KEY = 0.45
EXACT = ["accuracy-wasm", "accuracy-native"]
# Of a steady N a second, where workers reserve.
MOST_LOST = 0.01


def medians(results):
    """The instructions of a request by the name of the row."""
    return {row["name"]: statistics.median(row["instructions"]) for row in results["rows"]}


def gates(results):
    """Each gate: a sentence, and whether it holds; None where its row was not measured."""
    costs = medians(results)
    titles = {row["name"]: f"{row['group']}, {row['title']}" for row in results["rows"]}
    for name, most in MOST.items():
        if name in costs and EMPTY in costs:
            share = costs[name] / costs[EMPTY]
            yield f"{titles[name]}: {share:.3f} × the stock SDK's empty filter, at most {most:.2f}", share <= most
        else:
            yield f"{name}: at most {most:.2f} × the stock SDK's empty filter", None
    for name, (local, most) in MOST_OF_LOCAL.items():
        if name in costs and local in costs:
            share = costs[name] / costs[local]
            yield f"{titles[name]}: {share:.3f} × {titles[local]}, at most {most:.2f}", share <= most
        else:
            yield f"{name}: at most {most:.2f} × {local}", None
    yield from _accuracy(results)
    yield from _steady(results["steady"])
    yield from _scale(results["scale"])


def _accuracy(results):
    found = {row["name"]: row for row in results["accuracy"]}
    for name in EXACT:
        if name not in found:
            yield f"{name}: never more than N in a second", None
            continue
        row = found[name]
        most = max(row[situation]["busiest"] for situation in ("flood", "edges"))
        yield f"{row['title']}: {most} of N = {row['limit']} in the busiest second", most <= row["limit"]


def _steady(rows):
    if not rows:
        yield f"a steady N over 8 workers: at most {MOST_LOST:.0%} is lost, never more than N in a second", None
    for row in rows:
        for found in row["limits"]:
            orders = [found[name] for name in ORDERS]
            lost = max(order["refused"] / order["offered"] for order in orders)
            most = max(order["busiest"] for order in orders)
            yield (f"{row['title']}, a steady N = {found['limit']:,} over 8 workers: {lost:.2%} lost, at most "
                   f"{MOST_LOST:.0%}; {most:,} in the busiest second"), lost <= MOST_LOST and most <= found["limit"]


def _scale(rows):
    if len(rows) < 2:
        yield f"most keys: at most {MOST_OF_ONE_KEY} × one key, {MOST_KIB_OF_A_KEY} KiB a key and VM", None
        return
    first, last = rows[0], rows[-1]
    share = statistics.median(last["instructions"]) / statistics.median(first["instructions"])
    yield f"{last['keys']:,} keys: {share:.3f} × one key, at most {MOST_OF_ONE_KEY}", share <= MOST_OF_ONE_KEY
    memory = key_kib(last, first)
    yield f"{memory:.2f} KiB a key and VM, at most {MOST_KIB_OF_A_KEY}", memory <= MOST_KIB_OF_A_KEY
