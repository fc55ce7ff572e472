"""Counts the instructions of one scenario in a fresh Envoy, and checks that what was counted is what the row says."""

import collections
import re

from configuration import configuration
from connection import Connection
from failure import Failed
from process import Authority, Engine, Envoy, costs
from scenario import OURS, OURS_NATIVE

# What shows that a filter of Envoy's own has judged every request: a counter of its, by name.
WITNESSES = {
    "api-key-auth": "http.ingress.api_key_auth.allowed",
    "local-ratelimit": "local.http_local_rate_limit.ok",
    "lua": "http.ingress.lua.executions",
    "ext-authz": "http.ingress.ext_authz.ok",
}
# Of so many requests with tokens in hand, at most one asks for more.
REQUESTS_A_CALL = 100


class Callers:
    """Sends the requests of a scenario in turn over its connections, and accepts only the responses of the scenario."""

    def __init__(self, scenario, envoy):
        self._scenario, self._envoy = scenario, envoy
        port = envoy.port()
        self._connections = [Connection(port) for _ in range(scenario.workers)]
        self._requests = scenario.requests()
        self._sent = 0
        self.statuses = collections.Counter()

    def send(self, *accepted):
        """One request; fails unless the status is one of `accepted`."""
        scenario = self._scenario
        self._envoy.clock.advance(scenario.step())
        connection = self._connections[self._sent % len(self._connections)]
        answer = connection.send(self._requests[self._sent % len(self._requests)])
        self._sent += 1
        self.statuses[answer.status] += 1
        if answer.status not in accepted:
            raise Failed(f"{scenario.name}: {answer.status} instead of {accepted}: {answer.body!r}")
        return answer

    def warm_up(self):
        """Sends the requests that are not counted."""
        scenario = self._scenario
        if scenario.fleet:
            # Tokens are of one second, and near its end few are taken.
            self._envoy.clock.begin_second()
        for number in range(scenario.warm_up):
            # Before a plan is used up, it admits.
            answer = self.send(scenario.status, *([200] if number < scenario.limit * scenario.plans else []))
        check_limit_headers(scenario, answer)
        if scenario.most_left is not None:
            remaining = int(answer.headers["x-usageplan-ratelimit"].partition("/")[0])
            if remaining > scenario.limit * scenario.most_left:
                raise Failed(f"{scenario.name}: {remaining} of {scenario.limit} are left")

    def count(self):
        """Sends the requests that are counted."""
        for _ in range(self._scenario.counted):
            self.send(self._scenario.status)

    def is_refused(self):
        """Whether a forged request is refused."""
        return self._connections[0].send(self._scenario.request(0, forged=True)).status in (401, 403)

    def close(self):
        """Ends the connections."""
        for connection in self._connections:
            connection.close()


def check_limit_headers(scenario, answer):
    """The answer must have the limit headers that the row is about, and no others."""
    ours = "x-usageplan-ratelimit" in answer.headers
    envoys = "x-ratelimit-limit" in answer.headers
    if scenario.outcome in ("allowed", None) and (ours, envoys) != (
            scenario.limit_headers and scenario.outcome is not None, scenario.x_ratelimit != "OFF"):
        raise Failed(f"{scenario.name}: not the limit headers asked for: {answer.headers}")


def check_outcomes(scenario, statuses, envoy):
    """The filter's own metrics must account for every response: it was in the path, and did what the row says.

    /stats spells labels as `outcome=allowed`, or as `outcome.allowed` where Envoy knows that they are labels.
    """
    stats = envoy.admin("/stats?filter=usage_plan_requests")
    counted = collections.Counter()
    for outcome, value in re.findall(r"\.outcome[=.](\w+): (\d+)$", stats, re.MULTILINE):
        counted[outcome] += int(value)
    names = {200: "allowed", scenario.status: scenario.outcome}
    expected = {names[status]: number for status, number in statuses.items()} if scenario.outcome else {}
    if +counted != expected:
        raise Failed(f"{scenario.name}: the filter counted {dict(+counted)}, responses were {expected}")


def check_machines(scenario, envoy):
    """Every virtual machine must run: a worker without one serves without the filter."""
    active = re.search(r"^wasm\..*\.active: (\d+)$", envoy.admin("/stats?filter=^wasm%5C."), re.MULTILINE)
    machines = int(active.group(1)) if active else 0
    # the one that others are cloned from, the main thread's and the workers'
    if machines != (scenario.workers + 2 if "wasm" in scenario.filters else 0):
        raise Failed(f"{scenario.name}: {machines} virtual machines are active")


def check_workers(scenario, envoy):
    """Each worker must have one connection, or the row is not about several."""
    stats = envoy.admin(r"/stats?filter=^listener%5C..*worker_%5Cd%2B%5C.downstream_cx_active$")
    active = re.findall(r"worker_\d+\.downstream_cx_active: (\d+)$", stats, re.MULTILINE)
    if active != ["1"] * scenario.workers:
        raise Failed(f"{scenario.name}: the workers have these connections: {active}")


def calls(envoy):
    """How often an engine was asked, by result."""
    stats = envoy.admin("/stats?filter=usage_plan_engine_calls")
    found = re.findall(r"\.result[=.](\w+): (\d+)$", stats, re.MULTILINE)
    return collections.Counter({result: int(number) for result, number in found})


def check_calls(scenario, before, envoy):
    """An engine must have granted tokens, so many at a time that the requests that are counted find them there."""
    after = calls(envoy)
    asked = after - before
    if {*after} != {"granted"} or asked["granted"] > scenario.counted / REQUESTS_A_CALL:
        raise Failed(f"{scenario.name}: the engine was asked {dict(asked)} times for {scenario.counted} requests")


def check_others(scenario, callers, envoy):
    """What Envoy has of its own must have judged each request, and must refuse a forged one."""
    sent = sum(callers.statuses.values())
    for part in scenario.filters:
        witness = WITNESSES.get(part)
        if witness and f"{witness}: {sent}\n" not in envoy.admin(f"/stats?filter=^{witness}$"):
            raise Failed(f"{scenario.name}: {witness} is not {sent}")
    if {"api-key-auth", "lua", "ext-authz"} & {*scenario.filters} and not callers.is_refused():
        raise Failed(f"{scenario.name}: a forged request was let through")


def measure(scenario, tools):
    """Instructions of a request in Envoy, and in the authority where it asks one, else None."""
    if scenario.fleet:
        with Engine(tools.command_line) as engine:
            cost, = _measure(scenario, tools, [], engine.port())
            return cost, None
    if "ext-authz" not in scenario.filters:
        cost, = _measure(scenario, tools, [])
        return cost, None
    with Authority(tools.authority, scenario.limit, tools.clock) as authority:
        return _measure(scenario, tools, [authority])


def _measure(scenario, tools, authorities, engine=None):
    ports = [authority.port() for authority in authorities]
    text = configuration(scenario, tools.modules, *ports, engine=engine)
    with Envoy(tools.envoy, text, scenario.workers, tools.clock) as envoy:
        callers = Callers(scenario, envoy)
        callers.warm_up()
        calls_before = calls(envoy)
        instructions = costs([envoy, *authorities], callers.count)
        if scenario.package in (OURS, OURS_NATIVE):
            check_outcomes(scenario, callers.statuses, envoy)
        if scenario.fleet:
            check_calls(scenario, calls_before, envoy)
        check_machines(scenario, envoy)
        check_workers(scenario, envoy)
        check_others(scenario, callers, envoy)
        callers.close()
    return [total / scenario.counted for total in instructions]
