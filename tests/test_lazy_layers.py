"""Layers under PyTorch's other names, and layers that have more than a forward."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from tests.torch_oracle import close, normal

LAZY: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("Linear", (4,), {}, (5, 7)),
    ("Linear", (4, False), {}, (2, 5, 7)),
    ("Conv1d", (4, 3), {}, (2, 6, 9)),
    ("Conv2d", (4, 3, 2, 1), {"groups": 2}, (2, 6, 9, 8)),
    ("Conv3d", (4, (1, 2, 3)), {"bias": False}, (2, 3, 4, 5, 6)),
    ("ConvTranspose1d", (4, 3), {"stride": 2}, (2, 6, 5)),
    ("ConvTranspose2d", (4, 3, 2, 1, 1), {}, (2, 6, 5, 4)),
    ("ConvTranspose3d", (2, 2), {"dilation": 2}, (2, 3, 4, 3, 2)),
    ("BatchNorm1d", (), {}, (6, 5)),
    ("BatchNorm2d", (1e-3, 0.2), {}, (4, 5, 3, 2)),
    ("BatchNorm3d", (), {"affine": False}, (4, 3, 2, 2, 2)),
    ("InstanceNorm1d", (), {}, (3, 4, 6)),
    ("InstanceNorm2d", (), {"track_running_stats": False}, (3, 4, 3, 2)),
    ("InstanceNorm3d", (1e-4,), {}, (3, 4, 3, 2, 2)),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), LAZY)
def test_lazy_layers_become_the_ordinary_ones(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], shape: tuple[int, ...]
) -> None:
    torch = pytest.importorskip("torch")
    x = normal(*shape).astype(np.float32)
    lazy, theirs = getattr(nn, f"Lazy{name}")(*args, **kwargs), getattr(torch.nn, f"Lazy{name}")(*args, **kwargs)
    assert isinstance(lazy, getattr(nn, name))
    lazy(ag.Tensor(x))
    theirs(torch.tensor(x))
    assert type(lazy) is getattr(nn, name)
    state = {key: tensor.detach().clone() for key, tensor in theirs.state_dict().items()}
    lazy.load_state_dict(state)
    close(lazy(ag.Tensor(x)).data, theirs(torch.tensor(x)).detach().numpy(), 1e-5, name)
    fresh = getattr(nn, f"Lazy{name}")(*args, **kwargs)
    if state:
        fresh.load_state_dict(lazy.state_dict())  # tells the sizes too
        assert type(fresh) is getattr(nn, name)
        close(fresh.eval()(ag.Tensor(x)).data, lazy.eval()(ag.Tensor(x)).data, 1e-6, name)


def test_adaptive_softmax_is_one_over_all_classes() -> None:
    torch = pytest.importorskip("torch")
    layer = nn.AdaptiveLogSoftmaxWithLoss(32, 20, [3, 8, 15], div_value=2.0, dtype=np.float64)
    theirs = torch.nn.AdaptiveLogSoftmaxWithLoss(32, 20, [3, 8, 15], div_value=2.0, dtype=torch.float64)
    layer.load_state_dict(theirs.state_dict())
    x, target = normal(40, 32), np.arange(40) % 20
    logs = layer.log_prob(ag.Tensor(x))
    close(np.exp(logs.data).sum(1), np.ones(40), 1e-12, "the sum of all probabilities")
    close(logs.data, theirs.log_prob(torch.tensor(x)).detach().numpy(), 1e-10, "log_prob")
    output, loss = layer(ag.Tensor(x), ag.Tensor(target))
    close(output.data, logs.data[np.arange(40), target], 1e-12, "output")
    close(loss.data, -output.data.mean(), 1e-12, "loss")
    x *= 5
    np.testing.assert_array_equal(layer.predict(ag.Tensor(x)).data, theirs.predict(torch.tensor(x)).numpy())
    one = layer(ag.Tensor(x[0]), ag.tensor(7))
    assert one.output.shape == ()
    close(one.output.data, theirs(torch.tensor(x[0]), torch.tensor(7)).output.detach().numpy(), 1e-10, "one sample")
    before = layer.tail[1][0].weight.data.copy()
    layer.reset_parameters()
    assert (layer.tail[1][0].weight.data != before).all()


def test_adaptive_softmax_names_wrong_use() -> None:
    for cutoffs in ([], [5, 5], [8, 3], [0, 4], [20]):
        with pytest.raises(ValueError, match="Give rising whole numbers from 1 to 19"):
            nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs)
    layer = nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4])
    with pytest.raises(IndexError, match="target 20 is no class"):
        layer(ag.ones(2, 8), ag.tensor([1, 20]))
    with pytest.raises(ValueError, match="the target"):
        layer(ag.ones(2, 8), ag.tensor([1, 2, 3]))
    with pytest.raises(TypeError, match=r"target.long\(\)"):
        layer(ag.ones(2, 8), ag.tensor([1.0, 2.0]))


def test_batch_norms_become_synchronized_ones() -> None:
    model = nn.Sequential(nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3), nn.ModuleList([nn.BatchNorm1d(4)]))
    model[1](ag.Tensor(normal(4, 3, 2, 2).astype(np.float32)))
    made = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    assert made is model
    assert type(model[1]) is type(model[2][0]) is nn.SyncBatchNorm
    ordinary = nn.BatchNorm2d(3)
    ordinary.load_state_dict(model[1].state_dict())
    x = ag.Tensor(normal(4, 3, 2, 2, seed=1).astype(np.float32))
    for training in (True, False):
        close(model[1].train(training)(x).data, ordinary.train(training)(x).data, 0, "SyncBatchNorm")
    assert type(nn.SyncBatchNorm.convert_sync_batchnorm(nn.BatchNorm1d(2))) is nn.SyncBatchNorm


def test_cross_map_normalization() -> None:
    torch = pytest.importorskip("torch")
    x = normal(2, 9, 3, 4)
    for size in (1, 2, 3, 4, 5):
        layer, theirs = (side.CrossMapLRN2d(size, 0.5, 0.6, 2.0) for side in (nn, torch.nn))
        have = layer(ag.Tensor(x)).data
        around = int((size - 1) / 2 + 1) - 1
        for c in range(9):
            total = (x[:, max(0, c - around) : c + around + 1] ** 2).sum(1)
            close(have[:, c], x[:, c] * (2.0 + 0.5 / size * total) ** -0.6, 1e-12, f"channel {c}")
        with torch.no_grad():
            close(have[:, : around + 1], theirs(torch.tensor(x)).numpy()[:, : around + 1], 1e-6, "first channels")
    assert repr(nn.CrossMapLRN2d(3)).replace("2D", "2d") == repr(torch.nn.CrossMapLRN2d(3))


def test_embedding_bags() -> None:
    torch = pytest.importorskip("torch")
    index, offsets, factors = np.array([1, 3, 3, 0, 2, 1]), np.array([0, 2, 2, 6]), normal(6)
    layer = nn.EmbeddingBag(5, 3, mode="sum", include_last_offset=True, padding_idx=-2, dtype=np.float64)
    theirs = torch.nn.EmbeddingBag(5, 3, mode="sum", include_last_offset=True, padding_idx=-2, dtype=torch.float64)
    assert repr(layer) == repr(theirs)
    assert not layer.weight.data[3].any()
    theirs.load_state_dict({"weight": torch.tensor(normal(5, 3))})
    layer.load_state_dict(theirs.state_dict())
    have = layer(ag.Tensor(index), ag.Tensor(offsets), ag.Tensor(factors))
    want = theirs(torch.tensor(index), torch.tensor(offsets), torch.tensor(factors))
    close(have.data, want.detach().numpy(), 1e-12, "EmbeddingBag")
    have.sum().backward()
    want.sum().backward()
    close(layer.weight.grad.data, theirs.weight.grad.numpy(), 1e-12, "gradient")
    frozen = nn.EmbeddingBag.from_pretrained(normal(4, 2), mode="max")
    assert not frozen.weight.requires_grad
    assert nn.EmbeddingBag.from_pretrained(normal(4, 2), freeze=False).weight.requires_grad


def test_rows_named_often_share_their_gradient_in_bags_too() -> None:
    # PyTorch divides by the frequency of another row here.
    weight = ag.ones(5, 1, requires_grad=True)
    ag.embedding_bag(ag.tensor([0, 3, 3, 3, 1, 1]), weight, [0], scale_grad_by_freq=True, mode="sum").sum().backward()
    np.testing.assert_allclose(weight.grad.data.ravel(), [1, 1, 0, 1, 0], rtol=1e-6)


def test_random_slopes_and_choices() -> None:
    x = ag.Tensor(-np.ones((200, 200)), requires_grad=True)
    ag.manual_seed(0)
    layer = nn.RReLU(0.1, 0.4)
    out = layer(x)
    assert 0.1 <= -out.data.max() <= -out.data.min() < 0.4
    assert abs(out.data.mean() + 0.25) < 0.01
    out.sum().backward()
    np.testing.assert_allclose(x.grad.data, -out.data)
    close(layer.eval()(x).data, np.full((200, 200), -0.25), 1e-12, "RReLU in evaluation mode")
    logits = ag.Tensor(np.log(np.tile([0.1, 0.2, 0.7], (20000, 1))), requires_grad=True)
    hard = nn.functional.gumbel_softmax(logits, hard=True)
    assert set(np.unique(hard.data.round(12))) == {0.0, 1.0}
    close(hard.data.mean(0), np.array([0.1, 0.2, 0.7]), 0.02, "how often each is chosen")
    (hard * ag.Tensor(normal(3))).sum().backward()
    assert logits.grad.data.any(1).all()
    soft = nn.functional.gumbel_softmax(logits, tau=0.5)
    close(soft.data.sum(1), np.ones(20000), 1e-12, "sum")


def test_the_loss_behind_a_layer() -> None:
    layer = nn.LinearCrossEntropyLoss(6, 5, out_features=(2,), bias=True, options=nn.LinearCrossEntropyOptions())
    assert list(layer.state_dict()) == ["linear.weight", "linear.bias"]
    x, target = ag.Tensor(normal(4, 6).astype(np.float32)), ag.Tensor(np.arange(8).reshape(4, 2) % 5)
    want = nn.CrossEntropyLoss()(layer.linear(x).reshape(4, 5, 2), target)
    close(layer(x, target).data, want.data, 1e-6, "LinearCrossEntropyLoss")
    with pytest.raises(ValueError, match="must be"):
        nn.LinearCrossEntropyLoss(6, 5, weight=ag.ones(4))
    with pytest.raises(ValueError, match="label_smoothing"):
        nn.LinearCrossEntropyLoss(6, 5, label_smoothing=2.0)
