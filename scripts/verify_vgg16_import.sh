#!/usr/bin/env bash
# VGG16 of full size (random weights, in the layouts of Keras and torchvision, F32 and F16), computed by
# steelsight and by PyTorch, compared layer by layer; no download. Writes 553 MB at a time to a temporary
# folder (--out DIR: below DIR).
#   scripts/verify_vgg16_import.sh [--image FILE] [--out DIR]
# Needs the packages of `scripts/setup.sh --references`, and a build (scripts/build.sh).
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight=${STEELSIGHT:-$repository/build/release/pipeline/steelsight}
[ -x "$steelsight" ] || { echo "verify_vgg16_import: build first: scripts/build.sh" >&2; exit 2; }
exec /usr/bin/python3 "$repository/scripts/reference/verify_import.py" vgg16 --steelsight "$steelsight" "$@"
