"""Recurrent layers against PyTorch: values, all gradients, all options; sequences of several lengths; wrong use."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from tests.torch_oracle import close, normal

KINDS = ("LSTM", "GRU", "RNN")
TOLERANCE = ((np.float64, 1e-10), (np.float32, 1e-5))


def flat(result: Any) -> list[Any]:
    if isinstance(result, (tuple, list)):
        return [tensor for part in result for tensor in flat(part)]
    return [] if result is None else [result]


def compare(name: str, shape: tuple[int, ...], sizes: tuple[int, int], hx: bool = False, **options: Any) -> None:
    """A layer of ours and PyTorch's with the same weights: results, and the gradient by all that goes in."""
    torch = pytest.importorskip("torch")
    for dtype, tolerance in TOLERANCE:
        theirs = getattr(torch.nn, name)(*sizes, **options, dtype=getattr(torch, dtype.__name__))
        ours = getattr(nn, name)(*sizes, **options, dtype=dtype)
        assert list(ours.state_dict()) == list(theirs.state_dict())
        for i, (key, value) in enumerate(theirs.state_dict().items()):
            weight = normal(*value.shape, seed=i).astype(dtype) / np.sqrt(sizes[1])
            value.copy_(torch.tensor(weight))
            ours.state_dict()[key].data[...] = weight
        inputs = [normal(*shape)]
        if hx:
            alone, cell = len(shape) == (1 if name.endswith("Cell") else 2), name.endswith("Cell")
            batch = () if alone else shape[:1] if cell or options.get("batch_first") else shape[1:2]
            places = () if cell else (options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1),)
            out = options.get("proj_size") or sizes[1]
            inputs += [normal(*places, *batch, n, seed=5 + n) for n in ((out, sizes[1]) if "LSTM" in name else (out,))]
        have = [ag.Tensor(v.astype(dtype), requires_grad=True) for v in inputs]
        want = [torch.tensor(v.astype(dtype), requires_grad=True) for v in inputs]
        first: Any = [(tuple(v[1:]) if "LSTM" in name else v[1]) if hx else None for v in (have, want)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what oneDNN has no code for
            peers = theirs(want[0], first[1])
        results = flat(ours(have[0], first[0])), flat(peers)
        total, expected = 0.0, 0.0
        for i, (h, w) in enumerate(zip(*results, strict=True)):
            close(h.data, w.detach().numpy(), tolerance, f"{name} {dtype.__name__} result {i}")
            start = normal(*h.shape, seed=20 + i).astype(dtype)
            total, expected = total + (h * start).sum(), expected + (w * torch.tensor(start)).sum()
        total.backward()
        expected.backward()
        for h, w in zip(have, want, strict=True):
            close(h.grad.data, w.grad.numpy(), tolerance, f"{name} {dtype.__name__} gradient by an input")
        gradients = dict(theirs.named_parameters())
        for key, parameter in ours.named_parameters():
            close(parameter.grad.data, gradients[key].grad.numpy(), tolerance, f"{name} {dtype.__name__} d{key}")


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    ("shape", "sizes"),
    [((5, 3, 7), (7, 6)), ((1, 1, 1), (1, 1)), ((3, 17, 2), (2, 33)), ((4, 4, 65), (65, 32)), ((2, 35, 300), (300, 5))],
)
def test_against_pytorch(name, shape, sizes):
    compare(name, shape, sizes)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "options",
    [
        {"num_layers": 3},
        {"bidirectional": True},
        {"num_layers": 2, "bidirectional": True, "batch_first": True},
        {"bias": False},
        {"batch_first": True},
    ],
    ids=str,
)
def test_options_against_pytorch(name, options):
    compare(name, (5, 3, 4), (4, 6), hx=True, **options)


@pytest.mark.parametrize("name", KINDS)
def test_one_sequence_without_a_batch(name):
    compare(name, (5, 4), (4, 6), hx=True, num_layers=2)
    compare(name, (5, 4), (4, 6), batch_first=True)


def test_relu_against_pytorch():
    compare("RNN", (5, 3, 4), (4, 40), hx=True, nonlinearity="relu", bidirectional=True)


@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}, {"bias": False}], ids=str)
def test_projection_against_pytorch(options):
    compare("LSTM", (5, 3, 4), (4, 6), hx=True, proj_size=2, **options)


@pytest.mark.parametrize("name", ["LSTMCell", "GRUCell", "RNNCell"])
@pytest.mark.parametrize("shape", [(3, 4), (4,)])
@pytest.mark.parametrize("hx", [False, True])
def test_cells_against_pytorch(name, shape, hx):
    compare(name, shape, (4, 6), hx=hx)
    compare(name, shape, (4, 6), hx=hx, bias=False)


