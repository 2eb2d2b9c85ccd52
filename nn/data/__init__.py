"""Data sets."""

from .datasets import DatasetNotFoundError, mnist

__all__ = ["DatasetNotFoundError", "mnist"]
