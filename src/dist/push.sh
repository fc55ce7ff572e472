#!/usr/bin/env bash
# Pushes the image of the module to a registry, with the credentials of `skopeo login` or `docker login`.
#
#   src/dist/push.sh ARCHIVE IMAGE     such as registry.example.com/envoy-usage-plan:0.2.0
set -euo pipefail

archive=${1:?} image=${2:?}
[ -f "$archive" ] || { echo "$archive is missing: \`make dist\` makes it" >&2; exit 1; }
command -v skopeo >/dev/null || { echo "skopeo is missing: Debian, Fedora and Homebrew have it" >&2; exit 1; }
flags=()
# Docker, too, asks no certificate of a registry on this machine.
case $image in localhost:* | 127.0.0.1:* | '[::1]:'*) flags+=(--dest-tls-verify=false) ;; esac
# The policy is about images that come from elsewhere; this one was made here.
skopeo --insecure-policy copy "${flags[@]}" "oci-archive:$archive" "docker://$image"
