"""Losses: how far an output is from its target, as one number to make small.

reduction: "mean" (over all elements, or over the samples where the loss is one number a sample), "sum", or "none".
Input and target must have the same shape, unless said otherwise: (N,) against (N, 1) is an error, never broadcast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.tensor import Tensor

from .. import functional as F
from ..module import Module
from .distance import PairwiseDistance


class _Loss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"{type(self).__name__}: reduction is {reduction!r}. Give 'mean', 'sum' or 'none'.")
        self.reduction = reduction

    def _set(self, **settings: Any) -> None:
        """Settings are attributes, and stand in the repr."""
        self.__dict__.update(settings)
        self.__dict__["_settings"] = tuple(settings)

    def _set_weight(self, name: str, weight: Any) -> None:
        """A weight of classes or elements is a buffer, so that it is converted with the model."""
        self.register_buffer(name, None if weight is None else weight if isinstance(weight, Tensor) else Tensor(weight))

    def extra_repr(self) -> str:
        parts = [f"{name}={getattr(self, name)}" for name in self.__dict__.get("_settings", ())]
        return ", ".join(parts if self.reduction == "mean" else [*parts, f"reduction={self.reduction!r}"])


class MSELoss(_Loss):
    """(x - target)^2.  x, target: (*)"""

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.mse_loss(x, target, reduction=self.reduction)


class L1Loss(_Loss):
    """|x - target|.  x, target: (*)"""

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.l1_loss(x, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """(x - target)^2 / (2 beta) where |x - target| is below beta, and |x - target| - beta / 2 elsewhere.  (*)

    Girshick: Fast R-CNN (2015).
    """

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self._set(beta=beta)

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.smooth_l1_loss(x, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    """(x - target)^2 / 2 where |x - target| is below delta, and delta (|x - target| - delta / 2) elsewhere.  (*)

    Huber: Robust estimation of a location parameter (1964).
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self._set(delta=delta)

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.huber_loss(x, target, reduction=self.reduction, delta=self.delta)


