#!/usr/bin/env bash
# How many images of a class that a model does not know are called unknown: holds out each class in
# turn, trains on the others, and evaluates on the held-out class and on the others' test part.
#   scripts/measure_unknown.sh DATASET [--false-alarms RATE] [--seed S] [--out DIR] [-- TRAIN OPTIONS]
# DATASET: class folders, or files named CLASS_NUMBER.bmp. The rate (0.05) is what the model
# promises from its validation part; what came true on the test part is printed beside it.
# Example:
#   scripts/measure_unknown.sh NEU-CLS --seed 1 -- --validation 0.2
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight=${STEELSIGHT:-$repository/build/release/pipeline/steelsight}
rate=0.05 seed=1 out=measure_unknown data=""
while [ $# -gt 0 ]; do
  case "$1" in
    --false-alarms) rate=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    --) shift; break ;;
    -*) sed -n '4s/^# *//p' "$0" >&2; exit 2 ;;
    *) data=$1; shift ;;
  esac
done
[ -d "$data" ] || { echo "measure_unknown: which DATASET (a folder)?" >&2; exit 2; }
[ -x "$steelsight" ] || { echo "measure_unknown: build first: scripts/build.sh" >&2; exit 2; }
data=$(cd "$data" && pwd)
mkdir -p "$out"
out=$(cd "$out" && pwd)

class_of() {  # a/b.bmp -> a; a_12.bmp -> a
  case "$1" in */*) echo "${1%%/*}" ;; *) echo "${1%_*}" ;; esac
}
images() {
  (cd "$data" && find -L . -type f -iregex '.*\.\(bmp\|png\|tiff?\|jpe?g\)' -printf '%P\n' | sort)
}
# link_classes CLASS KEEP FOLDER: symbolic links to the images of that class (KEEP is =), or to those
# of all others (KEEP is !=), under the same relative names.
link_classes() {
  local name
  rm -rf "$3"
  images | while IFS= read -r name; do
    [ "$(class_of "$name")" "$2" "$1" ] || continue
    mkdir -p "$(dirname "$3/$name")"
    ln -s "$data/$name" "$3/$name"
  done
}

images | while IFS= read -r name; do class_of "$name"; done | sort -u >"$out/classes.txt"
echo "held out        detected                 false alarms             wrong of the named"
while IFS= read -r class; do
  link_classes "$class" != "$out/known"
  "$steelsight" train "$out/known" -o "$out/$class.safetensors" --seed "$seed" "$@" \
    >"$out/$class.log"
  link_classes "$class" = "$out/probe"
  python3 - "$out" "$class" <<'PYTHON'
import json, os, sys
out, held = sys.argv[1:]
for name in json.load(open(f"{out}/{held}.split.json"))["test"]:
    os.makedirs(os.path.dirname(f"{out}/probe/{name}"), exist_ok=True)
    os.symlink(os.path.realpath(f"{out}/known/{name}"), f"{out}/probe/{name}")
PYTHON
  "$steelsight" evaluate "$out/probe" --model "$out/$class.safetensors" -o "$out/$class" \
    --false-alarms "$rate" --explain-by none >"$out/$class.evaluate.log"
  python3 - "$out/$class/report.json" "$class" <<'PYTHON'
import json, sys
accepted = json.load(open(sys.argv[1]))["calibration"]["accepted"]

def share(part, whole):
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none"

print(f"{sys.argv[2]:<15}", f"{share(accepted['n_other_unknown'], accepted['n_other']):<24}",
      f"{share(accepted['n'] - accepted['n_accepted'], accepted['n']):<24}",
      share(accepted["n_wrong"], accepted["n_accepted"]))
PYTHON
done <"$out/classes.txt"
rm -rf "$out/known" "$out/probe"
python3 - "$out" <<'PYTHON'
import json, sys
out = sys.argv[1]
cases = [json.load(open(f"{out}/{name.strip()}/report.json"))["calibration"]["accepted"]
         for name in open(f"{out}/classes.txt")]
detection = [c["detection"] for c in cases]
alarms = sum(c["n"] - c["n_accepted"] for c in cases) / sum(c["n"] for c in cases)
print(f"mean detection {100 * sum(detection) / len(detection):.1f} %, lowest "
      f"{100 * min(detection):.1f} %, at {100 * alarms:.1f} % false alarms on test images")
PYTHON
