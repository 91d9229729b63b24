#!/usr/bin/env python3
"""Times the same networks in steelsight, ONNX Runtime, PyTorch and OpenCV's dnn, in turns.

    scripts/reference/bench_peers.py --steelsight PROGRAM --out DIR [--threads 1,2] [--batch 1,8] ...

VGG16's trunk at 224x224 with random weights (weights.safetensors, trunk.N.onnx and integers.N.onnx in
DIR): inference in f32 and in 8-bit integers, and a training step; and a training step of vgg16-slim at
112x112 with batches of 32. First the pooled output of one image is compared between all engines: 1e-4
of the largest value. Then, for each number of threads and batch size, ROUNDS rounds in which each engine
in its turn runs for SECONDS, three times at least, after a warm-up, and gives its median; what is written
is the median over the rounds, and the median of each round's share, steelsight's time divided by the
engine's: a machine that others use changes less within a round than between them. A training step is
forward, backward and AdamW. --what takes some of: inference,int8 inference,training. Run by scripts/bench_peers.sh,
which has onnxruntime-node in DIR/node_modules.
"""

import argparse
import dataclasses
import datetime
import html
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import cv2
import numpy as np
import torch
import torchvision

import export_weights as weights

SIDE, SLIM_SIDE, SLIM_BATCH = 224, 112, 32


@dataclasses.dataclass
class Network:
    title: str
    words: list  # for `steelsight bench`
    shape: tuple  # of an image
    net: torch.nn.Module


def timed(seconds, run):
    """The median milliseconds of a run."""
    run()
    times = []
    begin = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


class Steelsight:
    """Its program, once for each measurement; the kernels that it chose are kept in DIR."""

    def __init__(self, program, folder, network, kernels):
        self.program, self.folder, self.network, self.kernels = program, folder, network, kernels
        self.name = f"steelsight, {kernels} kernels"

    @classmethod
    def in_integers(cls, program, folder, network):
        engine = cls(program, folder, network, "direct")
        engine.network = dataclasses.replace(network, words=[*network.words, "--int8"])
        engine.name = "steelsight, int8"
        return engine

    def run(self, *words):
        environment = dict(os.environ, XDG_CACHE_HOME=str((self.folder / "cache").resolve()))
        command = [str(word) for word in (self.program, *words)]
        run = subprocess.run(command, capture_output=True, text=True, env=environment)
        if run.returncode != 0:
            sys.exit(f"bench_peers: {' '.join(command)}: {run.stdout}{run.stderr}")

    def bench(self, threads, batch, seconds, *more):
        file = self.folder / "bench.json"
        self.run("bench", *self.network.words, "--batch-size", batch, "--threads", threads,
                 "--kernels", self.kernels, "--seconds", seconds, "-o", file, *more)
        return json.loads(file.read_text())["batches"][0]

    def inference(self, threads, batch, seconds):
        return self.bench(threads, batch, seconds)["milliseconds"]

    def training(self, threads, batch, seconds):
        return self.bench(threads, batch, seconds, "--training")["training_milliseconds"]

    def output(self, image):
        (self.folder / "images").mkdir(exist_ok=True)
        cv2.imwrite(str(self.folder / "images" / "image_1.png"), image)
        kernels = self.folder / "cache" / "steelsight" / "kernels.json" if self.kernels == "timed" else "direct"
        self.inference(2, 1, 0)  # chooses the kernels
        self.run("extract", self.folder / "images", "-o", self.folder / "features", "--arch", "vgg16",
                 "--weights", self.folder / "weights.safetensors", "--layer", "block5", "--batch-size", 1,
                 "--threads", 2, "--kernels", kernels, "--set", f"/extract/cache={self.folder / 'features.cache'}")
        return np.load(self.folder / "features.npy")[0]


