"""Loading: hostile files, and damaged files."""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import time
import zipfile

import numpy as np
import pytest

from autograd.io import FormatError, load, load_metadata, save
from tests.tensor_files import FORMATS, container, make, write


# --- files that lie -------------------------------------------------------------------------------------------------
def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


EIGHT = bytes(8)
HOSTILE_SAFETENSORS = {
    "empty": b"",
    "seven bytes": bytes(7),
    "length only": bytes(8),
    "huge length": struct.pack("<Q", 1 << 63) + b"{}",
    "length past the end": struct.pack("<Q", 100) + b"{}",
    "not json": container(b"{nonsense}"),
    "list": container(b"[]"),
    "leading space": container(b' {"x":' + json.dumps(entry()).encode() + b"}", EIGHT),
    "duplicate name": container(b'{"x":%s,"x":%s}' % ((json.dumps(entry()).encode(),) * 2), EIGHT),
    "duplicate metadata": container(b'{"__metadata__":{"a":"1","a":"2"}}'),
    "metadata of numbers": container({"__metadata__": {"a": 1}}),
    "metadata list": container({"__metadata__": [1]}),
    "deep json": container(b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "unknown dtype": container({"x": entry("F99")}, EIGHT),
    "float8": container({"x": entry("F8_E4M3", (8,))}, EIGHT),
    "offsets past the end": container({"x": entry(offsets=(0, 16), shape=(4,))}, EIGHT),
    "offsets backwards": container({"x": entry(offsets=(8, 0))}, EIGHT),
    "negative offset": container({"x": entry(offsets=(-8, 0))}, EIGHT),
    "hole": container({"x": entry(offsets=(8, 16))}, EIGHT * 2),
    "overlap": container({"x": entry(), "y": entry()}, EIGHT),
    "data after the end": container({"x": entry()}, EIGHT * 2),
    "shape too large": container({"x": entry(shape=(1 << 40,))}, EIGHT),
    "shape overflows": container({"x": entry(shape=(1 << 62, 1 << 62))}, EIGHT),
    "negative shape": container({"x": entry(shape=(-2,))}, EIGHT),
    "rank 1000": container({"x": entry(shape=(1,) * 999 + (2,))}, EIGHT),
    "boolean of 2": container({"x": entry("BOOL", (8,))}, b"\2" * 8),
    "not utf-8": container(b'{"\xff":' + json.dumps(entry()).encode() + b"}", EIGHT),
    "checksums that are a list": container(
        {"__metadata__": {"definerun.format": "1", "definerun.crc32": "[]"}, "x": entry()}, EIGHT
    ),
    "checksums cut": container({"__metadata__": {"definerun.format": "1"}, "x": entry()}, EIGHT),
    "checksums too deep": container(
        {"__metadata__": {"definerun.format": "1", "definerun.crc32": "[" * 100_000}, "x": entry()}, EIGHT
    ),
    "newer version": container({"__metadata__": {"definerun.format": "2"}, "x": entry()}, EIGHT),
    "zip": b"PK\3\4" + bytes(100),
}


def npy(shape="(2,)", descr="'<f4'", order="False", data=EIGHT, version=1) -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) + header + data


