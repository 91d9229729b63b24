#!/usr/bin/env bash
# What `extend` costs the old classes and gains for new ones: a model of some classes is trained, the
# others are added from 10, 50 and 200 images each, and all is tested on 50 held-out images a class,
# beside a model that was trained on everything.
#   scripts/measure_extend.sh DATASET OUT --new "In RS" [--counts "10 50 200"] [-- TRAIN OPTIONS]
# DATASET: files named CLASS_NUMBER.bmp. For instance
#   scripts/measure_extend.sh NEU-CLS out --new "In RS" -- --arch vgg16-slim --threads 1
# Needs python3 (standard library).
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight="${STEELSIGHT:-$repository/build/release/pipeline/steelsight}"
data=$(realpath "${1:?DATASET}") out=${2:?OUT}; shift 2
new="" counts="10 50 200"
while [ $# -gt 0 ]; do
  case "$1" in
    --new) new=$2; shift 2 ;;
    --counts) counts=$2; shift 2 ;;
    --) shift; break ;;
    *) echo "measure_extend: what is '$1'?" >&2; exit 2 ;;
  esac
done
[ -n "$new" ] || { echo "measure_extend: which classes are --new?" >&2; exit 2; }
mkdir -p "$out"
out=$(realpath "$out")

# Folders of links: old/ and all/ to learn from, new10/ ... to extend with, test/ and test_old/.
python3 - "$data" "$out" "$new" "$counts" <<'PYTHON'
import collections, os, random, shutil, sys
data, out, new, counts = sys.argv[1], sys.argv[2], sys.argv[3].split(), sys.argv[4].split()
classes = collections.defaultdict(list)
for name in sorted(os.listdir(data)):
    if name.endswith(".bmp"):
        classes[name.rsplit("_", 1)[0]].append(name)
draw, held_out = random.Random(1), 50

def link(folder, names):
    os.makedirs(f"{out}/{folder}", exist_ok=True)
    for name in names:
        os.symlink(f"{data}/{name}", f"{out}/{folder}/{name}")

for folder in ["old", "all", "test", "test_old"] + [f"new{n}" for n in counts]:
    shutil.rmtree(f"{out}/{folder}", ignore_errors=True)
for label, names in classes.items():
    draw.shuffle(names)
    learn, test = names[:-held_out], names[-held_out:]
    link("all", learn)
    link("test", test)
    if label in new:
        for n in counts:
            link(f"new{n}", learn[:int(n)])
    else:
        link("old", learn)
        link("test_old", test)
PYTHON

# NAME and the data set of an evaluation: accuracy over all, and over the old classes.
row() {
  "$steelsight" evaluate "$out/$2" --model "$out/$1.safetensors" -o "$out/$1" --quiet
  python3 - "$out/$1/report.json" "$new" <<'PYTHON'
import json, sys
report, new = json.load(open(sys.argv[1])), sys.argv[2].split()
old = [c for c in report["per_class"] if c["class"] not in new and c["support"] > 0]
recall = sum(c["recall"] for c in old) / len(old)
print(f"accuracy {100 * report['accuracy']:.2f} %, recall of the old classes {100 * recall:.2f} %")
PYTHON
}
train() { "$steelsight" train "$out/$1" -o "$out/$1.safetensors" --test 0 --seed 1 "${@:2}" >"$out/$1.log"; }

train old "$@"
echo "old classes alone: $(row old test_old)"
for n in $counts; do
  begin=$SECONDS
  "$steelsight" extend "$out/new$n" --model "$out/old.safetensors" -o "$out/extended$n.safetensors" \
    --max-forget 100 --seed 1 --set "/extend/cache=$out/cache$n" >"$out/extended$n.log"
  seconds=$((SECONDS - begin))
  echo "extended from $n images a class: $(row "extended$n" test), $seconds s"
done
train all "$@"
echo "trained on everything: $(row all test)"
