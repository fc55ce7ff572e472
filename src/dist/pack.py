#!/usr/bin/env python3
"""Packs what is installed: an archive, the modules, an image of the wasm module for registries, and their checksums.

    src/dist/pack.py USAGE_PLAN MODULE NATIVE OUT      the command line and both modules, as they were built; a directory

The same files give the same bytes: names are sorted, owners are root, and the time is that of the last commit, or
$SOURCE_DATE_EPOCH.
"""

import gzip
import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import licences

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Where the configurations look for a module in a build tree, and where it is in the archive.
BUILT_MODULE = "target/wasm32-wasip1/release/envoy_usage_plan.wasm"
PACKED_MODULE = "envoy_usage_plan.wasm"
BUILT_NATIVE = "target/module/libenvoy_usage_plan.so"
PACKED_NATIVE = "libenvoy_usage_plan.so"

DOCUMENTS = ["README.md", "README.zh-CN.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"]

# Below envoy/, but nothing to install: they need the sources.
NOT_PACKED = ("envoy/demo/", "envoy/test-docker.sh")


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    usage_plan, module, native, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    version = output(usage_plan, "--version").decode().split()[1]
    time = int(os.environ.get("SOURCE_DATE_EPOCH") or output("git", "log", "-1", "--format=%ct"))
    name = f"usage-plan-{version}-x86_64-linux"
    packed = {f"{name}/{path}": file for path, file in installed(usage_plan, module, native).items()}
    made = {
        f"{name}.tar.gz": compressed(tar(packed, time)),
        f"envoy-usage-plan-{version}-image.tar": image(module.read_bytes(), version, time),
        PACKED_MODULE: module.read_bytes(),
        PACKED_NATIVE: native.read_bytes(),
    }
    made["SHA256SUMS"] = "".join(f"{sha256(made[file])}  {file}\n" for file in sorted(made)).encode()
    out.mkdir(parents=True, exist_ok=True)
    for file, contents in made.items():
        (out / file).write_bytes(contents)


def installed(usage_plan, module, native):
    """The files below a prefix such as /usr/local: each with its contents and its mode."""
    files = {"bin/usage-plan": (usage_plan.read_bytes(), 0o755)}

    def add(path, contents):
        files[path] = (contents, 0o644)

    for shell, path in (
        ("bash", "bash-completion/completions/usage-plan"),
        ("zsh", "zsh/site-functions/_usage-plan"),
        ("fish", "fish/vendor_completions.d/usage-plan.fish"),
    ):
        add(f"share/{path}", output(usage_plan, "completions", shell))
    with tempfile.TemporaryDirectory() as pages:
        output(usage_plan, "man", pages)
        for page in pathlib.Path(pages).iterdir():
            add(f"share/man/man1/{page.name}", page.read_bytes())
    add(f"share/usage-plan/{PACKED_MODULE}", module.read_bytes())
    add(f"share/usage-plan/{PACKED_NATIVE}", native.read_bytes())
    add("share/usage-plan/THIRD-PARTY-LICENSES.txt", licences.text(ROOT).encode())
    for path in output("git", "ls-files", "envoy", "docs", *DOCUMENTS).decode().splitlines():
        contents = (ROOT / path).read_bytes()
        if path.startswith(NOT_PACKED):
            continue
        if path.startswith("envoy/"):
            contents = contents.replace(BUILT_MODULE.encode(), PACKED_MODULE.encode())
            # A name without a slash would be looked for where the system has its libraries.
            contents = contents.replace(BUILT_NATIVE.encode(), f"./{PACKED_NATIVE}".encode())
        add(f"share/usage-plan/{path}", contents)
    return files


def image(module, version, time):
    """An OCI archive with the module as Istio and Envoy Gateway take it: one layer, which holds `plugin.wasm`.

    It is the "compat" variant of https://github.com/solo-io/wasm/blob/master/spec/spec-compat.md with the media types of
    OCI, so that every tool that pushes images pushes this one.
    """
    blobs = {}

    def blob(media_type, contents):
        digest = sha256(contents)
        blobs[f"blobs/sha256/{digest}"] = (contents, 0o644)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(contents)}

    files = tar({"plugin.wasm": (module, 0o644)}, time)
    layer = blob("application/vnd.oci.image.layer.v1.tar+gzip", compressed(files))
    config = {
        # Gateways do not look at the platform. Docker does, and this is what it would write itself.
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha256(files)}"]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob("application/vnd.oci.image.config.v1+json", as_json(config)),
        "layers": [layer],
        "annotations": {
            "module.wasm.image/variant": "compat",
            "org.opencontainers.image.title": "envoy-usage-plan",
            "org.opencontainers.image.version": version,
            "org.opencontainers.image.licenses": "Apache-2.0",
        },
    }
    named = blob(manifest["mediaType"], as_json(manifest))
    named["annotations"] = {"org.opencontainers.image.ref.name": version}
    layout = {
        "oci-layout": (as_json({"imageLayoutVersion": "1.0.0"}), 0o644),
        "index.json": (as_json({"schemaVersion": 2, "manifests": [named]}), 0o644),
    }
    return tar(layout | blobs, time)


def tar(files, time):
    """An archive of `files`, in the order of their names."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as opened:
        for path, (contents, mode) in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode, entry.mtime = len(contents), mode, time
            entry.uname = entry.gname = "root"
            opened.addfile(entry, io.BytesIO(contents))
    return archive.getvalue()


def compressed(contents):
    return gzip.compress(contents, 9, mtime=0)


def sha256(contents):
    return hashlib.sha256(contents).hexdigest()


def as_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def output(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    main()
