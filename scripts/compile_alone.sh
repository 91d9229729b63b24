#!/usr/bin/env bash
# Compiles every source and every header alone, as far as errors go: the presets compile several files
# as one, which hides that a file uses what it doesn't include.
#   scripts/compile_alone.sh [--tests]   (with --tests also those of tests/)
set -euo pipefail
cd "$(dirname "$0")/.."
tests=OFF
if [ "${1:-}" = --tests ]; then tests=ON; fi
cmake -S . -B build/alone -G Ninja -DCMAKE_BUILD_TYPE=Debug -DSTEELSIGHT_TESTS=$tests >/dev/null

# The compiler's calls that CMake wrote, without what makes an object of the file.
commands=$(sed -n 's/^ *"command": "\(.*\)",\{0,1\}$/\1/p' build/alone/compile_commands.json |
  sed 's/\\\(.\)/\1/g; s/ -o [^ ]* -c / -w -fsyntax-only /; s/ -g / /')

# A source includes its own header first. Other headers are compiled as a source of their folder is.
headers=$(find core datasets preprocessing models evaluation pipeline tests -name '*.hpp' | while read -r header; do
  if [ -e "${header%.hpp}.cpp" ]; then continue; fi
  folder=$PWD/$(dirname "$header")
  beside=$(grep -m 1 " $folder/[^/ ]*\.cpp$" <<<"$commands" || true)
  if [ -n "$beside" ]; then echo "${beside% *} -x c++ $PWD/$header"; fi
done)

printf '%s\n%s\n' "$commands" "$headers" | grep . |
  xargs -d '\n' -n 1 -P "$(nproc)" sh -c 'eval "$0"'
echo "every file compiles alone"