def test_relu_cell_against_pytorch():
    compare("RNNCell", (3, 4), (4, 6), nonlinearity="relu")


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("enforce_sorted", [True, False])
@pytest.mark.parametrize("batch_first", [True, False])
def test_packed_sequences_against_pytorch(name, enforce_sorted, batch_first):
    torch = pytest.importorskip("torch")
    lengths = [6, 4, 4, 1] if enforce_sorted else [4, 1, 6, 4]
    options = {"num_layers": 2, "bidirectional": True, "batch_first": batch_first}
    theirs, ours = getattr(torch.nn, name)(3, 5, **options).double(), getattr(nn, name)(3, 5, **options).double()
    ours.load_state_dict({key: ag.Tensor(value.numpy()) for key, value in theirs.state_dict().items()})
    x = normal(4, 6, 3) if batch_first else normal(6, 4, 3)
    have, want = ag.Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    packed = nn.utils.rnn.pack_padded_sequence(have, lengths, batch_first, enforce_sorted)
    peers = torch.nn.utils.rnn.pack_padded_sequence(want, torch.tensor(lengths), batch_first, enforce_sorted)
    close(packed.data.data, peers.data.detach().numpy(), 0, "packed rows")
    assert packed.batch_sizes.tolist() == peers.batch_sizes.tolist()
    states = [normal(4, 4, 5, seed=i) for i in range(2 if name == "LSTM" else 1)]
    first = [tuple(map(make, states)) for make in (ag.Tensor, torch.tensor)]
    out, last = ours(packed, first[0] if name == "LSTM" else first[0][0])
    peer_out, peer_last = theirs(peers, first[1] if name == "LSTM" else first[1][0])
    padded, sizes = nn.utils.rnn.pad_packed_sequence(out, batch_first, padding_value=-1.0, total_length=8)
    peer_padded, peer_sizes = torch.nn.utils.rnn.pad_packed_sequence(peer_out, batch_first, -1.0, 8)
    assert sizes.tolist() == peer_sizes.tolist() == lengths
    results, expected = [padded, *flat(last)], [peer_padded, *flat(peer_last)]
    for h, w in zip(results, expected, strict=True):
        close(h.data, w.detach().numpy(), 1e-10, name)
    sum((h * h).sum() for h in results).backward()
    sum((w * w).sum() for w in expected).backward()
    close(have.grad.data, want.grad.numpy(), 1e-10, "gradient by x")
    for key, parameter in theirs.named_parameters():
        close(dict(ours.named_parameters())[key].grad.data, parameter.grad.numpy(), 1e-10, key)


def test_a_packed_sequence_runs_as_each_sequence_alone():
    """The padding leaves no trace, and the last state is that of each sequence's own end, in both directions."""
    layer = nn.LSTM(3, 20, bidirectional=True)
    sequences = [ag.Tensor(normal(length, 3, seed=length).astype(np.float32)) for length in (2, 19, 7, 7, 1)]
    out, (h, c) = layer(nn.utils.rnn.pack_sequence(sequences, enforce_sorted=False))
    for i, (sequence, part) in enumerate(zip(sequences, nn.utils.rnn.unpack_sequence(out), strict=True)):
        alone, (own_h, own_c) = layer(sequence)
        np.testing.assert_array_equal(part.data, alone.data)
        np.testing.assert_array_equal(h.data[:, i], own_h.data)
        np.testing.assert_array_equal(c.data[:, i], own_c.data)


@pytest.mark.parametrize("batch_first", [True, False])
def test_padding_and_back(batch_first):
    sequences = [ag.Tensor(normal(length, 2, seed=length), requires_grad=True) for length in (3, 1, 4)]
    padded = nn.utils.rnn.pad_sequence(sequences, batch_first, padding_value=7.0)
    assert padded.shape == ((3, 4, 2) if batch_first else (4, 3, 2))
    assert (padded.data == 7).sum() == 2 * (1 + 3)
    for sequence, part in zip(sequences, nn.utils.rnn.unpad_sequence(padded, [3, 1, 4], batch_first), strict=True):
        np.testing.assert_array_equal(sequence.data, part.data)
    packed = nn.utils.rnn.pack_sequence(sequences, enforce_sorted=False)
    again, lengths = nn.utils.rnn.pad_packed_sequence(packed, batch_first, 7.0)
    np.testing.assert_array_equal(again.data, padded.data)
    assert lengths.tolist() == [3, 1, 4]
    (again * 2).sum().backward()
    for sequence in sequences:
        np.testing.assert_array_equal(sequence.grad.data, 2)
    left = nn.utils.rnn.pad_sequence([[1, 2, 3], [4]], True, padding_side="left")
    assert left.tolist() == [[1, 2, 3], [0, 0, 4]]


