"""The arrays and layouts that tests save, and files written by hand."""

from __future__ import annotations

import json
import struct

import numpy as np

FORMATS = ["safetensors", "npz"]
LAYOUTS = {
    "c": lambda a: a,
    "fortran": np.asfortranarray,
    "strided": lambda a: a[::2, 1::3],
    "negative-stride": lambda a: a[::-1, :, ::-1],
    "broadcast": lambda a: np.broadcast_to(a[:1], a.shape),
    "0-d": lambda a: a[2:3, 3, 4].reshape(()),
    "empty": lambda a: a[:, :0],
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
}
DTYPES = ["float32", "float64", "float16", "int64", "uint8", "bool"]


def make(dtype: str, shape: tuple[int, ...] = (4, 6, 8)) -> np.ndarray:
    rng = np.random.default_rng(0)
    if dtype == "bool":
        return rng.random(shape) < 0.5
    array = (rng.standard_normal(shape) * 50).astype(dtype)
    if array.dtype.kind == "f":
        array.flat[:4] = [np.nan, np.inf, -np.inf, -0.0]
    return array


def write(path, content: bytes):
    path.write_bytes(content)
    return path


def container(header, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data
