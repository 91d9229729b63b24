#!/usr/bin/env python3
"""Makes the inputs that the fuzzer starts from: what the program writes in a tiny run, the tests' data,
and files written byte by byte here.

    scripts/fuzz_seeds.py PROGRAM FOLDER     FOLDER/<target>/..., and FOLDER/<target>.dict
"""
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

SOURCE = pathlib.Path(__file__).resolve().parent.parent
LARGEST = 8192  # bytes; larger inputs are slow and hardly ever say more (HDF5 has no smaller ones)

NETWORK = {"input": [1, 16, 16], "layers": [
    {"type": "conv", "name": "conv1", "out": 2, "kernel": 3, "pad": 1, "bias": False},
    {"type": "batchnorm", "name": "bn1"},
    {"type": "relu", "name": "relu1"},
    {"type": "maxpool", "name": "pool1", "kernel": 2},
    {"type": "conv", "name": "conv2", "out": 2, "kernel": 3, "pad": 1, "inputs": ["pool1"]},
    {"type": "add", "name": "sum", "inputs": ["conv2", "pool1"]},
    {"type": "prelu", "name": "prelu"},
    {"type": "global_avgpool", "name": "pooled"},
    {"type": "dropout", "name": "dropout", "rate": 0.2},
    {"type": "dense", "name": "head", "out": 6}]}


# ---- images ----

def rows(width, height, row_bytes):
    return [bytes((7 * x + 13 * y) % 256 for x in range(row_bytes(width))) for y in range(height)]


