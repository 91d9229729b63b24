#!/usr/bin/env bash
# Runs two builds of steelsight through the same commands and compares every byte that they write:
# models, predictions, reports, pages, figures, and what they print.
#   scripts/same_results.sh BEFORE AFTER OUT    two programs, and a folder that doesn't exist yet
# For a change of structure that must leave all results as they are. Kernels are direct, seeds and
# threads fixed; `bench` is left out, whose numbers are times. Exit code 1: something differs.
set -euo pipefail
if [ $# -ne 3 ]; then sed -n '2,6s/^# \?//p' "$0" >&2; exit 2; fi
repository=$(cd "$(dirname "$0")/.." && pwd)
before=$(realpath "$1") after=$(realpath "$2") out=$3
mkdir "$out"
out=$(realpath "$out")

# Both programs run in folders of the same name, one after the other: paths are part of what is
# printed and written.
run_all() {
  local program=$out/run/steelsight kept=$2
  export XDG_CACHE_HOME="$out/run/cache"
  mkdir -p "$out/run/models"
  cp "$1" "$program"
  cp -r "$repository/models/pretrained" "$out/run/models/"
  cd "$out/run"
  steelsight() {
    local name=$1; shift
    "$program" "$@" --seed 3 --threads 2 --kernels direct >"$name.out" 2>"$name.err" || echo "exit $?" >>"$name.err"
  }
  steelsight synth synth -o images --per-class 12
  "$program" synth -o new --per-class 8 --seed 9 >new.out
  rm new/{Cr,In,Pa,PS,RS}_* && mkdir new/Rust && mv new/Sc_* new/Rust/
  printf 'broken' >images/Cr_99.bmp
  printf 'a,b,label\n' >table.csv
  for i in $(seq 60); do echo "$((i % 7)).$i,$((i % 5)),$([ $((i % 7)) -gt 3 ] && echo up || echo down)" >>table.csv; done

  steelsight help --help
  for command in train classify evaluate extend quantize extract explore search check synth report info bench; do
    "$program" "$command" --help >"help.$command.out"
  done
  steelsight check check images -o check
  steelsight transfer train images -o transfer.safetensors --epochs 3 --report transfer
  steelsight default train images -o default.safetensors --set /train/stages='[{"freeze":"features","epochs":4},{"freeze":"block4_pool","epochs":1,"learning_rate":0.0001}]' --set /train/lower_rate=0.3
  steelsight scratch train images -o scratch.safetensors --arch vgg16-slim --input-size 48 --epochs 3 --balance sampler --report scratch
  steelsight squares train images -o squares.safetensors --freeze features --head least_squares --views 2
  steelsight folds train images -o folds.safetensors --arch vgg16-slim --input-size 32 --epochs 2 --balance weights --set /train/folds=3 --set /train/fold=1
  steelsight table train table.csv -o table.safetensors --arch mlp --epochs 8
  steelsight table_classify classify table.csv -o table_named --model table.safetensors
  steelsight classify classify images 'new/Rust/*.bmp' -o named --model transfer.safetensors --explain --max-error 0.9
  steelsight shipped classify images -o shipped_named
  steelsight evaluate evaluate images -o evaluated --model transfer.safetensors
  steelsight second evaluate images -o evaluated2 --model scratch.safetensors
  steelsight report report evaluated/predictions.csv -o reported
  steelsight compare report evaluated/predictions.csv evaluated2/predictions.csv -o compared
  steelsight extend extend new --model transfer.safetensors -o extended.safetensors --max-forget 100
  steelsight quantize quantize scratch.safetensors --calibrate images -o int8.safetensors
  steelsight int8 classify images -o int8_named --model int8.safetensors
  steelsight extract extract images -o features
  steelsight explore explore images -o explored
  "$program" info transfer.safetensors >info.out
  steelsight search search images -o searched --set /search/grid='{"grid":{"/dropout":[0,0.2]}}' --set /search/folds=0 --set /search/train='{"arch":"vgg16-slim","input_size":32,"epochs":2}' --set /search/parallel=1
  # Mistakes: what they say is a result as well.
  steelsight no_key train images -o x.safetensors --set /train/epoch=3
  steelsight no_range train images -o x.safetensors --epochs 0
  steelsight no_type classify images -o x --set /classify/max_error='"a"'
  steelsight no_model classify images -o x --model table.csv
  steelsight no_images evaluate nowhere -o x
  # Times are nobody's result.
  find . -name '*.log.csv' -exec sed -i 's/,[^,]*$//' {} +
  sed -Ei 's/(,|"seconds": )[0-9]+\.[0-9]{6,}(,?)$/\1SECONDS\2/' searched/search.csv searched/search_summary.csv searched/search.json
  sed -i 's/  [0-9:]* left$//' search.out
  sed -i 's/  [0-9]* \(images\|rows\)\/s  [0-9:]* left//; s/  [0-9.]* s$//' ./*.out
  cd "$out" && mv run "$kept"
}

run_all "$before" before
run_all "$after" after
if diff -rq before after; then
  echo "same: $(find after -type f | wc -l) files, $(ls after/*.err | wc -l) runs"
else
  exit 1
fi
