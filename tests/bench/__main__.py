"""What a request costs: instructions, counted by callgrind; accuracy; and what many keys cost. See README.md.

    tests/bench [measure]     measures, writes target/bench/bench.json and prints tables and gates
    tests/bench publish       writes docs/cost.json and what is made from it, of the last measurement of all rows
    tests/bench check         fails when docs/cost.md or docs/cost.svg is not what docs/cost.json says

Of measure, in the environment: ROWS, names and patterns of rows, such as `allowing native-* accuracy-* keys-1000`;
REPEAT, how often each is measured (3); ENVOY, its path. It exits with 1 when a row fails or a gate does not hold.
"""

import concurrent.futures
import fnmatch
import json
import os
import pathlib
import signal
import sys

sys.dont_write_bytecode = True  # nothing but sources in this folder

import chart  # noqa: E402
import report  # noqa: E402
from accuracy import LIMITERS, accuracy  # noqa: E402
from configuration import REPOSITORY  # noqa: E402
from failure import Failed  # noqa: E402
from gates import gates  # noqa: E402
from measure import measure  # noqa: E402
from rows import EMPTY, ROWS  # noqa: E402
from scale import KEYS, YARDSTICKS, at_start, scale, scenario  # noqa: E402
from steady import PLANS, steady  # noqa: E402
from tools import Tools  # noqa: E402

DOCS = REPOSITORY / "docs"
DATA, PAGE, PICTURE = DOCS / "cost.json", DOCS / "cost.md", DOCS / "cost.svg"


class Bench:
    """One run of the bench: what is selected, and what was found."""

    def __init__(self, patterns, runs):
        names = [row.name for row in (*ROWS, *LIMITERS, *PLANS, *YARDSTICKS, *map(scenario, KEYS))]
        for pattern in patterns:
            if not fnmatch.filter(names, pattern):
                raise SystemExit(f"no row is named `{pattern}`; the rows are {', '.join(names)}")
        self._patterns, self._runs = patterns, runs
        self._tools = Tools()
        self.results = {
            "envoy": self._tools.envoy_version(), "runs": runs, "all_rows": not patterns, "counted": ROWS[0].counted,
            "module_bytes": {name: path.stat().st_size for name, path in self._tools.modules.items()},
            "failed": [], "not_measured": {}, "rows": [], "accuracy": [], "steady": [], "starts": [], "scale": [],
        }

    def _is_selected(self, name):
        # Ratios are those to the empty filter.
        return name == EMPTY or not self._patterns or any(fnmatch.fnmatch(name, part) for part in self._patterns)

    def _selected(self, rows):
        for row in rows:
            missing = self._tools.missing(row)
            if self._is_selected(row.name) and missing:
                self.results["not_measured"][row.name] = missing
            elif self._is_selected(row.name):
                yield row

    def _attempt(self, name, work, *arguments):
        """What `work` returns, or None when the row failed, which is said at once and at the end."""
        try:
            found = work(*arguments)
        except Failed as failure:
            print(f"FAILED {name}: {failure}", file=sys.stderr, flush=True)
            self.results["failed"].append(name)
            return None
        print(f"{name}: {found}", file=sys.stderr, flush=True)
        return found

    def costs(self):
        """Measures the rows side by side: what is counted does not depend on what else runs."""
        rows = list(self._selected(ROWS))
        pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
        try:
            found = [[pool.submit(self._attempt, row.name, measure, row, self._tools) for _ in range(self._runs)]
                     for row in rows]
            for row, runs in zip(rows, found):
                self._add(row, [run.result() for run in runs])
        finally:
            # Of a bench that is interrupted, nothing more is begun.
            pool.shutdown(cancel_futures=True)

    def _add(self, row, runs):
        if None in runs:
            return
        self._add_row(row, row.name, row.title, [envoy for envoy, _ in runs])
        if runs[0][1] is not None:
            both = [envoy + authority for envoy, authority in runs]
            self._add_row(row, f"{row.name}-whole", "the same, with what its Rust server executes", both)

    def _add_row(self, row, name, title, instructions):
        self.results["rows"].append({
            "name": name, "title": title, "group": row.group, "beside": row.beside,
            "bytes": len(row.requests()[0]), "instructions": [round(value) for value in instructions]})

    def accuracy(self):
        """Floods each limiter, one after the other."""
        for row in self._selected(LIMITERS):
            found = self._attempt(row.name, accuracy, row, self._tools, self._runs)
            if found:
                self.results["accuracy"].append({"name": row.name, "title": row.title, "limit": row.limit, **found})

    def steady(self):
        """Offers each module what its plan admits, once: this repeats to the request."""
        for row in self._selected(PLANS):
            found = self._attempt(row.name, steady, row, self._tools)
            if found:
                self.results["steady"].append({"name": row.name, "title": row.title, "limits": found})

    def scale(self):
        """Starts Envoy without a module of ours, and with many keys, one number of them after the other."""
        for row in self._selected(YARDSTICKS):
            found = self._attempt(row.name, at_start, row, self._tools, self._runs)
            if found:
                self.results["starts"].append({"name": row.name, "title": row.title, **found})
        for keys in KEYS:
            name = scenario(keys).name
            if self._is_selected(name):
                found = self._attempt(name, scale, keys, self._tools, self._runs)
                self.results["scale"].extend([found] if found else [])

    def write(self):
        """Writes the results for `publish`."""
        path = self._tools.folder / "bench.json"
        path.write_text(as_json(self.results), encoding="utf-8")
        print(f"written: {path}", file=sys.stderr)


