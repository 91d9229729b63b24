#!/usr/bin/env bash
# Sets up, builds with warnings as errors, and runs every test; with --sanitize also the unit tests
# under AddressSanitizer and UndefinedBehaviorSanitizer.
# Tests on the NEU-CLS images run where STEELSIGHT_NEU_DIR names their folder, and are skipped else.
set -euo pipefail
cd "$(dirname "$0")/.."
presets=(ci)
case "${1:-}" in
  "") ;;
  --sanitize) presets=(dev ci) ;;
  *) echo "usage: scripts/test.sh [--sanitize]" >&2; exit 2 ;;
esac
scripts/setup.sh
for preset in "${presets[@]}"; do
  begin=$SECONDS
  cmake --preset "$preset"
  cmake --build --preset "$preset"
  echo "test: $((SECONDS - begin)) s: building $preset"
  ctest --preset "$preset"  # says its time itself
done
