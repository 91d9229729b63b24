#!/usr/bin/env bash
# Builds the fuzzer's targets (tests/fuzz, one for each reader of bytes from outside), makes their first
# inputs and runs each of them: a minute for a quick look, hours for a campaign.
#   scripts/fuzz.sh [--seconds N] [--jobs N] [TARGET...]      (60 seconds each, 2 at a time, all targets)
# build/fuzz/corpus keeps what was learned for the next run, build/fuzz/found the inputs that crash, hang,
# leak or take more than 2 GiB, build/fuzz/logs what libFuzzer said. Ends with 1 if anything was found.
# To see one again: build/fuzz/tests/fuzz/fuzz_TARGET build/fuzz/found/TARGET-crash-...
# STEELSIGHT, a program to make inputs with, spares building an instrumented one.
set -euo pipefail
cd "$(dirname "$0")/.."
usage() { echo "usage: scripts/fuzz.sh [--seconds N] [--jobs N] [TARGET...]" >&2; exit 2; }
seconds=60 jobs=2 targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=${2:-}; shift ;;
    --jobs) jobs=${2:-}; shift ;;
    -*) usage ;;
    *) targets+=("$1") ;;
  esac
  shift || usage
done
[[ "$seconds" =~ ^[1-9][0-9]*$ && "$jobs" =~ ^[1-9][0-9]*$ ]] || usage

build=build/fuzz
cmake --preset fuzz >/dev/null
if [ ${#targets[@]} -eq 0 ]; then
  mapfile -t targets < <(cd tests/fuzz && printf '%s\n' *_fuzz.cpp | sed 's/_fuzz.cpp//')
fi
cmake --build "$build" -j"$jobs" --target "${targets[@]/#/fuzz_}"
if [ ! -d "$build/seeds" ] || [ scripts/fuzz_seeds.py -nt "$build/seeds" ]; then
  [ -n "${STEELSIGHT:-}" ] || cmake --build "$build" -j"$jobs" --target steelsight
  rm -rf "$build/seeds.part"
  python3 scripts/fuzz_seeds.py "${STEELSIGHT:-$build/pipeline/steelsight}" "$build/seeds.part"
  rm -rf "$build/seeds"
  mv "$build/seeds.part" "$build/seeds"
fi

mkdir -p "$build"/{corpus,found,logs}
export TMPDIR  # the inputs' files: in memory
TMPDIR=$(mktemp -d -p /dev/shm steelsight-fuzz.XXXXXX)
trap 'rm -rf "$TMPDIR"' EXIT

run_target() {
  local target=$1 build=$2 seconds=$3 longest=4096
  case "$target" in text | settings | folder) longest=512 ;; model | checkpoint | safetensors) longest=8192 ;;
    keras) longest=131072 ;; esac
  mkdir -p "$build/corpus/$target" "$build/seeds/$target"
  touch "$build/seeds/$target.dict"
  "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len="$longest" -timeout=10 \
    -rss_limit_mb=2048 -malloc_limit_mb=512 -print_final_stats=1 -dict="$build/seeds/$target.dict" \
    -artifact_prefix="$build/found/$target-" "$build/corpus/$target" "$build/seeds/$target" \
    >"$build/logs/$target.log" 2>&1 || echo "fuzz: $target ended early, see $build/logs/$target.log" >&2
  # On a machine with more work than cores a process may get none of them for ten seconds: what doesn't
  # hang again is no hang.
  for hang in "$build/found/$target"-timeout-*; do
    if [ -e "$hang" ] && "$build/tests/fuzz/fuzz_$target" -timeout=10 "$hang" >/dev/null 2>&1; then rm "$hang"; fi
  done
}
export -f run_target
printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I{} bash -c 'run_target "$@"' _ {} "$build" "$seconds"

stat_of() { sed -n "s/^stat::$2: *//p" "$build/logs/$1.log" | tail -1; }
count_found() { find "$build/found" -name "$1-$2-*" | wc -l; }
printf '%-16s %12s %10s %8s %6s %6s %6s %9s\n' target executions 'new units' crashes hangs leaks memory 'peak MiB'
total=0
for target in "${targets[@]}"; do
  executions=$(stat_of "$target" number_of_executed_units)
  total=$((total + ${executions:-0}))
  printf '%-16s %12s %10s %8s %6s %6s %6s %9s\n' "$target" "${executions:-?}" \
    "$(stat_of "$target" new_units_added)" "$(count_found "$target" crash)" "$(count_found "$target" timeout)" \
    "$(count_found "$target" leak)" "$(count_found "$target" oom)" "$(stat_of "$target" peak_rss_mb)"
done
printf '%-16s %12s\n' all "$total"
[ -z "$(find "$build/found" -name '*-crash-*' -o -name '*-timeout-*' -o -name '*-leak-*' -o -name '*-oom-*')" ]
