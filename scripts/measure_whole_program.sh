#!/usr/bin/env bash
# The program around the network: how long one image takes, start included; at which share of the
# network's own rate (`bench`) a folder is classified; whether memory stays flat.
#   scripts/measure_whole_program.sh DATASET OUT [--model FILE] [--threads N] [--many 100000]
# DATASET: a folder of images. --model: without it the shipped model. --many 0 leaves out the
# last part, which classifies links to the images. Needs python3 (standard library).
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight="${STEELSIGHT:-$repository/build/release/pipeline/steelsight}"
data=$(realpath "${1:?DATASET}") out=${2:?OUT}; shift 2
model=() threads=2 many=100000
while [ $# -gt 0 ]; do
  case "$1" in
    --model) model=(--model "$(realpath "$2")"); shift 2 ;;
    --threads) threads=$2; shift 2 ;;
    --many) many=$2; shift 2 ;;
    *) echo "measure_whole_program: what is '$1'?" >&2; exit 2 ;;
  esac
done
mkdir -p "$out"
out=$(realpath "$out")
export XDG_CACHE_HOME="$out/cache"  # kernels are timed anew, and kept

python3 - "$steelsight" "$data" "$out" "$threads" "$many" "${model[@]}" <<'PYTHON'
import json, os, statistics, subprocess, sys, time
program, data, out, threads, many = sys.argv[1:4] + [int(x) for x in sys.argv[4:6]]
model = sys.argv[6:]
images = sorted(name for name in os.listdir(data) if name.lower().endswith((".bmp", ".png", ".jpg", ".tif")))

def run(*words):
    """Seconds and MiB of a run."""
    begin = time.perf_counter()
    process = subprocess.Popen([program, *words, *model, "--threads", str(threads), "--quiet"])
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"measure_whole_program: steelsight {' '.join(words)} failed")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024

def classify(folder):
    return run("classify", folder, "-o", f"{out}/named")

def links(count):
    folder = f"{out}/links{count}"
    os.makedirs(folder, exist_ok=True)
    for i in range(count):
        link = f"{folder}/{i}{os.path.splitext(images[0])[1]}"
        if not os.path.lexists(link):
            os.symlink(f"{data}/{images[i % len(images)]}", link)
    return folder

one = f"{data}/{images[0]}"
first, _ = classify(one)
again = statistics.median(classify(one)[0] for _ in range(5))
print(f"one image: {first:.2f} s while kernels are timed, {again:.2f} s from then on")

classify(data)  # kernels of whole batches
runs, shares = [], []
for _ in range(3):  # in turn: the machine may be slower now than a minute ago
    run("bench", "--batch-size", "8", "--seconds", "10", "-o", f"{out}/bench.json")
    own = json.load(open(f"{out}/bench.json"))["batches"][0]["milliseconds"]
    runs.append(classify(data))
    each = 1e3 * (runs[-1][0] - again) / (len(images) - 1)
    shares.append(100 * own / each)
    print(f"behind the start {each:.3f} ms an image, the network alone {own:.3f}: {shares[-1]:.0f} %")
whole = statistics.median(seconds for seconds, _ in runs)
print(f"{len(images)} images: {whole:.2f} s, {max(mib for _, mib in runs):.0f} MiB; "
      f"{statistics.median(shares):.0f} % of the network's rate")

for count in (1000, many) if many else ():
    seconds, mib = classify(links(count))
    print(f"{count} links: {seconds:.1f} s, {mib:.0f} MiB")
PYTHON
