#!/usr/bin/env bash
# Makes the pictures of docs/explore.md from images that steelsight draws itself: docs/map.png and
# docs/scree.png.
#   scripts/make_pictures.sh [FOLDER]    works in FOLDER, by default a new temporary one
set -euo pipefail
cd "$(dirname "$0")/.."

program=build/release/pipeline/steelsight
[ -x "$program" ] || scripts/build.sh
work=${1:-$(mktemp -d)}
"$program" synth -o "$work/images" --per-class 60 --seed 1
"$program" explore "$work/images" -o "$work/explored" --seed 1
for picture in map scree; do
  cp "$work/explored/$picture.png" "docs/$picture.png"
done
echo "pictures in docs/, all else in $work"
