"""Transformers: layers of attention and of a small dense network, each with a shortcut around it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd import full, relu, triu
from autograd.tensor import Tensor

from .. import functional as F
from .. import init
from ..container import ModuleList
from ..module import Module
from ..pairs import with_gelu, with_relu
from .attention import MultiheadAttention
from .dense import Dense
from .dropout import Dropout
from .normalization import LayerNorm

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": F.relu, "gelu": F.gelu}


def _activation(name: str, given: Any) -> Callable[[Tensor], Tensor]:
    if given is relu:  # the same without `inplace`
        return F.relu
    if callable(given):
        return given
    if given not in _ACTIVATIONS:
        raise ValueError(f"{name}: activation is {given!r}. Give 'relu', 'gelu' or a function of one tensor.")
    return _ACTIVATIONS[given]


class _Layer(Module):
    """What layers of encoders and decoders share: the dense network, and where the normalization stands."""

    blocks: int  # attention blocks, and one more for the dense network

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.norm_first = norm_first
        for name in ("self_attn", "multihead_attn")[: self.blocks - 1]:
            part = MultiheadAttention(
                d_model, nhead, dropout, bias, batch_first=batch_first, device=device, dtype=dtype
            )
            setattr(self, name, part)
        self.linear1 = Dense(d_model, dim_feedforward, bias=bias, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Dense(dim_feedforward, d_model, bias=bias, dtype=dtype)
        for i in range(1, self.blocks + 1):
            setattr(self, f"norm{i}", LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype))
        for i in range(1, self.blocks + 1):
            setattr(self, f"dropout{i}", Dropout(dropout))
        self.activation = _activation(type(self).__name__, activation)

    def _residual(self, x: Tensor, number: int, block: Callable[[Tensor], Tensor]) -> Tensor:
        """x and what the block makes of it, normalized before the block or after the sum."""
        norm, dropout = getattr(self, f"norm{number}"), getattr(self, f"dropout{number}")
        if self.norm_first:
            return x + dropout(block(norm(x)))
        return norm(x + dropout(block(x)))

    def _feed_forward(self, x: Tensor) -> Tensor:
        return self.linear2(self.dropout(self._hidden(x)))

    def _hidden(self, x: Tensor) -> Tensor:
        """The activation of the first dense layer, in one pass where nobody can see what lies between."""
        run: Any = None
        if self.activation is F.relu or self.activation is F.gelu:
            run = with_relu(self.linear1, Module.__call__)
        if run is not None and self.activation is F.gelu:
            run = with_gelu(self.linear1, "none")
        return self.activation(self.linear1(x)) if run is None else self.linear1.guarded(run, self.linear1, x)


class TransformerEncoderLayer(_Layer):
    """Attention of a sequence to itself, then a dense network at each position.  src: (T, N, E) -> (T, N, E)

    d_model: E. nhead: heads of attention. dim_feedforward: the width of the dense network.
    dropout: the probability with which weights of attention, and elements of what each part adds, are left out.
    activation: "relu", "gelu" or a function. layer_norm_eps: of the normalizations.
    batch_first: src is (N, T, E). norm_first: the normalization stands before each part rather than after its sum.
    bias: whether there are any.

    Vaswani et al.: Attention is all you need (2017); norm_first: Xiong et al. (2020).

    >>> import autograd, nn
    >>> layer = nn.TransformerEncoderLayer(16, 4, dim_feedforward=32, batch_first=True)
    >>> layer(autograd.zeros(2, 5, 16)).shape
    (2, 5, 16)
    """

    blocks = 2
    self_attn: MultiheadAttention

    def forward(
        self, src: Tensor, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False
    ) -> Tensor:
        """The sequence with what its positions found.  The masks are those of `MultiheadAttention`."""
        x = self._residual(
            src, 1, lambda x: self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)[0]
        )
        return self._residual(x, 2, self._feed_forward)


class TransformerDecoderLayer(_Layer):
    """Attention of a sequence to itself, then to another, `memory`, then a dense network at each position.

    tgt: (T, N, E), memory: (S, N, E) -> (T, N, E).  The arguments are those of `TransformerEncoderLayer`.
    """

    blocks = 3
    self_attn: MultiheadAttention
    multihead_attn: MultiheadAttention

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The sequence with what its positions found.  The masks are those of `MultiheadAttention`."""
        x = self._residual(
            tgt, 1, lambda x: self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)[0]
        )
        x = self._residual(
            x,
            2,
            lambda x: self.multihead_attn(
                x, memory, memory, memory_key_padding_mask, False, memory_mask, is_causal=memory_is_causal
            )[0],
        )
        return self._residual(x, 3, self._feed_forward)