@pytest.mark.parametrize("name", KINDS)
def test_dropout_between_layers(name):
    x = ag.Tensor(normal(5, 3, 4).astype(np.float32))
    layer = getattr(nn, name)(4, 64, num_layers=2, dropout=0.5)
    plain = getattr(nn, name)(4, 64, num_layers=2)
    plain.load_state_dict(layer.state_dict())
    want = plain(x)[0].data
    assert not np.allclose(layer(x)[0].data, want)
    np.testing.assert_array_equal(layer.eval()(x)[0].data, want)
    first_layer = plain(x)[1]
    layer.train()
    h = flat(layer(x)[1])[0]
    np.testing.assert_array_equal(h.data[0], flat(first_layer)[0].data[0])  # nothing is dropped behind the first input
    all_dropped = getattr(nn, name)(4, 8, num_layers=2, dropout=1.0, bias=False)
    np.testing.assert_array_equal(all_dropped(x)[0].data, 0)


@pytest.mark.parametrize("name", KINDS)
def test_the_input_size_is_inferred(name):
    layer = getattr(nn, name)(6, num_layers=2)
    assert layer(ag.ones(5, 3, 4))[0].shape == (5, 3, 6)
    assert layer.input_size == 4
    assert layer.weight_ih_l0.shape == (layer.gates * 6, 4)
    assert layer.weight_ih_l1.shape == (layer.gates * 6, 6)
    again = getattr(nn, name)(6, num_layers=2)
    again.load_state_dict(layer.state_dict())
    np.testing.assert_array_equal(again(ag.ones(5, 3, 4))[0].data, layer(ag.ones(5, 3, 4))[0].data)
    assert repr(again) == f"{name}(4, 6, num_layers=2)"


@pytest.mark.parametrize("name", [*KINDS, "LSTMCell", "GRUCell", "RNNCell"])
def test_the_first_weights_are_uniform(name):
    layer = getattr(nn, name)(30, 100)
    values = np.concatenate([p.data.ravel() for p in layer.parameters()])
    assert np.abs(values).max() <= 0.1
    assert np.abs(values).max() > 0.0999
    assert abs(values.std() - 0.1 / np.sqrt(3)) < 0.002


def test_higher_derivatives_and_other_dtypes_run_the_definition():
    layer = nn.LSTM(3, 4, dtype=np.float64)
    x = ag.Tensor(normal(3, 2, 3), requires_grad=True)
    (g,) = ag.grad(layer(x)[0].sum(), x, create_graph=True)
    (second,) = ag.grad((g * g).sum(), x)
    assert np.abs(second.data).max() > 0
    half = nn.GRU(3, 4, dtype=np.float16)
    full = nn.GRU(3, 4)
    full.load_state_dict({key: value.float() for key, value in half.state_dict().items()})
    x16 = ag.Tensor(normal(3, 2, 3).astype(np.float16))
    out = half(x16)[0]
    assert out.dtype == np.float16
    np.testing.assert_allclose(out.data, full(x16.float())[0].data, atol=5e-3)


def test_a_batch_without_sequences():
    for name in KINDS:
        layer = getattr(nn, name)(3, 4, num_layers=2)
        out, last = layer(ag.zeros(5, 0, 3))
        assert out.shape == (5, 0, 4)
        assert flat(last)[0].shape == (2, 0, 4)


@pytest.mark.parametrize("name", KINDS)
def test_wrong_use_is_named(name):
    layer = getattr(nn, name)(3, 4, num_layers=2)
    x = ag.zeros(5, 2, 3)
    cases: list[tuple[Any, Any, str]] = [
        (ag.zeros(5, 2, 7), None, "has 7 features"),
        (ag.zeros(0, 2, 3), None, "has no steps"),
        (ag.zeros(1, 5, 2, 3), None, r"\(T, N, I\)"),
        (ag.zeros(()), None, "single number"),
    ]
    wrong = ag.zeros(2, 9, 4)
    cases.append((x, (wrong, wrong) if name == "LSTM" else wrong, r"\(2, 9, 4\).*\(2, 2, 4\)"))
    for given, hx, words in cases:
        with pytest.raises(ValueError, match=words):
            layer(given, hx)
    with pytest.raises(TypeError, match="float64"):
        layer(ag.zeros(5, 2, 3, dtype="float64"))
    if name == "LSTM":
        with pytest.raises(TypeError, match=r"two states \(h, c\)"):
            layer(x, wrong)
    for options, words in (({"num_layers": 0}, "num_layers"), ({"dropout": 2.0}, "probability")):
        with pytest.raises(ValueError, match=words):
            getattr(nn, name)(3, 4, **options)
    with pytest.raises(ValueError, match="hidden_size is 0"):
        getattr(nn, name)(3, 0)
    with pytest.raises(TypeError, match="hidden_size is missing"):
        getattr(nn, name)(input_size=3)


