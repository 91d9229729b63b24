#!/usr/bin/env bash
# How long an epoch takes with everything but the last block frozen, as a share of an epoch of the
# whole network: the medians of the log's epochs, both runs in turn. Computing the features comes
# before the first epoch and is not counted.
#   scripts/measure_frozen_epoch.sh DATASET OUT [--freeze LAYER] [-- TRAIN OPTIONS]
# for instance
#   scripts/measure_frozen_epoch.sh NEU-CLS out -- --arch vgg16-slim
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight="${STEELSIGHT:-$repository/build/release/pipeline/steelsight}"
data=${1:?DATASET} out=${2:?OUT}; shift 2
freeze=block4_pool
while [ $# -gt 0 ]; do
  case "$1" in
    --freeze) freeze=$2; shift 2 ;;
    --) shift; break ;;
    *) echo "measure_frozen_epoch: what is '$1'?" >&2; exit 2 ;;
  esac
done
mkdir -p "$out"
median_seconds() { tail -n +2 "$1" | cut -d, -f7 | sort -g | awk '{ s[NR] = $1 } END { print s[int((NR + 1) / 2)] }'; }
train() { "$steelsight" train "$data" -o "$out/$1.safetensors" --seed 1 --epochs 3 --set "/train/cache=$out/cache" "${@:2}" >"$out/$1.log"; }
for round in 1 2; do
  train "whole$round" "$@"
  train "frozen$round" --freeze "$freeze" "$@"
  awk -v w="$(median_seconds "$out/whole$round.log.csv")" -v f="$(median_seconds "$out/frozen$round.log.csv")" \
    'BEGIN { printf "an epoch of the whole network %.2f s, behind '"$freeze"' %.2f s: %.3f of it\n", w, f, f / w }'
done
