"""Save and load named tensors: safetensors or NumPy's npz. Never pickle: a file holds arrays and strings, no code.

A save is all or nothing. It goes to a temporary file beside the target, which reaches the disk before it takes the
target's name; whatever happens on the way, the old file stays. A load believes nothing: a file that is malformed, cut
short or altered is refused with `FormatError`, and cannot make the loader allocate much more than its own size.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import stat
import struct
import sys
import zlib
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from .tensor import Tensor, to_array

if sys.platform != "win32":
    import fcntl

__all__ = ["FormatError", "load", "load_metadata", "save"]

Array = np.ndarray[Any, np.dtype[Any]]

# The names of safetensors for element types. BF16 has no NumPy type: it is read as float32, which holds it exactly.
_DTYPES = {
    "BOOL": "?",
    "U8": "u1",
    "I8": "i1",
    "U16": "<u2",
    "I16": "<i2",
    "U32": "<u4",
    "I32": "<i4",
    "U64": "<u8",
    "I64": "<i8",
    "F16": "<f2",
    "F32": "<f4",
    "F64": "<f8",
    "C64": "<c8",
    "BF16": "<u2",
}
_DTYPE_NAMES = {np.dtype(code): name for name, code in _DTYPES.items() if name != "BF16"}

_FORMAT, _CHECKSUMS = "definerun.format", "definerun.crc32"  # our entries in a file's metadata
_NPZ_METADATA = "__metadata__.json"
_HEADER_LIMIT = 16 << 20  # bytes: room for 100,000 tensors
_NAME_LIMIT = 4096  # characters


class FormatError(ValueError):
    """A file is not what its suffix says, or is damaged."""


def save(path: str | os.PathLike[str], tensors: Mapping[str, Any], metadata: Mapping[str, str] | None = None) -> None:
    """Save named tensors to a ``.safetensors`` or ``.npz`` file, with a checksum for each.

    Arrays are stored C-contiguous and little-endian, whatever their strides and byte order are. An existing file is
    replaced only when all of the new one is on the disk.

    Parameters:
        path: the file; its suffix chooses the format. A symbolic link is followed.
        tensors: what to save: names, and for each a Tensor, an array of any shape, or a number.
        metadata: strings to store beside them, such as a version or a configuration as JSON.

    Raises:
        ValueError: unknown suffix, or a name that the format cannot hold.
        TypeError: a value that is no array of numbers or booleans, or metadata that is not strings.
        OSError: the file cannot be written; the old one is unharmed.

    Example:
        >>> import autograd, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
        >>> save(path, {"weight": autograd.Tensor([[1.0, 2.0]])}, {"epoch": "3"})
        >>> load(path)["weight"].shape, load_metadata(path)
        ((1, 2), {'epoch': '3'})
    """
    path = Path(path)
    write = _write_safetensors if _suffix(path, "save") == ".safetensors" else _write_npz
    arrays = {name: _plain(name, value) for name, value in tensors.items()}
    strings = dict(metadata or {})
    for key, text in strings.items():
        if not isinstance(key, str) or not isinstance(text, str):
            raise TypeError(f"save: metadata {key!r} is {type(text).__name__}; both must be str. Use json.dumps.")
        if key.startswith("definerun."):
            raise ValueError(f"save: the metadata key {key!r} is reserved. Choose one that starts differently.")
    with _replacing(path) as file:
        write(file, arrays, strings)


def load(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """The tensors of a ``.safetensors`` or ``.npz`` file by name, in the order they were saved in.

    Files by other programs load as well. bfloat16 comes as float32, with the same values. Where a file has checksums
    they are verified.

    Raises:
        FormatError: the file is malformed or damaged, or holds something other than arrays of numbers and booleans.
        ValueError: unknown suffix.
        OSError: the file cannot be read.
    """
    return {name: Tensor(array) for name, array in _read(Path(path))[0].items()}


def load_metadata(path: str | os.PathLike[str]) -> dict[str, str]:
    """The strings that were saved with the tensors of a file. Raises what `load` raises."""
    return _read(Path(path))[1]


def _suffix(path: Path, what: str) -> str:
    suffix = path.suffix.lower()
    if suffix not in (".safetensors", ".npz"):
        raise ValueError(
            f"{what}: {path.name!r} ends in {suffix!r}, which is no known format. Use .safetensors (or .npz for NumPy)."
        )
    return suffix


def _plain(name: str, value: Any) -> Array:
    """A value's array in C order and this machine's byte order, copied only where it is not so already."""
    if not isinstance(name, str):
        raise TypeError(f"save: the name {name!r} is {type(name).__name__}, not str.")
    if len(name) > _NAME_LIMIT or "\0" in name or name in ("", "__metadata__", _NPZ_METADATA):
        raise ValueError(f"save: {name[:50]!r} cannot be a name: it is empty, reserved, too long or has a NUL.")
    try:
        name.encode()
        array = to_array(value)
    except UnicodeEncodeError:
        raise ValueError(f"save: the name {name!r} is not valid text (a lone surrogate).") from None
    except (TypeError, ValueError) as error:
        kind = type(value).__name__
        raise TypeError(f"save: {name!r} is {kind}, not an array of numbers or booleans ({error})") from None
    # Not ascontiguousarray: it gives 0-d arrays an axis.
    return np.asarray(array, array.dtype.newbyteorder("="), order="C")


# --- one safe replacement of a file ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that becomes ``path`` when the block ends well, and vanishes when it does not."""
    path = Path(os.path.realpath(path))  # replace what a link points to, not the link
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a regular file, so it cannot be replaced", str(path))
    _sweep(path)
    part, file = _open_part(path)
    try:
        with file:
            yield file
            file.flush()
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), stat.S_IMODE(mode))
            os.fsync(file.fileno())  # the content is on the disk before the name is
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    _sync_folder(path.parent)


