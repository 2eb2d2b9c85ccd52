"""Which of BLAS and our own kernels computes a product: one table, and the measurements behind it.

Time of NumPy (OpenBLAS) over time of our kernel, one thread, Zen 5 with AVX-512, calls from Python included; M x K x N:

===================  =======  =======  ====================================================================
product              float32  float64  what follows
===================  =======  =======  ====================================================================
24 cubed             0.45     0.53     BLAS: a launch takes 2 us more than a call of NumPy
32 cubed             0.59     0.75
48 cubed             0.76     1.2
32 x 64 x 64         0.94     1.3      tiles, from WORK (bytes of an element times multiply-adds) on
56 cubed             0.94     1.3
64 cubed             1.0-1.2  1.6
128 cubed            1.9      2.1
256 cubed            2.0      2.0
1024 cubed           1.75     1.65
32 x 784 x 128       2.1      2.5
128 x 1024 x 1024    1.7      1.7
4096 x 64 x 64       2.1      2.2
256 x 256 x 10       1.4      2.0
1024 x 1024 x 8      0.75     1.9      the worst case: few columns, and rows of a whole number of pages
batch of 8 cubed     0.6      0.6      BLAS, if one matrix of a batch has fewer than EACH multiply-adds
batch of 12 cubed    0.7      0.8
batch of 16 cubed    1.2      1.6      tiles
batch of 64 cubed    2.1      2.3
1024 x 1024 x 1      0.95     0.93     vectors: as fast, and with the same bits for any number of threads
1024 x 1024 x 2      1.7      2.1
1024 x 1024 x 4      1.4      1.1
512 x 1 x 600                          multiplication: an outer product has no sum (BLAS takes 17 times as long)
===================  =======  =======  ====================================================================

BLAS runs on one thread what is left to it here, so that its results do not depend on the number of threads: OpenBLAS
starts others from 64 cubed multiply-adds on, and for a matrix times a vector from 9216 elements on.
"""

from __future__ import annotations

__all__ = ["choose"]

WORK = 700_000  # bytes of an element times multiply-adds, from which on tiles are worth a launch
EACH = 4096  # multiply-adds of one matrix of a batch, from which on tiles are
ELEMENTS = 9216  # of a matrix that is multiplied with few vectors, up to which BLAS keeps to one thread
FEW = 4  # vectors


def choose(batch: int, m: int, k: int, n: int, itemsize: int) -> str:
    """One of "blas", "tiles", "vectors" (N is small, or M is 1) or "outer", for a batch of (M, K) @ (K, N) of reals."""
    if k == 1:
        return "outer"
    if n <= FEW or m == 1:
        return "vectors" if k * (n if m == 1 else m) > ELEMENTS else "blas"
    each = m * k * n
    return "tiles" if each >= EACH and batch * each * itemsize >= WORK else "blas"
