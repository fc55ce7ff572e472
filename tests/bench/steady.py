"""What a plan loses of a steady N a second over many workers, and how many it lets through in the busiest second.

Envoy runs as it is, but its wall clock is the bench's: each request comes 1/N after the one before, however slow the
machine is. So a request that is refused was refused by the limit alone, and the figures repeat.
"""

import collections
import dataclasses
import random

from configuration import configuration
from connection import Connection
from failure import Failed
from measure import check_machines, check_workers
from process import Envoy
from scenario import OURS_NATIVE, SECOND, Scenario

WORKERS = 8
LIMITS = [1_000, 5_000, 20_000]
# In the first second a plan is unused and loses nothing, so it is not counted.
SECONDS = 3
SEED = 8


def _turns(number):
    return (request % WORKERS for request in range(number))


def _chances(number):
    chance = random.Random(SEED)
    return (chance.randrange(WORKERS) for _ in range(number))


# Which worker gets each request.
ORDERS = {"turns": _turns, "chances": _chances}


def _plan(name, title, *filters, **more):
    return Scenario(f"steady-{name}", title, "steady", filters, workers=WORKERS, **more)


PLANS = [_plan("wasm", "ours", "wasm"), _plan("native", "ours, native", "native", package=OURS_NATIVE)]


def steady(scenario, tools):
    """What was found for each limit."""
    return [{"limit": limit, **{name: _offered(scenario, limit, order, tools) for name, order in ORDERS.items()}}
            for limit in LIMITS]


def _offered(scenario, limit, order, tools):
    text = configuration(dataclasses.replace(scenario, limit=limit), tools.modules)
    with Envoy(tools.envoy, text, WORKERS, tools.clock, counted=False) as envoy:
        port = envoy.port()
        connections = [Connection(port) for _ in range(WORKERS)]
        request = scenario.request(scenario.caller, forged=False)
        admitted, refused = [], 0
        for number, worker in enumerate(order(limit * SECONDS)):
            status = connections[worker].send(request).status
            if status not in (200, 429):
                raise Failed(f"{scenario.name}: {status}")
            now = number * SECOND // limit
            if status == 200:
                admitted.append(now)
            elif now >= SECOND:
                refused += 1
            envoy.clock.advance((number + 1) * SECOND // limit - now)
        check_machines(scenario, envoy)
        check_workers(scenario, envoy)
        for connection in connections:
            connection.close()
    return {"offered": limit * (SECONDS - 1), "refused": refused, "busiest": _busiest(admitted)}


def _busiest(times):
    """The most of these times, which are in order, that lie in one second, wherever it begins."""
    inside, most = collections.deque(), 0
    for time in times:
        inside.append(time)
        while time - inside[0] >= SECOND:
            inside.popleft()
        most = max(most, len(inside))
    return most
