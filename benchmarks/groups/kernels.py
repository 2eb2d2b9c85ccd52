"""One call each of what networks spend their time in: matrix products, convolutions, and what memory limits."""

from __future__ import annotations

import functools
import importlib
from typing import Any

import numpy

from ..row import STEP, Work, row

# --- Matrix products -------------------------------------------------------------------------------------------------

MATMUL = {"64x64x64": (64, 64, 64), "256x256x256": (256, 256, 256), "1024x1024x1024": (1024, 1024, 1024)}
MATMUL |= {"32x784x128": (32, 784, 128), "128x1024x1024": (128, 1024, 1024), "4096x64x64": (4096, 64, 64)}
SQUARES = {"256": (256,), "1024": (1024,)}


@row("kernels", "matmul", MATMUL, tiny=(5, 7, 3), bound="fma")
def matmul(draw, M, K, N):
    """(M, K) @ (K, N)"""
    return Work(
        {"a": draw(M, K), "b": draw(K, N)},
        run=lambda lib, a, b: lib.matmul(a, b),
        twin=lambda np, a, b: np.matmul(a, b),
        flops=2 * M * K * N,
    )


@row("kernels", "matmul", {"64 x (64x64x64)": (64, 64)}, tiny=(3, 5), bound="fma", name="batched matmul")
def batched_matmul(draw, B, N):
    return Work(
        {"a": draw(B, N, N), "b": draw(B, N, N)},
        run=lambda lib, a, b: lib.matmul(a, b),
        twin=lambda np, a, b: np.matmul(a, b),
        flops=2 * B * N**3,
    )


@row("kernels", "matmul", SQUARES, tiny=(6,), bound="fma", name="matmul A.T @ B")
def matmul_first_transposed(draw, N):
    return Work(
        {"a": draw(N, N), "b": draw(N, N)},
        run=lambda lib, a, b: lib.matmul(a.T, b),
        twin=lambda np, a, b: np.matmul(a.T, b),
        flops=2 * N**3,
    )


@row("kernels", "matmul", SQUARES, tiny=(6,), bound="fma", name="matmul A @ B.T")
def matmul_second_transposed(draw, N):
    return Work(
        {"a": draw(N, N), "b": draw(N, N)},
        run=lambda lib, a, b: lib.matmul(a, b.T),
        twin=lambda np, a, b: np.matmul(a, b.T),
        flops=2 * N**3,
    )


# --- Convolutions ----------------------------------------------------------------------------------------------------

# N, C, H and W, O, kernel, stride, groups; padding is half the kernel
CONVOLUTIONS = {
    "64,1,28x28->32,3,1": (64, 1, 28, 32, 3, 1, 1),
    "64,32,14x14->64,3,1": (64, 32, 14, 64, 3, 1, 1),
    "32,64,32x32->64,3,1": (32, 64, 32, 64, 3, 1, 1),
    "32,128,16x16->128,3,1": (32, 128, 16, 128, 3, 1, 1),
    "8,3,224x224->64,7,2": (8, 3, 224, 64, 7, 2, 1),
    "32,256,8x8->256,3,1": (32, 256, 8, 256, 3, 1, 1),
    "32,64,32x32->256,1,1": (32, 64, 32, 256, 1, 1, 1),
    "depthwise 32,128,28x28,3": (32, 128, 28, 128, 3, 1, 128),
}


def _windows(np: Any, x: Any, w: Any, padding: int, stride: int, groups: int) -> Any:
    """A convolution as one matrix product a group, over windows."""
    _, C, k, _ = w.shape
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))[:, :, ::stride, ::stride]
    if C == 1 and groups > 1:
        return np.einsum("nchwij,cij->nchw", windows, w[:, 0])
    out = np.tensordot(windows, w, ((1, 4, 5), (1, 2, 3)))  # (N, H, W, O)
    return np.ascontiguousarray(out.transpose(0, 3, 1, 2))


def _xla_convolution(np: Any, x: Any, w: Any, padding: int, stride: int, groups: int) -> Any:
    lax = importlib.import_module("jax.lax")
    around = ((padding, padding),) * 2
    return lax.conv_general_dilated(x, w, (stride, stride), around, feature_group_count=groups)