class OnnxRuntime:
    name = "ONNX Runtime"

    def __init__(self, folder, file="trunk", name=""):
        self.folder, self.file, self.name = folder, file, self.name + name
        script = pathlib.Path(__file__).with_name("bench_onnxruntime.js")
        self.process = subprocess.Popen(["node", script, folder.resolve()], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        package = json.loads((folder / "node_modules" / "onnxruntime-node" / "package.json").read_text())
        self.name += " " + package["version"]

    def ask(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            sys.exit("bench_peers: node failed")
        return answer

    def inference(self, threads, batch, seconds):
        self.ask("load", self.folder / f"{self.file}.{batch}.onnx", threads, batch)
        return float(self.ask("time", seconds)) / batch

    def output(self, image):
        planes = weights.torchvision_planes(image, torch.float32).numpy()
        planes.tofile(self.folder / "input.f32")
        self.ask("load", self.folder / f"{self.file}.1.onnx", 2, 1)
        self.ask("output", self.folder / "input.f32", self.folder / "output.f32")
        return np.fromfile(self.folder / "output.f32", np.float32).reshape(512, -1).mean(1)


class PyTorch:
    def __init__(self, network, layout):
        self.net, self.shape = network.net, network.shape
        self.layout = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        self.name = f"PyTorch {torch.__version__.split('a')[0]}, {layout}"

    def images(self, batch):
        return torch.randn(batch, *self.shape).to(memory_format=self.layout)

    def inference(self, threads, batch, seconds):
        torch.set_num_threads(threads)
        net, images = self.net.eval().to(memory_format=self.layout), self.images(batch)
        with torch.inference_mode():
            return timed(seconds, lambda: net(images)) / batch

    def training(self, threads, batch, seconds):
        torch.set_num_threads(threads)
        net, images = self.net.train().to(memory_format=self.layout), self.images(batch)
        optimizer = torch.optim.AdamW(net.parameters(), lr=1e-6)
        gradient = torch.randn_like(net(images))

        def step():
            optimizer.zero_grad(set_to_none=True)
            net(images).backward(gradient)
            optimizer.step()

        return timed(seconds, step) / batch

    def output(self, image):
        with torch.inference_mode():
            planes = weights.torchvision_planes(image, torch.float32).to(memory_format=self.layout)
            return self.net.eval()(planes).mean((2, 3))[0].numpy()


class OpenCv:
    name = f"OpenCV {cv2.__version__} dnn"

    def __init__(self, folder):
        self.folder = folder

    def load(self, threads, batch):
        cv2.setNumThreads(threads)
        return cv2.dnn.readNetFromONNX(str(self.folder / f"trunk.{batch}.onnx"))

    def inference(self, threads, batch, seconds):
        net = self.load(threads, batch)
        images = np.random.rand(batch, 3, SIDE, SIDE).astype(np.float32)

        def run():
            net.setInput(images)
            net.forward()

        return timed(seconds, run) / batch

    def output(self, image):
        net = self.load(2, 1)
        net.setInput(weights.torchvision_planes(image, torch.float32).numpy())
        return net.forward()[0].mean((1, 2))


class Quantised(torch.nn.Module):
    """VGG16's trunk as ONNX's QDQ: u8 values, s8 weights with a step for each output channel."""

    def __init__(self, layers, image):
        super().__init__()
        self.layers = torch.nn.ModuleList(layers)
        self.steps, values = [image.abs().max().item() / 127], image
        for layer in layers:
            values = layer(values)
            self.steps.append(values.max().item() / 255)

    def forward(self, values):
        values = torch.fake_quantize_per_tensor_affine(values, self.steps[0], 128, 0, 255)
        for layer, step in zip(self.layers, self.steps[1:]):
            if isinstance(layer, torch.nn.Conv2d):
                channels = layer.weight.detach().abs().amax((1, 2, 3)) / 127
                zeros = torch.zeros(layer.out_channels, dtype=torch.int32)
                weight = torch.fake_quantize_per_channel_affine(layer.weight, channels, zeros, 0, -128, 127)
                values = torch.nn.functional.conv2d(values, weight, layer.bias, padding=1)
            else:  # around each pooling the same step, so that it is done in integers
                values = torch.fake_quantize_per_tensor_affine(layer(values), step, 0, 0, 255)
        return values


def export(net, batch, file):
    torch.onnx.export(net, torch.zeros(batch, 3, SIDE, SIDE), file, input_names=["input"],
                      output_names=["output"], opset_version=13)


def trunk(folder, batches):
    """The same weights for all: safetensors with torchvision's names, and ONNX."""
    net = torchvision.models.vgg16(weights=None, init_weights=False).eval()
    weights.randomise(net, torch.Generator().manual_seed(2))
    weights.write_safetensors(folder / "weights.safetensors", net.state_dict())
    image = weights.synthetic_image(SIDE, SIDE, np.random.RandomState(4))
    with torch.no_grad():
        planes = weights.torchvision_planes(image, torch.float32)
        integers = Quantised(list(net.features), planes).eval()
    for batch in sorted({1, *batches}):
        export(net.features, batch, folder / f"trunk.{batch}.onnx")
        export(integers, batch, folder / f"integers.{batch}.onnx")
    words = ["--arch", "vgg16", "--layer", "block5_pool"]
    return Network("VGG16's trunk, 224x224", words, (3, SIDE, SIDE), net.features)


def slim():
    """vgg16-slim of models/zoo.hpp, with its dropout and 1000 classes."""
    layers, before = [], 1
    for convolutions, channels in ((2, 16), (2, 32), (3, 64), (3, 128), (3, 128)):
        for _ in range(convolutions):
            layers += [torch.nn.Conv2d(before, channels, 3, padding=1, bias=False),
                       torch.nn.BatchNorm2d(channels), torch.nn.ReLU(inplace=True)]
            before = channels
        layers.append(torch.nn.MaxPool2d(2))
    layers += [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Dropout(0.2),
               torch.nn.Linear(before, 1000)]
    words = ["--arch", "vgg16-slim", "--input-size", SLIM_SIDE]
    return Network("vgg16-slim, 112x112", words, (1, SLIM_SIDE, SLIM_SIDE), torch.nn.Sequential(*layers))


def test_image():
    return weights.synthetic_image(SIDE, SIDE, np.random.RandomState(3))


def deviation_of(engine, expected):
    values = expected.output(test_image())
    return np.abs(engine.output(test_image()) - values).max() / np.abs(values).max()


def check_outputs(engines):
    for engine in engines[1:]:
        deviation = deviation_of(engine, engines[0])
        print(f"  {engine.name}: off by {deviation:.1e}")
        if not deviation <= 1e-4:
            sys.exit(f"bench_peers: {engine.name} computes something else")


def measure(engines, what, threads, batch, arguments):
    """By engine, the milliseconds of each round."""
    method = what.split()[-1]
    times = {engine.name: [] for engine in engines}
    for round_ in range(arguments.rounds):
        for engine in engines[round_ % len(engines):] + engines[: round_ % len(engines)]:
            times[engine.name].append(getattr(engine, method)(threads, batch, arguments.seconds))
    return times


def cpu_name():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "CPU of unknown name"


def table(title, what, threads, batch, times):
    own = next(iter(times.values()))
    heading = f"{title}, {what}, {threads} {'thread' if threads == 1 else 'threads'}, batch {batch}"
    lines = [heading, "", "| engine | ms an image | the first one's share |", "|---|---|---|"]
    for name, rounds in times.items():
        share = statistics.median(first / ms for first, ms in zip(own, rounds))
        lines.append(f"| {name} | {statistics.median(rounds):.2f} | {share:.2f} |")
    return lines


def figure(results):
    """The times as bars, a group for each measurement on a scale of its own, as SVG."""
    width, left, right, row = 860, 260, 90, 20
    parts, y = [], 10
    for result in results:
        heading = table(**result)[0]
        parts.append(f'<text x="10" y="{y + 14}" font-weight="bold">{html.escape(heading)}, ms an image</text>')
        y += row + 4
        medians = {name: statistics.median(rounds) for name, rounds in result["times"].items()}
        slowest = max(medians.values())
        for name, ms in medians.items():
            bar = (width - left - right) * ms / slowest
            color = "#1f6fb2" if name.startswith("steelsight") else "#9aa3ab"
            parts.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{html.escape(name)}</text>'
                         f'<rect x="{left}" y="{y + 2}" width="{bar:.1f}" height="{row - 5}" fill="{color}"/>'
                         f'<text x="{left + bar + 6:.1f}" y="{y + 14}">{ms:.1f}</text>')
            y += row
        y += 14
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" viewBox="0 0 {width} {y}" '
            f'font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="white"/>\n'
            + "\n".join(parts) + "\n</svg>\n")


