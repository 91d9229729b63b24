#!/usr/bin/env bash
# Kills a short training run at random moments (kill -9) and resumes it each time: every resume must
# end in the file of a run that was never stopped.
#   scripts/measure_resume.sh OUT [KILLS]      50 kills unless told
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight="${STEELSIGHT:-$repository/build/release/pipeline/steelsight}"
out=${1:?OUT} kills=${2:-50}
mkdir -p "$out"
export XDG_CACHE_HOME="$out/cache"
"$steelsight" synth -o "$out/images" --per-class 12 --seed 1 --quiet
train() {
  "$steelsight" train "$out/images" --arch vgg16-slim -o "$1.safetensors" --input-size 48 --width 0.125 \
    --batch-size 8 --seed 1 --threads 1 --quiet --set /train/lower_rate=0.5 --set \
    '/train/phases=[{"epochs":4,"learning_rate":0.002},{"freeze":"block3","epochs":4,"learning_rate":0.001}]' \
    "${@:2}"
}
begin=$(date +%s%N)
train "$out/whole"
milliseconds=$((($(date +%s%N) - begin) / 1000000))
echo "a whole run takes $milliseconds ms"
wrong=0 killed=0
for ((i = 1; i <= kills; ++i)); do
  rm -rf "$out"/run.* "$XDG_CACHE_HOME"/steelsight/*.features
  train "$out/run" & pid=$!
  sleep "$(awk -v ms="$milliseconds" -v i="$i" 'BEGIN { srand(i); print rand() * ms / 1000 }')"
  child=$(pgrep -P "$pid" || true)  # the function runs in a shell of its own
  if kill -9 ${child:-$pid} 2>/dev/null; then killed=$((killed + 1)); fi
  wait "$pid" 2>/dev/null || true
  train "$out/run" --resume
  cmp -s "$out/run.safetensors" "$out/whole.safetensors" || { wrong=$((wrong + 1)); echo "differs: kill $i"; }
done
echo "$kills resumed, $killed of them after a kill -9: $wrong differ"
[ "$wrong" -eq 0 ]
