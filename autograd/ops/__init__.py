"""The operations, one file a family.  Importing this declares them all."""

from . import arithmetic, matmul, reduction
