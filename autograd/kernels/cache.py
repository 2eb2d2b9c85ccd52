"""Where compiled kernels are kept on disk, and how they get there and back without ever raising."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding
import numba
import numpy as np
from numba.core import serialize

config: Any = numba.config  # whose settings its types do not name

__all__ = ["CACHE", "Cache", "cache_folder"]


def _fingerprint() -> str:
    """What compiled code depends on: every source of this package, the compiler's versions and settings, the CPU."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    binding = llvmlite.binding
    settings = (config.CPU_NAME, config.CPU_FEATURES, config.OPT, config.LOOP_VECTORIZE, config.SLP_VECTORIZE)
    versions = (sys.version, numba.__version__, np.__version__, llvmlite.__version__)
    machine = (binding.get_process_triple(), binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten())
    digest.update(repr((settings, versions, machine)).encode())
    return digest.hexdigest()[:24]


def _cache_roots() -> list[Path]:
    """Folders in which the cache may live, best first."""
    chosen = os.environ.get("DEFINERUN_CACHE_DIR")
    if chosen:
        return [Path(chosen)]
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    roots = []
    for base in (os.environ.get("XDG_CACHE_HOME"), os.path.join(os.path.expanduser("~"), ".cache")):
        if base and os.path.isabs(base):
            roots.append(Path(base) / "definerun")
    with contextlib.suppress(OSError):  # not one folder for temporary files can be written
        roots.append(Path(tempfile.gettempdir()) / f"definerun-{user}")
    return roots


def _is_private(folder: Path) -> bool:
    """Whether only this user (or root) can put files there: a cached kernel is code that we are going to run."""
    if not hasattr(os, "getuid"):
        return True
    status = folder.stat()
    return status.st_uid in (0, os.getuid()) and not status.st_mode & 0o022


def _find_cache_folder() -> Path | None:
    """The folder of this version's compiled kernels, made if need be; None if no folder can be used."""
    try:
        name = f"kernels-{_fingerprint()}"
    except OSError:  # sources are not files (a zip archive)
        return None
    for root in _cache_roots():
        folder = root / name
        try:
            if not folder.is_dir():
                root.mkdir(mode=0o700, parents=True, exist_ok=True)
                _remove_stale_folders(root)
                folder.mkdir(mode=0o700, exist_ok=True)
            if _is_private(folder) and (os.access(folder, os.W_OK) or any(folder.iterdir())):
                return folder
        except OSError:
            continue
    return None


def _remove_stale_folders(root: Path, days: float = 30.0) -> None:
    """Remove what older versions left: kernels of other sources that nobody has added to for a month."""
    for folder in root.glob("kernels-*"):
        if time.time() - folder.stat().st_mtime > days * 86400:
            shutil.rmtree(folder, ignore_errors=True)


class Cache:
    """Compiled kernels on disk, one file each: a checksum, then what Numba needs to load the code again.

    Numba's own cache raises on damaged files and unwritable folders, and does not notice an edit in another source
    file. This one treats every file that is not exactly as it was written as absent, and ignores all I/O errors.
    """

    _MAGIC = b"definerun kernel 1\n"

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._searched = False

    @property
    def folder(self) -> Path | None:
        if not self._searched:
            self._folder, self._searched = _find_cache_folder(), True
        return self._folder

    def load(self, name: str) -> Any | None:
        if self.folder is None:
            return None
        try:
            content = (self.folder / f"{name}.bin").read_bytes()
        except OSError:
            return None
        start = len(self._MAGIC) + 32
        checksum, payload = content[len(self._MAGIC) : start], content[start:]
        if not content.startswith(self._MAGIC) or hashlib.sha256(payload).digest() != checksum:
            return None
        return pickle.loads(payload)

    def save(self, name: str, result: Any) -> None:
        if self.folder is None:
            return
        payload = serialize.dumps(result)
        temporary = None
        try:
            # Written aside and renamed, so that processes that start together see all of a file or nothing.
            handle, temporary = tempfile.mkstemp(prefix=f"{name}.", suffix=".part", dir=self.folder)
            with open(handle, "wb") as file:
                file.write(self._MAGIC + hashlib.sha256(payload).digest() + payload)
            os.replace(temporary, self.folder / f"{name}.bin")
        except OSError:  # a full or read-only disk: the kernel stays in memory
            if temporary is not None:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)


CACHE = Cache()


def cache_folder() -> Path | None:
    """The folder of compiled kernels on disk, or None while they are kept in memory only.

    It is chosen at the first compilation: $DEFINERUN_CACHE_DIR, else ``definerun`` in $XDG_CACHE_HOME or ~/.cache,
    else a private folder among the temporary files. Its files are code: the folder belongs to its user alone.
    """
    return CACHE.folder
