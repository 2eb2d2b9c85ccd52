"""Attention and the layers made of it, against PyTorch: values and all gradients, every mask, layout and option."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from tests.torch_oracle import close, compare, normal

attend = ag.scaled_dot_product_attention
TOLERANCE = ((np.float64, 1e-10), (np.float32, 1e-5))


def allowed(*shape: int) -> np.ndarray:
    """A mask that hides all from one query."""
    mask = np.random.default_rng(3).random(shape) > 0.4
    mask[..., -1, :] = False
    return mask


# --- The function ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("sizes", [(5, 7, 4, 4), (33, 70, 16, 24), (70, 33, 8, 8), (64, 64, 64, 64)])
def test_values_and_gradients(sizes: tuple[int, int, int, int], causal: bool) -> None:
    queries, keys, features, outputs = sizes
    arrays = {
        "query": normal(2, 3, queries, features),
        "key": normal(2, 3, keys, features, seed=1),
        "value": normal(2, 3, keys, outputs, seed=2),
    }
    compare("scaled_dot_product_attention", arrays, is_causal=causal)
    compare("scaled_dot_product_attention", arrays, is_causal=causal, scale=0.9)


@pytest.mark.parametrize("shape", [(6, 40), (2, 3, 6, 40), (2, 1, 6, 40), (1, 1, 1, 40), (6, 1)])
@pytest.mark.parametrize("kind", ["boolean", "added"])
def test_masks(kind: str, shape: tuple[int, ...]) -> None:
    mask = allowed(*shape) if kind == "boolean" else normal(*shape, seed=4)
    arrays = {"query": normal(2, 3, 6, 8), "key": normal(2, 3, 40, 8, seed=1), "value": normal(2, 3, 40, 8, seed=2)}
    compare("scaled_dot_product_attention", {**arrays, "attn_mask": mask})


def test_grouped_queries() -> None:
    arrays = {"query": normal(2, 6, 9, 8), "key": normal(2, 2, 40, 8, seed=1), "value": normal(2, 2, 40, 8, seed=2)}
    compare("scaled_dot_product_attention", arrays, enable_gqa=True)
    compare("scaled_dot_product_attention", arrays, enable_gqa=True, is_causal=True)


def test_a_mask_and_causal_hold_together() -> None:
    q, k, v = (ag.Tensor(normal(2, 5, 4, seed=i)) for i in range(3))
    mask = np.random.default_rng(0).random((5, 5)) > 0.3
    mask[:, 0] = True
    have = attend(q, k, v, mask, is_causal=True)
    want = attend(q, k, v, mask & (np.tri(5) > 0))
    np.testing.assert_array_equal(have.data, want.data)


def test_a_query_that_may_look_at_nothing_gets_zeros_and_no_gradient() -> None:
    q, k, v = (ag.Tensor(normal(2, 5, 4, seed=i), requires_grad=True) for i in range(3))
    for mask in (allowed(5, 5), np.where(allowed(5, 5), 0.0, -np.inf)):
        for run in (attend, attend.op.forward):
            out = run(q, k, v, mask)
            assert (out.data[:, -1] == 0).all()
            found = ag.grad(out.sum(), [q, k, v])
            assert all(np.isfinite(gradient.data).all() for gradient in found)
            assert (found[0].data[:, -1] == 0).all()


def test_heads_as_views_of_one_projection() -> None:
    """What models do: no copy on the way in, and the gradients of the parts meet in one."""
    x = ag.Tensor(normal(2, 9, 3 * 4 * 8), requires_grad=True)
    q, k, v = (part.reshape(2, 9, 4, 8).transpose(1, 2) for part in x.chunk(3, -1))
    attend(q, k, v, is_causal=True).transpose(1, 2).reshape(2, 9, 32).sum().backward()
    copies = [ag.Tensor(part.data.copy(), requires_grad=True) for part in (q, k, v)]
    attend(*copies, is_causal=True).sum().backward()
    want = np.concatenate([c.grad.data.swapaxes(1, 2).reshape(2, 9, 32) for c in copies], -1)
    np.testing.assert_array_equal(x.grad.data, want)


def test_dropout_leaves_weights_out() -> None:
    x = ag.Tensor(normal(4, 30, 8), requires_grad=True)
    ag.manual_seed(0)
    first = attend(x, x, ag.ones(4, 30, 1), dropout_p=0.3)
    ag.manual_seed(0)
    np.testing.assert_array_equal(first.data, attend(x, x, ag.ones(4, 30, 1), dropout_p=0.3).data)
    assert first.data.std() > 0.05  # of weights whose sum is 1
    assert abs(first.data.mean() - 1) < 0.1
    assert (attend(x, x, x, dropout_p=1.0).data == 0).all()


def test_half_precision_and_mixed_dtypes() -> None:
    q, k, v = (normal(3, 6, 4, seed=i) for i in range(3))
    want = attend(*(ag.Tensor(x.astype(np.float16).astype(np.float32)) for x in (q, k, v)), is_causal=True)
    half = attend(*(ag.Tensor(x.astype(np.float16)) for x in (q, k, v)), is_causal=True)
    assert half.dtype == np.float16
    np.testing.assert_allclose(half.data, want.data, rtol=2e-3, atol=2e-3)
    mixed = attend(ag.Tensor(q.astype(np.float32)), ag.Tensor(k), ag.Tensor(v))
    assert mixed.dtype == np.float64
    np.testing.assert_allclose(mixed.data, attend(ag.Tensor(q), ag.Tensor(k), ag.Tensor(v)).data, rtol=1e-5)


def test_arrays_give_arrays() -> None:
    q = normal(2, 5, 4)
    out = attend(q, q, q)
    assert type(out) is np.ndarray
    np.testing.assert_array_equal(out, attend(*[ag.Tensor(q)] * 3).data)


# --- Layers ----------------------------------------------------------------------------------------------------------


def same_weights(ours: nn.Module, theirs: Any) -> None:
    torch = pytest.importorskip("torch")
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for i, (key, value) in enumerate(theirs.state_dict().items()):
        weight = normal(*value.shape, seed=i).astype(str(value.dtype).split(".")[1]) / 3
        assert ours.state_dict()[key].shape == tuple(value.shape)
        value.copy_(torch.tensor(weight))
        ours.state_dict()[key].data[...] = weight


def same(ours: nn.Module, theirs: Any, inputs: list[np.ndarray], tolerance: float, **options: Any) -> None:
    """Results, and the gradients of a sum of them by inputs and parameters."""
    torch = pytest.importorskip("torch")
    have = [ag.Tensor(x, requires_grad=True) for x in inputs]
    want = [torch.tensor(x, requires_grad=True) for x in inputs]
    if isinstance(ours, nn.MultiheadAttention) and len(inputs) == 1:
        have, want = have * 3, want * 3
    elif isinstance(ours, nn.MultiheadAttention) and len(inputs) == 2:
        have, want = [have[0], have[1], have[1]], [want[0], want[1], want[1]]
    given = {key: torch.tensor(x) if isinstance(x, np.ndarray) else x for key, x in options.items()}
    results = ours(*have, **options), theirs(*want, **given)
    total, expected = 0.0, 0.0
    pairs = zip(*(r if isinstance(r, tuple) else (r,) for r in results), strict=True)
    for i, (h, w) in enumerate(pairs):
        assert (h is None) == (w is None)
        if h is not None:
            close(h.data, w.detach().numpy(), tolerance, f"result {i}")
            start = normal(*h.shape, seed=20 + i).astype(h.dtype)
            total, expected = total + (h * start).sum(), expected + (w * torch.tensor(start)).sum()
    total.backward()
    expected.backward()
    for h, w in zip(have, want, strict=True):
        close(h.grad.data, w.grad.numpy(), tolerance, "gradient by an input")
    gradients = dict(theirs.named_parameters())
    for key, parameter in ours.named_parameters():
        close(parameter.grad.data, gradients[key].grad.numpy(), tolerance, f"gradient by {key}")


LAYERS = [
    {},
    {"bias": False},
    {"batch_first": True},
    {"add_bias_kv": True, "add_zero_attn": True},
    {"add_bias_kv": True, "batch_first": True},
    {"kdim": 6, "vdim": 10},
    {"kdim": 6, "vdim": 10, "bias": False, "batch_first": True},
]


@pytest.mark.parametrize("options", LAYERS, ids=str)
def test_multihead_attention(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    for dtype, tolerance in TOLERANCE:
        theirs = torch.nn.MultiheadAttention(8, 2, **options, dtype=getattr(torch, dtype.__name__))
        ours = nn.MultiheadAttention(8, 2, **options, dtype=dtype)
        same_weights(ours, theirs)

        def sequence(steps: int, features: int, seed: int, dtype: Any = dtype) -> np.ndarray:
            shape = (3, steps, features) if options.get("batch_first") else (steps, 3, features)
            return normal(*shape, seed=seed).astype(dtype)

        key, value = sequence(7, options.get("kdim", 8), 1), sequence(7, options.get("vdim", 8), 2)
        different = [sequence(5, 8, 0), key, value]
        padding = np.zeros((3, 7), bool)
        padding[1, 4:] = padding[2, 6:] = True
        ahead = np.tri(5, 7) == 0
        for calls in (
            {},
            {"need_weights": False},
            {"average_attn_weights": False},
            {"key_padding_mask": padding},
            {"key_padding_mask": padding, "attn_mask": ahead, "need_weights": False},
            {"attn_mask": normal(6, 5, 7, seed=3).astype(dtype), "need_weights": False},
            {"attn_mask": np.where(ahead, -np.inf, 0.5).astype(dtype)},
            {"attn_mask": ahead, "is_causal": True, "need_weights": False},
        ):
            if "is_causal" in calls and "add_bias_kv" in options:
                continue  # there PyTorch hides the added keys too, which its mask shows
            same(ours, theirs, different, tolerance, **calls)
        alone = [x[0] if options.get("batch_first") else x[:, 0] for x in different]
        same(ours, theirs, alone, tolerance, attn_mask=ahead)
        same(ours, theirs, alone, tolerance, key_padding_mask=padding[1], need_weights=False)
        if "kdim" not in options:
            same(ours, theirs, different[:2], tolerance, key_padding_mask=padding)
            same(ours, theirs, [key], tolerance, need_weights=False)
            same(ours, theirs, alone[:1], tolerance)


def test_multihead_attention_is_causal_without_a_mask() -> None:
    layer = nn.MultiheadAttention(8, 2, add_zero_attn=True, batch_first=True)
    x = ag.Tensor(normal(2, 5, 8).astype(np.float32))
    ahead = np.tri(5) == 0
    for weights in (False, True):
        have = layer(x, x, x, is_causal=True, need_weights=weights)[0]
        want = layer(x, x, x, attn_mask=ahead, need_weights=weights)[0]
        np.testing.assert_allclose(have.data, want.data, rtol=1e-5, atol=1e-6)


def test_multihead_attention_drops_weights_while_training() -> None:
    layer = nn.MultiheadAttention(8, 2, dropout=0.5)
    x = ag.Tensor(normal(6, 3, 8).astype(np.float32))
    assert (layer(x, x, x)[1].data == 0).any()
    layer.eval()
    assert (layer(x, x, x)[1].data > 0).all()


def test_wrong_use_of_multihead_attention_is_named() -> None:
    layer = nn.MultiheadAttention(8, 2)
    x = ag.zeros(5, 3, 8)
    for call, error, words in (
        (lambda: nn.MultiheadAttention(8, 3), ValueError, "a multiple of num_heads"),
        (lambda: nn.MultiheadAttention(8, 2, dropout=3), ValueError, "a probability"),
        (lambda: layer(x, x, ag.zeros(4, 3, 8)), ValueError, "one value for each key"),
        (lambda: layer(ag.zeros(5, 2, 8), x, x), ValueError, "the batch"),
        (lambda: layer(ag.zeros(8), x, x), ValueError, r"\(T, N, E\)"),
        (lambda: layer(ag.zeros(5, 3, 7), x, x), ValueError, "7 features; the layer takes 8"),
        (lambda: layer(x, x, x, key_padding_mask=np.zeros((5, 3), bool)), ValueError, r"it must be \(3, 5\)"),
        (lambda: layer(x, x, x, attn_mask=np.zeros((3, 5), bool)), ValueError, r"it must be \(5, 5\), or \(6, 5, 5\)"),
        (lambda: layer(x, x, x, attn_mask=np.zeros((5, 5), int)), TypeError, "attn_mask.bool()"),
        (lambda: layer(x.double(), x, x), TypeError, "float64"),
    ):
        with pytest.raises(error, match=words):
            call()


@pytest.mark.parametrize(
    ("batch_first", "norm_first", "activation"),
    list(itertools.product([False, True], [False, True], ["relu", "gelu"])),
)
def test_transformer(batch_first: bool, norm_first: bool, activation: str) -> None:
    torch = pytest.importorskip("torch")
    for dtype, tolerance in TOLERANCE:
        options: dict[str, Any] = {
            "dim_feedforward": 12, "dropout": 0.0, "activation": activation, "batch_first": batch_first,
            "norm_first": norm_first,
        }  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about its own fast path
            theirs = torch.nn.Transformer(8, 2, 2, 2, **options, dtype=getattr(torch, dtype.__name__))
        ours = nn.Transformer(8, 2, 2, 2, **options, dtype=dtype)
        same_weights(ours, theirs)
        inputs = [normal(*((2, t) if batch_first else (t, 2)), 8, seed=t).astype(dtype) for t in (7, 5)]
        padding = np.zeros((2, 7), bool)
        padding[1, 5:] = True
        ahead = nn.Transformer.generate_square_subsequent_mask(5, dtype=dtype).data
        np.testing.assert_array_equal(ahead, theirs.generate_square_subsequent_mask(5).numpy())
        same(ours, theirs, inputs, 5 * tolerance, tgt_mask=ahead)
        same(ours, theirs, inputs, 5 * tolerance, tgt_mask=np.tri(5) == 0, src_key_padding_mask=padding,
             memory_key_padding_mask=padding)  # fmt: skip


def test_encoder_layers_are_copies() -> None:
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 12, bias=False), 3, nn.LayerNorm(8))
    weights = [layer.linear1.weight for layer in encoder.layers]
    assert len({id(weight) for weight in weights}) == 3
    np.testing.assert_array_equal(weights[0].data, weights[2].data)
    assert "layers.2.self_attn.out_proj.weight" in encoder.state_dict()
    assert not any("bias" in key for key in encoder.layers.state_dict())


def test_an_activation_may_be_a_function_or_a_module() -> None:
    x = ag.Tensor(normal(4, 2, 8).astype(np.float32))
    ag.manual_seed(0)
    named = nn.TransformerEncoderLayer(8, 2, 12, 0.0, "gelu")
    for activation in (ag.gelu, nn.GELU()):
        other = nn.TransformerEncoderLayer(8, 2, 12, 0.0, activation)
        other.load_state_dict(named.state_dict())
        np.testing.assert_array_equal(named(x).data, other(x).data)
    with pytest.raises(ValueError, match="'relu', 'gelu' or a function"):
        nn.TransformerEncoderLayer(8, 2, activation="nothing")


def test_an_encoder_sees_that_a_mask_is_causal() -> None:
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 12, 0.0), 1)
    x = ag.Tensor(normal(5, 2, 8).astype(np.float32))
    masks = [np.tri(5) == 0, nn.Transformer.generate_square_subsequent_mask(5)]
    want = encoder(x, is_causal=True).data
    for mask in masks:
        np.testing.assert_array_equal(encoder(x, mask).data, want)
        np.testing.assert_allclose(encoder(x, mask, is_causal=False).data, want, rtol=1e-5, atol=1e-6)
    other = np.tri(5) == 0
    other[2, 1] = True
    assert not np.allclose(encoder(x, other).data, want)


def test_keys_and_values_that_are_projected_already_equal_pytorch() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(5)
    draw = rng.standard_normal
    query, static_k, static_v = draw((3, 2, 8)), draw((4, 5, 4)), draw((4, 5, 4))
    key = draw((5, 2, 8))
    rest = (8, 2, draw((24, 8)), draw(24), None, None, True, 0.0, draw((8, 8)), draw(8))
    there = [torch.tensor(x) if isinstance(x, np.ndarray) else x for x in (query, key, key, *rest)]
    want = torch.nn.functional.multi_head_attention_forward(
        *there, static_k=torch.tensor(static_k), static_v=torch.tensor(static_v)
    )
    have = nn.functional.multi_head_attention_forward(query, key, key, *rest, static_k=static_k, static_v=static_v)
    for h, w in zip(have, want, strict=True):
        np.testing.assert_allclose(h.data, w.numpy(), atol=1e-12)
