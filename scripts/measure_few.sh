#!/usr/bin/env bash
# How well `train` does with few labelled images: accuracy on a fifth of each class, learned from N
# images a class of the rest ("all": of all the rest), mean and deviation over draws.
#   scripts/measure_few.sh DATASET OUT [--draws 10] [--labels "all 50 10 5 3"] [--most CLASS=N]... \
#     [-- TRAIN OPTIONS]
# DATASET: class folders. --most CLASS=N: of this class only N images, drawn too. Needs python3
# (standard library).
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight="${STEELSIGHT:-$repository/build/release/pipeline/steelsight}"
data=$(realpath "${1:?DATASET}") out=${2:?OUT}; shift 2
draws=10 labels="all 50 10 5 3" most=()
while [ $# -gt 0 ]; do
  case "$1" in
    --draws) draws=$2; shift 2 ;;
    --labels) labels=$2; shift 2 ;;
    --most) most+=("$2"); shift 2 ;;
    --) shift; break ;;
    *) echo "measure_few: what is '$1'?" >&2; exit 2 ;;
  esac
done
mkdir -p "$out"

# Links to the images of one draw, in train/CLASS and test/CLASS.
draw() {
  python3 - "$data" "$1" "$2" "$3" "${most[@]}" <<'PYTHON'
import os, random, shutil, sys
source, target, n, seed, *most = sys.argv[1:]
most = dict(limit.split("=") for limit in most)
draw = random.Random(int(seed))
shutil.rmtree(target, ignore_errors=True)
for name in sorted(os.listdir(source)):
    images = sorted(os.listdir(f"{source}/{name}"))
    draw.shuffle(images)
    images = images[:int(most.get(name, len(images)))]
    rest = round(0.8 * len(images))
    parts = {"train": images[:rest if n == "all" else min(int(n), rest)], "test": images[rest:]}
    for part, chosen in parts.items():
        os.makedirs(f"{target}/{part}/{name}")
        for image in chosen:
            os.symlink(f"{source}/{name}/{image}", f"{target}/{part}/{name}/{image}")
PYTHON
}

for n in $labels; do
  for ((i = 0; i < draws; ++i)); do
    draw "$out/images" "$n" "$i"
    begin=$(date +%s.%N)
    "$steelsight" train "$out/images" -o "$out/few.safetensors" "$@" >"$out/few.log"
    end=$(date +%s.%N)
    echo "$(sed -nE 's/^test accuracy ([0-9.]+) %.*/\1/p' "$out/few.log") $begin $end"
  done | awk -v n="$n" '{ s += $1; q += $1 * $1; t += $3 - $2 }
    END { m = s / NR; d = NR > 1 ? sqrt((q - NR * m * m) / (NR - 1)) : 0
          printf "%s a class: %.1f %% +- %.1f, %.1f s, of %d draws\n", n, m, d, t / NR, NR }'
done
