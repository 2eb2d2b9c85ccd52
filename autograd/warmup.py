"""`python -m autograd.warmup`: compiles the kernels ahead, so that no first training step waits for them.

A kernel is compiled at its first call and then kept in a cache, for each kind of machine. An image of a container, a
class room or a cluster is better off with a full cache from the beginning: build it with this, as the user that will
run the programs, or with DEFINERUN_CACHE_DIR set to a folder that they will read.

What is compiled is what common layers, losses and optimizers call: each is run once, forward and backward.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import autograd as ag

from . import kernels
from .op import registry
from .ops.convolution import convolve_and_relu

Work = Callable[[], object]


class _Draw:
    """Arrays and tensors of one dtype to run operations on."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype
        self._generator = np.random.default_rng(0)

    def array(self, *shape: int) -> np.ndarray:
        return (0.1 + 0.8 * self._generator.random(shape)).astype(self.dtype)

    def tensor(self, *shape: int) -> ag.Tensor:
        return ag.from_numpy(self.array(*shape)).requires_grad_()

    def indices(self, n: int, *shape: int) -> ag.Tensor:
        return ag.from_numpy(self._generator.integers(0, n, shape))


def _train(function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Forward and backward."""
    out = function(*args, **kwargs)
    for result in out if isinstance(out, tuple) else (out,):
        if result.requires_grad:
            result.backward(ag.ones_like(result), retain_graph=True)


def _products(draw: _Draw) -> None:
    for m, k, n in ((128, 784, 128), (32, 784, 128), (64, 64, 64), (257, 129, 130)):
        _train(ag.matmul, draw.tensor(m, k), draw.tensor(k, n))
        for name in ("linear", "linear_relu", "linear_gelu"):
            for bias in (None, draw.tensor(n)):
                _train(registry[name].call, draw.tensor(m, k), draw.tensor(n, k), bias)
    _train(ag.matmul, draw.tensor(8, 64, 65), draw.tensor(8, 65, 66))
    _train(ag.matmul, draw.tensor(200, 300), draw.tensor(300))


def _convolutions(draw: _Draw) -> None:
    # (channels, outputs, kernel, stride, groups)
    kinds = [(1, 32, 3, 1, 1), (3, 16, 3, 1, 1), (32, 64, 3, 1, 1), (32, 64, 3, 2, 1), (64, 64, 1, 1, 1)]
    kinds += [(3, 64, 7, 2, 1), (32, 32, 3, 1, 32), (32, 32, 5, 1, 1), (32, 64, 1, 2, 1), (1, 6, 5, 1, 1)]
    for channels, outputs, size, stride, groups in kinds:
        for side in (28, 16):
            x, w = draw.tensor(4, channels, side, side), draw.tensor(outputs, channels // groups, size, size)
            _train(ag.conv2d, x, w, draw.tensor(outputs), stride, size // 2, 1, groups)
            _train(ag.conv2d, x.detach(), w, draw.tensor(outputs), stride, size // 2, 1, groups)
            _train(convolve_and_relu, x.detach(), w, draw.tensor(outputs), stride, size // 2, 1, groups)
    _train(ag.conv1d, draw.tensor(4, 16, 128), draw.tensor(32, 16, 3), draw.tensor(32), 1, 1)
    _train(ag.conv3d, draw.tensor(2, 8, 8, 12, 12), draw.tensor(16, 8, 3, 3, 3), draw.tensor(16), 1, 1)
    _train(ag.conv_transpose2d, draw.tensor(4, 32, 14, 14), draw.tensor(32, 16, 2, 2), draw.tensor(16), 2)


def _pooling(draw: _Draw) -> None:
    x = draw.tensor(16, 16, 28, 28)
    for pool in (ag.max_pool2d, ag.avg_pool2d):
        _train(pool, x, 2)
        _train(pool, x, 3, 2, 1)
    _train(ag.adaptive_avg_pool2d, x, 1)


def _normalization(draw: _Draw) -> None:
    channels = (draw.tensor(64), draw.tensor(64))
    running = (draw.array(64), draw.array(64))
    for shape in ((32, 64, 16, 16), (256, 64)):
        x = draw.tensor(*shape)
        for training in (True, False):
            for activation in (None, "relu"):
                statistics = map(ag.from_numpy, running)
                _train(ag.batch_norm, x, *statistics, *channels, training, activation=activation)
        _train(ag.group_norm, x, 8, *channels)
    for features in (64, 512):
        x, w, b = draw.tensor(256, features), draw.tensor(features), draw.tensor(features)
        _train(ag.layer_norm, x, (features,), w, b)
        _train(ag.rms_norm, x, (features,), w)


def _softmax_and_losses(draw: _Draw) -> None:
    for rows, classes in ((128, 10), (256, 1000)):
        x, target = draw.tensor(rows, classes), draw.indices(classes, rows)
        _train(ag.softmax, x, -1)
        _train(ag.log_softmax, x, -1)
        _train(ag.cross_entropy, x, target)
    wide = draw.tensor(256, 1000)
    for loss in (ag.mse_loss, ag.l1_loss, ag.smooth_l1_loss, ag.huber_loss, ag.binary_cross_entropy_with_logits):
        _train(loss, wide, ag.from_numpy(draw.array(256, 1000)))


def _elementwise(draw: _Draw) -> None:
    for op in list(registry.values()):
        if op.elementwise and op.kind != "composite" and op.inputs == [0]:
            arguments = [draw.tensor(300, 400)]
            if len(op.parameters) - len(op.defaults) == 1:
                _train(op.call, *arguments)
    _train(ag.dropout, draw.tensor(300, 400), 0.5)


def _reductions_and_copies(draw: _Draw) -> None:
    x = draw.tensor(64, 64, 64)
    for dim in (0, 1, 2, None):
        for name in ("sum", "mean", "amax", "var"):
            _train(registry[name].call, x, dim)
    _train(lambda x: x.permute(2, 0, 1).contiguous(), x)
    _train(lambda x: x.transpose(1, 2).contiguous(), x)
    table = draw.tensor(1000, 128)
    _train(ag.embedding, draw.indices(1000, 32, 64), table)
    _train(ag.gather, x, 1, draw.indices(64, 64, 64, 64))


def _attention(draw: _Draw) -> None:
    q, k, v = (draw.tensor(4, 4, 128, 64) for _ in range(3))
    for causal in (False, True):
        _train(registry["scaled_dot_product_attention"].call, q, k, v, is_causal=causal)


def _recurrent(draw: _Draw) -> None:
    features, hidden = 128, 128
    for name, gates in (("lstm", 4), ("gru", 3)):
        weights = [draw.tensor(gates * hidden, n) for n in (features, hidden)]
        biases = [draw.tensor(gates * hidden) for _ in range(2)]
        state = [draw.tensor(32, hidden) for _ in range(2 if name == "lstm" else 1)]
        _train(registry[name].call, draw.tensor(16, 32, features), *state, *weights, *biases)


def _optimizer_steps(draw: _Draw) -> None:
    step = kernels.update

    def arrays() -> Any:
        return [draw.array(64, 64), draw.array(64)]

    for momentum, nesterov in ((0.0, False), (0.9, False), (0.9, True)):
        for decay in (0.0, 0.01):
            options: dict[str, Any] = {"momentum": momentum, "nesterov": nesterov, "weight_decay": decay}
            step.sgd(arrays(), arrays(), arrays(), lr=0.1, **options)
    for decoupled, decay in ((False, 0.0), (False, 0.01), (True, 0.01)):
        for largest in (None, arrays()):
            moments = arrays(), arrays(), largest
            step.adam(arrays(), arrays(), *moments, [1, 1], lr=0.1, weight_decay=decay, decoupled=decoupled)
    for decay in (0.0, 0.01):
        step.adagrad(arrays(), arrays(), arrays(), [1, 1], lr=0.1, weight_decay=decay)
        for momentum in (0.0, 0.9):
            step.rmsprop(arrays(), arrays(), arrays(), arrays(), lr=0.1, momentum=momentum, weight_decay=decay)
    kernels.clip.scale_in_place(arrays(), kernels.clip.global_norm(arrays()))


WORK: dict[str, Callable[[_Draw], None]] = {
    "matrix products": _products,
    "convolutions": _convolutions,
    "pooling": _pooling,
    "normalization": _normalization,
    "softmax and losses": _softmax_and_losses,
    "elementwise functions": _elementwise,
    "reductions and copies": _reductions_and_copies,
    "attention": _attention,
    "recurrent layers": _recurrent,
    "optimizers": _optimizer_steps,
}


def _parts(dtypes: list[str]) -> Iterator[tuple[str, Work]]:
    for dtype in dtypes:
        draw = _Draw(dtype)
        for name, work in WORK.items():
            yield f"{name}, {dtype}", lambda work=work, draw=draw: work(draw)  # type: ignore[misc]


def warmup(dtypes: list[str]) -> int:
    """Compiles the kernels for these dtypes, with a bar that shows how far it is.  Returns how many it compiled."""
    from tqdm import tqdm

    before = len(kernels.notice.compiled)
    with tqdm(list(_parts(dtypes)), unit="part") as bar, kernels.notice.listen(lambda name: bar.set_postfix_str(name)):
        for name, work in bar:
            bar.set_description(name)
            work()
        bar.set_postfix_str("")
    return len(kernels.notice.compiled) - before


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m autograd.warmup", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "--dtype", nargs="+", choices=["float32", "float64"], default=["float32"], help="of the arrays (float32)"
    )
    dtypes = parser.parse_args().dtype
    start = time.perf_counter()
    count = warmup(dtypes)
    print(f"{count} kernels compiled in {time.perf_counter() - start:.0f} s, in {kernels.jit.cache_folder()}")


if __name__ == "__main__":
    main()