def test_wrong_cells_and_options_are_named():
    with pytest.raises(ValueError, match=r"\(5, 4\).*\(2, 4\)"):
        nn.GRUCell(3, 4)(ag.zeros(2, 3), ag.zeros(5, 4))
    with pytest.raises(TypeError, match=r"two states \(h, c\)"):
        nn.LSTMCell(3, 4)(ag.zeros(2, 3), ag.zeros(2, 4))
    with pytest.raises(ValueError, match=r"\(N, I\)"):
        nn.RNNCell(3, 4)(ag.zeros(2, 2, 3))
    with pytest.raises(ValueError, match="proj_size is 4"):
        nn.LSTM(3, 4, proj_size=4)
    for make in (nn.RNN, nn.RNNCell):
        with pytest.raises(ValueError, match="'tanh' or 'relu'"):
            make(3, 4, nonlinearity="gelu")


def test_wrong_lengths_are_named():
    pack = nn.utils.rnn.pack_padded_sequence
    x = ag.zeros(5, 3, 2)
    for lengths, words in (
        ([5, 4], r"\(2,\).*\(5, 3, 2\)"),
        ([5, 4, 3, 2, 1], "batch_first=True"),
        ([5, 4, 0], "from 1 to 5"),
        ([6, 4, 1], "from 1 to 5"),
        ([1, 2, 3], "enforce_sorted=False"),
        ([1.0, 1.0, 1.0], "whole number"),
    ):
        with pytest.raises(ValueError, match=words):
            pack(x, lengths)
    with pytest.raises(ValueError, match="no sequences"):
        pack(ag.zeros(5, 0, 2), [])
    with pytest.raises(ValueError, match="total_length is 2"):
        nn.utils.rnn.pad_packed_sequence(pack(x, [3, 2, 1]), total_length=2)
    with pytest.raises(ValueError, match=r"\(3,\) and \(3, 2\)"):
        nn.utils.rnn.pad_sequence([ag.zeros(3), ag.zeros(3, 2)])
    with pytest.raises(ValueError, match="'left' or 'right'"):
        nn.utils.rnn.pad_sequence([ag.zeros(3)], padding_side="top")
    with pytest.raises(ValueError, match="no sequences"):
        nn.utils.rnn.pad_sequence([])


@pytest.mark.parametrize("name", KINDS)
def test_a_second_backward_pass_gives_the_same_and_a_change_in_place_is_noticed(name):
    layer = getattr(nn, name)(3, 32)
    x = ag.Tensor(normal(4, 2, 3).astype(np.float32), requires_grad=True)
    out, _ = layer(x)
    out.sum().backward(retain_graph=True)
    first = [x.grad.data.copy(), *(p.grad.data.copy() for p in layer.parameters())]
    x.grad = None
    layer.zero_grad()
    out.sum().backward(retain_graph=True)
    for a, b in zip(first, [x.grad.data, *(p.grad.data for p in layer.parameters())], strict=True):
        np.testing.assert_array_equal(a, b)
    with ag.no_grad():
        out += 1.0
    with pytest.raises(RuntimeError, match=name.lower()):
        out.sum().backward()


@pytest.mark.parametrize("name", KINDS)
def test_frozen_parts_cost_nothing_and_change_nothing(name):
    layer = getattr(nn, name)(3, 5)
    x = ag.Tensor(normal(4, 2, 3).astype(np.float32), requires_grad=True)
    layer(x)[0].sum().backward()
    all_of_it = x.grad.data.copy(), layer.weight_hh_l0.grad.data.copy()
    layer.zero_grad()
    layer(x.detach())[0].sum().backward()
    np.testing.assert_array_equal(layer.weight_hh_l0.grad.data, all_of_it[1])
    x.grad = None
    layer.requires_grad_(False)
    layer(x)[0].sum().backward()
    np.testing.assert_array_equal(x.grad.data, all_of_it[0])
    with ag.no_grad():
        assert not layer(x)[0].requires_grad
