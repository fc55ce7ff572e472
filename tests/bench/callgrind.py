#!/usr/bin/env python3
"""What a request costs: instructions of the whole Envoy, counted by callgrind, as a Markdown table.

    ENVOY=/path/to/envoy RUNS=3 tests/bench/callgrind.py

Callgrind runs Envoy, V8 and the compiled filter, and counts what they execute in user mode: numbers that repeat to
1 % on any machine, however busy. Each scenario gets its own Envoy with one worker. It sends 2,000 requests so that V8
has compiled what it will compile, and 500 that are counted, all on one connection. Exits with 1 when a response is not
what the scenario says, or when a gate at the foot of the table does not hold.
"""

import base64
import collections
import dataclasses
import email.utils
import hmac
import json
import os
import pathlib
import re
import signal
import statistics
import string
import subprocess
import sys
import textwrap
import time

sys.dont_write_bytecode = True  # nothing but sources in this folder
import proxy  # noqa: E402

WARM_UP, COUNTED = 2000, 500
MOST_OF_EMPTY = 1.45
HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
SHIPPED = REPOSITORY / "envoy" / "envoy.yaml"
DOCUMENT = json.loads((HERE / "usage-plan.json").read_text(encoding="utf-8"))


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One row of the table: what runs in Envoy, what is asked, what must come back."""

    title: str
    package: str | None = "envoy-usage-plan"
    limit: int = 1_000_000
    limit_headers: bool = True
    path: str = "/"
    forged: bool = False
    status: int = 200
    outcome: str | None = "allowed"
    # Whether the module may do only what `envoy/envoy.yaml` allows, or anything.
    restricted: bool = True
    # The count is cut into slices. Before each, the plan of one request a second is used up again.
    slices: int = 1
    # At most this many requests a second, so that the plan is nearly used up in any second, and never quite.
    pace: int | None = None
    # What a hostile caller sends: another host, more header fields, its own credential, more signed fields.
    host: str = "orders.example.com"
    fields: tuple = ()
    credential: str | None = None
    algorithm: str = "sha1"
    warm_up: int = WARM_UP
    counted: int = COUNTED

    def document(self):
        """The filter's configuration."""
        document = json.loads(json.dumps(DOCUMENT))
        document["usage_plans"][0]["max_requests_per_second"] = self.limit
        if not self.limit_headers:
            document["options"] = {"rate_limit_headers": []}
        return document

    def request(self):
        """A request signed now, with the key or with a wrong one."""
        key = DOCUMENT["keys"][0]
        secret = "another-secret-key" if self.forged else key["secret_key"]
        signed = {"x-date": email.utils.formatdate(usegmt=True), "source": "bench", **dict(self.fields)}
        text = "\n".join(f"{name}: {value}" for name, value in signed.items())
        signature = base64.b64encode(hmac.digest(secret.encode(), text.encode(), self.algorithm)).decode()
        authorization = self.credential or (
            f'hmac id="{key["secret_id"]}", algorithm="hmac-{self.algorithm}", headers="{" ".join(signed)}", '
            f'signature="{signature}"')
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {self.host}", "User-Agent: curl/8.5.0", "Accept: */*",
                 *(f"{name}: {value}" for name, value in signed.items()), f"Authorization: {authorization}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


NO_FILTER = Scenario("no filter", package=None, outcome=None)
EMPTY = Scenario("empty wasm filter, stock SDK", package="empty-filter", outcome=None, restricted=False)
EMPTY_RESTRICTED = Scenario("the same, with our list of capabilities", package="empty-filter", outcome=None)
ALLOWING_BARE = Scenario("ours, allowing, no limit headers", limit_headers=False)
ALLOWING = Scenario("ours, allowing, limit headers")
ALLOWING_PREFIX = Scenario("ours, allowing, limit headers, `/release/` removed from the path", path="/release/")
ALLOWING_FULL = Scenario("ours, allowing, limit headers, most of a plan of 256 a second used", limit=256, pace=240)
SPENT = Scenario("ours, refusing over a limit (429)", limit=1, status=429, outcome="rate_limited", slices=10)
FORGED = Scenario("ours, refusing a forged signature (401)", forged=True, status=401, outcome="signature_mismatch")
SCENARIOS = [NO_FILTER, EMPTY, EMPTY_RESTRICTED, ALLOWING_BARE, ALLOWING, ALLOWING_PREFIX, ALLOWING_FULL, SPENT, FORGED]


def hostile(title, status, outcome, **request):
    """A large request, without the filter and with it. It costs so much that fewer are enough."""
    few = {"warm_up": 300, "counted": 50, **request}
    return (Scenario(title, package=None, outcome=None, **few), Scenario(title, status=status, outcome=outcome, **few))


# The dearest requests of classes in tests/vectors/attacks/.
HOSTILE = [
    hostile("a host of 50,000 bytes", 404, "service_not_found", host="a." * 25_000),
    hostile("a path of 10,000 segments", 200, "allowed", path="/" + "a/" * 10_000),
    hostile("a path of 10,000 escapes", 200, "allowed", path="/" + "%41" * 10_000),
    hostile("53,000 spaces in the list of signed headers", 401, "signed_header_missing",
            credential=f'hmac id="AKIDbench0001", algorithm="hmac-sha1", headers="x-date{" " * 53_000}h0", signature="eA=="'),
    hostile("50,000 commas in the credential", 401, "credential_malformed", credential="hmac " + "," * 50_000),
    hostile("12 signed headers of 4 KiB, forged with HMAC-SHA256", 401, "signature_mismatch", forged=True,
            algorithm="sha256", fields=tuple((f"h{i}", "v" * 4096) for i in range(12))),
    hostile("25 signed headers", 200, "allowed", fields=tuple((f"h{i}", "v") for i in range(25))),
]


def build():
    """Builds both modules and returns the folder they are in."""
    metadata = subprocess.run(["cargo", "metadata", "--no-deps", "--format-version", "1"],
                              check=True, capture_output=True, cwd=REPOSITORY)
    packages = [part for name in ("envoy-usage-plan", "empty-filter") for part in ("--package", name)]
    subprocess.run(["cargo", "build", "--release", "--lib", "--target", "wasm32-wasip1", *packages],
                   check=True, cwd=REPOSITORY, stdout=sys.stderr)
    return pathlib.Path(json.loads(metadata.stdout)["target_directory"], "wasm32-wasip1", "release")


def shipped_capabilities():
    """What the shipped configuration allows a module to export and import; None when it restricts nothing."""
    text = SHIPPED.read_text(encoding="utf-8")
    if not re.search(r"^\s*capability_restriction_config:", text, re.MULTILINE):
        return None
    block = re.search(r"^( *)allowed_capabilities:\n((?:\1 +\S.*\n|\s*\n)+)", text, re.MULTILINE)
    names = re.findall(r"^ *(\w+): *\{ *\}", block.group(2), re.MULTILINE) if block else []
    if not names:
        raise SystemExit(f"cannot read capability_restriction_config in {SHIPPED}")
    return names


def envoy_configuration(scenario, modules, capabilities):
    """Envoy's configuration for a scenario. Scenarios differ in the module and in what it may do."""
    template = string.Template((HERE / "envoy.yaml").read_text(encoding="utf-8"))
    if scenario.package is None:
        return template.substitute(filter="")
    allowed = (capabilities or []) if scenario.restricted else []
    wasm = string.Template((HERE / "wasm.yaml").read_text(encoding="utf-8")).substitute(
        module=json.dumps(str(modules / f"{scenario.package.replace('-', '_')}.wasm")),
        capabilities=json.dumps({"allowed_capabilities": {name: {} for name in allowed}}),
        document=json.dumps(json.dumps(scenario.document())))
    return template.substitute(filter=textwrap.indent(wasm, " " * 18))


class Caller:
    """Sends the request of a scenario repeatedly, and accepts only the response of the scenario."""

    def __init__(self, scenario, connection):
        self._scenario, self._connection = scenario, connection
        self._request = scenario.request()
        self._next = time.monotonic()
        self.statuses = collections.Counter()

    def send(self, *accepted):
        """One request; ends the program unless the status is one of `accepted`."""
        if self._scenario.pace:
            time.sleep(max(0, self._next - time.monotonic()))
            self._next = time.monotonic() + 1 / self._scenario.pace
        answer = self._connection.send(self._request)
        self.statuses[answer.status] += 1
        if answer.status not in accepted:
            raise SystemExit(f"{self._scenario.title}: {answer.status} instead of {accepted}: {answer.body!r}")
        if answer.status == 200 and self._scenario.outcome:
            if ("x-usageplan-ratelimit" in answer.headers) != self._scenario.limit_headers:
                raise SystemExit(f"{self._scenario.title}: not the limit headers asked for: {answer.headers}")
        return answer

    def warm_up(self):
        """Sends the requests that are not counted."""
        also = {200} if self._scenario.slices > 1 else set()
        for _ in range(self._scenario.warm_up):
            answer = self.send(self._scenario.status, *also)
        if self._scenario.pace:
            remaining = int(answer.headers["x-usageplan-ratelimit"].partition("/")[0])
            if remaining * 4 > self._scenario.limit:
                raise SystemExit(f"{self._scenario.title}: {remaining} are left, this machine is too slow")

    def count(self, envoy):
        """Instructions per request."""
        size = self._scenario.counted // self._scenario.slices
        return sum(self._slice(envoy, size) for _ in range(self._scenario.slices)) / self._scenario.counted

    def _slice(self, envoy, size):
        if self._scenario.slices == 1:
            envoy.start_counting()
            for _ in range(size):
                self.send(self._scenario.status)
            return envoy.instructions()
        for _ in range(10):
            spent_at = self._spend()
            envoy.start_counting()
            if all(self.send(self._scenario.status, 200).status != 200 for _ in range(size)):
                return envoy.instructions()
            if time.monotonic() - spent_at < 1:
                raise SystemExit(f"{self._scenario.title}: two requests were admitted in one second")
        raise SystemExit(f"{self._scenario.title}: {size} requests take more than a second on this machine")

    def _spend(self):
        while True:
            before = time.monotonic()
            if self.send(self._scenario.status, 200).status == 200:
                return before


def check_outcomes(scenario, statuses, stats):
    """The filter's own metrics must account for every response: it was in the path, and did what the row says."""
    counted = {outcome: int(value) for outcome, value in re.findall(r"\.outcome=(\w+): (\d+)$", stats, re.MULTILINE)}
    counted = {outcome: value for outcome, value in counted.items() if value}
    names = {200: "allowed", scenario.status: scenario.outcome}
    expected = {names[status]: number for status, number in statuses.items()} if scenario.outcome else {}
    if counted != expected:
        raise SystemExit(f"{scenario.title}: the filter counted {counted}, responses were {expected}")


def check_machines(scenario, stats):
    """Every virtual machine must run: a worker without one serves without the filter."""
    active = re.search(r"^wasm\..*\.active: (\d+)$", stats, re.MULTILINE)
    machines = int(active.group(1)) if active else 0
    # the one that others are cloned from, the main thread's and the worker's
    if machines != (3 if scenario.package else 0):
        raise SystemExit(f"{scenario.title}: {machines} virtual machines are active")


def measure(scenario, binary, modules, capabilities):
    """Instructions per request in a fresh Envoy."""
    with proxy.Envoy(binary, envoy_configuration(scenario, modules, capabilities)) as envoy:
        connection = envoy.connect()
        caller = Caller(scenario, connection)
        caller.warm_up()
        envoy.instrument()
        cost = caller.count(envoy)
        connection.close()
        check_outcomes(scenario, caller.statuses, envoy.admin("/stats?filter=usage_plan_requests"))
        check_machines(scenario, envoy.admin("/stats?filter=^wasm%5C."))
    print(f"{scenario.title}: {cost:,.0f}", file=sys.stderr, flush=True)
    return cost


def gates(costs):
    """The gates: each is a sentence, and whether it holds."""
    share = costs[ALLOWING_BARE] / costs[EMPTY]
    sentence = f"allowing without limit headers: {share:.2f} × the stock SDK's empty filter, at most {MOST_OF_EMPTY}"
    yield sentence, share <= MOST_OF_EMPTY
    for refusing in (SPENT, FORGED):
        # both scenarios run the same document, except for the limit
        share = costs[refusing] / costs[ALLOWING]
        yield f"{refusing.title}: {share:.2f} × allowing with limit headers, at most 1", share <= 1


def main():
    """Measures, prints the table, and exits 1 when a gate does not hold."""
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, _: sys.exit(128 + number))
    runs = int(os.environ.get("RUNS", "1"))
    proxy.require_valgrind()
    binary = proxy.require_envoy()
    banner = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout
    version = banner.partition("version:")[2].split("/")[1]
    modules, capabilities = build(), shipped_capabilities()

    def cost(scenario):
        return statistics.median(measure(scenario, binary, modules, capabilities) for _ in range(runs))

    costs = {scenario: cost(scenario) for scenario in SCENARIOS}
    hostile_costs = [(with_filter, len(with_filter.request()), cost(without), cost(with_filter))
                     for without, with_filter in HOSTILE]

    allowed = "are not restricted" if capabilities is None else (
        f"may do the {len(capabilities)} things that `envoy/envoy.yaml` allows (callbacks: "
        f"{', '.join(f'`{name}`' for name in capabilities if name.startswith('proxy_on_'))})")
    print(f"Envoy {version}, one worker, {COUNTED} requests counted after {WARM_UP:,}, median of {runs}. "
          f"Modules run in V8 with FAIL_RELOAD; but for the first, they {allowed}.\n")
    print("| a request, direct response | instructions | × empty filter | × empty, same list |\n|---|---:|---:|---:|")
    for scenario, cost in costs.items():
        shares = " | ".join(f"{cost / costs[empty]:.2f}" for empty in (EMPTY, EMPTY_RESTRICTED))
        print(f"| {scenario.title} | {cost / 1000:.1f} k | {shares} |")
    print("\n| a hostile request | bytes | instructions without the filter | with it | × |\n|---|---:|---:|---:|---:|")
    for scenario, size, without, with_filter in hostile_costs:
        print(f"| {scenario.title} | {size} | {without / 1000:.0f} k | {with_filter / 1000:.0f} k "
              f"| {with_filter / without:.2f} |")
    print()
    verdicts = list(gates(costs))
    for sentence, holds in verdicts:
        print(f"- {'holds' if holds else 'FAILS'}: {sentence}")
    sys.exit(0 if all(holds for _, holds in verdicts) else 1)


if __name__ == "__main__":
    main()
