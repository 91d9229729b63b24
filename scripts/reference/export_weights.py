#!/usr/bin/env python3
"""Exports weights files as other programs write them, with the logits that PyTorch gets from them.

    scripts/reference/export_weights.py OUTPUT_DIR [--imagenet SHARED_DIR]

writes a VGG16 with its channels divided by 32, a 3x64x96 input, fc1 = fc2 = 8 units and 7 classes, with
random weights, in each layout that VGG16's users have:

    keras_flat.h5                weights file of Keras 1: block1_conv1/block1_conv1_W_1:0
    keras_nested.h5              whole model of Keras 2: the convolutions are a model that is a layer of
                                 it, model_weights/vgg16/block1_conv1/kernel:0
    torchvision.safetensors      features.0.weight, classifier.0.weight
    torchvision_f16.safetensors  the same rounded to F16
    torchvision_bn.safetensors   with batch norm, and biases before it
    timm_bf16.safetensors        dense layers as convolutions pre_logits.fc1, .fc2; rounded to BF16
    image.png                    96x64, colour
    logits.json                  for each file the logits of image.png

The last block gives 2x3 pixels, so the order in which they are flattened matters, and rows and columns
cannot be mistaken for each other. Keras' files are computed by Keras' rules (values of the files as they
are, channels last when flattened, BGR from 0 to 255 less ImageNet's mean), the others by torchvision's
network and preprocessing; in float64, from what the files hold.

With --imagenet also imagenet.safetensors, the features of image.png that PyTorch computes with the real
files SHARED_DIR/vgg16/vgg16_imagenet_blocks1-2.h5 and SHARED_DIR/resnet50/resnet50_imagenet_bnfolded
.safetensors, resized to 224x224 by OpenCV: vgg16/block2_pool, resnet50/layer3, resnet50/layer4 (means
over the pixels) and resnet50/fc.

Needs PyTorch, torchvision, h5py, NumPy and OpenCV: `scripts/setup.sh --references`.
"""

import argparse
import json
import pathlib
import struct

import cv2
import h5py
import numpy as np
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # channels, convolutions
CAFFE_MEAN = (103.939, 116.779, 123.68)  # BGR
TORCH_MEAN, TORCH_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # RGB


# ---- images ----


def synthetic_image(height, width, random):
    """Smooth stripes of another direction in each channel, with noise: BGR, uint8."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    waves = [np.sin(17 * x + 5 * y), np.sin(9 * x - 13 * y + 1), np.cos(21 * y + 3 * x * x)]
    image = 127 + np.stack([a * w for a, w in zip((90, 60, 75), waves)], axis=-1)
    return np.clip(image + random.normal(0, 12, image.shape), 0, 255).astype(np.uint8)


def caffe_planes(image, dtype):
    """1,3,H,W from a BGR image: as Keras' VGG16 wants it, but channels first, as PyTorch does."""
    planes = torch.from_numpy(image).to(dtype) - torch.tensor(CAFFE_MEAN, dtype=dtype)
    return planes.permute(2, 0, 1)[None].contiguous()


def torchvision_planes(image, dtype):
    planes = torch.from_numpy(image[:, :, ::-1].copy()).to(dtype) / 255
    planes = (planes - torch.tensor(TORCH_MEAN, dtype=dtype)) / torch.tensor(TORCH_STD, dtype=dtype)
    return planes.permute(2, 0, 1)[None].contiguous()


# ---- Keras' VGG16 ----


