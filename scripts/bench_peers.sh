#!/usr/bin/env bash
# steelsight beside ONNX Runtime, PyTorch and OpenCV's dnn: VGG16's trunk with the same weights at
# 224x224 and vgg16-slim at 112x112, on this machine. Checks that the outputs agree, times all in turns,
# writes OUT/peers.md, OUT/peers.svg and OUT/peers.json.
#   scripts/bench_peers.sh OUT [--threads 1,2] [--batch 1,8] [--rounds 3] [--seconds 2]
# Installs the peers: Debian's packages of `scripts/setup.sh --references`, and onnxruntime-node from
# npm in OUT (the CPU's library comes with the package; its install script would load CUDA's).
# Nothing else should run meanwhile. Needs a build (scripts/build.sh), node and npm.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight=${STEELSIGHT:-$repository/build/release/pipeline/steelsight}
[ -x "$steelsight" ] || { echo "bench_peers: build first: scripts/build.sh" >&2; exit 2; }
out=${1:?OUT}; shift
"$repository/scripts/setup.sh" --references
mkdir -p "$out"
[ -d "$out/node_modules/onnxruntime-node" ] ||
  npm install --prefix "$out" --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0
# By default PyTorch may give back what it freed after each step, and then waits for fresh pages for
# longer than it computes: here every engine keeps its memory.
export MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_MMAP_THRESHOLD_=17179869184
exec /usr/bin/python3 "$repository/scripts/reference/bench_peers.py" --steelsight "$steelsight" \
  --out "$out" "$@"