@row("kernels", "convolution", CONVOLUTIONS, tiny=(2, 3, 6, 4, 3, 1, 1), bound="fma")
def conv2d(draw, N, C, H, O, k, stride, groups):
    out = (H + 2 * (k // 2) - k) // stride + 1
    options = {"padding": k // 2, "stride": stride, "groups": groups}
    return Work(
        {"x": draw(N, C, H, H), "w": draw(O, C // groups, k, k, scale=0.1)},
        run=lambda lib, x, w: lib.F.conv2d(x, w, **options),
        twin=functools.partial(_windows, **options),
        jax=functools.partial(_xla_convolution, **options),
        flops=2 * N * out * out * O * (C // groups) * k * k,
    )


# --- What memory limits ----------------------------------------------------------------------------------------------

memory_bound = functools.partial(row, "kernels", "memory-bound", bound="copy")
compute_bound = functools.partial(row, "kernels", "memory-bound", bound="fma")  # once they are written well
BIG = {"(1024,1024)": (1024, 1024)}
IMAGES = {"64,32,28x28 k2": (64, 32, 28)}


def _squares(x: Any) -> Any:
    """2 x 2 windows, apart.  x: (N, C, H, W) -> (N, C, H / 2, 2, W / 2, 2)"""
    N, C, H, W = x.shape
    return x.reshape(N, C, H // 2, 2, W // 2, 2)


@memory_bound(IMAGES, tiny=(2, 3, 4))
def max_pool2d(draw, N, C, H):
    x = draw(N, C, H, H)
    moved = 1.25 * x.nbytes
    return Work(
        {"x": x},
        run=lambda lib, x: lib.F.max_pool2d(x, 2),
        twin=lambda np, x: _squares(x).max(axis=(3, 5)),
        moved=(moved, 2 * moved),
    )


@memory_bound(IMAGES, tiny=(2, 3, 4))
def avg_pool2d(draw, N, C, H):
    x = draw(N, C, H, H)
    moved = 1.25 * x.nbytes
    return Work(
        {"x": x},
        run=lambda lib, x: lib.F.avg_pool2d(x, 2),
        twin=lambda np, x: _squares(x).mean(axis=(3, 5)),
        moved=(moved, 2 * moved),
    )


def _normalized(np: Any, x: Any, axes: tuple[int, ...]) -> Any:
    centred = x - x.mean(axis=axes, keepdims=True)
    return centred / np.sqrt((centred * centred).mean(axis=axes, keepdims=True) + 1e-5)


@memory_bound({"32,64,32x32": (32, 64, 32)}, tiny=(4, 3, 5), name="batch_norm")
def batch_norm(draw, N, C, H):
    return Work(
        {"x": draw(N, C, H, H), "w": draw.between(0.5, 1.5, C), "b": draw(C)},
        run=lambda lib, x, w, b: lib.F.batch_norm(x, None, None, w, b, training=True),
        twin=lambda np, x, w, b: _normalized(np, x, (0, 2, 3)) * w[:, None, None] + b[:, None, None],
    )


@memory_bound({"(1024,512)": (1024, 512)}, tiny=(4, 6))
def layer_norm(draw, N, D):
    return Work(
        {"x": draw(N, D), "w": draw.between(0.5, 1.5, D), "b": draw(D)},
        run=lambda lib, x, w, b: lib.F.layer_norm(x, (D,), w, b),
        twin=lambda np, x, w, b: _normalized(np, x, (1,)) * w + b,
    )


@memory_bound({"(1024,1000)": (1024, 1000)}, tiny=(4, 6))
def softmax(draw, N, D):
    def twin(np: Any, x: Any) -> Any:
        powers = np.exp(x - x.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    return Work({"x": draw(N, D)}, run=lambda lib, x: lib.F.softmax(x, dim=1), twin=twin)


@memory_bound({"(1024,1000)": (1024, 1000)}, tiny=(4, 6))
def cross_entropy(draw, N, D):
    def twin(np: Any, x: Any, y: Any) -> Any:
        shifted = x - x.max(axis=1, keepdims=True)
        return (np.log(np.exp(shifted).sum(axis=1)) - np.take_along_axis(shifted, y[:, None], 1)[:, 0]).mean()

    return Work({"x": draw(N, D), "y": draw.integers(D, N)}, run=lambda lib, x, y: lib.F.cross_entropy(x, y), twin=twin)


def _erf(np: Any, x: Any) -> Any:
    owner = "jax.scipy" if np.__name__.startswith("jax") else "scipy"
    return importlib.import_module(f"{owner}.special").erf(x)


@memory_bound(BIG, tiny=(3, 5))
def gelu(draw, N, D):
    return Work(
        {"x": draw(N, D)},
        run=lambda lib, x: lib.F.gelu(x),
        twin=lambda np, x: 0.5 * x * (1 + _erf(np, x * 0.5**0.5)),
    )


@memory_bound(BIG, tiny=(3, 5), name="gelu tanh")
def gelu_tanh(draw, N, D):
    return Work(
        {"x": draw(N, D)},
        run=lambda lib, x: lib.F.gelu(x, approximate="tanh"),
        twin=lambda np, x: 0.5 * x * (1 + np.tanh((2 / numpy.pi) ** 0.5 * (x + 0.044715 * x * x * x))),
    )


@memory_bound(BIG, tiny=(3, 5))
def tanh(draw, N, D):
    return Work({"x": draw(N, D)}, run=lambda lib, x: lib.tanh(x), twin=lambda np, x: np.tanh(x))


@memory_bound(BIG, tiny=(30, 50), name="dropout p=0.5")
def dropout(draw, N, D):
    def check(inputs: Any, value: Any, gradients: Any, g: Any) -> None:
        kept = value != 0
        share, deviation = kept.mean(), 0.5 / kept.size**0.5
        assert abs(share - 0.5) < 6 * deviation, f"{share:.4f} of the elements are kept, not one half"
        assert abs(kept[:, 1:][kept[:, :-1]].mean() - 0.5) < 12 * deviation, "neighbours are not independent"
        numpy.testing.assert_array_equal(value, numpy.where(kept, 2 * inputs["x"], 0))
        for gradient in gradients.values():
            numpy.testing.assert_array_equal(gradient, numpy.where(kept, 2 * g, 0))

    x = draw(N, D)
    return Work(
        {"x": x},
        run=lambda lib, x: lib.F.dropout(x, 0.5, training=True),
        check=check,
        moved=(2 * x.nbytes, 4 * x.nbytes),
    )


@memory_bound({"10000x128, (32,64)": (10000, 128, 32, 64)}, tiny=(20, 4, 3, 5))
def embedding(draw, rows, D, N, T):
    table = draw(rows, D)
    picked = N * T * D * 4
    return Work(
        {"indices": draw.integers(rows, N, T), "table": table},
        run=lambda lib, indices, table: lib.F.embedding(indices, table),
        twin=lambda np, indices, table: table[indices],
        moved=(2 * picked, 4 * picked + table.nbytes),
    )


AXES = {"axis 0": (0, 256, 64, 64), "axis 1": (1, 256, 64, 64), "axis 2": (2, 256, 64, 64), "all": (None, 256, 64, 64)}


@memory_bound(AXES, tiny=(1, 3, 4, 5), name="sum (256,64,64)")
def sum_over(draw, axis, *shape):
    x = draw(*shape)
    whole = x.nbytes * (1 + (1 / shape[axis] if axis is not None else 0))
    return Work(
        {"x": x},
        run=lambda lib, x: x.sum() if axis is None else x.sum(dim=axis),
        twin=lambda np, x: x.sum(axis=axis),
        moved=(whole, 2 * whole),
    )


@memory_bound({"(64,32,28,28)->(64,28,28,32)": (64, 32, 28, 28)}, tiny=(2, 3, 4, 5), name="permute copy")
def permute_copy(draw, *shape):
    x = draw(*shape)
    return Work(
        {"x": x},
        run=lambda lib, x: x.permute(0, 2, 3, 1).contiguous(),
        twin=lambda np, x: np.array(x.transpose(0, 2, 3, 1), order="C"),
        jax=lambda np, x: x.transpose(0, 2, 3, 1),  # what a compiled function returns is contiguous
        moved=(2 * x.nbytes, 4 * x.nbytes),
    )


@memory_bound(BIG, tiny=(3, 5), name="transpose copy")
def transpose_copy(draw, N, D):
    x = draw(N, D)
    return Work(
        {"x": x},
        run=lambda lib, x: x.transpose(0, 1).contiguous(),
        twin=lambda np, x: np.array(x.T, order="C"),
        jax=lambda np, x: x.T,
        moved=(2 * x.nbytes, 4 * x.nbytes),
    )


@compute_bound({"16,4,256,64": (16, 4, 256, 64)}, tiny=(2, 2, 5, 3), name="causal attention")
def attention(draw, N, heads, T, D):
    def twin(np: Any, q: Any, k: Any, v: Any) -> Any:
        scores = np.where(np.tri(T, dtype=bool), q @ k.swapaxes(-1, -2) / D**0.5, -np.inf)
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True) @ v

    return Work(
        {name: draw(N, heads, T, D) for name in ("q", "k", "v")},
        run=lambda lib, q, k, v: lib.F.scaled_dot_product_attention(q, k, v, is_causal=True),
        twin=twin,
        flops=2 * N * heads * T * (T + 1) * D,
    )


def _lstm_step(np: Any, h: Any, c: Any, inner: Any, w_hh: Any) -> tuple[Any, Any]:
    i, f, g, o = np.split(inner + h @ w_hh.T, 4, axis=1)
    c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
    return np.tanh(c) / (1 + np.exp(-o)), c


@compute_bound({"32x64x128->256": (64, 32, 128, 256)}, tiny=(4, 3, 5, 6), name="lstm")
def lstm(draw, T, N, D, H):
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")

    def prepare(lib: Any, x: Any, *weights: Any) -> Any:
        layer = lib.nn.LSTM(D, H)
        for name, weight in zip(names, weights, strict=True):
            setattr(layer, name, weight)
        return layer

    def twin(np: Any, x: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
        h = c = np.zeros((N, H), x.dtype)
        inner = x @ w_ih.T + b_ih + b_hh
        out = []
        for t in range(T):
            h, c = _lstm_step(np, h, c, inner[t], w_hh)
            out.append(h)
        return np.stack(out)

    def scan(np: Any, x: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
        def step(state: Any, inner: Any) -> Any:
            state = _lstm_step(np, *state, inner, w_hh)
            return state, state[0]

        start = np.zeros((N, H), x.dtype)
        return importlib.import_module("jax.lax").scan(step, (start, start), x @ w_ih.T + b_ih + b_hh)[1]

    bound = H**-0.5
    shapes = ((4 * H, D), (4 * H, H), (4 * H,), (4 * H,))
    return Work(
        {"x": draw(T, N, D)} | {name: draw.between(-bound, bound, *s) for name, s in zip(names, shapes, strict=True)},
        prepare=prepare,
        run=lambda layer, x, *weights: layer(x)[0],
        twin=twin,
        jax=scan,
        parameters=names,
        flops=2 * T * N * 4 * H * (D + H),
    )


@memory_bound({"10M parameters, 60 tensors": (10_000_000, 60)}, tiny=(600, 6), passes=(STEP,), name="adam")
def adam(draw, elements, tensors):
    """One step of Adam; in the check the third one."""
    size = elements // tensors
    params = {f"param {i}": draw(size) for i in range(tensors)}
    grads = {f"grad {i}": draw(size) for i in range(tensors)}

    def prepare(lib: Any, *given: Any) -> Any:
        for param, grad in zip(given[:tensors], given[tensors:], strict=True):
            param.requires_grad_()
            param.grad = grad
        optimizer = lib.optim.Adam(given[:tensors])
        optimizer.step()
        optimizer.step()
        return optimizer

    def run(optimizer: Any, *given: Any) -> Any:
        optimizer.step()
        return given[0]

    def twin(np: Any, *given: Any) -> Any:
        p, g = given[0], given[tensors]
        m = v = np.zeros_like(p)
        for t in (1, 2, 3):
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            p = p - 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        return p

    return Work(params | grads, prepare=prepare, run=run, twin=twin, jax=None, moved=(28 * elements, 28 * elements))
