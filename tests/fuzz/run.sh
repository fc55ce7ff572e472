#!/usr/bin/env bash
# Runs a fuzz target on new inputs, or keeps what it found: run.sh <target> <number of inputs> | keep
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1 kept=tests/fuzz/corpus/$1 found=target/fuzz/corpus/$1
# The emulator's interpreter, which nothing here runs, takes minutes to build in one codegen unit.
options=(--fuzz-dir tests/fuzz/libfuzzer --target-dir target/fuzz --codegen-units 16)
# The product has no unsafe code but at the ABI, so the speed is worth more than a sanitizer.
options+=(--sanitizer "${SANITIZER:-none}")
mkdir -p "$found"
# What is fuzzed has the versions that are shipped.
lock=tests/fuzz/libfuzzer/Cargo.lock
[ "$lock" -nt Cargo.lock ] || cp Cargo.lock "$lock"

if [ "$2" = keep ]; then
  # Those that are kept stay. Of the others, the smallest that reach more of the code; what takes long in make test
  # is left out.
  small=$(mktemp -d)
  find "$found" -type f -size -300c -exec cp -t "$small" {} +
  cargo +nightly fuzz run "${options[@]}" "$target" "$kept" "$small" -- -merge=1 -use_counters=0
  rm -r "$small"
  exit
fi

dictionary=tests/fuzz/dictionaries/$target.dict regressions=tests/fuzz/regressions/$target
inputs=("$found" "$kept")
[ ! -d "$regressions" ] || inputs+=("$regressions")
# A signed value may have 4096 bytes, and a longer one must be refused. An input that takes a minute is a finding; a process
# that waits for a busy processor is none, and what input may cost is counted elsewhere (tests/scenarios/attacks/cost.rs).
flags=(-runs="$2" -max_len=4608 -timeout=60 -print_final_stats=1)
[ ! -f "$dictionary" ] || flags+=(-dict="$dictionary")
exec cargo +nightly fuzz run "${options[@]}" "$target" "${inputs[@]}" -- "${flags[@]}"
