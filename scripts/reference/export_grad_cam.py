#!/usr/bin/env python3
"""Exports Grad-CAM maps of the small VGG16s of export_vgg.py, computed by PyTorch.

    scripts/reference/export_grad_cam.py tests/models/data

reads vgg_plain.safetensors and vgg_bn.safetensors there and writes grad_cam.json: for each network
and layer the maps of the six images, each for its label. The activations are taken from the layer
and the gradients of the label's logit from PyTorch's autograd, in float64 and evaluation mode:
map = relu(sum over channels of mean(gradient) * activation).
"""
import json
import pathlib
import struct
import sys

import numpy as np
import torch
from torch.nn import functional as F

CONVOLUTIONS = [(block, conv) for block, count in enumerate((2, 2, 3, 3, 3), 1) for conv in range(1, count + 1)]
LAYERS = ("block3_conv3", "block4_conv3_relu", "block4_pool", "block5_conv3", "block5_conv3_relu")


def read(file):
    raw = file.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    tensors = {}
    for name, entry in json.loads(raw[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(raw[8 + size + begin:8 + size + end], "<f4").reshape(entry["shape"])
            tensors[name] = torch.tensor(values.astype(np.float64))
    return tensors


def forward(tensors, kept):
    """Logits; the outputs of the layers named in `kept` are put there."""
    parameter = lambda name: tensors.get("param/" + name)

    def keep(name, x):
        if name in kept:
            x.retain_grad()
            kept[name] = x
        return x

    x = tensors["input"].clone().requires_grad_()
    for block, conv in CONVOLUTIONS:
        name = f"block{block}_conv{conv}"
        x = keep(name, F.conv2d(x, parameter(name + ".weight"), parameter(name + ".bias"), padding=1))
        if parameter(name + "_bn.weight") is not None:
            x = F.batch_norm(x, *(parameter(f"{name}_bn.{p}") for p in ("running_mean", "running_var", "weight", "bias")))
        x = keep(name + "_relu", F.relu(x))
        if (block, conv + 1) not in CONVOLUTIONS:
            x = keep(f"block{block}_pool", F.max_pool2d(x, 2))
    x = x.flatten(1)
    for name in ("fc1", "fc2"):
        x = F.relu(F.linear(x, parameter(name + ".weight"), parameter(name + ".bias")))
    return F.linear(x, parameter("predictions.weight"), parameter("predictions.bias"))


def maps(tensors):
    kept = dict.fromkeys(LAYERS)
    logits = forward(tensors, kept)
    assert torch.allclose(logits, tensors["logits_eval"], rtol=1e-4, atol=1e-6)
    labels = tensors["labels"].long()
    logits.gather(1, labels[:, None]).sum().backward()
    return {name: F.relu((a.grad.mean((2, 3), keepdim=True) * a).sum(1)).flatten().tolist() for name, a in kept.items()}


folder = pathlib.Path(sys.argv[1])
result = {kind: maps(read(folder / f"vgg_{kind}.safetensors")) for kind in ("plain", "bn")}
rounded = {kind: {name: [float(f"{v:.7g}") for v in values] for name, values in layers.items()}
           for kind, layers in result.items()}
(folder / "grad_cam.json").write_text(json.dumps(rounded) + "\n")
