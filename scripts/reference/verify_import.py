#!/usr/bin/env python3
"""Compares full-size networks with imported weights in steelsight and in PyTorch, layer by layer.

    scripts/reference/verify_import.py vgg16 --steelsight PROGRAM [--image FILE] [--out DIR]
    scripts/reference/verify_import.py resnet50 --steelsight PROGRAM [--weights FILE] ...

vgg16 writes VGG16 with random weights (138 M parameters) as the files that its users have, one after
the other, 553 MB each: Keras' HDF5 with and without top (BGR less the mean), torchvision's safetensors
in F32 and F16 (RGB, mean and deviation). resnet50 writes torchvision's layout with batch norm and random
weights; --weights is a real file without batch norm and with the stride in the first 1x1. `steelsight
extract` computes an image with each file, PyTorch the same graph from the same values.

Prints for every layer max|a - b| / max|b|, and exits with 1 if one is above the bound: 1e-4 for VGG16,
1e-3 for ResNet-50. Run by scripts/verify_vgg16_import.sh and scripts/verify_resnet50_import.sh.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import cv2
import numpy as np
import torch
import torchvision

import export_weights as weights

SIDE = 224
VGG_LAYERS = {"block5": "block5_pool", "fc1_relu": "fc1", "predictions": "predictions"}  # ours: Keras'


class Comparison:
    def __init__(self, arguments, folder, bound):
        self.steelsight, self.folder, self.bound = arguments.steelsight, folder, bound
        if arguments.image:
            image = cv2.imread(arguments.image, cv2.IMREAD_COLOR)
            if image is None:
                sys.exit(f"verify_import: {arguments.image} is no image")
            self.image = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        else:
            self.image = weights.synthetic_image(SIDE, SIDE, np.random.RandomState(3))
        (folder / "images").mkdir(exist_ok=True)
        cv2.imwrite(str(folder / "images" / "image_1.png"), self.image)
        self.failed = False

    def extract(self, arch, file, layers):
        """The joined features of our layers; and what they cost."""
        command = ["/usr/bin/time", "-v", self.steelsight, "extract"]
        command += [self.folder / "images", "-o", self.folder / "features"]
        command += ["--arch", arch, "--weights", file, "--layer", ",".join(layers)]
        command += ["--batch-size", "1", "--set", f"/extract/cache={self.folder / 'cache'}"]
        run = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(f"verify_import: steelsight failed: {run.stdout}{run.stderr}")
        memory = int(re.search(r"Maximum resident set size \(kbytes\): (\d+)", run.stderr)[1]) / 1024
        seconds = re.search(r"Elapsed \(wall clock\) time .*: (\S+)", run.stderr)[1]
        return np.load(self.folder / "features.npy")[0], f"peak memory {memory:.0f} MiB, {seconds} min"

    def compare(self, title, arch, file, expected):
        """expected: by our layer, what PyTorch has."""
        got, cost = self.extract(arch, file, expected.keys())
        print(f"{title} ({file.stat().st_size / 1e6:.0f} MB; {cost})")
        begin = 0
        for layer, value in expected.items():
            value = value.mean((2, 3)) if value.dim() == 4 else value
            value = value[0].numpy()
            ours = got[begin : begin + value.size]
            begin += value.size
            deviation = np.abs(ours - value).max() / np.abs(value).max()
            fits = deviation <= self.bound  # false for a NaN
            self.failed |= not fits
            verdict = "" if fits else "  TOO FAR"
            print(f"  {layer:12} {value.size:5} values, off by {deviation:.1e}{verdict}")
        if begin != got.size:
            sys.exit(f"verify_import: {got.size} features, expected {begin}")


def verify_keras_vgg16(comparison):
    planes = weights.caffe_planes(comparison.image, torch.float32)
    layers = weights.keras_weights(1, 4096, 1000, 7 * 7, np.random.RandomState(1))
    values = weights.keras_activations(layers, planes)
    for title, kept, names in (
        ("Keras HDF5 with top", layers, VGG_LAYERS),
        ("Keras HDF5 without top", layers[:13], ["block5"]),
    ):
        file = comparison.folder / "vgg16.h5"
        weights.write_keras_flat(file, kept)
        comparison.compare(title, "vgg16", file, {name: values[VGG_LAYERS[name]] for name in names})
        file.unlink()


def torchvision_vgg16_activations(net, planes):
    features = net.features(planes)
    flat = net.avgpool(features).flatten(1)
    return {"block5": features, "fc1_relu": net.classifier[:2](flat), "predictions": net.classifier(flat)}


def verify_torchvision_vgg16(comparison):
    planes = weights.torchvision_planes(comparison.image, torch.float32)
    net = torchvision.models.vgg16(weights=None, init_weights=False).eval()
    weights.randomise(net, torch.Generator().manual_seed(2))
    for dtype, precision in (("F32", torch.float32), ("F16", torch.float16)):
        file = comparison.folder / "vgg16.safetensors"
        weights.write_safetensors(file, net.state_dict(), dtype)
        expected = torchvision_vgg16_activations(weights.rounded(net, precision), planes)
        comparison.compare(f"torchvision safetensors {dtype}", "vgg16", file, expected)
        file.unlink()


def verify_resnet50(comparison, real_file):
    planes = weights.torchvision_planes(comparison.image, torch.float32)
    net = torchvision.models.resnet50(weights=None).eval()
    weights.randomise(net, torch.Generator().manual_seed(2))
    file = comparison.folder / "resnet50.safetensors"
    weights.write_safetensors(file, weights.without_counters(net.state_dict()))
    expected = weights.resnet50_activations(net, planes)
    comparison.compare("torchvision, batch norm, stride in the 3x3", "resnet50", file, expected)
    if real_file:
        net = weights.folded_resnet50()
        net.load_state_dict(weights.read_safetensors(real_file))
        expected = weights.resnet50_activations(net, planes)
        comparison.compare(f"{real_file.name}, stride in the first 1x1", "resnet50", real_file, expected)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("network", choices=("vgg16", "resnet50"))
    parser.add_argument("--steelsight", required=True)
    parser.add_argument("--image", help="instead of a synthetic one")
    parser.add_argument("--weights", type=pathlib.Path, help="resnet50: a real file too")
    parser.add_argument("--out", type=pathlib.Path, help="for the files, 1.2 GB; default: a temporary folder")
    arguments = parser.parse_args()
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.out, prefix="verify_import.") as folder, torch.no_grad():
        bound = 1e-4 if arguments.network == "vgg16" else 1e-3
        comparison = Comparison(arguments, pathlib.Path(folder), bound)
        if arguments.network == "vgg16":
            verify_keras_vgg16(comparison)
            verify_torchvision_vgg16(comparison)
        else:
            verify_resnet50(comparison, arguments.weights)
    if comparison.failed:
        sys.exit(f"verify_import: steelsight and PyTorch differ by more than {comparison.bound:.0e}")
    print(f"all within {comparison.bound:.0e}")


if __name__ == "__main__":
    main()
