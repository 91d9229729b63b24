#!/usr/bin/env bash
# Few labels on a backbone that never saw the classes: the classes are divided into two groups, a
# network is trained on all images of one, and a head on its frozen layers learns the other group
# from few images a class (scripts/measure_transfer.sh); then the other way round.
#   scripts/measure_unseen_classes.sh DATASET OUT --first "Cr PS RS" --layer L,... [--draws N]
#     [--labels "50 10 5"] -- TRAIN OPTIONS OF THE BACKBONE
# DATASET: files named CLASS_NUMBER.bmp. For instance
#   scripts/measure_unseen_classes.sh NEU-CLS out --first "Cr PS RS" \
#     --layer block3_pool,block4_pool,block5_pool -- --arch vgg16-slim --threads 2
# Needs python3 (standard library).
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight="${STEELSIGHT:-$repository/build/release/pipeline/steelsight}"
data=$(realpath "${1:?DATASET}") out=${2:?OUT}; shift 2
first="" layer="" draws=10 labels="50 10 5"
while [ $# -gt 0 ]; do
  case "$1" in
    --first) first=$2; shift 2 ;;
    --layer) layer=$2; shift 2 ;;
    --draws) draws=$2; shift 2 ;;
    --labels) labels=$2; shift 2 ;;
    --) shift; break ;;
    *) echo "measure_unseen_classes: what is '$1'?" >&2; exit 2 ;;
  esac
done
[ -n "$first" ] && [ -n "$layer" ] ||
  { echo "measure_unseen_classes: which classes are --first, and which --layer?" >&2; exit 2; }
mkdir -p "$out"
out=$(realpath "$out")

rm -rf "$out/a" "$out/b"
mkdir "$out/a" "$out/b"
for image in "$data"/*.bmp; do
  class=$(basename "$image"); class=${class%_*}
  case " $first " in *" $class "*) ln -s "$image" "$out/a/" ;; *) ln -s "$image" "$out/b/" ;; esac
done

# The group that the backbone learns, and the other.
both() {
  "$steelsight" train "$out/$1" -o "$out/$1.safetensors" --seed 1 "${@:3}" >"$out/$1.log"
  echo "backbone of $(find "$out/$1" -name '*.bmp' | wc -l) images, head for" \
    "$(find "$out/$2" -name '*.bmp' -printf '%f\n' | sed 's/_[^_]*$//' | sort -u | tr '\n' ' ')"
  "$repository/scripts/measure_transfer.sh" "$out/$2" "$out/heads_$2" --folds 0 \
    --draws "$draws" --labels "$labels" -- --from "$out/$1.safetensors" --layer "$layer" \
    --freeze features --head least_squares --views 1 --threads 1
}
both a b "$@"
both b a "$@"
