#!/usr/bin/env bash
# Sets up and builds the release preset; used by the other scripts.
#   scripts/build.sh     the program is then build/release/pipeline/steelsight
# STEELSIGHT_PRESET names another preset, as CI does: the program is then in that one's folder.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${STEELSIGHT_PRESET:-release}
scripts/setup.sh --build
cmake --preset "$preset" -DSTEELSIGHT_TESTS=OFF >build.log 2>&1 || { cat build.log >&2; exit 1; }
echo "build: compiling (some minutes the first time)"
cmake --build --preset "$preset" >build.log 2>&1 || { tail -40 build.log >&2; exit 1; }
rm -f build.log