def keras_weights(divisor, hidden, classes, pixels, random):
    """[(layer, kernel, bias)] in Keras' layouts: kernel rows,columns,in,out or in,out."""
    layers, channels = [], 3

    def append(name, shape):
        kernel = random.standard_normal(shape) * np.sqrt(2 / np.prod(shape[:-1]))
        bias = random.standard_normal(shape[-1:]) * 0.5
        layers.append((name, kernel.astype(np.float32), bias.astype(np.float32)))

    for block, (out, convolutions) in enumerate(BLOCKS, 1):
        for i in range(1, convolutions + 1):
            append(f"block{block}_conv{i}", (3, 3, channels, out // divisor))
            channels = out // divisor
    append("fc1", (pixels * channels, hidden))
    append("fc2", (hidden, hidden))
    append("predictions", (hidden, classes))
    return layers


def keras_activations(layers, planes):
    """What each layer of a Keras VGG16 gives, by name; pooled blocks as block1_pool."""
    values, x = {}, planes
    for at, (name, kernel, bias) in enumerate(layers):
        kernel, bias = (torch.from_numpy(array).to(x.dtype) for array in (kernel, bias))
        if kernel.dim() == 4:
            x = F.relu(F.conv2d(x, kernel.permute(3, 2, 0, 1), bias, padding=1))
            if at + 1 == len(layers) or layers[at + 1][0][:6] != name[:6]:
                x = F.max_pool2d(x, 2)
                values[name.split("_")[0] + "_pool"] = x
        else:
            if x.dim() == 4:
                x = x.permute(0, 2, 3, 1).flatten(1)  # channels last, as Keras has them
            x = x @ kernel + bias
            x = x if name == "predictions" else F.relu(x)
            values[name] = x
    return values


def write_names(group, attribute, names):
    group.attrs[attribute] = np.array([name.encode() for name in names])


def write_keras_flat(path, layers):
    with h5py.File(path, "w") as file:
        write_names(file, "layer_names", [name for name, _, _ in layers])
        for name, kernel, bias in layers:
            group = file.create_group(name)
            names = [f"{name}_W_1:0", f"{name}_b_1:0"]
            write_names(group, "weight_names", names)
            group[names[0]], group[names[1]] = kernel, bias


def write_keras_nested(path, layers):
    inside = [layer for layer in layers if layer[0].startswith("block")]
    parts = [("input_1", []), ("vgg16", inside), ("flatten", [])]
    parts += [(layer[0], [layer]) for layer in layers[len(inside) :]]
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.11.0"
        root = file.create_group("model_weights")
        write_names(root, "layer_names", [name for name, _ in parts])
        for part, contents in parts:
            group, names = root.create_group(part), []
            for name, kernel, bias in contents:
                group[f"{name}/kernel:0"], group[f"{name}/bias:0"] = kernel, bias
                names += [f"{name}/kernel:0", f"{name}/bias:0"]
            write_names(group, "weight_names", names)


# ---- safetensors ----

TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def write_safetensors(path, tensors, dtype="F32"):
    """https://github.com/huggingface/safetensors#format"""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * (4 if dtype == "F32" else 2)
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            values = tensor.detach().to(TYPES[dtype]).contiguous()
            if dtype != "F32":
                values = values.view(torch.int16)
            file.write(values.numpy().tobytes())


def read_safetensors(path):
    """F32 and F16, as float32."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(data[begin:end], {"F32": "<f4", "F16": "<f2"}[entry["dtype"]])
            tensors[name] = torch.from_numpy(values.astype(np.float32).reshape(entry["shape"]))
    return tensors


def without_counters(state):
    return {name: tensor for name, tensor in state.items() if not name.endswith("num_batches_tracked")}


def timm_names(state):
    """torchvision's VGG16 as timm stores it."""
    names = {"classifier.0": "pre_logits.fc1", "classifier.3": "pre_logits.fc2", "classifier.6": "head.fc"}
    renamed = {}
    for name, tensor in state.items():
        layer, kind = name.rsplit(".", 1)
        if name == "classifier.0.weight":
            channels = state["features.28.weight"].shape[0]
            tensor = tensor.reshape(tensor.shape[0], channels, *FLATTENED)
        elif name == "classifier.3.weight":
            tensor = tensor[:, :, None, None]
        renamed[f"{names.get(layer, layer)}.{kind}"] = tensor
    return renamed


# ---- torchvision's networks ----

FLATTENED = (2, 3)  # rows and columns of the small network's last block


def small_vgg16(batch_norm, divisor, hidden, classes):
    channels = []
    for out, convolutions in BLOCKS:
        channels += [out // divisor] * convolutions + ["M"]
    features = torchvision.models.vgg.make_layers(channels, batch_norm)
    net = torchvision.models.VGG(features, num_classes=classes, init_weights=False)
    net.avgpool = nn.Identity()  # of 7x7: nothing is left to average at 224x224 either
    inputs = BLOCKS[-1][0] // divisor * FLATTENED[0] * FLATTENED[1]
    net.classifier[0] = nn.Linear(inputs, hidden)
    net.classifier[3] = nn.Linear(hidden, hidden)
    net.classifier[6] = nn.Linear(hidden, classes)
    return net.eval()


def randomise(net, generator):
    """He's initialisation; everything that usually starts at 0 or 1 is moved off it."""
    for name, tensor in without_counters(net.state_dict()).items():
        if tensor.dim() > 1:
            tensor.normal_(0, (2 / tensor[0].numel()) ** 0.5, generator=generator)
        elif name.endswith("running_var"):
            tensor.uniform_(0.5, 2, generator=generator)
        elif name.endswith("weight"):
            tensor.uniform_(0.7, 1.3, generator=generator)
        else:
            tensor.normal_(0, 0.2, generator=generator)


def rounded(net, dtype):
    """The network with its weights rounded as a file of this type rounds them."""
    state = net.state_dict()
    net.load_state_dict({name: tensor.to(dtype).to(tensor.dtype) for name, tensor in state.items()})
    return net


def folded_resnet50():
    """torchvision's ResNet-50 without batch norm; a stage's stride in its first 1x1 convolution."""
    net = torchvision.models.resnet50(weights=None)

    def replace(module):
        for name, child in module.named_children():
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, name, nn.Identity())
            elif isinstance(child, nn.Conv2d):
                child.bias = nn.Parameter(torch.zeros(child.out_channels))
            replace(child)

    replace(net)
    for stage in (net.layer2, net.layer3, net.layer4):
        stage[0].conv1.stride, stage[0].conv2.stride = (2, 2), (1, 1)
    return net.eval()


def resnet50_activations(net, planes):
    """Means over the pixels of layer3 and layer4, and the logits."""
    x = net.maxpool(net.relu(net.bn1(net.conv1(planes))))
    layer3 = net.layer3(net.layer2(net.layer1(x)))
    layer4 = net.layer4(layer3)
    pooled = layer4.mean((2, 3))
    return {"layer3": layer3.mean((2, 3)), "layer4": pooled, "fc": net.fc(pooled)}


# ---- the files ----


def export_small(folder, image):
    divisor, hidden, classes = 32, 8, 7
    logits = {}
    layers = keras_weights(divisor, hidden, classes, FLATTENED[0] * FLATTENED[1], np.random.RandomState(1))
    values = keras_activations(layers, caffe_planes(image, torch.float64))["predictions"]
    for name, write in (("keras_flat.h5", write_keras_flat), ("keras_nested.h5", write_keras_nested)):
        write(folder / name, layers)
        logits[name] = values

    generator = torch.Generator().manual_seed(2)
    planes = torchvision_planes(image, torch.float64)
    for name, batch_norm, dtype in (
        ("torchvision", False, "F32"),
        ("torchvision_f16", False, "F16"),
        ("timm_bf16", False, "BF16"),
        ("torchvision_bn", True, "F32"),
    ):
        net = small_vgg16(batch_norm, divisor, hidden, classes)
        randomise(net, generator)
        state = net.state_dict()
        if name.startswith("timm"):
            state = timm_names(state)
        write_safetensors(folder / f"{name}.safetensors", state, dtype)
        logits[f"{name}.safetensors"] = rounded(net, TYPES[dtype]).double()(planes)
    text = {name: [float(value) for value in row[0]] for name, row in logits.items()}
    (folder / "logits.json").write_text(json.dumps(text, indent=1) + "\n")


def export_imagenet(folder, image, shared):
    image = cv2.resize(image, (224, 224), interpolation=cv2.INTER_LINEAR)
    with h5py.File(shared / "vgg16" / "vgg16_imagenet_blocks1-2.h5") as file:
        layers = []
        for name in file.attrs["layer_names"]:
            group = file[name]
            kernel, bias = (group[weight][()] for weight in group.attrs["weight_names"])
            layers.append((name.decode(), kernel, bias))
    block2 = keras_activations(layers, caffe_planes(image, torch.float64))["block2_pool"]
    net = folded_resnet50()
    net.load_state_dict(read_safetensors(shared / "resnet50" / "resnet50_imagenet_bnfolded.safetensors"))
    values = resnet50_activations(net.double(), torchvision_planes(image, torch.float64))
    tensors = {"vgg16/block2_pool": block2.mean((2, 3))[0]}
    tensors.update((f"resnet50/{name}", value[0]) for name, value in values.items())
    write_safetensors(folder / "imagenet.safetensors", tensors)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output_dir", type=pathlib.Path)
    parser.add_argument("--imagenet", type=pathlib.Path, metavar="SHARED_DIR")
    arguments = parser.parse_args()
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # the order of sums, and so the bytes, must not depend on the machine's cores
    image = synthetic_image(64, 96, np.random.RandomState(3))
    cv2.imwrite(str(arguments.output_dir / "image.png"), image)
    with torch.no_grad():
        export_small(arguments.output_dir, image)
        if arguments.imagenet:
            export_imagenet(arguments.output_dir, image, arguments.imagenet)


if __name__ == "__main__":
    main()