class CrossEntropyLoss(_Loss):
    """The negative logarithm of the softmax at the right class.  x: (N, C) or (N, C, *), target: (N,) or (N, *)

    x: scores before softmax.
    target: class numbers, or probabilities of the same shape as x.
    weight: (C,) of the classes; the mean divides by the weights of the targets.
    ignore_index: targets of this number do not count.
    label_smoothing: from 0 to 1: how much of the target is spread over all classes.

    >>> import autograd, nn
    >>> nn.CrossEntropyLoss()(autograd.tensor([[0.0, 0.0]]), autograd.tensor([1]))
    tensor(0.6931)
    """

    def __init__(
        self,
        weight: Any = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        self._set_weight("weight", weight)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.cross_entropy(
            x,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(_Loss):
    """-x at the right class.  x: (N, C) or (N, C, *) of logarithms of probabilities, target: (N,) or (N, *)

    The arguments are those of `CrossEntropyLoss`, which is this behind `LogSoftmax`.
    """

    def __init__(self, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self._set_weight("weight", weight)
        self.ignore_index = ignore_index

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.nll_loss(x, target, weight=self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class BCELoss(_Loss):
    """-target log(x) - (1 - target) log(1 - x).  x: (*) of probabilities, target: (*) from 0 to 1

    weight: of the elements, broadcast to (*).
    """

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self._set_weight("weight", weight)

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.binary_cross_entropy(x, target, weight=self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """`BCELoss` behind a sigmoid, exact for large scores.  x: (*) of scores, target: (*) from 0 to 1

    weight: of the elements, broadcast to (*).
    pos_weight: how much more the positive targets count, broadcast to (*).
    """

    def __init__(self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(reduction)
        self._set_weight("weight", weight)
        self._set_weight("pos_weight", pos_weight)

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.binary_cross_entropy_with_logits(
            x, target, weight=self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class KLDivLoss(_Loss):
    """target (log(target) - x): how far a distribution is from its target.  x, target: (*)

    x: logarithms of probabilities.
    reduction: "batchmean" divides the sum by N, which is the divergence; "mean" divides by the number of elements.
    log_target: the target is given as logarithms.
    """

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__("sum" if reduction == "batchmean" else reduction)
        self.reduction, self.log_target = reduction, log_target

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.kl_div(x, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(_Loss):
    """The negative log-likelihood of counts: exp(x) - target x, or x - target log(x + eps) without log_input.

    full: add Stirling's approximation of log(target!), for targets above 1.
    """

    def __init__(
        self, log_input: bool = True, full: bool = False, *, eps: float = 1e-8, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.poisson_nll_loss(
            x, target, log_input=self.log_input, full=self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(_Loss):
    """The negative log-likelihood of a normal: (log(var) + (x - target)^2 / var) / 2.  x, target, var: (*)

    full: add log(2 pi) / 2.
    eps: the least variance.
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.full, self.eps = full, eps

    def forward(self, x: Tensor, target: Tensor, var: Tensor) -> Tensor:
        """The loss."""
        return F.gaussian_nll_loss(x, target, var, full=self.full, eps=self.eps, reduction=self.reduction)


class HingeEmbeddingLoss(_Loss):
    """x where the target is 1, and max(margin - x, 0) where it is -1.  x, target: (*)"""

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self._set(margin=margin)

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.hinge_embedding_loss(x, target, margin=self.margin, reduction=self.reduction)


class SoftMarginLoss(_Loss):
    """log(1 + exp(-target x)), for targets 1 and -1.  x, target: (*)"""

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.soft_margin_loss(x, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(_Loss):
    """`BCEWithLogitsLoss`, averaged over the classes of each sample.  x, target: (N, C)"""

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self._set_weight("weight", weight)

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.multilabel_soft_margin_loss(x, target, weight=self.weight, reduction=self.reduction)


class MultiLabelMarginLoss(_Loss):
    """How much less than 1 the classes of a sample are above the others.  x, target: (N, C)

    target: the class numbers of the sample, then -1.
    """

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.multilabel_margin_loss(x, target, reduction=self.reduction)


class MultiMarginLoss(_Loss):
    """max(0, margin - x[target] + x[i])^p, averaged over the other classes i.  x: (N, C), target: (N,)"""

    def __init__(self, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self._set(p=p, margin=margin)
        self._set_weight("weight", weight)

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.multi_margin_loss(
            x, target, p=self.p, margin=self.margin, weight=self.weight, reduction=self.reduction
        )


class MarginRankingLoss(_Loss):
    """max(0, -target (x1 - x2) + margin): x1 is to rank higher where the target is 1, lower where it is -1.  (N,)"""

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self._set(margin=margin)

    def forward(self, x1: Tensor, x2: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.margin_ranking_loss(x1, x2, target, margin=self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(_Loss):
    """1 - cos(x1, x2) where the target is 1, and max(0, cos(x1, x2) - margin) where it is -1.

    x1, x2: (N, D), target: (N,)
    """

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self._set(margin=margin)

    def forward(self, x1: Tensor, x2: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.cosine_embedding_loss(x1, x2, target, margin=self.margin, reduction=self.reduction)


class TripletMarginLoss(_Loss):
    """max(0, |anchor - positive| - |anchor - negative| + margin), with p-norms.  anchor, positive, negative: (N, D)

    swap: take the distance from positive to negative where that is smaller.

    Balntas and others: Learning local feature descriptors with triplets (2016).
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self._set(margin=margin, p=p, eps=eps, swap=swap)

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """The loss."""
        return F.triplet_margin_loss(
            anchor,
            positive,
            negative,
            margin=self.margin,
            p=self.p,
            eps=self.eps,
            swap=self.swap,
            reduction=self.reduction,
        )


class TripletMarginWithDistanceLoss(_Loss):
    """`TripletMarginLoss` with a distance of one's own.  anchor, positive, negative: (N, D)

    distance_function: of two tensors; the 2-norm of their difference unless given.
    """

    def __init__(
        self,
        *,
        distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.distance_function = PairwiseDistance() if distance_function is None else distance_function
        self._set(margin=margin, swap=swap)

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """The loss."""
        return F.triplet_margin_with_distance_loss(
            anchor, positive, negative, self.distance_function, self.margin, self.swap, self.reduction
        )


class CTCLoss(_Loss):
    """How unlikely it is that sequences read as their labels, whatever the alignment.

    Takes log_probs: (T, N, C) or (T, C); targets: (N, S), padded, or one sequence behind the other; input_lengths and
    target_lengths: (N) or (). blank: the class that stands for no label. zero_infinity: a sequence too short for its
    labels has loss 0 instead of infinity.

    Graves and others: Connectionist temporal classification (2006).
    """

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction)
        self.blank, self.zero_infinity = blank, zero_infinity

    def forward(self, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any) -> Tensor:
        """The loss."""
        return F.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity
        )