def _clones(layer: Module, count: int) -> ModuleList:
    return ModuleList([copy.deepcopy(layer) for _ in range(count)])


def _causal(mask: Any, is_causal: bool | None) -> tuple[Any, bool]:
    """The mask and whether it is causal; a mask that says no more than that is left out, which takes half the time.

    is_causal: None to find out.
    """
    if mask is None or is_causal is False or mask.ndim != 2:
        return mask, bool(is_causal)
    array = mask.data if isinstance(mask, Tensor) else np.asarray(mask)
    above = np.tri(*array.shape) == 0
    wanted = above if array.dtype == bool else np.where(above, -np.inf, 0)
    if not getattr(mask, "requires_grad", False) and np.array_equal(array, wanted):
        return None, True
    return mask, bool(is_causal)


class TransformerEncoder(Module):
    """Layers one after another.  src: (T, N, E) -> (T, N, E)

    encoder_layer: what the layers are copies of. num_layers: their number. norm: a module that is applied at the end.
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = _clones(encoder_layer, num_layers)
        self.num_layers, self.norm = num_layers, norm

    def forward(
        self, src: Tensor, mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool | None = None
    ) -> Tensor:
        """What the last layer gives.  is_causal: as for `MultiheadAttention`; None finds out from the mask."""
        mask, is_causal = _causal(mask, is_causal)
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """Layers one after another, which all look at the same memory.  tgt: (T, N, E), memory: (S, N, E) -> (T, N, E)

    decoder_layer: what the layers are copies of. num_layers: their number. norm: a module that is applied at the end.
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _clones(decoder_layer, num_layers)
        self.num_layers, self.norm = num_layers, norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """What the last layer gives.  tgt_is_causal: as for `MultiheadAttention`; None finds out from the mask."""
        tgt_mask, tgt_is_causal = _causal(tgt_mask, tgt_is_causal)
        for layer in self.layers:
            tgt = layer(
                tgt,
                memory,
                tgt_mask,
                memory_mask,
                tgt_key_padding_mask,
                memory_key_padding_mask,
                tgt_is_causal,
                memory_is_causal,
            )
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """An encoder, and a decoder that looks at what the encoder made.  src: (S, N, E), tgt: (T, N, E) -> (T, N, E)

    num_encoder_layers, num_decoder_layers: the number of layers of each. custom_encoder, custom_decoder: modules in
    their place. The other arguments are those of `TransformerEncoderLayer`.

    >>> import autograd, nn
    >>> model = nn.Transformer(16, 4, 1, 1, dim_feedforward=32, batch_first=True)
    >>> model(autograd.zeros(2, 7, 16), autograd.zeros(2, 5, 16)).shape
    (2, 5, 16)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = "relu",
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        facts = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*facts, device=device, dtype=dtype), num_encoder_layers, norm()
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*facts, device=device, dtype=dtype), num_decoder_layers, norm()
        )
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """What the decoder makes of tgt, having seen src.  The masks are those of `MultiheadAttention`."""
        for name, x in (("src", src), ("tgt", tgt)):
            if x.shape[-1:] != (self.d_model,):
                raise ValueError(
                    f"Transformer: {name} has shape {x.shape}. Its last axis must be d_model={self.d_model}."
                )
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        return self.decoder(
            tgt,
            memory,
            tgt_mask,
            memory_mask,
            tgt_key_padding_mask,
            memory_key_padding_mask,
            tgt_is_causal,
            memory_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: DTypeLike | None = None) -> Tensor:
        """-inf above the diagonal and 0 elsewhere: what to add so that nobody looks ahead.  -> (sz, sz)"""
        return triu(full((sz, sz), -np.inf, dtype=dtype), diagonal=1)