def write_results(folder, results):
    """After each measurement: what is there stays if the run is stopped."""
    (folder / "peers.svg").write_text(figure(results))
    date = datetime.date.today().isoformat()
    lines = [f"{cpu_name()}, {date}, f32, medians."]
    for result in results:
        lines += ["", *table(**result)]
    (folder / "peers.md").write_text("\n".join(lines) + "\n")
    content = {"cpu": cpu_name(), "date": date, "results": results}
    (folder / "peers.json").write_text(json.dumps(content, indent=1) + "\n")


def numbers(text):
    return [int(word) for word in text.split(",")]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steelsight", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--batch", type=numbers, default=[1, 8])
    parser.add_argument("--what", type=lambda text: text.split(","), default="inference,int8 inference,training")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    torch.manual_seed(1)
    network, small = trunk(arguments.out, arguments.batch), slim()

    def own(which):
        return [Steelsight(arguments.steelsight, arguments.out, which, kernels)
                for kernels in ("timed", "direct")]

    def pytorch(which):
        return [PyTorch(which, layout) for layout in ("channels_last", "contiguous")]

    engines = own(network) + [OnnxRuntime(arguments.out)] + pytorch(network) + [OpenCv(arguments.out)]
    print("the same output as steelsight's:")
    check_outputs(engines)
    integers = [Steelsight.in_integers(arguments.steelsight, arguments.out, network),
                OnnxRuntime(arguments.out, "integers", " int8 (QDQ)"), engines[1]]
    print(f"int8 against f32: {integers[1].name} off by {deviation_of(integers[1], engines[0]):.1e}")
    plan = [(network, engines, "inference", arguments.batch),
            (network, integers, "int8 inference", arguments.batch),
            (network, own(network) + pytorch(network), "training", arguments.batch),
            (small, own(small) + pytorch(small), "training", [SLIM_BATCH])]
    results = []
    for which, able, what, batches in plan:
        if what not in arguments.what:
            continue
        for threads in reversed(arguments.threads):
            for batch in reversed(batches):
                times = measure(able, what, threads, batch, arguments)
                results.append({"title": which.title, "what": what, "threads": threads, "batch": batch,
                                "times": times})
                print("\n".join(["", *table(**results[-1])]), flush=True)
                write_results(arguments.out, results)


if __name__ == "__main__":
    main()
