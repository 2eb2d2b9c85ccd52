"""Memory that has been freed stays with the process, so that the next training step finds it mapped.

The C library gives large blocks back to the system when they are freed, and each step then pays a page fault for every
4 KiB of its arrays: a third of the time of a small convolutional network. Raising two thresholds of glibc's malloc
avoids it. Blocks up to `LARGEST` are kept, as long as no more than `KEPT` bytes in a row are free at the end of the
heap; larger ones come and go as before. DEFINERUN_KEEP_MEMORY=0 leaves the C library as it is, and so does another C
library than glibc.
"""

from __future__ import annotations

import ctypes
import os

LARGEST = 32 << 20  # bytes; the most that glibc accepts
KEPT = 512 << 20  # bytes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of mallopt(3)


def keep_freed_memory() -> bool:
    """Raises the thresholds; returns whether they were."""
    if os.environ.get("DEFINERUN_KEEP_MEMORY", "1") == "0":
        return False
    try:
        libc = ctypes.CDLL(None)
        libc.gnu_get_libc_version  # noqa: B018  (only glibc has it)
        return bool(libc.mallopt(_M_MMAP_THRESHOLD, LARGEST)) and bool(libc.mallopt(_M_TRIM_THRESHOLD, KEPT))
    except (OSError, AttributeError, TypeError):
        return False
