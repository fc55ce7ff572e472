"""The second table: how many requests each limiter lets through in the busiest second, on a plan of N a second.

Envoy runs as it is, with two workers. `flood` sends and counts; see flood.rs for what it counts.
"""

import json
import subprocess

from configuration import configuration
from failure import Failed
from process import Authority, Envoy
from scenario import OURS_NATIVE, Scenario

LIMIT = 100
# How long a flood lasts, and at how many edges of seconds there is load.
SITUATIONS = {"flood": 5, "edges": 5}
# A flood that does not offer so much more than the limit in some second shows nothing.
ENOUGH = 3 * LIMIT


def _limiter(name, title, *filters, **more):
    return Scenario(f"accuracy-{name}", title, "accuracy", filters, limit=LIMIT, workers=2, **more)


LIMITERS = [
    _limiter("wasm", "ours", "wasm"),
    _limiter("native", "ours, native", "native", package=OURS_NATIVE),
    _limiter("local", "`local_ratelimit`, a bucket of N that N fill in a second", "local-ratelimit"),
    _limiter("ext-authz", "`ext_authz`, one server that keeps the times of the last second", "ext-authz"),
]


def accuracy(scenario, tools, runs):
    """What the busiest of all runs had, by situation."""
    return {situation: max((_run(scenario, tools, situation, seconds) for _ in range(runs)),
                           key=lambda found: found["busiest"])
            for situation, seconds in SITUATIONS.items()}


def _run(scenario, tools, situation, seconds):
    if "ext-authz" not in scenario.filters:
        return _flooded(scenario, tools, situation, seconds)
    with Authority(tools.authority, scenario.limit) as authority:
        return _flooded(scenario, tools, situation, seconds, authority.port())


def _flooded(scenario, tools, situation, seconds, *authority):
    with Envoy(tools.envoy, configuration(scenario, tools.modules, *authority), scenario.workers) as envoy:
        address, request = f"127.0.0.1:{envoy.port()}", envoy.path("request")
        with open(request, "wb") as file:
            file.write(scenario.request(0, forged=False))
        command = [tools.flood, address, request, situation, str(seconds)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    if found["offered"] < ENOUGH:
        raise Failed(f"{scenario.name}, {situation}: only {found['offered']} requests in the busiest second")
    return found
