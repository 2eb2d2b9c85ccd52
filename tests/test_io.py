"""Saving and loading: every layout, and saves that are interrupted."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import struct
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest

import autograd.io as tensor_io
from autograd.io import load, load_metadata, save
from autograd.tensor import Tensor
from tests.tensor_files import DTYPES, FORMATS, LAYOUTS, container, make, write


# --- what goes in comes out -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_comes_back_bit_for_bit(tmp_path, suffix, dtype, layout):
    array = LAYOUTS[layout](make(dtype))
    before = array.copy()
    path = tmp_path / f"x.{suffix}"
    save(path, {"x": array})
    loaded = load(path)["x"]
    assert isinstance(loaded, Tensor)
    assert loaded.data.shape == array.shape
    assert loaded.data.dtype == np.dtype(dtype)
    assert loaded.data.dtype.isnative
    assert loaded.data.flags.c_contiguous
    assert loaded.data.flags.writeable
    assert loaded.data.flags.aligned
    assert loaded.data.tobytes() == array.astype(dtype).tobytes()
    assert array.tobytes() == before.tobytes()


@pytest.mark.parametrize("suffix", FORMATS)
def test_tensors_order_and_metadata(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    tensors = {
        "z": Tensor(make("uint8", (3,))),
        "layers.0.weight": Tensor(make("float32", (2, 3)), requires_grad=True),
        "a/b": make("float64", (5,)),
        "\u00e9": np.float32(2.5),
        "step": 7,
        "c64": make("float32", (3,)).astype(np.complex64),
        # names that mean something inside the format
        "dtype": make("int8", (1,)),
        "shape": make("int16", (1,)),
        "data_offsets": make("uint16", (1,)),
        "file": make("uint32", (1,)),
    }
    metadata = {"epoch": "3", "dtype": "x", "data_offsets": "[0, 1]", "config": json.dumps({"a": [1, "\u00e9"]})}
    save(path, tensors, metadata)
    loaded = load(path)
    assert list(loaded) == list(tensors)
    for name, value in tensors.items():
        expected = value.data if isinstance(value, Tensor) else np.asarray(value)
        assert loaded[name].data.dtype == expected.dtype
        assert loaded[name].data.tobytes() == expected.tobytes()
    assert load_metadata(path) == metadata
    first = path.read_bytes()
    save(path, loaded, metadata)
    assert path.read_bytes() == first  # the same tensors give the same file


@pytest.mark.parametrize("suffix", FORMATS)
def test_nothing_to_save_is_a_valid_file(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    save(path, {})
    assert load(path) == {}
    assert load_metadata(path) == {}


def test_other_programs_read_our_files(tmp_path):
    from safetensors.numpy import load_file

    tensors = {"b": make("float32"), "a": make("float64"), "c": make("bool")}
    save(tmp_path / "x.safetensors", tensors, {"k": "v"})
    theirs = load_file(tmp_path / "x.safetensors")
    save(tmp_path / "x.npz", tensors)
    with np.load(tmp_path / "x.npz", allow_pickle=False) as archive:
        for name, array in tensors.items():
            assert theirs[name].tobytes() == array.tobytes()
            assert archive[name].tobytes() == array.tobytes()


def test_we_read_files_of_other_programs(tmp_path):
    from safetensors.numpy import save_file

    tensors = {"b": make("float32"), "a": make("float64"), "c": make("bool")}
    save_file(tensors, tmp_path / "x.safetensors", {"k": "v"})
    assert load_metadata(tmp_path / "x.safetensors") == {"k": "v"}
    np.savez(tmp_path / "x.npz", **tensors)
    np.savez_compressed(tmp_path / "y.npz", **tensors, f=np.asfortranarray(make("float32")))
    np.testing.assert_array_equal(load(tmp_path / "y.npz")["f"].data, make("float32"))
    for name in ("x.safetensors", "x.npz", "y.npz"):
        loaded = load(tmp_path / name)
        for key, array in tensors.items():
            assert loaded[key].data.tobytes() == array.tobytes()
            assert loaded[key].data.flags.c_contiguous


def test_bfloat16_comes_as_float32(tmp_path):
    values = np.array([1.0, -2.5, np.inf, 3.140625, -0.0], np.float32)  # exact in 8 bits of precision
    halves = (values.view(np.uint32) >> 16).astype("<u2")
    content = container({"x": {"dtype": "BF16", "shape": [5], "data_offsets": [0, 10]}}, halves.tobytes())
    loaded = load(write(tmp_path / "x.safetensors", content))["x"].data
    assert loaded.dtype == np.float32
    assert loaded.tobytes() == values.tobytes()


@pytest.mark.parametrize(
    ("tensors", "metadata", "error"),
    [
        ({"x": "text"}, None, TypeError),
        ({"x": np.array([object()])}, None, TypeError),
        ({"x": np.array(["a"])}, None, TypeError),
        ({"x": np.zeros(2, "M8[s]")}, None, TypeError),
        ({"x": np.zeros(2, [("a", "f4")])}, None, TypeError),
        ({3: np.zeros(2)}, None, TypeError),
        ({"": np.zeros(2)}, None, ValueError),
        ({"a\0b": np.zeros(2)}, None, ValueError),
        ({"\ud800": np.zeros(2)}, None, ValueError),
        ({"__metadata__": np.zeros(2)}, None, ValueError),
        ({"a" * 5000: np.zeros(2)}, None, ValueError),
        ({}, {"epoch": 3}, TypeError),
        ({}, {"definerun.crc32": "x"}, ValueError),
    ],
)
@pytest.mark.parametrize("suffix", FORMATS)
def test_what_cannot_be_saved_is_refused_before_the_file_is_touched(tmp_path, suffix, tensors, metadata, error):
    path = tmp_path / f"x.{suffix}"
    save(path, {"old": np.arange(3)})
    with pytest.raises(error, match="save: "):
        save(path, tensors, metadata)
    assert load(path)["old"].data.tolist() == [0, 1, 2]
    assert os.listdir(tmp_path) == [path.name]


def test_dtype_that_safetensors_lacks_names_the_way_out(tmp_path):
    with pytest.raises(TypeError, match="npz"):
        save(tmp_path / "x.safetensors", {"x": np.zeros(2, np.complex128)})
    save(tmp_path / "x.npz", {"x": np.zeros(2, np.complex128)})
    assert load(tmp_path / "x.npz")["x"].data.dtype == np.complex128
    assert os.listdir(tmp_path) == ["x.npz"]


@pytest.mark.parametrize("name", ["x", "x.pt", "x.pkl", "x.npy"])
def test_unknown_suffix(tmp_path, name):
    with pytest.raises(ValueError, match="no known format"):
        save(tmp_path / name, {})
    with pytest.raises(ValueError, match="no known format"):
        load(tmp_path / name)


def test_missing_file_is_an_ordinary_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "x.npz")
    with pytest.raises(FileNotFoundError):
        save(tmp_path / "missing" / "x.npz", {})


# --- saves that are interrupted -------------------------------------------------------------------------------------
@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("call", ["fsync", "replace", "write"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
def test_failing_save_keeps_the_old_file(tmp_path, monkeypatch, suffix, call, number):
    path = tmp_path / f"x.{suffix}"
    save(path, {"old": np.arange(3)})

    def fail(*arguments, **keywords):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        if call == "write":
            patch.setattr(tensor_io, f"_write_{suffix}", fail)
        else:
            patch.setattr(tensor_io.os, call, fail)
        with pytest.raises(OSError, match=os.strerror(number)):
            save(path, {"new": np.arange(4)})
    assert list(load(path)) == ["old"]
    assert os.listdir(tmp_path) == [path.name]


def test_order_of_a_save(tmp_path, monkeypatch):
    """The content reaches the disk, then the name changes, then the folder reaches the disk."""
    events = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(descriptor):
        events.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "content")
        fsync(descriptor)

    def note_replace(source, target):
        events.append("name")
        replace(source, target)

    monkeypatch.setattr(tensor_io.os, "fsync", note_fsync)
    monkeypatch.setattr(tensor_io.os, "replace", note_replace)
    save(tmp_path / "x.npz", {"x": np.arange(3)})
    assert events == ["content", "name"] + ["folder"] * (sys.platform != "win32")


KILLED = """
import sys, numpy as np
from autograd.io import save
path = sys.argv[1]
print("ready", flush=True)
for i in range(1, 1_000_000):
    save(path, {"a": np.full(300_000, i), "b": np.full(300_000, i)})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("suffix", FORMATS)
