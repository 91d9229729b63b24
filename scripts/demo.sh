#!/usr/bin/env bash
# From nothing to a report: sets up, builds, makes a synthetic set, trains, classifies a folder,
# writes a report.
#   scripts/demo.sh               on images that it makes itself
#   scripts/demo.sh --data DIR    on a folder of NEU-CLS images (or any other labelled data set)
#   scripts/demo.sh --out DIR     where to write (default: demo/)
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
data="" out="$repository/demo"
while [ $# -gt 0 ]; do
  case "$1" in
    --data) data=$(realpath "${2:?--data needs a folder}"); shift 2 ;;
    --out) out=$(realpath -m "${2:?--out needs a folder}"); shift 2 ;;
    *) echo "usage: scripts/demo.sh [--data DIR] [--out DIR]" >&2; exit 2 ;;
  esac
done

"$repository/scripts/build.sh"
steelsight="$repository/build/${STEELSIGHT_PRESET:-release}/pipeline/steelsight"
step() { printf '\n== %s\n' "$*"; }

mkdir -p "$out"
if [ -z "$data" ]; then
  step "Making 360 synthetic images of six classes"
  rm -rf "$out/images"
  "$steelsight" synth -o "$out/images" --per-class 60 --seed 1
  data="$out/images"
fi

step "Training"
"$steelsight" train "$data" -o "$out/model.safetensors" --seed 1 --report "$out/test"

step "Classifying the folder"
"$steelsight" classify "$data" -o "$out/classified" --model "$out/model.safetensors"

step "Evaluating on all images, those it learned from apart"
"$steelsight" evaluate "$data" -o "$out/evaluation" --model "$out/model.safetensors"

step "Done"
echo "model        $out/model.safetensors"
echo "predictions  $out/classified/predictions.csv"
echo "report       $out/test/report.html (test images), $out/evaluation/report.html (all images)"
echo "figures      $out/test/confusion_matrix.png, $out/test/reliability.png"
