"""Layers and losses against PyTorch with the same weights, and their names and arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import nn
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
