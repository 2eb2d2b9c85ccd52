"""A softmax over very many classes, where the rare ones cost little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from autograd import cat
from autograd.tensor import Tensor, to_array, wrap

from .. import functional as F
from ..container import ModuleList, Sequential
from ..module import Module
from .dense import Dense


class AdaptiveLogSoftmax(NamedTuple):
    """What `AdaptiveLogSoftmaxWithLoss` gives."""

    output: Tensor  # the logarithm of the probability of each target, (N)
    loss: Tensor  # less their mean, ()


class AdaptiveLogSoftmaxWithLoss(Module):
    """The cross entropy over classes in clusters: the frequent ones first, and rarer ones with ever smaller layers.

    Takes x: (N, in_features) or (in_features,), and target: (N,) or (), classes in the order of their frequency.

    in_features, n_classes: sizes. cutoffs: where clusters begin: [10, 100] for classes 0 to 9, 10 to 99 and the others.
    div_value: by what the width of each further cluster is divided. head_bias: whether the first layer has a bias.

    Grave and others: Efficient softmax approximation for GPUs (2017).
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        cutoffs = [int(c) for c in cutoffs]
        if not cutoffs or sorted(set(cutoffs)) != cutoffs or cutoffs[0] < 1 or cutoffs[-1] > n_classes - 1:
            raise ValueError(
                f"AdaptiveLogSoftmaxWithLoss: cutoffs are {cutoffs} for {n_classes} classes. Give rising whole numbers "
                f"from 1 to {n_classes - 1}."
            )
        self.in_features, self.n_classes, self.div_value, self.head_bias = in_features, n_classes, div_value, head_bias
        self.cutoffs = [*cutoffs, n_classes]
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(self.cutoffs) - 1
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Dense(in_features, self.head_size, bias=head_bias, dtype=dtype, device=device)
        self.tail = ModuleList()
        for i in range(self.n_clusters):
            width = int(in_features // div_value ** (i + 1))
            size = self.cutoffs[i + 1] - self.cutoffs[i]
            self.tail.append(
                Sequential(
                    Dense(in_features, width, bias=False, dtype=dtype, device=device),
                    Dense(width, size, bias=False, dtype=dtype, device=device),
                )
            )

    def reset_parameters(self) -> None:
        """Draws the parameters anew."""
        self.head.reset_parameters()
        for narrow, wide in self.tail:
            narrow.reset_parameters()
            wide.reset_parameters()

    def forward(self, x: Tensor, target: Tensor) -> AdaptiveLogSoftmax:
        """The logarithms of the targets' probabilities, and less their mean."""
        labels = target.data if isinstance(target, Tensor) else to_array(target)
        if labels.shape != x.shape[:-1] or x.ndim not in (1, 2):
            raise ValueError(
                f"AdaptiveLogSoftmaxWithLoss: the input has shape {x.shape} and the target {labels.shape}. They must "
                f"be (N, in_features) and (N,), or (in_features,) and ()."
            )
        if labels.dtype.kind not in "iu":
            raise TypeError(f"AdaptiveLogSoftmaxWithLoss: targets are integers, not {labels.dtype}. Use target.long().")
        rows, single = (x.unsqueeze(0), True) if x.ndim == 1 else (x, False)
        labels = labels.reshape(-1)
        if labels.size and not 0 <= labels.min() <= labels.max() < self.n_classes:
            wrong = int(labels[(labels < 0) | (labels >= self.n_classes)][0])
            raise IndexError(f"AdaptiveLogSoftmaxWithLoss: target {wrong} is no class from 0 to {self.n_classes - 1}.")
        head = F.log_softmax(self.head(rows), 1)
        parts, order = [], []
        for i, low in enumerate([0, *self.cutoffs[:-1]]):
            places = np.flatnonzero((labels >= low) & (labels < self.cutoffs[i]))
            if i == 0:
                found = head[places, labels[places]]
            elif places.size:
                inside = F.log_softmax(self.tail[i - 1](rows[places]), 1)
                among = np.arange(places.size)
                found = inside[among, labels[places] - low] + head[places, self.shortlist_size + i - 1]
            else:
                continue
            parts.append(found)
            order.append(places)
        output = cat(parts)[np.argsort(np.concatenate(order))]
        return AdaptiveLogSoftmax(output.squeeze(0) if single else output, -output.mean())

    def log_prob(self, x: Tensor) -> Tensor:
        """The logarithm of the probability of every class.  x: (N, in_features) -> (N, n_classes)"""
        head = F.log_softmax(self.head(x), 1)
        parts = [head[:, : self.shortlist_size]]
        for i, cluster in enumerate(self.tail):
            at = self.shortlist_size + i
            parts.append(F.log_softmax(cluster(x), 1) + head[:, at : at + 1])
        return cat(parts, 1)

    def predict(self, x: Tensor) -> Tensor:
        """The most probable class.  x: (N, in_features) -> (N,)

        Clusters are looked into only where their first layer says that the class may lie there.
        """
        first = self.head(x)
        best = first.data.argmax(1)
        if (best >= self.shortlist_size).any():
            rare = np.flatnonzero(best >= self.shortlist_size)
            best[rare] = self.log_prob(x[rare]).data.argmax(1)
        return wrap(best)
