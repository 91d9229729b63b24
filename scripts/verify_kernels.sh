#!/usr/bin/env bash
# The classes of a data set's images with timed kernels (direct or Winograd, whichever is faster here)
# against those with direct ones: every class the same, probabilities within 1e-4.
#   scripts/verify_kernels.sh DATASET OUT [OPTIONS of classify: --model FILE --threads N --batch-size N]
# Needs a build (scripts/build.sh) and Python 3. The kernels are timed anew, and kept in OUT.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight=${STEELSIGHT:-$repository/build/release/pipeline/steelsight}
[ -x "$steelsight" ] || { echo "verify_kernels: build first: scripts/build.sh" >&2; exit 2; }
dataset=${1:?DATASET}; out=${2:?OUT}; shift 2
mkdir -p "$out"
XDG_CACHE_HOME=$(cd "$out" && pwd)/cache
export XDG_CACHE_HOME
rm -f "$XDG_CACHE_HOME/steelsight/kernels.json"
for kernels in direct timed; do
  "$steelsight" classify "$dataset" -o "$out/$kernels" --kernels "$kernels" --quiet "$@"
done
"$steelsight" info --kernels
python3 - "$out" <<'PYTHON'
import csv, sys

def rows(kernels):
    with open(f"{sys.argv[1]}/{kernels}/predictions.csv", newline="") as file:
        return list(csv.DictReader(file))

direct, timed = rows("direct"), rows("timed")
assert [row["path"] for row in direct] == [row["path"] for row in timed], "not the same images"
named = [(d, t) for d, t in zip(direct, timed) if not d["error"]]
others = [d["path"] for d, t in named if d["prediction"] != t["prediction"]]
columns = [name for name in direct[0] if name.startswith("p_")]
largest = max(abs(float(d[name]) - float(t[name])) for d, t in named for name in columns)
print(f"{len(named)} images: {len(others)} of another class, probabilities differ by up to {largest:.1e}")
for path in others:
    print("  " + path)
sys.exit(bool(others) or not 0 <= largest <= 1e-4)
PYTHON
