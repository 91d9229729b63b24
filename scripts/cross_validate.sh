#!/usr/bin/env bash
# Trains on k folds of a data set and prints the test accuracy of each, their mean and spread.
#   scripts/cross_validate.sh DATASET [--folds K] [--seed S] [--out DIR] [-- TRAIN OPTIONS]
# Example, a figure of docs/figures.md:
#   scripts/cross_validate.sh NEU-CLS --folds 5 --seed 1
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight=${STEELSIGHT:-$repository/build/release/pipeline/steelsight}
folds=5 seed=1 out=cross_validation data=""
while [ $# -gt 0 ]; do
  case "$1" in
    --folds) folds=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    --) shift; break ;;
    -*) echo "usage: scripts/cross_validate.sh DATASET [--folds K] [--seed S] [--out DIR] [-- TRAIN OPTIONS]" >&2; exit 2 ;;
    *) data=$1; shift ;;
  esac
done
[ -n "$data" ] || { echo "cross_validate: which DATASET?" >&2; exit 2; }
[ -x "$steelsight" ] || { echo "cross_validate: build first: scripts/build.sh" >&2; exit 2; }

mkdir -p "$out"
: >"$out/accuracies.txt"
for ((fold = 0; fold < folds; ++fold)); do
  "$steelsight" train "$data" -o "$out/fold$fold.safetensors" --report "$out/fold$fold" \
    --folds "$folds" --fold "$fold" --seed "$seed" "$@" >"$out/fold$fold.log"
  line=$(grep '^test accuracy' "$out/fold$fold.log")
  echo "fold $fold: $line"
  sed -E 's/^test accuracy ([0-9.]+) %.*/\1/' <<<"$line" >>"$out/accuracies.txt"
done
awk '{ sum += $1; squares += $1 * $1 }
     END { mean = sum / NR; spread = NR > 1 ? sqrt((squares - NR * mean * mean) / (NR - 1)) : 0
           printf "%d folds: mean %.2f %%, standard deviation %.2f\n", NR, mean, spread }' \
  "$out/accuracies.txt"
