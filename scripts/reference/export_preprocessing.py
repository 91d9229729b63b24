#!/usr/bin/env python3
"""Writes tests/preprocessing/data/preprocessing.json: what the two conventions of VGG16 and the
interpolations give, computed with numpy from their definitions.

  keras        keras.applications.imagenet_utils.preprocess_input, mode "caffe"
  torchvision  transforms.ToTensor and Normalize of VGG16_Weights.IMAGENET1K_V1
  resized      16-bit images, pixel centres at half coordinates

Needs numpy alone: python3 scripts/reference/export_preprocessing.py
"""
import json
import pathlib

import numpy as np


def linear_weights(size, target):
    """target x size: the two nearest pixels, edges repeated."""
    weights = np.zeros((target, size))
    for i in range(target):
        x = (i + 0.5) * size / target - 0.5
        low = int(np.floor(x))
        for k, w in ((low, 1 - (x - low)), (low + 1, x - low)):
            weights[i, min(max(k, 0), size - 1)] += w
    return weights


def area_weights(size, target):
    """target x size: how much of each pixel a target pixel covers, for shrinking."""
    step = size / target
    weights = np.zeros((target, size))
    for i in range(target):
        for k in range(size):
            weights[i, k] = max(0.0, min((i + 1) * step, k + 1) - max(i * step, k)) / step
    return weights


def nearest_weights(size, target):
    weights = np.zeros((target, size))
    for i in range(target):
        weights[i, int(i * size / target)] = 1
    return weights


def planes(values):
    """H, W, C to a flat C, H, W list."""
    return [float(np.float32(v)) for v in np.transpose(values, (2, 0, 1)).ravel()]


def main():
    rng = np.random.RandomState(1)
    rgb = rng.randint(0, 256, (4, 5, 3))
    gray = rng.randint(0, 256, (4, 5, 1))
    keras_mean = np.array([103.939, 116.779, 123.68])
    torch_mean = np.array([0.485, 0.456, 0.406])
    torch_std = np.array([0.229, 0.224, 0.225])
    gray_rgb = np.repeat(gray, 3, axis=2)
    result = {
        "rgb": rgb.tolist(),
        "gray": gray[:, :, 0].tolist(),
        "keras_rgb": planes(rgb[:, :, ::-1] - keras_mean),
        "keras_gray": planes(gray_rgb - keras_mean),
        "torchvision_rgb": planes((rgb / 255 - torch_mean) / torch_std),
        "torchvision_gray": planes((gray_rgb / 255 - torch_mean) / torch_std),
        "resized": [],
    }
    wide = rng.randint(0, 65536, (7, 10))
    for name, make in (("linear", linear_weights), ("area", area_weights),
                       ("nearest", nearest_weights)):
        for height, width in ((7, 5), (4, 3), (14, 25)):
            if name == "area" and height > wide.shape[0]:
                continue
            resized = make(wide.shape[0], height) @ wide @ make(wide.shape[1], width).T
            result["resized"].append({
                "interpolation": name, "height": height, "width": width,
                "values": [float(np.float32(v)) for v in resized.ravel()]})
    result["wide"] = wide.tolist()
    path = pathlib.Path(__file__).resolve().parents[2] / "tests/preprocessing/data/preprocessing.json"
    path.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
