#!/usr/bin/env python3
"""Exports golden values of two small VGG16s, computed by PyTorch, for the tests of models/.

    scripts/reference/export_vgg.py OUTPUT_DIR

writes OUTPUT_DIR/vgg_plain.safetensors and OUTPUT_DIR/vgg_bn.safetensors: the graph of VGG16
(Simonyan and Zisserman 2015, configuration D) with its channels divided by 16, 3x32x32 input,
fc1 = fc2 = 16 units and 5 classes, without and with a batch norm after every convolution. Needs
PyTorch 1.13 or later and NumPy, nothing else; the same versions give the same bytes.

Every tensor is F32. Names of layers are Keras's: `block1_conv1` ... `block5_conv3`, `fc1`, `fc2`,
`predictions`; the batch norm of a convolution is `<convolution>_bn`. A parameter is
`<layer>.weight` (OIHW for a convolution, [out, in] for a dense layer), `<layer>.bias`,
`<layer>.running_mean` or `<layer>.running_var`. With batch norm, convolutions have no bias. Flatten
is in the order C, H, W (here H = W = 1); there is no dropout; a batch norm has eps 1e-5 and
momentum 0.1 (running = 0.9 running + 0.1 batch, where running_var takes the unbiased variance and
normalisation the biased one).

    param/<p>        parameters and running statistics at the start
    input, labels    [6, 3, 32, 32] and [6]: one batch, used everywhere below
    logits_eval      [6, 5], normalised by the running statistics
    logits_train     [6, 5], normalised by the batch's statistics
    loss             [1], mean softmax cross-entropy of logits_train
    grad/<p>         its gradient with respect to every trained parameter
    running/<p>      running statistics after that one training forward pass
    <opt>_loss       [10], loss of the training forward pass of each of ten steps from param/, each
                     taken before its update; <opt> is
                       sgd   SGD, lr 0.01, momentum 0.9, weight decay 5e-4 (L2, on all parameters)
                       adam  Adam, lr 1e-3, betas 0.9 and 0.999, eps 1e-8, no weight decay
    <opt>_final/<p>  parameters and running statistics after the ten steps
    <opt>_logits     [6, 5], evaluation logits after the ten steps

All is computed in float64 from parameters and inputs that float32 represents exactly, and stored
rounded to float32. The script computes the same in PyTorch's float32 and prints how far that is off:
for every group, the largest over its tensors of max|a - b| / max|b|. A test's tolerance should be a
small multiple of it. The seeds are chosen for networks that learn and stay clear of the kinks of ReLU
and max-pooling, where a rounding error in one step becomes a visible one in the next: with other
seeds float32 can be off by a few per cent after ten steps, in PyTorch as in any other engine.
"""

import argparse
import json
import pathlib
import struct

import numpy as np
import torch
from torch import nn

BLOCKS = ((4, 2), (8, 2), (16, 3), (32, 3), (32, 3))  # channels (VGG16's / 16), convolutions
SIDE, BATCH, HIDDEN, CLASSES, STEPS = 32, 6, 16, 5, 10

OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=5e-4),
    "adam": lambda p: torch.optim.Adam(p, lr=1e-3, betas=(0.9, 0.999), eps=1e-8),
}


