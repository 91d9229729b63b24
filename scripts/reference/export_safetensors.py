#!/usr/bin/python3
"""Writes two small safetensors files into tests/models/data, with numpy and json alone:
dtypes.safetensors has each type that is read, f32.safetensors is what our writer must give byte by
byte.

    /usr/bin/python3 scripts/reference/export_safetensors.py
"""
import json
import pathlib
import struct

import numpy as np

DATA = pathlib.Path(__file__).resolve().parents[2] / "tests/models/data"


def save(name, tensors, metadata):
    header = {"__metadata__": metadata} if metadata else {}
    data = b""
    for tensor, (dtype, values) in tensors.items():
        begin = len(data)
        data += values.tobytes()
        header[tensor] = {"dtype": dtype, "shape": list(values.shape),
                          "data_offsets": [begin, len(data)]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    (DATA / name).write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    values = np.array([[0.0, 1.0, -2.5], [65504.0, 6.1e-5, -6e-8]])  # the last two: F16's small ones
    special = np.array([np.inf, -np.inf, np.nan])
    bfloat = (values.astype("<f4").view("<u4") >> 16).astype("<u2")  # truncated: still exact inputs
    save("dtypes.safetensors", {
        "half": ("F16", values.astype("<f2")),
        "half.special": ("F16", special.astype("<f2")),
        "double": ("F64", values.astype("<f8")),
        "bfloat": ("BF16", bfloat),
        "single": ("F32", values.astype("<f4")),
        "empty": ("F32", np.zeros((0, 4), "<f4")),
        "scalar": ("F32", np.array(7, "<f4")),
    }, {"format": "pt"})
    save("f32.safetensors", {
        "bias": ("F32", np.array([0.5, -0.25], "<f4")),
        "empty": ("F32", np.zeros((2, 0), "<f4")),
        "scalar": ("F32", np.array(3, "<f4")),
        "weight": ("F32", np.arange(12, dtype="<f4").reshape(2, 3, 2, 1)),
    }, {"note": "quotes \" and \u00fcmlaut", "version": "1"})
    expected = {
        "half": values.astype("<f2").astype(float).flatten().tolist(),
        "double": values.astype("<f4").astype(float).flatten().tolist(),
        "bfloat": (bfloat.astype("<u4") << 16).view("<f4").astype(float).flatten().tolist(),
    }
    (DATA / "dtypes.json").write_text(json.dumps(expected) + "\n")


main()
