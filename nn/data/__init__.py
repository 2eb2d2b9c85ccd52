"""Data sets, loaders and transforms."""

from .datasets import DatasetNotFoundError, mnist

__all__ = ["DatasetNotFoundError", "mnist"]
