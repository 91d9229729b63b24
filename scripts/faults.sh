#!/usr/bin/env bash
# What a crash, a full disk and a broken disk leave behind: small runs of train (one phase, two phases),
# extend, quantize and classify are killed, or told EIO or ENOSPC, at each of their calls that change files.
#   scripts/faults.sh OUT            every call: a quarter of an hour
#   scripts/faults.sh OUT --short    one in 23 of them
#   scripts/faults.sh OUT --only "train, one stage" [--short]
# Prints a table; exits with 1 if an output was destroyed, a resumed run ended in another file, or an error
# was silent. Needs strace, python3 (standard library) and a build (scripts/build.sh, or STEELSIGHT).
# Exits with 77 where strace may not trace.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight=$(realpath "${STEELSIGHT:-$repository/build/release/pipeline/steelsight}")
[ -x "$steelsight" ] || { echo "faults: build first: scripts/build.sh" >&2; exit 2; }
strace -qq -o /dev/null true 2>/dev/null || { echo "faults: strace is missing, or may not trace" >&2; exit 77; }
exec python3 "$repository/scripts/faults.py" "$steelsight" "$@"
