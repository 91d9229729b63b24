#!/usr/bin/env bash
# Runs every command with too little of something - address space, threads, open files, size of files,
# stack - and looks for an end that docs/configuration.md doesn't list: a signal, an unexpected error,
# a success whose output differs from that of an undisturbed run, a failure that doesn't say why.
#
#   scripts/limits.sh PROGRAM [--quick] [--limit "v 300000"] [--command NAME]
#
# Limits on threads need root, whom they don't hold: those runs are another user's (nobody).
set -uo pipefail
program=$(realpath "${1:?usage: scripts/limits.sh PROGRAM [--quick] [--limit 'LETTER VALUE'] [--command NAME]}"); shift
repository=$(cd "$(dirname "$0")/.." && pwd)
quick=0 only_limit="" only_command=""
while [ $# -gt 0 ]; do
  case "$1" in
    --quick) quick=1; shift ;;
    --limit) only_limit=$2; shift 2 ;;
    --command) only_command=$2; shift 2 ;;
    *) echo "limits.sh: $1 is not known" >&2; exit 2 ;;
  esac
done
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; chmod 755 "$work"
# As it is installed, where another user may run it.
install -D "$program" "$work/bin/steelsight"; program=$work/bin/steelsight
model=$work/share/steelsight/steelsight-slim.safetensors
install -D -m 644 "$repository/models/pretrained/steelsight-slim.safetensors" "$model"

# Inputs: BMP, and a PNG, whose codecs are a module that is loaded late.
cd "$work"
"$program" synth -o images --per-class 4 --size 64 --seed 1 --quiet || exit 1
"$program" evaluate images -o named --model "$model" --kernels direct --threads 1 --quiet || exit 1
cp named/confusion_matrix.png images/Cr_99.png
echo '{"grid": {"/schedule/learning_rate": [0.001]}}' >grid.json
cat >spec.json <<'JSON'
{"input": [1, 32, 32], "layers": [
  {"type": "conv", "name": "c", "out": 4, "kernel": 3, "pad": 1}, {"type": "relu", "name": "r"},
  {"type": "global_avgpool", "name": "p"}, {"type": "dense", "name": "logits", "out": 6}]}
JSON
chmod -R a+rX .

declare -A commands=(
  [train]="train ../images -o out/m.safetensors --epochs 1 --report out/report --kernels direct"
  [train_spec]="train ../images -o out/m.safetensors --arch ../spec.json --epochs 1 --kernels direct"
  [classify]="classify ../images -o out --model $model --kernels direct"
  [explain]="classify ../images -o out --model $model --explain --kernels direct"
  [evaluate]="evaluate ../images -o out --model $model --kernels direct"
  [report]="report ../named/predictions.csv -o out"
  [check]="check ../images -o out"
  [extract]="extract ../images -o out/features --model $model --layer features --kernels direct"
  [explore]="explore ../images -o out --model $model --kernels direct"
  [quantize]="quantize $model --calibrate ../images -o out/m8.safetensors --kernels direct"
  [extend]="extend ../images --model $model -o out/m2.safetensors --max-forget 100 --kernels direct"
  [search]="search ../images -o out --grid ../grid.json --folds 2 --epochs 1 --input-size 32 --set /search/train/arch=vgg16-slim --set /search/train/width=0.125 --set /search/train/validation=0.5"
  [bench]="bench --arch ../spec.json -o out/bench.json"
  [info]="info $model"
  [synth]="synth -o out --per-class 2 --size 64")

limits=()
if [ -n "$only_limit" ]; then
  limits=("$only_limit")
elif [ $quick = 1 ]; then
  limits=("v 150000" "v 300000" "v 600000" "n 4" "n 8" "f 0" "f 8" "s 128" "s 512")
  [ "$(id -u)" = 0 ] && limits+=("u 1" "u 2")
else
  for kib in 100000 150000 200000 250000 300000 350000 400000 500000 600000 700000 800000 1000000; do limits+=("v $kib"); done
  for files in 3 4 5 6 7 8 9 10 12 14 16 20; do limits+=("n $files"); done
  for kib in 0 1 8 64 512; do limits+=("f $kib"); done
  for kib in 32 64 128 256 512 1024; do limits+=("s $kib"); done
  [ "$(id -u)" = 0 ] && for threads in 1 2 3 4 8; do limits+=("u $threads"); done
fi

# In a folder of its own. $1: its name, $2: threads, $3: the command's name, $4: the limit or nothing.
run() {
  rm -rf "$work/$1"; mkdir -m 777 "$work/$1"; cd "$work/$1"; mkdir -m 777 out cache
  local set_limit="" as_user=()
  [ -n "$4" ] && set_limit="ulimit -$4;"
  [[ "$4" = u* ]] && as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  XDG_CACHE_HOME=$PWD/cache OMP_WAIT_POLICY=passive timeout 300 "${as_user[@]}" bash -c "$set_limit exec \"\$@\"" bash \
    "$program" ${commands[$3]} --threads "$2" 2>&1 >stdout </dev/null | cat >stderr  # not limited
  local code=${PIPESTATUS[0]}
  rm -rf cache
  return $code
}

# What no limit is to change. Times and dates are not compared.
differs() {
  diff -rq -x '*.pdf' -x '*.html' -x 'bench.json' -x 'stdout' -x 'stderr' -x '*.config.json' -x '*.log.csv' \
    -x 'learning_curves*' -x 'search*' -x 'report.*' "$work/$1" "$work/$2"
}

failures=0 runs=0
complain() { echo "$name, --threads $threads, ulimit -$limit: $1" >&2; sed 's/^/    /' "$work/limited/stderr" | head -5 >&2; failures=$((failures + 1)); }
judge() {
  local code=$1
  if [ "$code" = 127 ] && grep -q "error while loading shared libraries" "$work/limited/stderr"; then return; fi
  if [ "$code" = 126 ] && grep -qi "argument list too long\|cannot allocate" "$work/limited/stderr"; then return; fi
  if grep -qE "unexpected error|terminate called|libgomp|what\(\)" "$work/limited/stderr"; then complain "exit $code"; return; fi
  case $code in
    0) differs whole limited >"$work/difference" || { cat "$work/difference" >&2; complain "exit 0, and another output"; } ;;
    3 | 5) grep -q "^steelsight: " "$work/limited/stderr" || complain "exit $code without a reason" ;;
    *) complain "exit $code" ;;
  esac
}

for name in train train_spec classify explain evaluate report check extract explore quantize extend search bench info synth; do
  [ -n "$only_command" ] && [ "$only_command" != "$name" ] && continue
  for threads in 1 2; do
    limit="none"
    run whole $threads $name "" || { code=$?; cp -r "$work/whole" "$work/limited"; complain "exit $code"; continue; }
    for limit in "${limits[@]}"; do
      run limited $threads $name "$limit"
      judge $?
      runs=$((runs + 1))
    done
  done
done
echo "$runs runs, $failures of them ended as they should not"
[ $failures = 0 ]