def test_kill_at_a_random_moment_leaves_old_or_new(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    rng = np.random.default_rng(0)
    save(path, {"a": np.zeros(300_000, int), "b": np.zeros(300_000, int)})
    for _ in range(10):
        child = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE)
        try:
            assert child.stdout.readline() == b"ready\n"
            time.sleep(rng.uniform(0, 0.1))
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()
            child.stdout.close()
        loaded = load(path)
        values = {int(v) for name in ("a", "b") for v in np.unique(loaded[name].data)}
        assert len(values) == 1  # all of one save
    save(path, {"x": np.arange(3)})
    assert os.listdir(tmp_path) == [path.name]  # what the killed ones left is swept


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be deleted there")
def test_sweep_spares_a_save_in_progress_and_other_files(tmp_path):
    path = tmp_path / "x.npz"
    stale = write(tmp_path / f".x.npz.{'0' * 16}.part", b"left by a killed save")
    others = [
        write(tmp_path / name, b"not ours") for name in (".x.npz.part", f".y.npz.{'0' * 16}.part", ".x.npz.zzz.part")
    ]
    part, file = tensor_io._open_part(path)  # as a save in another process would hold it
    with file:
        save(path, {"x": np.arange(3)})
        assert part.exists()
    assert not stale.exists()
    assert all(other.exists() for other in others)
    save(path, {"x": np.arange(3)})
    assert not part.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs permissions and links")
def test_permissions_and_links_survive(tmp_path):
    path, link = tmp_path / "x.npz", tmp_path / "link.npz"
    save(path, {"x": np.arange(3)})
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    path.chmod(0o640)
    link.symlink_to(path)
    save(link, {"x": np.arange(4)})
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert load(path)["x"].data.tolist() == [0, 1, 2, 3]


def test_load_allocates_little_more_than_the_file(tmp_path):
    import tracemalloc

    for suffix in FORMATS:
        path = tmp_path / f"x.{suffix}"
        save(path, {f"{i}": np.zeros(500_000) for i in range(4)})
        tracemalloc.start()
        load(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2.6 * path.stat().st_size


def test_checksums_are_crc32_of_type_shape_and_content(tmp_path):
    """The stored checksum is what another program would compute from the documentation."""
    save(tmp_path / "x.safetensors", {"x": np.arange(3, dtype=np.float32)})
    content = (tmp_path / "x.safetensors").read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    stored = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["definerun.crc32"])
    assert stored["x"] == zlib.crc32(b"F32[3]" + content[8 + length :])
