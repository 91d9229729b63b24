#!/usr/bin/env bash
# Gets Keras' VGG16 weights of ImageNet: downloaded, or taken from a file that you have; verified, and
# whole or not at all.
#   scripts/fetch_vgg16_weights.sh [--top] [--from FILE] [-o DIR]
#     without --top   the convolutions, 59 MB: for features and transfer
#     --top           with the dense layers, 553 MB: fc1, fc2 and ImageNet's 1000 classes
#     --from FILE     no download: checks FILE and copies it
#     -o DIR          where to (default: weights)
# The files are those of Keras' own release (v0.1 of fchollet/deep-learning-models); the weights are by
# the Visual Geometry Group, Oxford, under the Creative Commons Attribution licence.
set -euo pipefail

usage() { sed -n 's/^#   //p' "$0" >&2; exit 2; }
fail() { echo "fetch_vgg16_weights: $*" >&2; exit 1; }

top=no from="" folder=weights
while [ $# -gt 0 ]; do
  case "$1" in
    --top) top=yes; shift ;;
    --from) [ $# -ge 2 ] || usage; from=$2; shift 2 ;;
    -o) [ $# -ge 2 ] || usage; folder=$2; shift 2 ;;
    *) usage ;;
  esac
done

# Keras publishes MD5 sums (keras/applications/vgg16.py). They tell a damaged or a wrong file; only a
# SHA-256 withstands one that was forged on purpose. Of the file without top a SHA-256 is published by
# those who pin it too; of the one with top none was found.
if [ "$top" = yes ]; then
  name=vgg16_weights_tf_dim_ordering_tf_kernels.h5
  size=553467096 sums=(md5:64373286793e3c8b2b4e3219cbf3544b)
else
  name=vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5
  size=58889256
  sums=(sha256:bfe5187d0a272bed55ba430631598124cff8e880b98d38c9e56c8d66032abdc1
        md5:6d6bbae143d832006294945121d1f1fc)
fi
urls=("https://github.com/fchollet/deep-learning-models/releases/download/v0.1/$name"
      "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/$name")

# FILE, and what to call it: prints what is wrong with it, or nothing.
fault() {
  local bytes sum kind expected
  bytes=$(stat -c %s "$1")
  [ "$bytes" -eq "$size" ] || { echo "$2 has $bytes bytes, expected $size"; return; }
  for sum in "${sums[@]}"; do
    kind=${sum%%:*} expected=${sum#*:}
    sum=$("${kind}sum" <"$1") sum=${sum%% *}
    [ "$sum" = "$expected" ] || { echo "$2 has $kind $sum, expected $expected"; return; }
  done
}

download() {
  if command -v curl >/dev/null; then
    curl --fail --location --proto '=https' --retry 2 --connect-timeout 20 --output "$2" "$1"
  elif command -v wget >/dev/null; then
    wget --https-only --tries 3 --timeout 20 --output-document "$2" "$1"
  else
    fail "needs curl or wget; or download $1 elsewhere and give it with --from FILE"
  fi
}

next_step() {
  local layers=block4,block5
  [ "$top" = no ] || layers=fc1_relu
  cat <<TEXT
Next: features of your images, or a classifier on them:
  steelsight extract IMAGES -o features --arch vgg16 --weights $target --layer $layers
  steelsight train IMAGES -o model.safetensors --arch vgg16 --weights $target \\
    --layer $layers --freeze features
TEXT
}

target=$folder/$name
if [ -f "$target" ] && [ -z "$(fault "$target" "$target")" ]; then
  echo "$target is there already, and right"
  next_step
  exit 0
fi
mkdir -p "$folder"
part=$(mktemp "$folder/.$name.XXXXXX")
trap 'rm -f "$part"' EXIT

if [ -n "$from" ]; then
  [ -f "$from" ] || fail "$from is not a file"
  wrong=$(fault "$from" "$from")
  [ -z "$wrong" ] || fail "$wrong: it is not Keras' $name"
  cp "$from" "$part"
else
  got=no
  for url in "${urls[@]}"; do
    echo "fetching $url"
    if download "$url" "$part"; then got=yes; break; fi
  done
  [ "$got" = yes ] || fail "no download worked: is there a network connection? On another computer,
download one of
$(printf '  %s\n' "${urls[@]}")
and give the file: scripts/fetch_vgg16_weights.sh$([ "$top" = no ] || echo " --top") --from FILE"
fi
wrong=$(fault "$part" "what came")
[ -z "$wrong" ] || fail "$wrong: it was thrown away"
chmod 644 "$part"
sync "$part"
mv "$part" "$target"
echo "$target: $size bytes, verified (${sums[*]%%:*})"
next_step