def vgg16(batch_norm):
    """The network, with Keras's names; activations and poolings have no parameters to name."""
    net = nn.Sequential()
    channels = 3
    for block, (out, convolutions) in enumerate(BLOCKS, 1):
        for i in range(1, convolutions + 1):
            name = f"block{block}_conv{i}"
            net.add_module(name, nn.Conv2d(channels, out, 3, padding=1, bias=not batch_norm))
            if batch_norm:
                net.add_module(name + "_bn", nn.BatchNorm2d(out, eps=1e-5, momentum=0.1))
            net.add_module(name + "_relu", nn.ReLU())
            channels = out
        net.add_module(f"block{block}_pool", nn.MaxPool2d(2))
    net.add_module("flatten", nn.Flatten())
    features = channels * (SIDE // 2 ** len(BLOCKS)) ** 2
    for name, out in (("fc1", HIDDEN), ("fc2", HIDDEN), ("predictions", CLASSES)):
        net.add_module(name, nn.Linear(features, out))
        if name != "predictions":
            net.add_module(name + "_relu", nn.ReLU())
        features = out
    return net


def state(net):
    """Parameters and running statistics by name, without PyTorch's counter of batches."""
    return {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}


def initial_parameters(net, batch_norm, random):
    """He's initialisation; everything that usually starts at 0 or 1 is moved off it.

    Before a batch norm the scale of a convolution's weights leaves the outputs as they are and
    divides the gradients. Doubled, it keeps ten steps of SGD at this learning rate from being chaotic.
    """
    parameters = {}
    for name, tensor in state(net).items():
        shape = tuple(tensor.shape)
        if name.endswith(".weight") and len(shape) > 1:
            fan_in = np.prod(shape[1:])
            value = random.normal(0.0, np.sqrt(2.0 / fan_in), shape)
            if batch_norm and len(shape) == 4:
                value *= 2.0
        elif name.endswith(".weight"):  # a batch norm's
            value = random.uniform(0.7, 1.3, shape)
        elif name.endswith(".running_var"):  # near what the doubled weights give
            value = random.uniform(3.0, 5.0, shape)
        else:  # biases and running means
            value = random.normal(0.0, 0.1, shape)
        parameters[name] = value.astype(np.float32)
    return parameters


def random_images(random):
    """Noise on patches of 8x8 pixels: noise alone looks the same everywhere to the deep layers."""
    noise = random.normal(0.0, 1.0, (BATCH, 3, SIDE, SIDE))
    patches = random.normal(0.0, 1.0, (BATCH, 3, SIDE // 8, SIDE // 8))
    return (noise + np.kron(patches, np.ones((1, 1, 8, 8)))).astype(np.float32)


def load(net, parameters):
    net.load_state_dict({k: torch.from_numpy(v) for k, v in parameters.items()}, strict=False)


def evaluate(net, images):
    net.eval()
    with torch.no_grad():
        return net(images)


def golden_values(net, parameters, images, labels, dtype):
    """Everything the file holds, computed in `dtype`, as float64 arrays by name."""
    net = net.to(dtype)
    images = torch.from_numpy(images).to(dtype)
    labels = torch.from_numpy(labels).long()
    cross_entropy = nn.CrossEntropyLoss()
    values = {}

    def keep(name, tensor):
        values[name] = tensor.detach().clone().double().numpy()

    load(net, parameters)
    keep("logits_eval", evaluate(net, images))
    net.train()
    logits = net(images)
    loss = cross_entropy(logits, labels)
    net.zero_grad()
    loss.backward()
    keep("logits_train", logits)
    keep("loss", loss.reshape(1))
    for name, parameter in net.named_parameters():
        keep("grad/" + name, parameter.grad)
    for name, statistic in state(net).items():
        if ".running_" in name:
            keep("running/" + name, statistic)

    for optimizer_name, make_optimizer in OPTIMIZERS.items():
        load(net, parameters)
        net.train()
        optimizer = make_optimizer(net.parameters())
        losses = []
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = cross_entropy(net(images), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        keep(optimizer_name + "_loss", torch.stack(losses))
        for name, tensor in state(net).items():
            keep(f"{optimizer_name}_final/{name}", tensor)
        keep(optimizer_name + "_logits", evaluate(net, images))
    return values


def print_deviation(values, reference):
    worst = {}
    for name, expected in reference.items():
        scale = np.abs(expected).max()
        deviation = np.abs(values[name] - expected).max() / scale if scale > 0 else 0.0
        group = name.split("/")[0]
        worst[group] = max(worst.get(group, (0.0, "")), (deviation, name))
    for group, (deviation, name) in worst.items():
        print(f"  {group:13} float32 off by {deviation:.1e}" + (f" ({name})" if name != group else ""))


def save_safetensors(path, tensors, metadata):
    """https://github.com/huggingface/safetensors#format, F32 only."""
    header, offset = {"__metadata__": metadata}, 0
    for name, tensor in tensors.items():
        size = 4 * tensor.size
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(np.ascontiguousarray(tensor, "<f4").tobytes())


def export(path, batch_norm, seed):
    random = np.random.RandomState(seed)  # its stream never changes, unlike default_rng's
    net = vgg16(batch_norm)
    parameters = initial_parameters(net, batch_norm, random)
    images = random_images(random)
    labels = (np.arange(BATCH) % CLASSES).astype(np.float32)

    values = golden_values(net, parameters, images, labels, torch.float64)
    print(f"{path.name}: seed {seed}")
    for optimizer in OPTIMIZERS:
        print(f"  {optimizer + '_loss':13}", " ".join(f"{x:.4f}" for x in values[optimizer + "_loss"]))
    print_deviation(golden_values(net, parameters, images, labels, torch.float32), values)

    tensors = {"param/" + name: value for name, value in parameters.items()}
    tensors.update(input=images, labels=labels)
    tensors.update((name, value.astype(np.float32)) for name, value in values.items())
    metadata = {
        "source": f"scripts/reference/export_vgg.py, PyTorch {torch.__version__}",
        "channels": ",".join(str(out) for out, _ in BLOCKS),
        "seed": str(seed),
    }
    save_safetensors(path, tensors, metadata)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output_dir", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # the order of sums, and so the bytes, must not depend on the machine's cores
    export(arguments.output_dir / "vgg_plain.safetensors", batch_norm=False, seed=57)
    export(arguments.output_dir / "vgg_bn.safetensors", batch_norm=True, seed=12)


if __name__ == "__main__":
    main()
