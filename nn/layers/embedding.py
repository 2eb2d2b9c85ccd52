"""Embeddings: a learned vector for each of many things that are numbered."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from autograd.tensor import Tensor, to_array

from .. import functional as F
from .. import init
from ..mistakes import check_device
from ..module import Module
from ..parameter import Parameter


class _Table(Module):
    """Rows that are looked up."""

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        _weight: Any = None,
        dtype: DTypeLike | None = None,
        device: Any = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        check_device(name, device)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ValueError(f"{name}: padding_idx is {padding_idx}, and there are {num_embeddings} rows.")
            padding_idx %= num_embeddings
        self.padding_idx = padding_idx
        if _weight is None:
            self.weight = Parameter(init.empty((num_embeddings, embedding_dim), dtype))
            self.reset_parameters()
        else:
            self.weight = Parameter(_weight)

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, **options: Any) -> Self:
        """A layer with these rows.  embeddings: (num_embeddings, D)

        freeze: do not train them.
        options: those of the constructor.
        """
        array = to_array(embeddings)
        if array.ndim != 2:
            raise ValueError(
                f"{cls.__name__}: the rows have shape {array.shape}. Give (num_embeddings, embedding_dim)."
            )
        layer = cls(array.shape[0], array.shape[1], _weight=array, **options)
        layer.weight.requires_grad_(not freeze)
        return layer

    def reset_parameters(self) -> None:
        """Draws the rows anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0.0


class Embedding(_Table):
    """Looks up a row of `weight` for each index.  x: (*) of integers -> (*, D)

    num_embeddings: how many rows there are.
    embedding_dim: D.
    padding_idx: this row is not trained, and starts as zeros.
    max_norm: rows that are looked up and longer than this are scaled down to it; norm_type: in which norm.
    scale_grad_by_freq: the gradient of each row is divided by how often the batch names it.
    sparse: accepted for PyTorch's sake; gradients are dense.

    Parameters: weight (num_embeddings, D), drawn from a standard normal, as in PyTorch.

    Raises IndexError for an index that has no row.

    >>> import autograd, nn
    >>> nn.Embedding(1000, 16)(autograd.tensor([[1, 2, 3]])).shape
    (1, 3, 16)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        *,
        dtype: DTypeLike | None = None,
        device: Any = None,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, _weight=_weight, dtype=dtype, device=device)
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq

    @classmethod
    def from_pretrained(
        cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None, **options: Any
    ) -> Self:
        """An embedding with these rows.  embeddings: (num_embeddings, D)

        freeze: do not train them.
        options: those of the constructor.
        """
        return super().from_pretrained(embeddings, freeze, padding_idx=padding_idx, **options)

    def forward(self, x: Tensor) -> Tensor:
        """The rows."""
        indices = x if isinstance(x, (Tensor, np.ndarray)) else to_array(x)
        if indices.dtype.kind not in "iu":
            raise TypeError(f"Embedding: the indices are {indices.dtype}. They must be integers: x.long().")
        return F.embedding(
            indices, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq
        )

    def extra_repr(self) -> str:
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        return text if self.padding_idx is None else f"{text}, padding_idx={self.padding_idx}"


class EmbeddingBag(_Table):
    """The sum, mean or maximum of the rows of `weight` in each bag of indices.  x: (N, M) of integers -> (N, D)

    Or x: (M,) with offsets (N,), where each bag begins. forward also takes per_sample_weights, of the shape of x, for
    mode "sum".

    num_embeddings: how many rows there are. embedding_dim: D. mode: "sum", "mean" or "max".
    include_last_offset: there is one offset more, where the last bag ends. padding_idx: this row counts as not there.
    max_norm, norm_type, scale_grad_by_freq, sparse: as for `Embedding`.

    Parameters: weight (num_embeddings, D), drawn from a standard normal, as in PyTorch.

    >>> import autograd, nn
    >>> nn.EmbeddingBag(1000, 16)(autograd.tensor([[1, 2, 3], [4, 5, 6]])).shape
    (2, 16)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        if mode not in ("sum", "mean", "max"):
            raise ValueError(f"EmbeddingBag: mode is {mode!r}. Give 'sum', 'mean' or 'max'.")
        super().__init__(num_embeddings, embedding_dim, padding_idx, _weight=_weight, dtype=dtype, device=device)
        self.max_norm, self.norm_type, self.mode = max_norm, norm_type, mode
        self.scale_grad_by_freq, self.include_last_offset = scale_grad_by_freq, include_last_offset

    def forward(self, x: Tensor, offsets: Any = None, per_sample_weights: Any = None) -> Tensor:
        """One row for each bag."""
        return F.embedding_bag(
            x,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )

    def extra_repr(self) -> str:
        text = f"{self.num_embeddings}, {self.embedding_dim}, mode={self.mode!r}"
        return text if self.padding_idx is None else f"{text}, padding_idx={self.padding_idx}"
