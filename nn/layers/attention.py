"""Attention with learned projections: each position of a sequence looks at the positions of another, or of its own."""

from __future__ import annotations

from typing import Any

from numpy.typing import DTypeLike

from autograd.ops.multi_head_attention import Projections, attend
from autograd.tensor import Tensor

from .. import init
from ..mistakes import check_device
from ..module import Module
from ..parameter import Parameter
from .dense import Dense
from .weighted import check_input


class MultiheadAttention(Module):
    """Attention by several heads, each with its own share of the features.

    query: (T, N, E), key: (S, N, kdim), value: (S, N, vdim) -> (T, N, E), and the weights, (N, T, S); with batch_first
    (N, T, E) and so on; without N for a single sequence.

    embed_dim: E. num_heads: the number of heads, which divides E.
    dropout: the probability to leave a weight out while training.
    bias: whether the projections have one.
    add_bias_kv: whether a learned key and value are put behind the others. add_zero_attn: the same with zeros.
    kdim, vdim: the features of keys and values, E unless given.

    Parameters: in_proj_weight (3 E, E), or q_proj_weight (E, E), k_proj_weight (E, kdim) and v_proj_weight (E, vdim)
    where kdim or vdim differs; in_proj_bias (3 E,), out_proj.weight (E, E), out_proj.bias (E,), bias_k and bias_v
    (1, 1, E); all drawn as in PyTorch.

    The matrix of weights is made only where it is asked for: with need_weights=False attention takes no memory for it.

    Vaswani et al.: Attention is all you need (2017).

    >>> import autograd, nn
    >>> attention = nn.MultiheadAttention(16, 4, batch_first=True)
    >>> x = autograd.zeros(2, 5, 16)
    >>> out, weights = attention(x, x, x)
    >>> out.shape, weights.shape
    ((2, 5, 16), (2, 5, 5))
    """

    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        check_device("MultiheadAttention", device)
        if embed_dim < 1 or num_heads < 1 or embed_dim % num_heads:
            raise ValueError(
                f"MultiheadAttention: embed_dim is {embed_dim} and num_heads {num_heads}. Each head gets as many "
                f"features as every other: embed_dim must be a multiple of num_heads."
            )
        if not 0 <= dropout <= 1:
            raise ValueError(f"MultiheadAttention: dropout is {dropout}. It is a probability, from 0 to 1.")
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        together = self.kdim == self.vdim == embed_dim
        shapes: dict[str, tuple[int, ...] | None] = {
            "in_proj_weight": (3 * embed_dim, embed_dim) if together else None,
            "q_proj_weight": None if together else (embed_dim, embed_dim),
            "k_proj_weight": None if together else (embed_dim, self.kdim),
            "v_proj_weight": None if together else (embed_dim, self.vdim),
            "in_proj_bias": (3 * embed_dim,) if bias else None,
        }
        for name, shape in shapes.items():
            self.register_parameter(name, None if shape is None else Parameter(init.empty(shape, dtype)))
        self.out_proj = Dense(embed_dim, embed_dim, bias=bias, dtype=dtype)
        for name in ("bias_k", "bias_v"):
            extra = Parameter(init.empty((1, 1, embed_dim), dtype)) if add_bias_kv else None
            self.register_parameter(name, extra)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the parameters anew."""
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None and self.out_proj.bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """What each query finds among the values; and how much it looked at each, or None.

        key_padding_mask: (N, S) or (S,), True for keys that nobody looks at; or numbers, added to the scores.
        attn_mask: (T, S) or (N * num_heads, T, S), True where a query does *not* look at a key; or numbers.
        is_causal: query i looks at keys 0 to i, whatever else attn_mask forbids.
        average_attn_weights: False gives the weights of each head, (N, num_heads, T, S).
        """
        alone = self._check(query, key, value)
        out, weights = attend(
            "MultiheadAttention",
            query,
            key,
            value,
            self.num_heads,
            Projections(*[getattr(self, name) for name in Projections._fields]),
            (1, 0) if self.batch_first and not alone else (0, 1),
            key_padding_mask,
            attn_mask,
            self.add_zero_attn,
            self.dropout if self.training else 0.0,
            is_causal,
            need_weights,
        )
        out = self.out_proj(out)
        if weights is not None and average_attn_weights:
            weights = weights.mean(1)
        if alone:
            return out.squeeze(1), None if weights is None else weights.squeeze(0)
        return out, weights

    def _check(self, query: Any, key: Any, value: Any) -> bool:
        """Raises where the inputs do not fit.  Returns whether they are single sequences."""
        for x in (query, key, value):
            check_input(self, x, self.out_proj.weight.dtype)
        if query.ndim not in (2, 3) or not query.ndim == key.ndim == value.ndim:
            layout = "(N, T, E)" if self.batch_first else "(T, N, E)"
            raise ValueError(
                f"MultiheadAttention: query {query.shape}, key {key.shape} and value {value.shape} must all be "
                f"{layout}, or (T, E) for one sequence."
            )
        for name, x, size in (("query", query, self.embed_dim), ("key", key, self.kdim), ("value", value, self.vdim)):
            if x.shape[-1] != size:
                raise ValueError(
                    f"MultiheadAttention: the {name} has shape {x.shape} and so {x.shape[-1]} features; the layer "
                    f"takes {size}."
                )
        batch = 0 if self.batch_first else 1
        if key.shape[:-1] != value.shape[:-1] or (query.ndim == 3 and query.shape[batch] != key.shape[batch]):
            raise ValueError(
                f"MultiheadAttention: query {query.shape}, key {key.shape} and value {value.shape} differ. There is "
                f"one value for each key, and the batch (axis {batch}) is the same for all."
            )
        return query.ndim == 2

    def extra_repr(self) -> str:
        parts = [f"{self.embed_dim}, {self.num_heads}"]
        if (self.kdim, self.vdim) != (self.embed_dim, self.embed_dim):
            parts.append(f"kdim={self.kdim}, vdim={self.vdim}")
        if self.dropout:
            parts.append(f"dropout={self.dropout}")
        if self.batch_first:
            parts.append("batch_first=True")
        return ", ".join(parts)