def as_json(results):
    """The text of the file of results."""
    return json.dumps(results, indent=1, ensure_ascii=False) + "\n"


def show(results):
    """Prints the tables and the gates, and returns whether all is well."""
    for table in report.tables(results).values():
        # Of a selection, a table may have no row.
        if table.count("\n") > 1:
            print(f"{table}\n")
    for name, why in results["not_measured"].items():
        print(f"- not measured: {name}: {why}")
    for name in results["failed"]:
        print(f"- FAILED: {name}")
    verdicts = list(gates(results))
    for sentence, holds in verdicts:
        # Of a selection, only what was selected is judged.
        if holds is not None or results["all_rows"]:
            print(f"- {'holds' if holds else 'NOT MEASURED' if holds is None else 'FAILS'}: {sentence}")
    judged = [holds for _, holds in verdicts if holds is not None or results["all_rows"]]
    return not results["failed"] and all(judged)


def run():
    """Measures what is selected."""
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, _: sys.exit(128 + number))
    bench = Bench(os.environ.get("ROWS", "").split(), int(os.environ.get("REPEAT") or 3))
    bench.costs()
    bench.accuracy()
    bench.steady()
    bench.scale()
    bench.write()
    return show(bench.results)


def publish():
    """Writes the docs of the last measurement of all rows."""
    path = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target", "bench", "bench.json")
    results = json.loads(path.read_text(encoding="utf-8"))
    if not results["all_rows"] or results["failed"]:
        raise SystemExit(f"{path} has a selection of rows, or some failed: measure all of them first")
    DATA.write_text(as_json(results), encoding="utf-8")
    PAGE.write_text(report.written(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
    PICTURE.write_text(chart.drawn(results), encoding="utf-8")
    return True


def check():
    """Whether the docs are what the data says."""
    results, page = json.loads(DATA.read_text(encoding="utf-8")), PAGE.read_text(encoding="utf-8")
    same = {PAGE: report.written(page, results) == page,
            PICTURE: chart.drawn(results) == PICTURE.read_text(encoding="utf-8")}
    for path in (path for path, is_same in same.items() if not is_same):
        print(f"{path.relative_to(REPOSITORY)} is not what docs/cost.json says: make cost", file=sys.stderr)
    return all(same.values())


def main():
    """Does what the command line says."""
    commands = {"measure": run, "publish": publish, "check": check}
    asked = sys.argv[1:] or ["measure"]
    if len(asked) != 1 or asked[0] not in commands:
        raise SystemExit(__doc__)
    sys.exit(0 if commands[asked[0]]() else 1)


if __name__ == "__main__":
    main()
