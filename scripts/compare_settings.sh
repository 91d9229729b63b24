#!/usr/bin/env bash
# The measurements behind the defaults of `train`: one setting at a time, the same splits.
#   scripts/compare_settings.sh DATASET [--seeds "1 2"] [--out DIR]
# Prints a row a setting: test accuracy for each seed (a seed is a split of its own), and seconds.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight=${STEELSIGHT:-$repository/build/release/pipeline/steelsight}
data=${1:?usage: scripts/compare_settings.sh DATASET [--seeds "1 2"] [--out DIR]}
shift
seeds="1 2" out=settings
while [ $# -gt 0 ]; do
  case "$1" in
    --seeds) seeds=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    *) echo "compare_settings: unknown option $1" >&2; exit 2 ;;
  esac
done

settings=(
  "defaults|"
  "input 64|--input-size 64"
  "input 96|--input-size 96"
  "input 128|--input-size 128"
  "batch 32|--batch-size 32"
  "no quarter turns|--set /train/augmentation/turn_probability=0"
  "15 epochs|--epochs 15"
)
mkdir -p "$out"
for setting in "${settings[@]}"; do
  name=${setting%%|*}
  read -r -a options <<<"${setting#*|}"
  row="$name:"
  for seed in $seeds; do
    log="$out/${name// /_}-$seed.log"
    begin=$SECONDS
    "$steelsight" train "$data" --arch vgg16-slim -o "$out/model.safetensors" --seed "$seed" "${options[@]}" >"$log"
    row+=" $(sed -nE 's/^test accuracy ([0-9.]+ %).*/\1/p' "$log") ($((SECONDS - begin)) s)"
  done
  echo "$row"
done
