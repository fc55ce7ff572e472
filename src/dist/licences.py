"""The licences of all that is linked into the modules and the command line: who passes them on owes the notices."""

import json
import pathlib
import subprocess

TARGETS = {
    "usage-plan": "x86_64-unknown-linux-musl",
    "envoy-usage-plan": "wasm32-wasip1",
    "envoy-usage-plan-module": "x86_64-unknown-linux-gnu",
}

NAMES = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")


def text(root):
    """Each licence once, below the names of the crates that have it."""
    crates = {}
    for package, target in TARGETS.items():
        crates |= linked(root, package, target)
    notices = (pathlib.Path(__file__).parent / "notices.txt").read_text().strip()
    holders = {}
    for crate in sorted(crates):
        found = licences_of(crates[crate])
        if not found and f"{crate.split()[0]}, by " not in notices.replace("\n", " "):
            raise SystemExit(f"{crate} has no text of its licence: add it to src/dist/notices.txt")
        for licence in found:
            holders.setdefault(licence, []).append(crate)
    parts = [notices]
    parts += [f"{', '.join(crates)}:\n\n{licence}" for licence, crates in holders.items()]
    return f"\n\n{'-' * 80}\n\n".join(parts) + "\n"


def linked(root, package, target):
    """The crates that are linked into `package`, by name and version, each with its folder."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    metadata = json.loads(subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE).stdout)
    packages = {found["id"]: found for found in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    todo = [id for id, found in packages.items() if found["name"] == package]
    seen = {}
    while todo:
        id = todo.pop()
        found = packages[id]
        runs_while_compiling = any("proc-macro" in made["kind"] for made in found["targets"])
        if id in seen or runs_while_compiling:
            continue
        seen[id] = found
        normal = (dep for dep in nodes[id]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"]))
        todo += [dep["pkg"] for dep in normal]
    ours = set(metadata["workspace_members"])
    return {
        f"{found['name']} {found['version']}": pathlib.Path(found["manifest_path"]).parent
        for id, found in seen.items()
        if id not in ours
    }


def licences_of(folder):
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name.upper().startswith(NAMES))
    return [path.read_text(errors="replace").strip() for path in files]
