#!/usr/bin/env bash
# ResNet-50, computed by steelsight and by PyTorch, compared layer by layer: random weights in
# torchvision's layout; and a real file without batch norm, with the stride in the first 1x1, if you have
# one.
#   scripts/verify_resnet50_import.sh [--weights FILE] [--image FILE] [--out DIR]
# Needs the packages of `scripts/setup.sh --references`, and a build (scripts/build.sh).
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
steelsight=${STEELSIGHT:-$repository/build/release/pipeline/steelsight}
[ -x "$steelsight" ] || { echo "verify_resnet50_import: build first: scripts/build.sh" >&2; exit 2; }
exec /usr/bin/python3 "$repository/scripts/reference/verify_import.py" resnet50 --steelsight "$steelsight" "$@"
