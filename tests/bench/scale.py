"""The third table: what a document of many keys costs a request, a start, and memory."""

import json
import os
import pathlib
import re
import statistics

from configuration import configuration
from connection import Connection
from failure import Failed
from measure import measure
from process import Envoy
from scenario import Scenario

KEYS = [1, 1_000, 10_000, 100_000]
# Each worker has a virtual machine of its own, so the difference between few and many workers is what one costs.
FEW, MANY = 1, 5
TICKS = os.sysconf("SC_CLK_TCK")


# What Envoy takes without a module of ours.
YARDSTICKS = [
    Scenario("start-none", "no filter", "scale"),
    Scenario("start-empty", "empty filter", "scale", ("wasm",), "empty-filter", restricted=False),
]


def scenario(keys):
    """One caller among so many."""
    return Scenario(f"keys-{keys}", f"{keys:,} keys", "scale", ("wasm",), outcome="allowed", keys=keys,
                    caller=keys // 2)


def _start(row, workers, tools):
    """CPU seconds until every worker has answered a request, and the memory that Envoy then has, in KiB."""
    with Envoy(tools.envoy, configuration(row, tools.modules), workers) as envoy:
        port = envoy.port()
        # A new connection goes to the worker that has the fewest.
        connections = [Connection(port) for _ in range(workers)]
        for connection in connections:
            status = connection.send(row.request(row.caller, forged=False)).status
            if status != 200:
                raise Failed(f"{row.name}: {status} at the start")
        folder = pathlib.Path("/proc", str(envoy.process.pid))
        # After the name, which may have spaces, fields 11 and 12 are the ticks in user mode and in the system.
        times = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
        memory = re.search(r"^VmRSS:\s+(\d+) kB$", (folder / "status").read_text(encoding="utf-8"), re.MULTILINE)
        for connection in connections:
            connection.close()
    return sum(map(int, times)) / TICKS, int(memory.group(1))


def at_start(row, tools, runs):
    """What a start takes, and what a further worker takes."""
    def median(workers):
        return [statistics.median(values) for values in zip(*(_start(row, workers, tools) for _ in range(runs)))]

    (few_cpu, few_memory), (many_cpu, many_memory) = median(FEW), median(MANY)
    return {
        "ready_cpu_seconds": round(few_cpu, 2),
        "memory_kib": round(few_memory),
        "worker_cpu_seconds": round((many_cpu - few_cpu) / (MANY - FEW), 3),
        "worker_memory_kib": round((many_memory - few_memory) / (MANY - FEW)),
    }


def scale(keys, tools, runs):
    """The row of that many keys."""
    row = scenario(keys)
    instructions = [measure(row, tools)[0] for _ in range(runs)]
    return {
        "keys": keys,
        "document_bytes": len(json.dumps(row.document())),
        "instructions": [round(value) for value in instructions],
        **at_start(row, tools, runs),
    }


def configure_seconds(row, first):
    """CPU seconds of `on_configure` in one virtual machine: what a further worker costs more than with one key."""
    return row["worker_cpu_seconds"] - first["worker_cpu_seconds"]


def key_kib(row, first):
    """The memory of a key in one virtual machine."""
    return (row["worker_memory_kib"] - first["worker_memory_kib"]) / (row["keys"] - first["keys"])
