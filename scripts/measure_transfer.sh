#!/usr/bin/env bash
# Transfer from frozen features, as docs/figures.md states it: folds, and few labels a class.
#   scripts/measure_transfer.sh DATASET OUT [--folds K] [--draws N] [--labels "50 10 5"] -- TRAIN OPTIONS
# for instance
#   scripts/measure_transfer.sh NEU-CLS out -- --arch resnet50 --weights FILE \
#     --layer layer2,layer3,layer4 --freeze features --head least_squares --views 1
# --folds 0: none. Needs python3 (standard library).
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight="${STEELSIGHT:-$repository/build/release/pipeline/steelsight}"
data=${1:?DATASET} out=${2:?OUT}; shift 2
draws=10 labels="50 10 5" folds=5
while [ $# -gt 0 ]; do
  case "$1" in
    --draws) draws=$2; shift 2 ;;
    --labels) labels=$2; shift 2 ;;
    --folds) folds=$2; shift 2 ;;
    --) shift; break ;;
    *) echo "measure_transfer: what is '$1'?" >&2; exit 2 ;;
  esac
done
mkdir -p "$out"
accuracy() { sed -nE 's/^test accuracy ([0-9.]+) %.*/\1/p' "$1"; }
summary() {
  awk -v what="$1" '{ s += $1; q += $1 * $1 }
    END { m = s / NR; d = NR > 1 ? sqrt((q - NR * m * m) / (NR - 1)) : 0
          printf "%s: mean %.2f %%, standard deviation %.2f, of %d\n", what, m, d, NR }'
}
# NAME and the options of one run.
run() {
  local name=$1; shift
  "$steelsight" train "$data" -o "$out/$name.safetensors" "$@" >"$out/$name.log"
  accuracy "$out/$name.log"
}

[ "$folds" -eq 0 ] || for ((fold = 0; fold < folds; ++fold)); do
  run "fold$fold" --folds "$folds" --fold "$fold" --seed 1 "$@"
done | summary "$folds folds"

for n in $labels; do
  for ((draw = 0; draw < draws; ++draw)); do
    python3 - "$data" "$n" "$draw" >"$out/split.json" <<'PYTHON'
import collections, json, os, random, sys
folder, n, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
classes = collections.defaultdict(list)
for name in sorted(os.listdir(folder)):
    if name.endswith(".bmp"):
        classes[name.rsplit("_", 1)[0]].append(name)
draw = random.Random(1000 * n + seed)
train = [name for names in classes.values() for name in draw.sample(names, n)]
test = [name for names in classes.values() for name in names if name not in set(train)]
json.dump({"train": train, "validation": [], "test": test}, sys.stdout)
PYTHON
    run "few" --split "$out/split.json" --seed 1 "$@"
  done | summary "$n images a class"
done
