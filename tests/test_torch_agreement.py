"""Every operation that PyTorch has under the same name gives its values and gradients, on each of its samples."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.op import Op, Sample, registry
from autograd.testing import Draw, describe_sample, samples_of

torch = pytest.importorskip("torch")

ENOUGH = 5  # inputs that each operation is compared on

# What is random is tested by its properties; what takes its arguments in another form there, by tests of its own.
ELSEWHERE = {
    **dict.fromkeys(
        ("dropout", "alpha_dropout", "feature_alpha_dropout", "dropout1d", "dropout2d", "dropout3d"), "random"
    ),
    **dict.fromkeys(
        ("lstm", "gru", "convolution"),
        "no public signature; test_recurrent.py, test_ops_layers.py",
    ),
    **dict.fromkeys(("rrelu", "gumbel_softmax"), "random; test_ops_layers.py"),
    **dict.fromkeys(("fractional_max_pool2d", "fractional_max_pool3d"), "random; test_images.py"),
    "ctc_loss": "PyTorch's gradient is already the one before the softmax; test_ctc.py",
    "put": "PyTorch's gradient is that of index_put, which is compared",
    **dict.fromkeys(
        ("svd", "linalg.svd", "svd_lowrank", "pca_lowrank", "lobpcg"),
        "signs are open; test_ops_linalg_spectral.py, _lowrank.py",
    ),
    **dict.fromkeys(
        ("cholesky_solve", "cholesky_inverse"),
        "PyTorch's gradient reads the triangle that its result does not; test_ops_linalg_factor.py",
    ),
    "as_strided_scatter": "PyTorch gives x a gradient where it was overwritten",
}
# Where PyTorch's own figures are less exact than 1e-10 in float64: (operation, what they are good to).
COARSE = {
    "hardsigmoid": 1e-6,
    "digamma": 1e-7,
    "polygamma": 1e-6,
    "sinc": 1e-7,
    "lgamma": 1e-7,
    "poisson_nll_loss": 1e-6,
    "gaussian_nll_loss": 1e-6,
    **dict.fromkeys((f"special.bessel_{kind}" for kind in ("j0", "j1", "y0", "y1")), 1e-5),
    "special.airy_ai": 1e-5,
}


def _whole_numbers(sample: Sample) -> bool:
    return bool(sample.args[0].dtype.kind == "i")


def _writes_twice(sample: Sample) -> bool:
    """Whether two values go to one place, where it is open which of them stays."""
    x, where, index = [*sample.args, *sample.kwargs.values()][:3]
    if isinstance(where, (list, tuple)):  # index_put
        if where[0].dtype.kind == "b":
            return False
        places = np.stack(np.broadcast_arrays(*where)).reshape(len(where), -1)
        return bool(np.unique(places, axis=1).shape[1] < places.shape[1])
    index = np.sort(np.atleast_1d(index % max(1, x.shape[where] if x.ndim else 1)), axis=where if index.ndim > 1 else 0)
    return bool((np.diff(index, axis=where if index.ndim > 1 else 0) == 0).any())


# Samples on which PyTorch is wrong, by differences of its own values, or leaves open what the result is.
APART: dict[str, Callable[[Sample], bool]] = {
    "cosine_similarity": lambda sample: "eps" in sample.kwargs,  # its gradient is that of another eps
    "pdist": lambda sample: len(sample.args[0]) < 2,  # its gradient is a segmentation fault
    "pixel_unshuffle": lambda sample: sample.args[0].size == 0,  # its result has the shape of the input
    **dict.fromkeys(("topk", "median", "nanmedian", "kthvalue"), _whole_numbers),  # which of equal elements is meant
    **dict.fromkeys(("scatter", "index_copy", "index_put"), _writes_twice),
}


def theirs(op: Op) -> Callable[..., Any] | None:
    """PyTorch's function of that name."""
    for name in (op.name, *op.aliases):
        space, _, last = name.rpartition(".")
        places = [getattr(torch, space)] if space else [torch.nn.functional, torch, torch.Tensor]
        for place in places:
            found = getattr(place, last, None)
            if callable(found) and not isinstance(found, type):
                return found
    return None


def cases(op: Op) -> Iterator[tuple[int, Sample]]:
    """The samples of the operation, and then the same with other numbers in them."""
    for number in range(ENOUGH):
        draws = (
            samples_of(op) if number == 0 or op.samples is None else op.samples(Draw(f"{op.name} {number}", op.domain))
        )
        for sample in draws:
            if op.name not in APART or not APART[op.name](sample):
                yield number, sample


def to_theirs(value: Any, grad: bool) -> Any:
    if isinstance(value, np.ndarray):
        return torch.tensor(value.copy(), requires_grad=grad and value.dtype.kind in "fc")
    if isinstance(value, (list, tuple)):
        return type(value)(to_theirs(v, grad) for v in value)
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return getattr(torch, np.dtype(value).name)
    return value


def to_ours(value: Any, grad: bool) -> Any:
    if isinstance(value, np.ndarray):
        return ag.Tensor(value.copy(), requires_grad=grad and value.dtype.kind in "fc")
    if isinstance(value, (list, tuple)):
        return type(value)(to_ours(v, grad) for v in value)
    return value


