#!/usr/bin/env bash
# Installs what steelsight is built with, from Debian's own packages (Debian 12 and 13).
# Works as root or through sudo; installs only what is missing, so that a second run is instant.
#   scripts/setup.sh                what building, running and testing need
#   scripts/setup.sh --build        only what building and running need
#   scripts/setup.sh --lint         what building and scripts/lint.sh need
#   scripts/setup.sh --references   all of it, and what regenerates the reference values of the tests
#                                   (PyTorch, scikit-learn) and fuzzes (clang)
set -euo pipefail

packages=(
  g++ cmake ninja-build pkg-config ca-certificates
  libopencv-dev            # decoding, resizing
  libdnnl-dev              # oneDNN: the network's kernels
  nlohmann-json3-dev libboost-filesystem-dev libcli11-dev
  libhdf5-dev              # weights files of Keras
  libcsv-dev               # CSV reading and writing
  libxxhash-dev            # content hashes of images
  libutf8proc-dev          # labels that differ only in case or Unicode form
  libcairo2-dev            # figures as PNG and SVG
  fonts-dejavu-core        # the figures' font
  libkainjow-mustache-dev  # report templates
)
tests=(
  libgtest-dev libgmock-dev make
  chromium chromium-driver python3 python3-selenium  # reports are opened as their readers do
  strace                                             # kills, full disks: scripts/faults.sh
)
lint=(clang-format clang-tidy libomp-dev)  # clang-tidy has no omp.h of its own
references=(python3-torch python3-torchvision python3-sklearn python3-numpy python3-opencv python3-h5py time
  clang libclang-rt-dev)

case "${1:-}" in
  "") packages+=("${tests[@]}") ;;
  --build) ;;
  --lint) packages+=("${lint[@]}") ;;
  --references) packages+=("${tests[@]}" "${lint[@]}" "${references[@]}") ;;
  *) echo "usage: scripts/setup.sh [--build | --lint | --references]" >&2; exit 2 ;;
esac

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: all ${#packages[@]} packages are installed"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: run this as root, or install sudo" >&2; exit 1; }
  as_root=(sudo env DEBIAN_FRONTEND=noninteractive)
fi

echo "setup: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() { "$@" >"$log" 2>&1 || { cat "$log" >&2; echo "setup: failed: $*" >&2; exit 1; }; }
export DEBIAN_FRONTEND=noninteractive  # sudo drops it, hence env above
quietly "${as_root[@]}" apt-get update
quietly "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"
echo "setup: done"
