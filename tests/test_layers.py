"""Layers and losses: against PyTorch with the same weights, against small twins in NumPy, and what they refuse."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd as ag
import nn
import nn.functional as F
from autograd import Tensor


# ---------------------------------------------------------------------------------------------------------------------
# Agreement with PyTorch
# ---------------------------------------------------------------------------------------------------------------------
class Case(NamedTuple):
    name: str  # of the class here; PyTorch's is the same unless `theirs` says so
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    inputs: tuple[Any, ...]  # shapes, or functions of a generator
    theirs: str
    gradient: bool  # whether the first input has one

    def __str__(self) -> str:
        options = [*map(repr, self.args), *[f"{key}={value!r}" for key, value in self.kwargs.items()]]
        shapes = ["x".join(map(str, shape)) for shape in self.inputs if isinstance(shape, tuple)]
        return "-".join([f"{self.name}({', '.join(options)})", *shapes])


CASES: list[Case] = []


def case(name: str, *args: Any, inputs: Any, theirs: str = "", gradient: bool = True, **kwargs: Any) -> None:
    inputs = inputs if isinstance(inputs, list) else [inputs]
    CASES.append(Case(name, args, kwargs, tuple(inputs), theirs or name, gradient))


Draw = Callable[[np.random.Generator], np.ndarray]


def classes(count: int, *shape: int, ignored: int | None = None) -> Draw:
    def draw(rng: np.random.Generator) -> np.ndarray:
        found = rng.integers(0, count, shape)
        if ignored is not None:
            found.flat[0] = ignored
        return found

    return draw


def uniform(*shape: int, low: float = 0.05, high: float = 0.95) -> Draw:
    return lambda rng: rng.uniform(low, high, shape)


def signs(*shape: int) -> Draw:
    return lambda rng: rng.choice([-1.0, 1.0], shape)


def distribution(*shape: int) -> Draw:
    def draw(rng: np.random.Generator) -> np.ndarray:
        found = rng.uniform(0.1, 1.0, shape)
        return found / found.sum(1, keepdims=True)

    return draw


for bias in (True, False):
    case("Dense", 5, 3, theirs="Linear", bias=bias, inputs=(4, 5))
    case("Dense", 5, 3, theirs="Linear", bias=bias, inputs=(2, 3, 5))
case("Linear", 5, 3, inputs=(5,))
case("Linear", in_features=5, out_features=1, inputs=(0, 5))
case("Identity", inputs=(3, 4))

for axes, spatial in ((1, (11,)), (2, (9, 8)), (3, (6, 5, 7))):
    ours, theirs = f"Conv{axes}D", f"Conv{axes}d"
    case(ours, 4, 6, 3, theirs=theirs, inputs=(2, 4, *spatial))
    case(ours, 4, 6, 3, stride=2, padding=1, theirs=theirs, inputs=(2, 4, *spatial))
    case(ours, 4, 6, 2, padding="same", dilation=2, groups=2, bias=False, theirs=theirs, inputs=(2, 4, *spatial))
    case(ours, 4, 6, 3, padding="valid", theirs=theirs, inputs=(4, *spatial))
    case(ours, 4, 8, 3, groups=4, padding=1, theirs=theirs, inputs=(2, 4, *spatial))
    ours, theirs = f"ConvTranspose{axes}D", f"ConvTranspose{axes}d"
    case(ours, 4, 6, 3, theirs=theirs, inputs=(2, 4, *spatial))
    case(ours, 4, 6, 3, stride=2, padding=1, output_padding=1, theirs=theirs, inputs=(2, 4, *spatial))
    case(ours, 4, 6, 2, groups=2, bias=False, dilation=2, theirs=theirs, inputs=(4, *spatial))
case("Conv2d", 3, 4, (3, 2), (2, 1), (1, 0), (1, 2), inputs=(2, 3, 9, 8))
case("Conv2d", 1, 4, 5, inputs=(2, 1, 12, 12))
for mode in ("reflect", "replicate", "circular"):
    case("Conv1d", 3, 4, 3, padding=2, padding_mode=mode, inputs=(2, 3, 9))
    case("Conv2d", 3, 4, 3, padding=(1, 2), padding_mode=mode, inputs=(2, 3, 9, 8))
    case("Conv2d", 3, 4, (3, 4), padding="same", padding_mode=mode, inputs=(2, 3, 9, 8))

for axes, spatial in ((1, (11,)), (2, (9, 8)), (3, (6, 5, 7))):
    for kind in ("Max", "Avg"):
        ours, theirs = f"{kind}Pool{axes}D", f"{kind}Pool{axes}d"
        case(ours, 2, theirs=theirs, inputs=(2, 3, *spatial))
        case(ours, 3, 2, 1, theirs=theirs, inputs=(2, 3, *spatial))
        case(ours, 3, stride=2, ceil_mode=True, theirs=theirs, inputs=(3, *spatial))
        ours, theirs = f"Adaptive{kind}Pool{axes}D", f"Adaptive{kind}Pool{axes}d"
        case(ours, 3, theirs=theirs, inputs=(2, 3, *spatial))
        case(ours, 1, theirs=theirs, inputs=(3, *spatial))
    case(f"MaxPool{axes}d", 2, dilation=2, inputs=(2, 3, *spatial))
    case(f"AvgPool{axes}d", 3, 2, 1, count_include_pad=False, inputs=(2, 3, *spatial))
    case(f"MaxPool{axes}d", 5, 5, 2, inputs=(2, 3, *spatial))
    case(f"AvgPool{axes}d", 5, 5, 2, inputs=(2, 3, *spatial))
    case(f"LPPool{axes}D", 2.0, 2, theirs=f"LPPool{axes}d", inputs=(2, 3, *spatial))
    case(f"LPPool{axes}d", 1, 3, stride=2, inputs=(2, 3, *spatial))
case("LPPool2d", 4, (3, 2), ceil_mode=True, inputs=(2, 3, 8, 8))
case("MaxPool2d", (1, 6), (1, 6), inputs=(2, 3, 9, 40))
case("AvgPool2d", 2, divisor_override=3, inputs=(2, 3, 8, 8))
case("AvgPool2d", (3, 2), (2, 1), (1, 0), inputs=(2, 3, 8, 8))
case("AdaptiveAvgPool2d", (None, 2), inputs=(2, 3, 7, 5))
case("AdaptiveMaxPool2d", (2, None), inputs=(2, 3, 7, 5))
case("MaxPool2d", 2, return_indices=True, inputs=(2, 3, 8, 7))
case("AdaptiveMaxPool2d", 3, return_indices=True, inputs=(2, 3, 8, 7))

for axes, spatial in ((1, (6,)), (2, (4, 5)), (3, (2, 4, 3))):
    ours, theirs = f"BatchNorm{axes}D", f"BatchNorm{axes}d"
    case(ours, 3, theirs=theirs, inputs=(4, 3, *spatial))
    case(ours, 3, momentum=None, eps=1e-3, theirs=theirs, inputs=(4, 3, *spatial))
    case(ours, 3, affine=False, momentum=0.3, theirs=theirs, inputs=(4, 3, *spatial))
    case(ours, 3, bias=False, theirs=theirs, inputs=(4, 3, *spatial))
    case(ours, 3, track_running_stats=False, theirs=theirs, inputs=(4, 3, *spatial))
    for kind in ("ReflectionPad", "ReplicationPad", "CircularPad", "ZeroPad"):
        case(f"{kind}{axes}D", 1, theirs=f"{kind}{axes}d", inputs=(2, 3, *spatial))
        case(f"{kind}{axes}d", (1, 0) * axes, inputs=(2, 3, *spatial))
    case(f"ConstantPad{axes}D", (1, 2) * axes, 0.5, theirs=f"ConstantPad{axes}d", inputs=(2, 3, *spatial))
    case(f"ConstantPad{axes}d", -1, 0.5, inputs=(2, 3, *spatial))
    ours, theirs = f"InstanceNorm{axes}D", f"InstanceNorm{axes}d"
    case(ours, 3, theirs=theirs, inputs=(4, 3, *spatial))
    case(ours, 3, affine=True, eps=1e-3, theirs=theirs, inputs=(3, *spatial))
    case(ours, 3, momentum=0.3, affine=True, track_running_stats=True, theirs=theirs, inputs=(4, 3, *spatial))
case("LocalResponseNorm", 3, inputs=(2, 5, 4, 3))
case("LocalResponseNorm", 2, 0.5, 0.6, 2.0, inputs=(2, 5, 4))
case("CosineSimilarity", inputs=[(4, 5), (4, 5)])
case("CosineSimilarity", dim=-1, eps=0.5, inputs=[(4, 3, 5), (4, 3, 5)])
case("PairwiseDistance", inputs=[(4, 5), (4, 5)])
case("PairwiseDistance", 1.0, 0.1, True, inputs=[(4, 5), (4, 5)])
case("Bilinear", 3, 4, 5, inputs=[(6, 3), (6, 4)])
case("Bilinear", 3, 4, 5, False, inputs=[(2, 6, 3), (2, 6, 4)])
case("EmbeddingBag", 7, 3, inputs=[classes(7, 4, 5)], gradient=False)
case("EmbeddingBag", 7, 3, mode="max", padding_idx=2, inputs=[classes(7, 4, 5)], gradient=False)
case("EmbeddingBag", 7, 3, mode="sum", inputs=[classes(7, 6), lambda rng: np.array([0, 2, 2, 5])], gradient=False)
case("LinearCrossEntropyLoss", 6, 5, inputs=[(4, 6), classes(5, 4)])
case(
    "LinearCrossEntropyLoss",
    6,
    5,
    bias=True,
    weight=[0.5, 1.0, 2.0, 0.1, 0.7],
    ignore_index=1,
    inputs=[(4, 6), classes(5, 4)],
)
case(
    "LinearCrossEntropyLoss",
    6,
    5,
    out_features=(3, 2),
    bias=True,
    reduction="sum",
    inputs=[(4, 6), classes(5, 4, 3, 2)],
)
case("AdaptiveLogSoftmaxWithLoss", 64, 20, (3, 8, 15), inputs=[(60, 64), classes(20, 60)])
case("AdaptiveLogSoftmaxWithLoss", 8, 9, (4,), 2.0, True, inputs=[(15, 8), classes(9, 15)])
case("RReLU", 0.2, 0.2, inputs=(4, 5))
case("Softmax2d", inputs=(2, 3, 4, 5))
case("Softmax2d", inputs=(3, 4, 5))
case("TripletMarginWithDistanceLoss", inputs=[(4, 5), (4, 5), (4, 5)])
case("TripletMarginWithDistanceLoss", margin=0.5, swap=True, reduction="none", inputs=[(4, 5), (4, 5), (4, 5)])
case("BatchNorm1d", 3, inputs=(5, 3))
for shape in ((5,), (4, 5)):
    case("LayerNorm", shape, inputs=(3, 4, 5))
    case("LayerNorm", shape, bias=False, eps=1e-3, inputs=(2, 4, 5))
    case("LayerNorm", shape, elementwise_affine=False, inputs=(4, 5))
    case("RMSNorm", shape, inputs=(3, 4, 5))
    case("RMSNorm", shape, eps=1e-3, elementwise_affine=False, inputs=(3, 4, 5))
case("LayerNorm", 5, inputs=(3, 5))
case("GroupNorm", 2, 6, inputs=(3, 6, 4, 5))
case("GroupNorm", 3, 6, eps=1e-3, affine=False, inputs=(3, 6, 4))
case("GroupNorm", 2, 6, inputs=(3, 6))
case("GroupNorm", 2, 6, bias=False, inputs=(3, 6, 5))

case("Flatten", inputs=(3, 2, 4, 5))
case("Flatten", 0, 1, inputs=(3, 2, 4))
case("Unflatten", 1, (2, 3), inputs=(4, 6, 5))
case("Unflatten", -1, (2, -1), inputs=(4, 6))

for name in (
    *["ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Sigmoid", "LogSigmoid", "Tanh", "Softsign", "Tanhshrink"],
    *["Hardsigmoid", "Hardswish", "LeakyReLU", "ELU", "CELU", "GELU", "Softplus", "Hardtanh", "Hardshrink"],
    *["Softshrink", "PReLU"],
):
    case(name, inputs=(4, 5))
    case(name, inputs=(2, 3, 4, 2))
case("LeakyReLU", 0.2, inputs=(4, 5))
case("ELU", alpha=0.5, inputs=(4, 5))
case("CELU", 2.0, inputs=(4, 5))
case("GELU", "tanh", inputs=(4, 5))
case("Softplus", beta=2.0, threshold=1.0, inputs=(4, 5))
case("Hardtanh", -0.5, 0.7, inputs=(4, 5))
case("Hardshrink", 0.2, inputs=(4, 5))
case("Softshrink", 0.2, inputs=(4, 5))
case("Threshold", 0.1, -2.0, inputs=(4, 5))
case("GLU", inputs=(3, 6))
case("GLU", dim=1, inputs=(3, 4, 5))
case("PReLU", 3, inputs=(2, 3, 4))
case("PReLU", num_parameters=3, init=0.1, inputs=(2, 3))
for name in ("Softmax", "LogSoftmax", "Softmin"):
    case(name, dim=1, inputs=(4, 5))
    case(name, dim=-1, inputs=(2, 3, 4))
    case(name, 0, inputs=(5,))

case("Embedding", 10, 4, inputs=classes(10, 3, 5), gradient=False)
case("Embedding", 10, 4, padding_idx=2, inputs=classes(4, 3, 5), gradient=False)
case("Embedding", 10, 4, max_norm=1.0, norm_type=1.0, inputs=classes(10, 3, 5), gradient=False)
case("Embedding", 10, 4, None, None, 2.0, True, inputs=classes(4, 3, 5), gradient=False)
case("Embedding", 10, 4, padding_idx=-1, inputs=classes(10, 7, ignored=9), gradient=False)

for reduction in ("mean", "sum", "none"):
    for name in ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"):
        case(name, reduction=reduction, inputs=[(4, 5), (4, 5)])
    case("SmoothL1Loss", reduction=reduction, beta=0.3, inputs=[(4, 5), (4, 5)])
    case("HuberLoss", reduction=reduction, delta=0.3, inputs=[(4, 5), (4, 5)])
    case("CrossEntropyLoss", reduction=reduction, inputs=[(4, 5), classes(5, 4)])
    case("CrossEntropyLoss", reduction=reduction, label_smoothing=0.2, inputs=[(4, 5), classes(5, 4)])
    case("CrossEntropyLoss", reduction=reduction, inputs=[(4, 5), distribution(4, 5)])
    case("CrossEntropyLoss", reduction=reduction, label_smoothing=0.1, inputs=[(4, 5), distribution(4, 5)])
    case("CrossEntropyLoss", reduction=reduction, inputs=[(4, 5, 3, 2), classes(5, 4, 3, 2)])
    case("CrossEntropyLoss", reduction=reduction, ignore_index=2, inputs=[(6, 5), classes(5, 6, ignored=2)])
    case("CrossEntropyLoss", reduction=reduction, inputs=[(6, 5), classes(5, 6, ignored=-100)])
    case("CrossEntropyLoss", reduction=reduction, inputs=[(5,), classes(5)])
    case("CrossEntropyLoss", [0.5, 1.0, 2.0], reduction=reduction, inputs=[(4, 3), classes(3, 4)])
    smooth = {"ignore_index": 1, "label_smoothing": 0.3, "reduction": reduction}
    case("CrossEntropyLoss", [0.5, 1.0, 2.0], **smooth, inputs=[(4, 3), classes(3, 4, ignored=1)])
    case("CrossEntropyLoss", [0.5, 1.0, 2.0], reduction=reduction, inputs=[(4, 3), distribution(4, 3)])
    case("NLLLoss", reduction=reduction, inputs=[(4, 5), classes(5, 4)])
    case("NLLLoss", [0.5, 1.0, 2.0], reduction=reduction, inputs=[(4, 3, 6), classes(3, 4, 6, ignored=-100)])
    case("BCELoss", reduction=reduction, inputs=[uniform(4, 5), uniform(4, 5)])
    case("BCELoss", [0.5, 1.0, 2.0], reduction=reduction, inputs=[uniform(4, 3), uniform(4, 3)])
    case("BCEWithLogitsLoss", reduction=reduction, inputs=[(4, 5), uniform(4, 5)])
    case("BCEWithLogitsLoss", [0.5, 1.0, 2.0], reduction=reduction, inputs=[(4, 3), uniform(4, 3)])
    case("BCEWithLogitsLoss", pos_weight=[0.5, 1.0, 2.0], reduction=reduction, inputs=[(4, 3), uniform(4, 3)])
    case("PoissonNLLLoss", reduction=reduction, inputs=[(4, 5), uniform(4, 5, high=9.0)])
    case("PoissonNLLLoss", False, True, reduction=reduction, inputs=[uniform(4, 5), uniform(4, 5, high=9.0)])
    case("GaussianNLLLoss", reduction=reduction, inputs=[(4, 5), (4, 5), uniform(4, 5)])
    case("GaussianNLLLoss", full=True, reduction=reduction, inputs=[(4, 5), (4, 5), uniform(4, 5)])
    case("HingeEmbeddingLoss", margin=0.7, reduction=reduction, inputs=[(4, 5), signs(4, 5)])
    case("SoftMarginLoss", reduction=reduction, inputs=[(4, 5), signs(4, 5)])
    case("MultiLabelSoftMarginLoss", reduction=reduction, inputs=[(4, 5), lambda rng: rng.integers(0, 2, (4, 5)) * 1.0])
    labels = np.array([[2, 0, -1, 1], [1, -1, 0, 0]])
    case("MultiLabelMarginLoss", reduction=reduction, inputs=[(2, 4), lambda rng, labels=labels: labels])
    case("MultiMarginLoss", reduction=reduction, inputs=[(4, 5), classes(5, 4)])
    case("MultiMarginLoss", 2, 0.5, [0.5, 1.0, 2.0], reduction=reduction, inputs=[(4, 3), classes(3, 4)])
    case("MarginRankingLoss", 0.3, reduction=reduction, inputs=[(6,), (6,), signs(6)])
    case("CosineEmbeddingLoss", 0.1, reduction=reduction, inputs=[(6, 4), (6, 4), signs(6)])
    case("TripletMarginLoss", reduction=reduction, inputs=[(6, 4), (6, 4), (6, 4)])
    case("TripletMarginLoss", 0.5, p=1.0, swap=True, reduction=reduction, inputs=[(6, 4), (6, 4), (6, 4)])
for reduction in ("mean", "sum", "none", "batchmean"):
    for log_target in (False, True):
        case("KLDivLoss", reduction=reduction, log_target=log_target, inputs=[(4, 5), uniform(4, 5)])


LOOSER = {"Hardsigmoid": 1e-7}  # PyTorch divides the gradient by 6 in float32


def as_tensors(torch: Any, values: Any, dtype: Any) -> Any:
    """Lists of numbers among the arguments are weights."""
    return torch.tensor(values, dtype=dtype) if isinstance(values, list) else values


def outputs_of(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple) else [result]


def close(have: np.ndarray, want: np.ndarray, tolerance: float, what: str) -> None:
    assert have.shape == want.shape, what
    assert have.dtype == want.dtype, what
    if want.dtype.kind != "f":
        np.testing.assert_array_equal(have, want, err_msg=what)
    else:
        scale = max(1e-3, float(np.abs(want).max(initial=0.0)))
        np.testing.assert_allclose(have, want, rtol=tolerance, atol=tolerance * scale, err_msg=what)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("one", [pytest.param(one, id=str(one)) for one in CASES])
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning")  # of PyTorch's KLDivLoss
def test_agrees_with_pytorch(one: Case, dtype: str):
    torch = pytest.importorskip("torch")
    tolerance = 1e-5 if dtype == "float32" else LOOSER.get(one.name, 1e-10)
    rng = np.random.default_rng(7)
    theirs_dtype = getattr(torch, dtype)
    args = [as_tensors(torch, value, theirs_dtype) for value in one.args]
    kwargs = {key: as_tensors(torch, value, theirs_dtype) for key, value in one.kwargs.items()}
    theirs = getattr(torch.nn, one.theirs)(*args, **kwargs).to(theirs_dtype)
    with torch.no_grad():  # ones and zeros would hide much
        for parameter in theirs.parameters():
            parameter.copy_(torch.from_numpy(rng.standard_normal(tuple(parameter.shape))))
    ours = getattr(nn, one.name)(*one.args, **one.kwargs).to(dtype)

    # The state is PyTorch's, both ways.
    state = theirs.state_dict()
    assert {name: (tuple(t.shape), str(t.dtype).removeprefix("torch.")) for name, t in state.items()} == {
        name: (t.shape, t.dtype.name) for name, t in ours.state_dict().items()
    }
    assert list(state) == list(ours.state_dict())
    ours.load_state_dict(state)
    theirs.load_state_dict({name: torch.from_numpy(np.array(t.data)) for name, t in ours.state_dict().items()})

    def inputs() -> list[np.ndarray]:
        arrays = [rng.standard_normal(shape) if isinstance(shape, tuple) else shape(rng) for shape in one.inputs]
        return [array.astype(dtype) if array.dtype.kind == "f" else array for array in arrays]

    for mode in (True, True, False):  # two steps in training mode, then evaluation mode
        ours.train(mode)
        theirs.train(mode)
        arrays = inputs()
        xs = [Tensor(array.copy()) for array in arrays]
        ys = [torch.from_numpy(array.copy()) for array in arrays]
        if one.gradient:
            xs[0].requires_grad_()
            ys[0].requires_grad_()
        have, want = outputs_of(ours(*xs)), outputs_of(theirs(*ys))
        assert len(have) == len(want)
        for i, (h, w) in enumerate(zip(have, want, strict=True)):
            close(h.data, w.detach().numpy(), tolerance, f"output {i}")
        ours.zero_grad()
        theirs.zero_grad()
        if want[0].requires_grad:
            g = rng.standard_normal(tuple(want[0].shape)).astype(dtype)
            have[0].backward(g)
            want[0].backward(torch.from_numpy(np.array(g)))
            if one.gradient:
                close(xs[0].grad.data, ys[0].grad.numpy(), tolerance, "gradient of the input")
            for (name, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
                close(p.grad.data, q.grad.numpy(), tolerance, f"gradient of {name}")
        for name, tensor in theirs.state_dict().items():
            close(ours.state_dict()[name].data, tensor.numpy(), tolerance, name)


# What PyTorch's constructors take and ours need not: a device, in-place writes, arguments that it has deprecated.
NOT_TAKEN = {"device", "dtype", "inplace", "size_average", "reduce"}
NOT_TAKEN |= {"_freeze", "_weight", "min_value", "max_value", "args", "kwargs"}


def names_in_both() -> list[str]:
    torch = pytest.importorskip("torch")
    return [
        name
        for name in sorted(vars(nn))
        if isinstance(getattr(nn, name), type)
        and issubclass(getattr(nn, name), nn.Module)
        and hasattr(torch.nn, name)
        and name not in ("Module", "Sequential", "Identity")
    ]


def test_arguments_have_the_names_and_the_order_of_pytorch():
    torch = pytest.importorskip("torch")
    names = names_in_both()
    assert len(names) > 60
    different = []
    for name in names:
        have = [p for p in inspect.signature(getattr(nn, name)).parameters if p not in NOT_TAKEN]
        want = [p for p in inspect.signature(getattr(torch.nn, name)).parameters if p not in NOT_TAKEN]
        if have[:1] == ["first"]:  # which is in_features or in_channels where two numbers are given
            have[0] = have.pop()
        if have[: len(want)] != want:
            different.append(f"{name}: {have} instead of {want}")
    assert not different, "\n".join(different)


def test_pytorch_spellings_are_the_same_classes():
    for name in ("Conv1", "Conv2", "Conv3", "ConvTranspose2", "MaxPool2", "AvgPool2", "BatchNorm1", "BatchNorm2"):
        assert getattr(nn, f"{name}D") is getattr(nn, f"{name}d")
    assert nn.Linear is nn.Dense
    assert nn.AdaptiveAvgPool2D is nn.AdaptiveAvgPool2d
    assert nn.Dropout2D is nn.Dropout2d


def test_a_whole_model_of_pytorch_loads():
    torch = pytest.importorskip("torch")

    def build(nn: Any) -> Any:
        return nn.Sequential(
            *[nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.MaxPool2d(2)],
            *[nn.Conv2d(8, 16, 3, bias=False), nn.GELU(), nn.AdaptiveAvgPool2d(2), nn.Flatten()],
            *[nn.Linear(64, 32), nn.LayerNorm(32), nn.Tanh(), nn.Dropout(0.5), nn.Linear(32, 10)],
        )

    theirs, ours = build(torch.nn).eval(), build(nn).eval()
    ours.load_state_dict(theirs.state_dict())
    x = np.random.default_rng(0).standard_normal((5, 1, 12, 12)).astype(np.float32)
    with torch.no_grad():
        want = theirs(torch.from_numpy(x)).numpy()
    close(ours(Tensor(x)).data, want, 1e-5, "logits")
    assert repr(ours).splitlines()[1] == "  (0): Conv2D(1, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))"


# ---------------------------------------------------------------------------------------------------------------------
# Twins in NumPy, for where there is no PyTorch
# ---------------------------------------------------------------------------------------------------------------------
def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def test_dense_is_a_weighted_sum():
    layer = nn.Dense(5, 3).double()
    x = normal(2, 4, 5)
    want = np.zeros((2, 4, 3))
    for n, t, o in np.ndindex(want.shape):
        want[n, t, o] = sum(x[n, t, d] * layer.weight.data[o, d] for d in range(5)) + layer.bias.data[o]
    np.testing.assert_allclose(layer(Tensor(x)).data, want, rtol=1e-12)
    np.testing.assert_allclose(layer(x).data, want, rtol=1e-12)  # an array is as good as a tensor


@pytest.mark.parametrize(("stride", "padding", "dilation", "groups"), [(1, 0, 1, 1), (2, 1, 1, 2), (1, 2, 2, 4)])
def test_convolution_is_a_dense_layer_at_each_place(stride: int, padding: int, dilation: int, groups: int):
    layer = nn.Conv2D(4, 8, 3, stride, padding, dilation, groups).double()
    x = normal(2, 4, 7, 6)
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    reach = dilation * 2 + 1
    height, width = ((n + 2 * padding - reach) // stride + 1 for n in (7, 6))
    want = np.zeros((2, 8, height, width))
    for n, o, i, j in np.ndindex(want.shape):
        group = o // (8 // groups)
        channels = slice(group * 4 // groups, (group + 1) * 4 // groups)
        rows, columns = (slice(k * stride, k * stride + reach, dilation) for k in (i, j))
        want[n, o, i, j] = (padded[n, channels, rows, columns] * layer.weight.data[o]).sum() + layer.bias.data[o]
    np.testing.assert_allclose(layer(Tensor(x)).data, want, rtol=1e-10, atol=1e-12)


def test_pooling_looks_at_each_window():
    x = normal(2, 3, 7, 6)
    windows = np.stack([[x[:, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3] for j in range(2)] for i in range(3)])
    largest = windows.max((-2, -1)).transpose(2, 3, 0, 1)
    means = windows.mean((-2, -1)).transpose(2, 3, 0, 1)
    np.testing.assert_array_equal(nn.MaxPool2D(3, 2)(Tensor(x)).data, largest)
    np.testing.assert_allclose(nn.AvgPool2D(3, 2)(Tensor(x)).data, means, rtol=1e-12)


def test_global_pooling_gives_one_number_for_each_channel():
    x = normal(2, 3, 7, 6)
    np.testing.assert_allclose(nn.GlobalAvgPool2D()(Tensor(x)).data, x.mean((2, 3)), rtol=1e-12)
    np.testing.assert_array_equal(nn.GlobalMaxPool2D()(Tensor(x)).data, x.max((2, 3)))
    np.testing.assert_array_equal(nn.GlobalMaxPool2D(keepdim=True)(Tensor(x)).data, x.max((2, 3), keepdims=True))
    np.testing.assert_allclose(nn.GlobalAvgPool1D()(Tensor(x[0])).data, x[0].mean(-1), rtol=1e-12)
    np.testing.assert_array_equal(nn.GlobalMaxPool1D()(Tensor(x[0])).data, x[0].max(-1))
    with pytest.raises(ValueError, match=r"GlobalAvgPool2D: the input has shape \(3, 2\)"):
        nn.GlobalAvgPool2D()(ag.ones(3, 2))


@pytest.mark.parametrize("momentum", [0.1, None])
def test_batch_normalization_keeps_running_means(momentum: float | None):
    layer = nn.BatchNorm2D(3, momentum=momentum).double()
    layer.weight.data[...], layer.bias.data[...] = normal(3, seed=1), normal(3, seed=2)
    mean, var = np.zeros(3), np.ones(3)
    for step in range(1, 4):
        x = normal(4, 3, 5, 2, seed=step) * 3 + 1
        m, v = x.mean((0, 2, 3)), x.var((0, 2, 3))
        factor = 1 / step if momentum is None else momentum
        mean = (1 - factor) * mean + factor * m
        var = (1 - factor) * var + factor * x.var((0, 2, 3), ddof=1)
        m, v, w, b = (a[:, None, None] for a in (m, v, layer.weight.data, layer.bias.data))
        np.testing.assert_allclose(layer(Tensor(x)).data, (x - m) / np.sqrt(v + 1e-5) * w + b, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(layer.running_mean.data, mean, rtol=1e-12)
    np.testing.assert_allclose(layer.running_var.data, var, rtol=1e-12)
    assert layer.num_batches_tracked.item() == 3
    assert layer.num_batches_tracked.dtype == np.int64
    layer.eval()
    m, v, w, b = (a[:, None, None] for a in (mean, var, layer.weight.data, layer.bias.data))
    np.testing.assert_allclose(layer(Tensor(x)).data, (x - m) / np.sqrt(v + 1e-5) * w + b, rtol=1e-9, atol=1e-12)
    assert layer.num_batches_tracked.item() == 3
    layer.reset_running_stats()
    assert layer.running_var.data.tolist() == [1.0, 1.0, 1.0]
    assert layer.num_batches_tracked.item() == 0


def test_layer_normalization_looks_at_one_sample():
    x = normal(4, 5) * 3 + 1
    layer = nn.LayerNorm(5).double()
    want = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(layer(Tensor(x)).data, want, rtol=1e-9)
    want = x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-3)
    np.testing.assert_allclose(nn.RMSNorm(5, eps=1e-3).double()(Tensor(x)).data, want, rtol=1e-9)


def test_embedding_looks_up_rows():
    layer = nn.Embedding(10, 4, padding_idx=3)
    indices = np.array([[1, 3], [3, 9], [1, 1]])
    out = layer(ag.tensor(indices))
    np.testing.assert_array_equal(out.data, layer.weight.data[indices])
    assert not out.data[0, 1].any()
    out.sum().backward()
    counts = np.bincount(indices.ravel(), minlength=10).astype(np.float32)
    counts[3] = 0.0  # the padding is not trained
    np.testing.assert_array_equal(layer.weight.grad.data, np.repeat(counts[:, None], 4, 1))
    rows = normal(6, 2)
    frozen = nn.Embedding.from_pretrained(rows)
    assert not frozen.weight.requires_grad
    np.testing.assert_array_equal(frozen(np.array([5])).data, rows[5:])
    assert nn.Embedding.from_pretrained(Tensor(rows), freeze=False).weight.requires_grad
    with pytest.raises(ValueError, match=r"the rows have shape \(3,\)"):
        nn.Embedding.from_pretrained([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="padding_idx is 10, and there are 10 rows"):
        nn.Embedding(10, 4, padding_idx=10)


# ---------------------------------------------------------------------------------------------------------------------
# Dropout
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_dropout_leaves_elements_out_and_makes_up_for_it(p: float):
    ag.manual_seed(1)
    layer = nn.Dropout(p)
    x = ag.ones(200, 500, requires_grad=True)
    y = layer(x)
    kept = y.data != 0
    assert abs(kept.mean() - (1 - p)) < 5 * np.sqrt(p * (1 - p) / 100_000)
    np.testing.assert_allclose(y.data[kept], 1 / (1 - p), rtol=1e-6)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, y.data)  # the same elements are left out of the gradient
    assert not np.array_equal(layer(x).data, y.data)
    ag.manual_seed(1)
    np.testing.assert_array_equal(layer(x).data, y.data)
    layer.eval()
    np.testing.assert_array_equal(layer(x).data, x.data)


def test_dropout_of_nothing_and_of_everything():
    x = ag.ones(3, 4)
    np.testing.assert_array_equal(nn.Dropout(0.0)(x).data, x.data)
    np.testing.assert_array_equal(nn.Dropout(1.0)(x).data, np.zeros((3, 4)))
    with pytest.raises(ValueError, match=r"Dropout: p is 1.5"):
        nn.Dropout(1.5)


@pytest.mark.parametrize(("layer", "shape"), [("Dropout1D", (8, 16, 9)), ("Dropout2D", (8, 16, 3, 4))])
def test_dropout_of_channels(layer: str, shape: tuple[int, ...]):
    ag.manual_seed(1)
    y = getattr(nn, layer)(0.5)(ag.ones(shape)).data.reshape(8, 16, -1)
    assert ((y == 0).all(-1) | (y == 2).all(-1)).all()
    assert 20 < (y[..., 0] == 0).sum() < 108


def test_alpha_dropout_keeps_mean_and_variance():
    ag.manual_seed(1)
    x = Tensor(normal(300, 1000))
    y = nn.AlphaDropout(0.3)(x).data
    assert abs(y.mean()) < 0.02
    assert abs(y.var() - 1) < 0.03
    np.testing.assert_array_equal(nn.AlphaDropout(0.3).eval()(x).data, x.data)


# ---------------------------------------------------------------------------------------------------------------------
# Starting values
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("build", "fan_in"),
    [
        (lambda: nn.Dense(400, 300), 400),
        (lambda: nn.Conv2D(16, 200, 5), 400),
        (lambda: nn.Conv1D(32, 400, 5, groups=4), 40),
        (lambda: nn.ConvTranspose2D(40, 16, 3), 144),
    ],
)
def test_weights_start_as_in_pytorch(build: Callable[[], Any], fan_in: int):
    ag.manual_seed(3)
    layer = build()
    bound = 1 / np.sqrt(fan_in)
    weight, bias = layer.weight.data.copy(), layer.bias.data
    assert weight.dtype == bias.dtype == np.float32
    assert np.abs(weight).max() <= bound * (1 + 1e-6)
    assert np.abs(weight).max() > 0.99 * bound
    assert abs(weight.std() - bound / np.sqrt(3)) < 0.02 * bound
    assert np.abs(bias).max() <= bound * (1 + 1e-6)
    assert bias.std() > 0.3 * bound
    ag.manual_seed(3)
    np.testing.assert_array_equal(build().weight.data, weight)
    layer.reset_parameters()
    assert not np.array_equal(layer.weight.data, weight)


def test_other_layers_start_as_in_pytorch():
    ag.manual_seed(3)
    weight = nn.Embedding(500, 40).weight.data
    assert abs(weight.std() - 1) < 0.02
    assert abs(weight.mean()) < 0.03
    for layer in (nn.BatchNorm2D(3), nn.LayerNorm(3), nn.GroupNorm(1, 3)):
        assert layer.weight.data.tolist() == [1.0] * 3
        assert layer.bias.data.tolist() == [0.0] * 3
    assert nn.PReLU().weight.data.tolist() == [0.25]
    for dtype in (np.float32, np.float64):
        assert nn.Dense(3, 2, dtype=dtype).weight.dtype == dtype
        assert nn.BatchNorm1D(3, dtype=dtype).running_mean.dtype == dtype
        assert nn.LayerNorm(3, dtype=dtype).weight.dtype == dtype


# ---------------------------------------------------------------------------------------------------------------------
# Sizes that are left out
# ---------------------------------------------------------------------------------------------------------------------
def lazy() -> nn.Sequential:
    return nn.Sequential(
        *[nn.Conv2D(8, kernel_size=3), nn.BatchNorm2D(), nn.ReLU(), nn.Conv2D(out_channels=4, kernel_size=3, groups=2)],
        *[nn.Flatten(), nn.Dense(16), nn.BatchNorm1D(affine=False), nn.Dense(out_features=3, bias=False)],
    )


def test_the_first_call_infers_sizes():
    model = lazy()
    assert repr(model[5]) == "Dense(16)"
    assert model(ag.zeros(2, 3, 8, 8)).shape == (2, 3)
    assert model[0].in_channels == 3
    assert model[3].weight.shape == (4, 4, 3, 3)
    assert model[1].num_features == 8
    assert repr(model[5]) == "Dense(64, 16)"
    assert repr(model[7]) == "Dense(16, 3, bias=False)"
    assert len(list(model.parameters())) == 9
    assert model[5].weight.data.std() > 0
    with pytest.raises(ValueError, match=r"Conv2D: the input has shape \(2, 1, 8, 8\)"):
        model(ag.zeros(2, 1, 8, 8))


def test_sizes_that_are_left_out_come_from_a_state():
    source = lazy().eval()
    x = Tensor(normal(2, 3, 8, 8).astype(np.float32))
    want = source(x).data
    model = lazy().eval()
    model.load_state_dict(source.state_dict())
    np.testing.assert_array_equal(model(x).data, want)
    state = source.state_dict()
    state["5.weight"] = ag.zeros(7, 64)
    model = lazy()
    with pytest.raises(RuntimeError, match=r"5.weight is \(7, 64\) in the state and \(16, 64\) in the model"):
        model.load_state_dict(state)
    assert model[0].in_channels is None
    assert isinstance(model[0].weight, nn.UninitializedParameter)


def test_wishes_before_the_first_call_are_kept():
    model = lazy().double()
    model[0].requires_grad_(False)
    model(Tensor(normal(2, 3, 8, 8)))
    assert {p.dtype.name for p in model.parameters()} == {"float64"}
    assert not model[0].weight.requires_grad
    assert model[3].weight.requires_grad


def test_a_lazy_layer_starts_like_one_with_sizes():
    ag.manual_seed(5)
    layer = nn.Dense(30)
    layer(ag.zeros(1, 20))
    ag.manual_seed(5)
    np.testing.assert_array_equal(layer.weight.data, nn.Dense(20, 30).weight.data)


def test_sizes_by_position_and_by_name():
    assert nn.Dense(4, 3).weight.shape == (3, 4)
    assert nn.Dense(4, out_features=3).weight.shape == (3, 4)
    assert nn.Dense(in_features=4, out_features=3).weight.shape == (3, 4)
    assert nn.Dense(4, 3, False).bias is None
    assert nn.Dense(4, 3, True, np.float64).weight.dtype == np.float64
    assert nn.Conv2d(1, 2, 3, 1, 1, 1, 1, False).bias is None
    assert nn.Conv2D(in_channels=1, out_channels=2, kernel_size=3).weight.shape == (2, 1, 3, 3)
    assert nn.Linear(4, 3, device="cpu").weight.shape == (3, 4)
    with pytest.raises(TypeError, match="Dense: out_features is missing"):
        nn.Dense(in_features=4)
    with pytest.raises(TypeError, match="Dense: in_features is given twice"):
        nn.Dense(3, 4, in_features=5)
    with pytest.raises(ValueError, match=r"Dense: out_features is 2.5"):
        nn.Dense(4, 2.5)
    with pytest.raises(TypeError, match="Conv2D: kernel_size is missing"):
        nn.Conv2D(32, 3)
    for build in (nn.Linear, nn.GroupNorm, nn.Embedding, nn.LayerNorm, nn.PReLU, nn.BatchNorm2d, nn.RMSNorm):
        args = (3, 3) if build in (nn.Linear, nn.GroupNorm, nn.Embedding) else (3,)
        assert build(*args, device="cpu", dtype=np.float64).weight.dtype == np.float64
        with pytest.raises(ValueError, match=rf"{build.__name__}: device is cuda, and everything runs on the CPU"):
            build(*args, device="cuda")


# ---------------------------------------------------------------------------------------------------------------------
# What layers refuse
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: nn.Conv2D(3, 4, 3, groups=2), "in_channels=3 can not be split into groups=2"),
        (lambda: nn.Conv2D(4, 3, 3, groups=2), "out_channels=3 can not be split into groups=2"),
        (lambda: nn.Conv2D(3, 4, (3, 3, 3)), r"kernel_size is \(3, 3, 3\). Give one whole number, or 2"),
        (lambda: nn.Conv2D(3, 4, 3, padding="full"), "padding is 'full'"),
        (lambda: nn.Conv2D(3, 4, 3, stride=2, padding="same"), r"padding='same' needs stride 1"),
        (lambda: nn.Conv2D(3, 4, 3, padding_mode="mirror"), "padding_mode is 'mirror'"),
        (lambda: nn.ConvTranspose2D(3, 4, 3, padding_mode="reflect"), "only zeros is possible"),
        (lambda: nn.GroupNorm(4, 6), "6 channels can not be split into num_groups=4"),
        (lambda: nn.GroupNorm(0, 4), "GroupNorm: num_groups is 0. Give a whole number from 1 on"),
        (lambda: nn.GroupNorm(-2, 4), "num_groups is -2"),
        (lambda: nn.GroupNorm(2.0, 4), "num_groups is 2.0"),
        (lambda: nn.GroupNorm(2, 4, affine=False)(ag.ones(2, 6, 3)), r"\(2, 6, 3\) has 6 channels, .* num_channels=4"),
        (lambda: nn.BatchNorm1D(-1), "BatchNorm1D: num_features is -1"),
        (lambda: nn.BatchNorm2D("3"), "BatchNorm2D: num_features is '3'"),
        (lambda: nn.BatchNorm1D(3, momentum=2.0), "momentum is 2.0. Give a number from 0 to 1, or None"),
        (lambda: nn.BatchNorm1D(3, momentum="none"), "momentum is 'none'"),
        (lambda: nn.BatchNorm1D(3, eps=-1e-5), "eps is -1e-05"),
        (lambda: nn.BatchNorm1D(3)(ag.ones(1, 3)), r"drop_last=True in the loader\), or eval\(\) with running"),
        (lambda: nn.BatchNorm1D(3, track_running_stats=False).eval()(ag.ones(1, 3)), "needs more than one element"),
        (lambda: nn.LayerNorm(()), r"normalized_shape is \(\). Give the sizes"),
        (lambda: nn.LayerNorm((3, -1)), "normalized_shape is -1"),
        (lambda: nn.RMSNorm(5.0), "RMSNorm: normalized_shape is 5.0"),
        (lambda: nn.LocalResponseNorm(0), "LocalResponseNorm: size is 0"),
        (lambda: nn.LPPool2D(0, 2)(ag.ones(1, 1, 4, 4)), "lp_pool2d: norm_type must be a number other than 0"),
        (lambda: nn.MaxUnpool2D(2)(ag.ones(1, 1, 2, 2), ag.zeros(1, 1, 2, 2)), "whole numbers of the shape"),
        (lambda: nn.Hardtanh(1.0, 0.0), "min_val is 1.0 and max_val 0.0"),
        (lambda: nn.MSELoss("average"), "reduction is 'average'. Give 'mean', 'sum' or 'none'"),
        (lambda: nn.ConvTranspose2D(1, 1, 3, 2)(ag.ones(1, 1, 4, 4), (12, 12)), r"from \(9, 9\) to \(10, 10\)"),
        (lambda: nn.BatchNorm1D(3)(ag.ones(2, 3, 4, 5)), r"\(2, 3, 4, 5\), and this layer takes \(N, C\) or"),
        (lambda: nn.Dense(5, 5)(ag.ones(5, 3).mT @ ag.ones(5, 4)), r"the input \(3, 4\) has 4 features"),
        (lambda: nn.Dense(5, 2)(ag.ones(5, 3)), r"did you mean x.mT"),
        (lambda: nn.Dense(784, 2)(ag.ones(28, 28)), r"pass x.reshape\(1, 784\)"),
        (lambda: nn.Dense(784, 2)(ag.tensor(1.0)), "the input is a single number"),
        (lambda: nn.Dense(100, 2)(ag.ones(8, 3, 4, 4)), r"use nn.Flatten\(\) and Dense\(48, 2\)"),
    ],
)
def test_wrong_use_is_explained(build: Callable[[], Any], message: str):
    with pytest.raises(ValueError, match=message):
        build()


def test_pooling_refuses_what_has_no_order_and_unpooling_without_places():
    with pytest.raises(TypeError, match="max_pool2d: complex numbers have no order"):
        nn.MaxPool2D(2)(ag.ones(1, 1, 4, 4, dtype=ag.complex64))
    with pytest.raises(TypeError, match="adaptive_max_pool1d: complex numbers"):
        nn.AdaptiveMaxPool1D(2)(ag.ones(1, 4, 4, dtype=ag.complex64))
    with pytest.raises(TypeError, match=r"MaxUnpool2D: takes two tensors.*unpool\(\*pool\(x\)\)"):
        nn.MaxUnpool2D(2)(ag.ones(1, 1, 2, 2))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lambda: nn.Dense(4, 2), (3, 4)),
        (lambda: nn.Dense(2), (3, 4)),
        (lambda: nn.Conv2D(1, 2, 3), (1, 1, 5, 5)),
        (lambda: nn.ConvTranspose1D(1, 2, 3), (1, 1, 5)),
        (lambda: nn.BatchNorm2D(1), (2, 1, 5, 5)),
        (lambda: nn.LayerNorm(4), (3, 4)),
        (lambda: nn.GroupNorm(1, 4), (3, 4)),
        (lambda: nn.PReLU(), (3, 4)),
    ],
)
def test_weights_and_input_have_one_dtype(layer: Callable[[], Any], shape: tuple[int, ...]):
    layer = layer()
    with pytest.raises(TypeError, match=r"input is float64 and the weights are float32. Pass x.float\(\), or build"):
        layer(ag.ones(shape, dtype=ag.float64))
    with pytest.raises(TypeError, match=r"the input is int64 and the weights are float32. Convert it with x.float\(\)"):
        layer(ag.ones(shape, dtype=ag.int64))
    layer(ag.ones(shape))
    with pytest.raises(TypeError, match=r"float32 and the weights are float64. Pass x.double\(\).* model.float\(\)"):
        layer.double()(ag.ones(shape))


INPLACE = ["ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "CELU", "SiLU", "Mish", "Hardtanh", "Hardsigmoid", "Hardswish"]
INPLACE_ARGUMENTS = {"Threshold": (0.1, 2.0), "RReLU": (), "Dropout": (0.5,), "AlphaDropout": (0.5,)}


@pytest.mark.parametrize("name", [*INPLACE, *INPLACE_ARGUMENTS])
def test_inplace_writes_into_the_input(name):
    """Models that were trained so rely on it: what else looks at the input sees the result."""
    make, args = getattr(nn, name), INPLACE_ARGUMENTS.get(name, ())
    x = Tensor(normal(3, 4), requires_grad=True)
    ag.manual_seed(0)
    want = make(*args)(x * 2)
    (want * 3 + want).sum().backward()
    gradient, x.grad = x.grad, None
    ag.manual_seed(0)
    between = x * 2
    out = make(*args, inplace=True)(between)
    assert out is between
    np.testing.assert_array_equal(between.data, want.data)
    (between * 3 + out).sum().backward()
    np.testing.assert_allclose(x.grad.data, gradient.data, rtol=1e-12)
    assert "inplace=True" in repr(make(*args, inplace=True))
    with pytest.raises(RuntimeError, match="leaf"):
        make(*args, inplace=True)(x)


def test_functions_take_inplace_where_those_of_pytorch_do():
    torch = pytest.importorskip("torch")
    for name, function in vars(torch.nn.functional).items():
        if name[0] == "_" or not inspect.isfunction(function):
            continue
        if "inplace" not in inspect.signature(function).parameters:
            continue
        parameters = inspect.signature(function).parameters
        settings = {"threshold": (0.1, 2.0)}.get(name, tuple(p.default for p in list(parameters.values())[1:-1]))
        axes = 5 if "3d" in name else 4 if "2d" in name else 3
        x = Tensor(normal(*(2, 3, 4, 5, 6)[:axes]))
        ag.manual_seed(0)
        want = getattr(F, name)(x, *settings)
        assert want is not x
        ag.manual_seed(0)
        copy = x.clone()
        assert getattr(F, name)(copy, *settings, True) is copy
        np.testing.assert_array_equal(copy.data, want.data)
    for name in ("relu_", "leaky_relu_", "elu_", "selu_", "celu_", "hardtanh_", "rrelu_"):
        x = Tensor(normal(3, 4))
        want = getattr(F, name[:-1])(x)
        assert getattr(F, name)(x) is x
        np.testing.assert_array_equal(x.data, want.data)
    with pytest.raises(TypeError, match="relu_: writes into a tensor"):
        F.relu(np.ones(3), inplace=True)


def test_repr_of_layers():
    reprs = [
        (nn.Conv2D(3, 8, 3, 2, padding=1), "3, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1)"),
        (nn.Conv1D(2, 4, 3, 1, 0, 2), "2, 4, kernel_size=(3,), stride=(1,), dilation=(2,)"),
        (nn.Conv1D(2, 4, 3, groups=2, bias=False), "2, 4, kernel_size=(3,), stride=(1,), groups=2, bias=False"),
        (nn.MaxPool2D(2), "kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False"),
        (nn.BatchNorm2D(3), "3, eps=1e-05, momentum=0.1"),
        (nn.Dropout(0.3), "p=0.3"),
        (nn.LeakyReLU(0.2), "negative_slope=0.2"),
        (nn.Embedding(5, 3, padding_idx=0), "5, 3, padding_idx=0"),
        (nn.CrossEntropyLoss(reduction="sum"), "reduction='sum'"),
        (nn.HuberLoss(delta=2.0), "delta=2.0"),
        (nn.Flatten(), "start_dim=1, end_dim=-1"),
    ]
    for layer, text in reprs:
        assert repr(layer) == f"{type(layer).__name__}({text})"


def test_functional_gives_the_operations_themselves():
    assert F.gelu is ag.gelu
    assert F.cross_entropy is ag.cross_entropy