def bmp(bits, width=5, height=3, compression=0, pixels=None, header=40, masks=b"", top_down=False):
    def stride(w):
        return (w * bits + 31) // 32 * 4
    data = pixels or b"".join(rows(width, height, stride))
    colours = 2 ** bits if bits <= 8 else 0
    entry = 3 if header == 12 else 4
    palette = b"".join(bytes([i * 255 // max(colours - 1, 1)] * 3 + [0])[:entry] for i in range(colours))
    at = 14 + header + len(masks) + len(palette)
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, -height if top_down else height, 1, bits,
                           compression, len(data), 2835, 2835, 0, 0)
        info += (masks + bytes(header))[:header - 40] if header > 40 else b""
    tail = masks if header == 40 else b""
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + info + tail + palette + data


def bmps():
    rgb565 = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    rgb10 = struct.pack("<IIII", 0x3FF00000, 0xFFC00, 0x3FF, 0)
    rle8 = bytes([3, 9, 0, 2, 7, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 2, 1, 0, 5, 3, 0, 1])
    rle4 = bytes([5, 0x12, 0, 0, 0, 5, 0x12, 0x34, 0x50, 0, 0, 0, 3, 0x77, 0, 1])
    yield from (bmp(bits) for bits in (1, 4, 8, 16, 24, 32))
    yield from (bmp(bits, header=12) for bits in (1, 4, 8, 24))
    yield from (bmp(bits, header=header) for header in (16 + 24, 52, 56, 64, 108, 124) for bits in (8, 24))
    yield bmp(8, compression=1, pixels=rle8)
    yield bmp(4, compression=2, pixels=rle4)
    yield bmp(16, compression=3, masks=rgb565)
    yield bmp(32, compression=3, masks=rgb10[:12])
    yield bmp(32, compression=3, masks=rgb10, header=56)
    yield bmp(24, top_down=True)


def png(colour, depth, channels, extra=b"", interlaced=0, width=5, height=3):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    data = b"".join(b"\0" + row for row in rows(width, height, lambda w: (w * depth * channels + 7) // 8))
    if interlaced:  # one pixel: a single pass
        width = height = 1
        data = b"\0" + bytes((depth * channels + 7) // 8)
    palette = chunk(b"PLTE", bytes(range(3 * 2 ** min(depth, 4)))) if colour == 3 else b""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette + extra +
            chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def pngs():
    for colour, depths, channels in ((0, (1, 2, 4, 8, 16), 1), (2, (8, 16), 3), (3, (1, 4, 8), 1),
                                     (4, (8, 16), 2), (6, (8, 16), 4)):
        yield from (png(colour, depth, channels) for depth in depths)
        yield png(colour, depths[-1], channels, interlaced=1)
    exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    for name, content in ((b"eXIf", exif), (b"tRNS", b"\0\x07"), (b"gAMA", b"\0\0\xb1\x8f")):
        yield png(0, 8, 1, extra=struct.pack(">I", len(content)) + name + content +
                  struct.pack(">I", zlib.crc32(name + content)))


def tiff(order, bits, channels, photometric, compression=1, tiled=False, planar=1, orientation=1):
    width, height = (16, 16) if tiled else (5, 3)
    planes = channels if planar == 2 else 1
    samples = channels // planes
    plane = b"".join(rows(width, height, lambda w: (w * bits * samples + 7) // 8))
    stored = {1: lambda d: d, 8: zlib.compress, 32773: lambda d: b"".join(
        bytes([len(d[i:i + 8]) - 1]) + d[i:i + 8] for i in range(0, len(d), 8))}[compression](plane)
    ids = [(256, 4, [width]), (257, 4, [height]), (258, 3, [bits] * channels), (259, 3, [compression]),
           (262, 3, [photometric]), (274, 3, [orientation]), (277, 3, [channels])]
    places, sizes = (324, 325) if tiled else (273, 279)
    ids += [(322, 4, [16]), (323, 4, [16])] if tiled else [(278, 4, [height])]
    ids += [(places, 4, [8 + i * len(stored) for i in range(planes)]), (sizes, 4, [len(stored)] * planes),
            (284, 3, [planar])]
    if photometric == 3:
        ids.append((320, 3, list(range(3 * 2 ** bits))))
    if channels in (2, 4):
        ids.append((338, 3, [2]))
    ids.sort()
    start = 8 + len(stored) * planes + len(stored) * planes % 2
    after = start + 2 + 12 * len(ids) + 4
    directory, values = struct.pack(order + "H", len(ids)), b""
    for tag, kind, numbers in ids:
        packed = struct.pack(order + ("H" if kind == 3 else "I") * len(numbers), *numbers)
        directory += struct.pack(order + "HHI", tag, kind, len(numbers))
        if len(packed) > 4:
            directory += struct.pack(order + "I", after + len(values))
            values += packed
        else:
            directory += packed.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    return (head + stored * planes).ljust(start, b"\0") + directory + bytes(4) + values


def tiffs():
    for order in "<>":
        yield tiff(order, 1, 1, 0)
        yield from (tiff(order, bits, 1, photometric) for bits in (8, 16) for photometric in (0, 1))
        yield from (tiff(order, bits, channels, 2) for bits in (8, 16) for channels in (3, 4))
        yield from (tiff(order, 8, 1, 1, compression) for compression in (8, 32773))
        yield tiff(order, 8, 1, 3)
        yield tiff(order, 8, 3, 6)
        yield tiff(order, 8, 2, 1)
        yield tiff(order, 8, 3, 2, planar=2)
        yield tiff(order, 8, 1, 1, tiled=True)
        yield tiff(order, 16, 3, 2, compression=8, tiled=True)
        yield tiff(order, 8, 1, 1, orientation=6)


def jpeg(channels, frame=0xC0, exif=b"", size=8):
    def segment(code, content):
        return bytes([0xFF, code]) + struct.pack(">H", len(content) + 2) + content
    def table(kind, length, values):  # all codes of one length
        return bytes([kind]) + bytes(len(values) if i == length else 0 for i in range(1, 17)) + bytes(values)
    ac = [run << 4 | bits for run in range(16) for bits in range(11)]
    components = b"".join(bytes([i + 1, 0x11, 0]) for i in range(channels))
    scan = bytes([channels]) + b"".join(bytes([i + 1, 0]) for i in range(channels))
    data = bytes([0, 0, 0x3F]) * channels  # categories 0, ends of blocks
    return (b"\xFF\xD8" + exif + segment(0xDB, bytes([0] + [16] * 64)) +
            segment(frame, bytes([8]) + struct.pack(">HHB", size, size, channels) + components) +
            segment(0xC4, table(0x00, 4, range(12))) + segment(0xC4, table(0x10, 8, ac)) +
            segment(0xDA, scan + (bytes([0, 0, 0]) if frame == 0xC2 else bytes([0, 63, 0]))) +
            data + b"\xFF\xD9")


def jpegs():
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    app = b"\xFF\xE1" + struct.pack(">H", len(exif) + 2) + exif
    for channels in (1, 3):
        yield from (jpeg(channels, frame) for frame in (0xC0, 0xC1, 0xC2))
        yield jpeg(channels, exif=app)
        yield jpeg(channels, size=17)


# ---- other files ----

def safetensors(tensors, metadata=None):
    header, data = ({"__metadata__": metadata} if metadata else {}), b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def floats(*shape):
    count = 1
    for size in shape:
        count *= size
    return "F32", list(shape), struct.pack(f"<{count}f", *(0.25 * i for i in range(count)))


def weights():
    ours = {"block1_conv1.weight": floats(2, 3, 3, 3), "block1_bn1.weight": floats(2),
            "block1_bn1.bias": floats(2), "block1_bn1.running_mean": floats(2),
            "block1_bn1.running_var": floats(2), "fc1.weight": floats(3, 8), "fc1.bias": floats(3),
            "predictions.weight": floats(2, 3), "predictions.bias": floats(2)}
    torch = {"features.0.weight": ours["block1_conv1.weight"], "features.0.bias": floats(2),
             "features.1.weight": floats(2), "features.1.bias": floats(2),
             "features.1.running_mean": floats(2), "features.1.running_var": floats(2),
             "features.1.num_batches_tracked": ("I64", [], bytes(8)),
             "classifier.0.weight": ours["fc1.weight"], "classifier.0.bias": floats(3)}
    timm = {**{name: tensor for name, tensor in torch.items() if name.startswith("features")},
            "pre_logits.fc1.weight": floats(3, 2, 2, 2), "pre_logits.fc1.bias": floats(3),
            "head.fc.weight": floats(5, 3), "head.fc.bias": floats(5)}
    resnet = {"bn1.running_mean": floats(2), "conv1.weight": floats(2, 3, 3, 3)}
    return [safetensors(ours), safetensors(torch), safetensors(timm),
            safetensors(resnet, {"stride": "in the first 1x1 convolution"})]


def npy(shape, dtype="<f4", fortran=False, version=1, values=b""):
    header = str({"descr": dtype, "fortran_order": fortran, "shape": shape}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header + values


def feature_store(records, floats_in_row=3):
    row = struct.pack("<3f", 1, 2, 3)
    return (b"steelsight.fe01\0" + struct.pack("<Q", floats_in_row) +
            b"".join(struct.pack("<QQQ", i, i % 2, 0) + row for i in range(records)))


CSV = [b"a,b\n1,2\n", b"\xef\xbb\xbfa,b\r\n\r\n\"1,\"\"2\",\"x\ny\"\r\n", b"a;b\n1;2\n", b"a,\"b\n1,2\n",
       b"a,b\n1\n", b"a,b\n1,2\r3,4\n", b"\xff\xfea\0,\0", b"\"\"\n", b"a,b\n" + b"x" * 1100 + b",1\n"]
LISTS = [b"path,label\na.bmp,A\nb.bmp,B\n", b"label,group,path,split\nA,1,x/a.bmp,train\nB,1,/tmp/b.bmp,test\n,,c.bmp,\n",
         b"path\na.bmp\n", b"path,label\n../a.bmp,\xc3\xa9\na\xff.bmp,\"'=x\"\n", b"path,label\n.,A\n"]
TABLES = [b"label,x,y\nA,1,2\nB,-3.5e-2,0x1\n", b"x,y,label,split,group\n1,2,A,train,g\n+1, 2 ,B,val,\n,nan,A,test,g\n",
          b"x\n1\ninf\n1e999\n", b"x,x\n1,2\n", b"label\nA\n"]
SPLITS = [json.dumps({"train": ["a_1.bmp", "b_1.bmp"], "validation": ["a_2.bmp"], "test": ["b_2.bmp", "a_3.bmp"]}),
          '{"train": [], "validation": [], "test": []}', '{"train": [[[]]]}', '{"train": ["c.bmp"]}']
TEXTS = [b"img_2img_10img_007", "é中😀".encode(), b"\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf", b"=1+1", b"'=x",
         b"00ff00ff00ff00ff", b"a1a01a001", b"\xf0\x9f\x98"]
FOLDERS = [b"A/1.bmp\nA/2.png\nB/3.jpg\n", b"Cr_1.bmp\nCr_2.BMP\nPa_10.tif\n*.bmp\n", b"train/A/1.bmp\nvalid/B/1.bmp\ntest/A/2.bmp\n",
           b"training/A/1.bmp\n01_test/B/1.bmp\n", b"A/1.bmp\na/1.bmp\nA /1.bmp\n.hidden/1.bmp\nA/x.txt\n[A]/*.b?p\n",
           b"A/1.bmp\nunknown/2.bmp\nB_1.bmp\n", b"\xff/1.bmp\n\xc3\xa9/2.bmp\ne\xcc\x81/2.bmp\n**/*\n"]
LOGS = [b"epoch,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy,seconds\n"
        b"1,1e-3,1.5,0.5,nan,nan,2\n2,8e-9,1,1,0.5,0.25,inf\n"]
SEARCH_TABLES = [b"trial,fold,/dropout,/seed,train_accuracy,validation_accuracy,test_accuracy,n_train,n_validation,"
                 b"n_test,best_epoch,seconds,error\n1,0,0.2,1,0.5,0.25,nan,4,4,0,3,1.5,\n1,1,0.2,1,nan,nan,nan,0,0,0,0,0,\"no, none\"\n"]
PREDICTIONS = [b"path,label,prediction,confidence,p_A,p_B,distance,error\na.bmp,A,A,0.75,0.75,0.25,1.5,\n"
               b"'=b.bmp,B,unknown,0.5,0.5,0.5,0,\nc.bmp,,,,,,,\"broken, copy it again\"\n",
               b"path,label,prediction,confidence,p_A,p_B,error\na.bmp,B,A,1,1,0,\nb.bmp,C,B,0.6,0.4,0.6,\n"]
SETTINGS = [b'/search/grid={"grid": {"/dropout": [0, 0.2], "/optimizer/weight_decay": [1]}}\n/search/folds=2\n/search/train/validation=0.2',
            b'/search/grid={"random": {"/dropout": {"uniform": [0, 0.5]}, "/ridge": {"log_uniform": [1e-4, 1]},'
            b' "/head": {"choice": ["gradient", "least_squares"]}}, "trials": 3}\n/search/seed=18446744073709551615',
            b"/search/train/loss/x=1\n/train/epochs=5\n/search/grid/grid/~1dropout=[0]"]
PARTS = [{"augmentation": {}}, {"schedule": {"kind": "one_cycle", "learning_rate": 0.002}},
         {"schedule": {"kind": "step"}, "loss": {}, "optimizer": {"kind": "sgd"}}, {"loss": {"class_weights": [1, 2.5]}},
         {"quantization": {"layers": ["conv1"], "values": {"input": {"step": 0.1, "signed": True}}, "figures": {}}},
         {"scaling": {"features": ["x", "y"], "mean": [0, 1], "scale": [1, 2]}},
         {"kernels": {"inference 8x64x56x56": {"direct_ms": 4.1, "winograd_ms": 2.9}}},
         {"calibration": {"temperature": 1.2, "ece_before": 0.1, "ece_after": 0.05, "right": [0.9, 0.8], "wrong": [0.4],
                          "distances": [0.1, 2]}}]
KERNELS = {"format": "steelsight kernels 1", "machines": {"CPU; oneDNN 2.6.3, AVX-512, 2 threads": PARTS[6]["kernels"]}}
SPECS = [NETWORK, {"input": [4], "layers": [{"type": "dense", "name": "a", "out": 3},
                                            {"type": "softmax", "name": "b"}]},
         {"input": [3, 32, 32], "layers": [{"type": "avgpool", "name": "p", "kernel": 3, "stride": 2, "pad": 1},
                                           {"type": "concat", "name": "c", "inputs": ["p", "p"]},
                                           {"type": "leaky_relu", "name": "r", "alpha": 0.1},
                                           {"type": "clip", "name": "k", "alpha": 0, "beta": 6},
                                           {"type": "flatten", "name": "f"}]}]


# ---- the program's own ----

def run(program, *arguments):
    subprocess.run([program, "--quiet", "--threads", "1", *arguments], check=True)


def stopped_training(program, arguments):
    """The checkpoint that a stopped training leaves."""
    training = subprocess.Popen([program, "--quiet", "--threads", "1", "train", *arguments, "-o", "./stopped.safetensors",
                                 "--epochs", "100000"])
    checkpoint = pathlib.Path("stopped.checkpoint.safetensors")
    for _ in range(600):
        if checkpoint.exists() or training.poll() is not None:
            break
        time.sleep(0.1)
    time.sleep(0.5)
    training.terminate()
    training.wait()
    return checkpoint


def program_outputs(program):
    """A tiny run, in the current folder: its files by target."""
    pathlib.Path("spec.json").write_text(json.dumps(NETWORK))
    pathlib.Path("table.csv").write_text("label,x,y\n" + "".join(
        f"{'AB'[i % 2]},{i % 2 + i / 20},{i}\n" for i in range(20)))
    training = ["images", "--arch", "spec.json"]
    run(program, "synth", "-o", "./images", "--per-class", "4", "--size", "24")
    run(program, "train", *training, "-o", "./model.safetensors", "--epochs", "2", "--report", "./report")
    run(program, "train", "table.csv", "-o", "./mlp.safetensors", "--arch", "mlp", "--epochs", "2")
    run(program, "quantize", "./model.safetensors", "--calibrate", "images", "-o", "./quantized.safetensors")
    run(program, "extract", "images", "--model", "./model.safetensors", "-o", "./features")
    run(program, "classify", "images", "--model", "./model.safetensors", "-o", "./classified")
    images = sorted(pathlib.Path("images").rglob("*.bmp"))[:3]
    return {"bmp": images, "image": images, "table": ["table.csv"],
            "model": ["model.safetensors", "mlp.safetensors", "quantized.safetensors"],
            "safetensors": ["model.safetensors", "quantized.safetensors"],
            "checkpoint": [stopped_training(program, training)], "split": ["model.split.json"],
            "config": sorted(pathlib.Path(".").rglob("*config.json")), "training_log": ["model.log.csv"],
            "predictions": ["report/predictions.csv", "classified/predictions.csv"],
            "npy": sorted(pathlib.Path(".").rglob("*.npy"))}


def written_here():
    images = [*pngs(), *tiffs(), *jpegs()]
    data = SOURCE / "tests"
    return {"bmp": list(bmps()), "image": [*images, *bmps()], "csv": [*CSV, *LISTS, *TABLES, *PREDICTIONS], "list": LISTS,
            "table": TABLES, "split": SPLITS, "text": TEXTS, "folder": FOLDERS, "training_log": LOGS,
            "search_table": SEARCH_TABLES, "predictions": PREDICTIONS, "settings": SETTINGS,
            "description": [json.dumps(part) for part in PARTS], "kernels": [json.dumps(KERNELS)],
            "spec": [json.dumps(spec) for spec in SPECS],
            "config": [json.dumps({"search": {"dataset": "a", "output": "b", "grid": {"grid": {"/dropout": [0, 0.1]}}}})],
            "weights": weights(),
            "keras": [file.read_bytes() for file in sorted((data / "pipeline/data/weights").glob("*.h5"))],
            "safetensors": [*weights(), (data / "models/data/dtypes.safetensors").read_bytes(), safetensors({}),
                            safetensors({"a": ("F64", [0, 3], b"")}, {"text": "é"})],
            "npy": [npy((2, 3), values=bytes(24)), npy((), values=bytes(4)), npy((0, 5), version=2),
                    npy((4,), dtype="<f8", values=bytes(32)), npy((2, 2), fortran=True, values=bytes(16))],
            "feature_store": [feature_store(0), feature_store(3), feature_store(1, 7), b"x"]}


def dictionary(folder):
    """The texts and words of a target's seeds."""
    words = set()
    for seed in folder.iterdir():
        words.update(re.findall(rb"[A-Za-z_/.0-9]{3,40}", seed.read_bytes()))
    quoted = ("".join(f"\\x{byte:02X}" for byte in word) for word in sorted(words)[:500])
    return "".join(f'"{word}"\n' for word in quoted)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: scripts/fuzz_seeds.py PROGRAM FOLDER")
    program, folder = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).absolute()
    scratch = tempfile.mkdtemp()
    os.environ.update(HOME=scratch, XDG_CACHE_HOME=scratch + "/cache", ASAN_OPTIONS="detect_leaks=0")
    os.chdir(scratch)
    seeds = written_here()
    for target, files in program_outputs(program).items():
        seeds.setdefault(target, []).extend(pathlib.Path(file).read_bytes() for file in files)
    for target, contents in seeds.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for i, content in enumerate(contents):
            content = content.encode() if isinstance(content, str) else content
            if len(content) <= LARGEST or target == "keras":
                (folder / target / f"seed-{i:03}").write_bytes(content)
        (folder / f"{target}.dict").write_text(dictionary(folder / target))
    shutil.rmtree(scratch)


main()