def _open_part(path: Path) -> tuple[Path, BinaryIO]:
    """A new temporary file beside ``path``, locked for as long as it is open, so that no sweep takes it for stale."""
    while True:
        part = path.with_name(f".{path.name}.{os.urandom(8).hex()}.part")
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        file = os.fdopen(descriptor, "w+b")
        if sys.platform == "win32":
            return part, file  # an open file cannot be deleted there
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if part.exists():
            return part, file
        file.close()  # swept between its creation and its lock


def _sweep(path: Path) -> None:
    """Delete temporary files of earlier saves of ``path`` whose process died: nobody holds their lock."""
    for part in path.parent.glob(f".{_without_wildcards(path.name)}.{'[0-9a-f]' * 16}.part"):
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                part.unlink()
                continue
            with part.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                part.unlink()


def _without_wildcards(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # file systems that cannot do it say so
            raise
    finally:
        os.close(descriptor)


# --- reading --------------------------------------------------------------------------------------------------------


def _read(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    suffix = _suffix(path, "load")
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a pipe would block, a device never ends
        raise FormatError(f"load: {path} is not a regular file.")
    content = path.read_bytes()
    parse = _parse_safetensors if suffix == ".safetensors" else _parse_npz
    try:
        return parse(content)
    except FormatError as error:
        reason = str(error)
    except Exception as error:  # the boundary: whatever a library says about bytes we were given, they are malformed
        reason = f"{type(error).__name__}: {error}"
    raise FormatError(f"load: {path} is no valid {suffix} file: {reason[:500]}. It is damaged or not what it claims.")


# --- safetensors ----------------------------------------------------------------------------------------------------
# Layout: the header's length (u64, little-endian), a JSON header {name: {dtype, shape, data_offsets}}, the elements.


def _write_safetensors(file: BinaryIO, arrays: dict[str, Array], metadata: dict[str, str]) -> None:
    for name, array in arrays.items():
        if array.dtype not in _DTYPE_NAMES:
            raise TypeError(f"save: safetensors has no dtype {array.dtype} ({name!r}). Cast it, or save as .npz.")
    little = {name: array.astype(array.dtype.newbyteorder("<"), copy=False) for name, array in arrays.items()}
    checksums = {name: _checksum(_DTYPE_NAMES[a.dtype], a.shape, _bytes(little[name])) for name, a in arrays.items()}
    checksums[""] = zlib.crc32(_text(metadata))  # no tensor has this name
    extra = {_FORMAT: "1", _CHECKSUMS: json.dumps(checksums, separators=(",", ":"))}
    header: dict[str, Any] = {"__metadata__": metadata | extra}
    # Wide elements first keeps every tensor aligned; the header still lists them in the caller's order.
    order = sorted(arrays, key=lambda name: -arrays[name].dtype.itemsize)
    ends = np.cumsum([arrays[name].nbytes for name in order], dtype=np.int64).tolist()
    offsets = {name: [end - arrays[name].nbytes, end] for name, end in zip(order, ends, strict=True)}
    for name, array in arrays.items():
        shape = list(array.shape)
        header[name] = {"dtype": _DTYPE_NAMES[array.dtype], "shape": shape, "data_offsets": offsets[name]}
    text = _text(header)
    text += b" " * (-len(text) % 8)
    if len(text) > _HEADER_LIMIT:
        raise ValueError(f"save: names and metadata take {len(text):,} bytes, more than {_HEADER_LIMIT:,}. Save less.")
    file.write(struct.pack("<Q", len(text)))
    file.write(text)
    for name in order:
        file.write(_bytes(little[name]))


def _parse_safetensors(content: bytes) -> tuple[dict[str, Array], dict[str, str]]:
    # These three the library accepts, against the format's own rules; so they are checked first.
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(len(content) - 8, _HEADER_LIMIT):
        raise FormatError("the header does not fit in the file")
    if content[8:9] != b"{":
        raise FormatError("the header does not begin with {")
    import safetensors

    # The library checks offsets, sizes and types against each other, and copies each tensor out.
    tensors = dict(safetensors.deserialize(content))
    header = json.loads(content[8 : 8 + length], object_pairs_hook=_without_duplicates)
    metadata = header.pop("__metadata__", None) or {}
    checksums = _checksums(metadata, set(tensors))
    arrays = {}
    for name in header:
        dtype, shape, data = tensors[name]["dtype"], tuple(tensors[name]["shape"]), tensors[name]["data"]
        if dtype not in _DTYPES:
            raise FormatError(f"{name!r} has dtype {dtype}, which NumPy cannot hold")
        if checksums and checksums[name] != _checksum(dtype, shape, data):
            raise FormatError(f"the checksum of {name!r} differs from its content")
        array = np.frombuffer(data, _DTYPES[dtype]).reshape(shape)
        if dtype == "BOOL" and (array.view(np.uint8) > 1).any():
            raise FormatError(f"{name!r} holds a boolean that is neither 0 nor 1")
        if dtype == "BF16":  # the upper half of a float32
            array = (array.astype(np.uint32) << 16).view(np.float32)
        arrays[name] = array.astype(array.dtype.newbyteorder("="), copy=False)
    return arrays, {key: text for key, text in metadata.items() if key not in (_FORMAT, _CHECKSUMS)}


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, refused where it says a thing twice: readers differ in which of the two they believe."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise FormatError("the header has the same key twice")
    if isinstance(result.get("data_offsets"), list):
        return {}  # a tensor's entry, which the library has read already: keep only its name
    return result


def _checksums(metadata: dict[str, str], names: set[str]) -> dict[str, int]:
    """The checksums in a file's metadata by tensor name; empty for a file by another program."""
    if _FORMAT not in metadata and _CHECKSUMS not in metadata:
        return {}
    if metadata.get(_FORMAT) != "1":
        raise FormatError("it was written by a newer version, or its metadata is damaged")
    checksums: dict[str, int] = json.loads(metadata.get(_CHECKSUMS, "{}"))
    own = {key: text for key, text in metadata.items() if key not in (_FORMAT, _CHECKSUMS)}
    if set(checksums) != names | {""} or checksums[""] != zlib.crc32(_text(own)):
        raise FormatError("the checksum of its names and metadata differs from its content")
    return checksums


def _checksum(dtype: str, shape: tuple[int, ...], data: Any) -> int:
    return zlib.crc32(data, zlib.crc32(f"{dtype}{list(shape)}".encode()))


def _bytes(array: Array) -> memoryview:
    """The memory of a C-contiguous array, without a copy. (A memoryview itself refuses to cast empty arrays.)"""
    return array.reshape(-1).view(np.uint8).data


def _text(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


# --- npz ------------------------------------------------------------------------------------------------------------
# Layout: a zip of one .npy a tensor; zip keeps a CRC32 of each.


def _write_npz(file: BinaryIO, arrays: dict[str, Array], metadata: dict[str, str]) -> None:
    import zipfile

    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            # A ZipInfo has a fixed date, unlike a name: the same tensors give the same file.
            with archive.open(zipfile.ZipInfo(name + ".npy"), "w", force_zip64=array.nbytes > 1 << 30) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
        if metadata:
            archive.writestr(zipfile.ZipInfo(_NPZ_METADATA), _text(metadata))


def _parse_npz(content: bytes) -> tuple[dict[str, Array], dict[str, str]]:
    import zipfile

    arrays, metadata = {}, {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        # The end record counts the members. zipfile does not compare, and a flipped length makes it skip some.
        count = int.from_bytes(content[-12:-10], "little")
        if archive.comment or count not in (len(members), 0xFFFF):
            raise FormatError(f"its end counts {count} members, and {len(members)} were found")
        if len({member.filename for member in members}) != len(members):
            raise FormatError("it has the same name twice")
        # A few bytes can unfold to gigabytes. Compressed weights shrink a few times at most; zeros, a thousand times.
        size = sum(member.file_size for member in members)
        if size > (64 << 20) + 100 * len(content):
            raise FormatError(f"it claims to unfold to {size:,} bytes from {len(content):,}")
        for member in members:
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise FormatError(f"{member.filename!r} uses a compression that NumPy does not write")
            data = archive.read(member)  # verifies the CRC32
            if member.filename == _NPZ_METADATA:
                metadata = json.loads(data, object_pairs_hook=_without_duplicates)
            elif member.filename.endswith(".npy"):
                arrays[member.filename[: -len(".npy")]] = _parse_npy(member.filename, data)
            else:
                raise FormatError(f"{member.filename!r} is no array")
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise FormatError("its metadata is not strings")
    return arrays, metadata


def _parse_npy(name: str, data: bytes) -> Array:
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise FormatError(f"{name!r} has a format for structured arrays")
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran_order, dtype = read_header(stream)
    if dtype.kind not in "biufc":
        raise FormatError(f"{name!r} has dtype {dtype}, not numbers or booleans")
    if any(n < 0 for n in shape) or prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise FormatError(f"{name!r} claims shape {shape} for {len(data) - stream.tell():,} bytes of {dtype}")
    elements = np.frombuffer(bytearray(memoryview(data)[stream.tell() :]), dtype)  # a bytearray: to be written to
    array = elements.reshape(shape, order="F" if fortran_order else "C")
    if dtype.kind == "b" and (array.view(np.uint8) > 1).any():
        raise FormatError(f"{name!r} holds a boolean that is neither 0 nor 1")
    return np.asarray(array, dtype.newbyteorder("="), order="C")
