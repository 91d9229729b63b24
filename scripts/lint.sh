#!/usr/bin/env bash
# Checks the layout of every source with clang-format, and what a change touches with clang-tidy: the libraries
# and tests whose files differ from where the branch left main, or on main from the commit before.
#   scripts/lint.sh          what CI runs
#   scripts/lint.sh --all    everything with clang-tidy: six minutes on two cores
# Both tools have to be of version 14 (Debian 12), because others format and warn differently. Where they are
# not, the check is skipped and says so. The targets of tests/fuzz are formatted, but not checked by clang-tidy.
set -euo pipefail
cd "$(dirname "$0")/.."
version=14
folders=(core datasets preprocessing models evaluation pipeline tests)

is_here() {
  "$1" --version 2>/dev/null | grep -q "version $version\." || { echo "lint: skipped: $1 $version is not here"; false; }
}

# A line for each file that the change touches. Fails where no history tells.
touched() {
  local head base
  head=$(git rev-parse --verify -q HEAD 2>/dev/null) || return 1
  base=$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main 2>/dev/null || echo "$head")
  [ "$base" != "$head" ] || base=$(git rev-parse --verify -q HEAD~1) || return 1
  git diff --name-only "$base" && git ls-files --others --exclude-standard
}

if is_here clang-format; then
  find "${folders[@]}" -name '*.[ch]pp' -print0 | xargs -0 -P "$(nproc)" -n 50 clang-format --dry-run -Werror
  echo "lint: clang-format finds nothing"
fi

if is_here clang-tidy; then
  cmake --preset tidy >/dev/null
  # A library's sources are one unit; what can't be compiled with others is a unit of its own.
  units=$(sed -n 's/^ *"file": "\(.*\)".*/\1/p' build/tidy/compile_commands.json)
  if [ "${1:-}" = --all ]; then
    echo "lint: clang-tidy checks everything"
  elif ! files=$(touched); then
    echo "lint: clang-tidy checks everything, because no history tells what was touched"
  elif grep -qx '.clang-tidy' <<<"$files"; then
    echo "lint: clang-tidy checks everything, because its configuration was touched"
  else
    # A source is named by its unit; a header is checked where the sources of its folder are.
    patterns=$(sed -n "s|^\(.*\.cpp\)$|$PWD/\1|p; s|^\(.*/\)[^/]*\.hpp$|$PWD/\1|p" <<<"$files")
    units=$(for unit in $units; do
      if [ -n "$patterns" ] && { echo "$unit"; cat "$unit"; } | grep -qF "$patterns"; then echo "$unit"; fi
    done)
  fi
  if [ -n "$units" ]; then
    xargs -P "$(nproc)" -n 1 clang-tidy --quiet -p build/tidy <<<"$units" 2>&1 | sed -u '/ \(warning\|error\)s\{0,1\} generated\.$/d'
  fi
  echo "lint: clang-tidy finds nothing in $(grep -c . <<<"$units" || true) units"
fi