def npz(members, compression=zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return buffer.getvalue()


def object_array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([print, None], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def encrypted() -> bytes:
    content = bytearray(npz([("x.npy", npy())]))
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    return bytes(content)


HOSTILE_NPZ = {
    "empty": b"",
    "no zip": bytes(100),
    "only an end": b"PK\5\6" + bytes(17),
    "cut": npz([("x.npy", npy())])[:-30],
    "object array": npz([("x.npy", object_array())]),
    "pickle for an array": npz([("x.npy", b"cos\nsystem\n(S'true'\ntR.")]),
    "strings": npz([("x.npy", npy(descr="'<U1'"))]),
    "structured": npz([("x.npy", npy(descr="[('a', '<f4')]"))]),
    "void": npz([("x.npy", npy(shape="(1,)", descr="'V8'"))]),
    "no descr": npz([("x.npy", npy(descr="7"))]),
    "code in the header": npz([("x.npy", npy(shape="__import__('os').system('true')"))]),
    "deep header": npz([("x.npy", npy(shape="(" * 5000 + ")" * 5000))]),
    "long header": npz([("x.npy", npy(shape="(" + "1," * 50_000 + ")", version=2))]),
    "shape too large": npz([("x.npy", npy(shape="(1 << 40,)"))]),
    "shape far too large": npz([("x.npy", npy(shape="(1099511627776,)"))]),
    "shape overflows": npz([("x.npy", npy(shape="(4611686018427387904, 4611686018427387904)"))]),
    "negative shape": npz([("x.npy", npy(shape="(-1,)"))]),
    "two negatives": npz([("x.npy", npy(shape="(-1, -2)"))]),
    "shape too small": npz([("x.npy", npy(shape="(1,)"))]),
    "no shape": npz([("x.npy", npy(shape="None"))]),
    "rank 100": npz([("x.npy", npy(shape="(" + "1," * 99 + "2)"))]),
    "empty array, giant axis": npz([("x.npy", npy(shape="(0, 99999999999999999999)", data=b""))]),
    "boolean of 2": npz([("x.npy", npy(shape="(8,)", descr="'|b1'", data=b"\2" * 8))]),
    "other version": npz([("x.npy", npy(version=3))]),
    "no npy": npz([("x.npy", b"hello")]),
    "empty npy": npz([("x.npy", b"")]),
    "other member": npz([("evil.py", b"raise SystemExit")]),
    "encrypted": encrypted(),
    "bzip2": npz([("x.npy", npy())], zipfile.ZIP_BZIP2),
    "lzma": npz([("x.npy", npy())], zipfile.ZIP_LZMA),
    "bomb": npz([(f"{i}.npy", bytes(1 << 24)) for i in range(16)], zipfile.ZIP_DEFLATED),
    "metadata no json": npz([("__metadata__.json", b"{")]),
    "metadata of numbers": npz([("__metadata__.json", b'{"a": 1}')]),
    "metadata list": npz([("__metadata__.json", b"[]")]),
    "metadata too deep": npz([("__metadata__.json", b"[" * 100_000)]),
}


@pytest.fixture
def nothing_runs():
    """Fails a test in which loading looks up a pickled object, compiles code, starts a program or opens a socket."""
    seen = []
    active = True

    def hook(event, arguments):
        if active and event in ("pickle.find_class", "exec", "subprocess.Popen", "os.system", "socket.connect"):
            # importing a module executes its code, which is no doing of the file's
            code = arguments[0] if event == "exec" else None
            if code is None or code.co_filename == "<string>":
                seen.append(event)

    sys.addaudithook(hook)  # cannot be removed, only switched off
    yield
    active = False
    assert not seen


@pytest.mark.parametrize(
    ("suffix", "content"),
    [pytest.param("safetensors", content, id=f"safetensors-{key}") for key, content in HOSTILE_SAFETENSORS.items()]
    + [pytest.param("npz", content, id=f"npz-{key}") for key, content in HOSTILE_NPZ.items()],
)
def test_hostile_file_is_refused_with_our_error(tmp_path, nothing_runs, suffix, content):
    path = write(tmp_path / f"x.{suffix}", content)
    start = time.perf_counter()
    with pytest.raises(FormatError, match=r"load: .*x\.") as caught:
        load(path)
    assert time.perf_counter() - start < 1
    assert len(str(caught.value)) < 1000
    with pytest.raises(FormatError):
        load_metadata(path)


def test_duplicate_member_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        content = npz([("x.npy", npy()), ("x.npy", npy())])
    with pytest.raises(FormatError, match="twice"):
        load(write(tmp_path / "x.npz", content))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "x.npz")
    with pytest.raises(FormatError, match="regular"):
        load(tmp_path / "x.npz")
    with pytest.raises(OSError, match="regular"):
        save(tmp_path / "x.npz", {})


def refused_or_equal(path, content: bytes, suffix: str) -> bool:
    """Whether a mutated file is refused; any exception but FormatError passes through and fails the test."""
    write(path, content)
    try:
        load(path)
    except FormatError:
        return True
    return False


@pytest.mark.filterwarnings("default")  # Python's parser warns of odd literals in a mutated header
@pytest.mark.parametrize("suffix", FORMATS)
def test_random_mutations_never_raise_anything_else(tmp_path, suffix):
    original = tmp_path / f"original.{suffix}"
    save(original, {"a": make("float32", (3, 4)), "b": make("bool", (5,)), "c": make("int64", ())}, {"k": "v"})
    good = original.read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / f"x.{suffix}"
    for _ in range(2500):
        content = bytearray(good)
        for _ in range(rng.integers(1, 6)):
            kind, at = rng.integers(4), int(rng.integers(len(content)))
            if kind == 0:
                content[at] = rng.integers(256)
            elif kind == 1:
                del content[at : at + int(rng.integers(1, 40))]
            elif kind == 2:
                content[at:at] = rng.bytes(int(rng.integers(1, 40)))
            else:
                content[at:at] = content[: int(rng.integers(1, 40))]
            if not content:
                break
        refused_or_equal(path, bytes(content), suffix)


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_flipped_bit_is_found_or_harmless(tmp_path, suffix):
    original = tmp_path / f"original.{suffix}"
    tensors = {"weight": make("float32", (3, 4)), "mask": make("bool", (5,))}
    save(original, tensors, {"epoch": "3"})
    good = original.read_bytes()
    path = tmp_path / f"x.{suffix}"
    found = 0
    for bit in range(8 * len(good)):
        content = bytearray(good)
        content[bit // 8] ^= 1 << bit % 8
        if refused_or_equal(path, bytes(content), suffix):
            found += 1
        else:  # such as a zip member's date: what is loaded must be what was saved
            loaded = load(path)
            assert list(loaded) == list(tensors), bit
            assert all(loaded[k].data.tobytes() == tensors[k].tobytes() for k in tensors), bit
            assert all(loaded[k].data.dtype == tensors[k].dtype for k in tensors), bit
            assert load_metadata(path) == {"epoch": "3"}, bit
    assert found > (7.9 if suffix == "safetensors" else 5) * len(good)


def test_checksum_error_names_the_tensor(tmp_path):
    path = tmp_path / "x.safetensors"
    save(path, {"encoder.weight": make("float32")})
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    with pytest.raises(FormatError, match=r"checksum of 'encoder\.weight'"):
        load(write(path, content))