def leaves(value: Any, kind: type) -> list[Any]:
    if isinstance(value, kind):
        return [value]
    if isinstance(value, (list, tuple)):
        return [leaf for v in value for leaf in leaves(v, kind)]
    if isinstance(value, dict):
        return [leaf for v in value.values() for leaf in leaves(v, kind)]
    return []


def differences(op: Op, function: Callable[..., Any], sample: Sample) -> str | None:
    """What differs, "" for nothing; None where PyTorch does not take the sample."""
    args, kwargs = list(sample.args), dict(sample.kwargs)
    if inspect.isfunction(function) and not op.variadic:  # these have parameters in between that they no longer use
        needed = len(op.parameters) - len(op.defaults)
        kwargs |= dict(zip(op.parameters[needed:], args[needed:], strict=False))
        args = args[:needed]
    x = [to_theirs(a, True) for a in args], {k: to_theirs(v, True) for k, v in kwargs.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            want = function(*x[0], **x[1])
        except Exception:
            return None
    y = [to_ours(a, True) for a in sample.args], {k: to_ours(v, True) for k, v in sample.kwargs.items()}
    have = op.call(*y[0], **y[1])
    results = leaves(have, ag.Tensor), leaves(want, torch.Tensor)
    tolerance = COARSE.get(op.name, 1e-10)
    if len(results[0]) != len(results[1]):
        return f"{len(results[0])} results, not {len(results[1])}"
    rng = np.random.default_rng(0)
    pairs = []
    for i, (h, w) in enumerate(zip(*results, strict=True)):
        a, b = h.detach().data, w.detach().resolve_conj().resolve_neg().numpy()
        text = unequal(a, b, tolerance)
        if text:
            return f"result {i}: {text}"
        if w.requires_grad:
            start = rng.standard_normal(b.shape).astype(b.dtype)
            if b.dtype.kind == "c":
                start = start + 1j * rng.standard_normal(b.shape)
            pairs.append((h, w, start.astype(b.dtype)))
    inputs = leaves(y, ag.Tensor), leaves(x, torch.Tensor)
    floats = [(o, t) for o, t in zip(*inputs, strict=True) if t.requires_grad]
    if not pairs or not floats:
        return ""
    try:
        expected = torch.autograd.grad(
            [w for _, w, _ in pairs], [t for _, t in floats], [torch.tensor(s) for *_, s in pairs], allow_unused=True
        )
    except (RuntimeError, NotImplementedError):  # no gradient there
        return ""
    if not all(h.requires_grad for h, _, _ in pairs):
        return "it is not differentiable here"
    ours = ag.grad([h for h, _, _ in pairs], [o for o, _ in floats], [s for *_, s in pairs], allow_unused=True)
    for k, (g, e) in enumerate(zip(ours, expected, strict=True)):
        if e is None and g is None:
            continue
        zero = np.zeros(floats[k][0].shape)
        exact = zero if e is None else e.detach().resolve_conj().resolve_neg().numpy()
        text = unequal(zero if g is None else g.data, exact, tolerance)
        if text:
            return f"gradient by input {k}: {text}"
    return ""


def unequal(have: np.ndarray, want: np.ndarray, tolerance: float) -> str:
    if have.shape != want.shape:
        return f"shape {have.shape}, not {want.shape}"
    scale = max(1.0, float(np.max(np.abs(want[np.isfinite(want)]), initial=0.0)))
    if want.dtype not in (np.float64, np.complex128) or have.dtype != want.dtype:
        tolerance = 2e-5
    if np.allclose(have, want, rtol=tolerance, atol=tolerance * scale, equal_nan=True):
        return ""
    return f"{have}, not {want}"


SHARED = {
    op.name: (op, function)
    for op in registry.values()
    if op.name not in ELSEWHERE and (function := theirs(op)) is not None
}


def compare(name: str) -> tuple[int, list[str]]:
    """On how many inputs the operation was compared, and what differed."""
    op, function = SHARED[name]
    compared, found = 0, []
    for number, sample in cases(op):
        if number and compared >= ENOUGH:
            break
        text = differences(op, function, sample)
        compared += text is not None
        if text:
            found.append(f"{name}({describe_sample(sample)}): {text}")
    return compared, found


@pytest.mark.parametrize("name", SHARED)
def test_as_pytorch(name: str) -> None:
    compared, found = compare(name)
    assert not found, "\n".join(found)
    assert compared >= ENOUGH, f"{name}: PyTorch takes {compared} of the samples"


def test_what_is_compared_elsewhere_is_there() -> None:
    assert set(ELSEWHERE) | set(APART) | set(COARSE) <= set(registry)


if __name__ == "__main__":
    total = 0
    for name in SHARED:
        try:
            compared, found = compare(name)
        except Exception as error:
            compared, found = 0, [f"raises {error!r}"]
        total += compared
        if found or compared < ENOUGH:
            print(f"## {name}: {compared}", *[f"\n     {text[:300]}" for text in found[:2]])
    print(len(SHARED), "of", len(registry), "operations,", total, "inputs")
