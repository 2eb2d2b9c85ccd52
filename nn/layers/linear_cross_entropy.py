"""The last layer of a classifier together with its loss."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from numpy.typing import DTypeLike

from autograd.tensor import Tensor

from .. import functional as F
from .dense import Dense
from .loss import _Loss


@dataclasses.dataclass(slots=True, frozen=True)
class LinearCrossEntropyOptions:
    """How PyTorch cuts the batch into pieces to save memory.  Accepted, and without effect on the result."""

    allow_retain_graph: bool = False
    batch_chunk_size: int | None = None
    chunking_method: str | None = "auto"
    acc_policy: str = "auto"
    acc_dtype: DTypeLike | None = None


class LinearCrossEntropyLoss(_Loss):
    """`CrossEntropyLoss` of a dense layer.  x: (N, in_features), target: classes (N, *) or probabilities (N, C, *)

    in_features: of x. num_classes: C. out_features: the sizes *, where each sample has a class at several places.
    bias: whether the layer has one. weight: (C,), a factor for each class. ignore_index, label_smoothing, reduction: as
    for `CrossEntropyLoss`. options: without effect; see `LinearCrossEntropyOptions`.

    The layer is `linear`, with C prod(out_features) outputs.
    """

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        device: Any = None,
        dtype: DTypeLike | None = None,
        reduction: str = "mean",
        weight: Any = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        options: LinearCrossEntropyOptions | None = None,
    ) -> None:
        super().__init__(reduction)
        if not 0 <= label_smoothing <= 1:
            raise ValueError(
                f"LinearCrossEntropyLoss: label_smoothing is {label_smoothing}. Give a number from 0 to 1."
            )
        self._set_weight("weight", weight)
        if self.weight is not None and self.weight.shape != (num_classes,):
            raise ValueError(
                f"LinearCrossEntropyLoss: the weight has shape {self.weight.shape}. It must be ({num_classes},)."
            )
        self.num_classes, self.out_features, self.ignore_index = num_classes, tuple(out_features), ignore_index
        self.label_smoothing, self.options = label_smoothing, options
        outputs = num_classes * math.prod(self.out_features)
        self.linear = Dense(in_features, outputs, bias=bias, dtype=dtype, device=device)

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        places = (self.num_classes, *self.out_features)
        bias = self.linear.bias
        return F.linear_cross_entropy(
            x,
            self.linear.weight.reshape(*places, -1),
            target,
            None if bias is None else bias.reshape(*places),
            self.weight,
            self.reduction,
            self.ignore_index,
            self.label_smoothing,
        )

    def extra_repr(self) -> str:
        return (
            f"in_features={self.linear.in_features}, num_classes={self.num_classes}, "
            f"out_features={self.out_features}, bias={self.linear.bias is not None}, reduction={self.reduction}, "
            f"ignore_index={self.ignore_index}, label_smoothing={self.label_smoothing}, options={self.options}"
        )
