"""Likely mistakes, each with the message it gets: what is wrong, with both shapes, and what to do."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import nn.functional as F
import optim

MISTAKES: list[Any] = []


def mistake(error: type[Exception], *words: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Declares what goes wrong, the error it raises, and the words that its message must have."""

    def declare(make: Callable[[], Any]) -> Callable[[], Any]:
        MISTAKES.append(pytest.param(make, error, words, id=make.__name__))
        return make

    return declare


@pytest.mark.parametrize(("make", "error", "words"), MISTAKES)
def test_mistake(make: Callable[[], Any], error: type[Exception], words: tuple[str, ...]):
    with pytest.raises(error) as info:
        make()
    text = "\n".join([str(info.value), *getattr(info.value, "__notes__", [])])
    missing = [word for word in words if word not in text]
    assert not missing, f"{missing} not in: {text}"
    # One error: nothing behind it that the user would have to read first.
    assert info.value.__cause__ is None
    assert info.value.__context__ is None or info.value.__suppress_context__


def test_there_are_twenty():
    assert len(MISTAKES) >= 20


def leaf(*shape: int, **options: Any) -> ag.Tensor:
    return ag.ones(shape, requires_grad=True, **options)


def network() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Dense(784, 128), nn.ReLU(), nn.Dense(128, 10))


# ---------------------------------------------------------------------------------------------------------------------
# Shapes
# ---------------------------------------------------------------------------------------------------------------------
@mistake(ValueError, "matmul: inner sizes differ", "(32, 784) @ (128, 784)", "784 against 128", "did you mean")
def matrices_that_do_not_fit() -> Any:
    return ag.ones(32, 784) @ ag.ones(128, 784)


@mistake(ValueError, "add: shapes (3, 4) and (3,) do not broadcast", "reshape or unsqueeze")
def shapes_that_do_not_broadcast() -> Any:
    return ag.ones(3, 4) + ag.ones(3)


@mistake(ValueError, "reshape", "(3, 4)", "(5, 2)")
def a_reshape_of_another_size() -> Any:
    return ag.ones(3, 4).reshape(5, 2)


@mistake(ValueError, "Conv2D", "(8, 3, 28, 28)", "1 channels", "in_channels=3", "in Conv2D(1, 4")
def channels_that_do_not_fit() -> Any:
    return nn.Conv2D(1, 4, 3)(ag.ones(8, 3, 28, 28))


@mistake(ValueError, "Conv2D", "(8, 28, 28)", "x.unsqueeze(1)")
def images_without_an_axis_of_channels() -> Any:
    return nn.Conv2D(1, 4, 3)(ag.ones(8, 28, 28))


@mistake(ValueError, "Conv2D", "(8, 28, 28, 3)", "did you mean x.permute(0, 3, 1, 2)?")
def images_with_the_channels_last() -> Any:
    return nn.Conv2D(3, 4, 3)(ag.ones(8, 28, 28, 3))


@mistake(ValueError, "mse_loss", "(32,)", "(32, 1)")
def a_loss_of_a_column_and_a_row() -> Any:
    return nn.MSELoss()(ag.ones(32, 1), ag.ones(32))


@mistake(ValueError, "Dense", "(32, 100)", "(10, 128)", "in 3 (Dense(128, 10))", "given float32(32, 100)")
def a_layer_inside_a_model_that_does_not_fit() -> Any:
    model = network()
    model[1] = nn.Dense(784, 100)
    return model(ag.ones(32, 1, 28, 28))


@mistake(ValueError, "Dense", "(32, 28, 28)", "nn.Flatten()", "(32, 784)")
def images_that_are_not_flattened() -> Any:
    return nn.Dense(784, 10)(ag.ones(32, 28, 28))


@mistake(ValueError, "Dense", "(32, 1, 28, 28)", "nn.Flatten()", "(32, 784)")
def images_with_channels_that_are_not_flattened() -> Any:
    return nn.Dense(784, 10)(ag.ones(32, 1, 28, 28))


@mistake(ValueError, "BatchNorm2D", "(8, 3, 5, 5)", "3 channels", "num_features=4", "BatchNorm2D(3)")
def normalization_of_other_channels() -> Any:
    return nn.BatchNorm2D(4)(ag.ones(8, 3, 5, 5))


@mistake(ValueError, "max_pool2d", "(8, 3)")
def pooling_of_what_is_no_image() -> Any:
    return nn.MaxPool2D(2)(ag.ones(8, 3))


# ---------------------------------------------------------------------------------------------------------------------
# Values and indices
# ---------------------------------------------------------------------------------------------------------------------
@mistake(IndexError, "10", "3")
def an_index_that_is_out_of_range() -> Any:
    return ag.ones(3, 4)[10]


@mistake(IndexError, "embedding", "10", "7")
def a_word_that_is_not_in_the_vocabulary() -> Any:
    return nn.Embedding(7, 4)(ag.tensor([[1, 10]]))


@mistake((ValueError, IndexError), "cross_entropy", "target 10 at index 1", "10 classes", "(2, 10)")  # type: ignore[arg-type]
def a_class_that_does_not_exist() -> Any:
    return nn.CrossEntropyLoss()(ag.zeros(2, 10), ag.tensor([3, 10]))


@mistake(TypeError, "cross_entropy", "float32")
def class_numbers_that_are_floats() -> Any:
    return nn.CrossEntropyLoss()(ag.zeros(2, 10), ag.tensor([3.0, 1.0]))


@mistake(TypeError, "Softmax: dim is missing", "Softmax(dim=1)")
def a_softmax_without_its_axis() -> Any:
    return nn.Softmax()


@mistake(IndexError, "softmax: dim 2 is out of range", "2 axes")
def a_softmax_along_an_axis_that_is_not_there() -> Any:
    return F.softmax(ag.zeros(2, 10), dim=2)


# ---------------------------------------------------------------------------------------------------------------------
# Dtypes
# ---------------------------------------------------------------------------------------------------------------------
@mistake(TypeError, "only floating-point tensors have gradients", "int64", "x.float()")
def integers_that_require_a_gradient() -> Any:
    return ag.tensor([1, 2, 3], requires_grad=True)


@mistake(TypeError, "Dense", "the input is float64 and the weights are float32", "x.float()", "model.double()")
def numpy_data_in_double_precision() -> Any:
    return network()(ag.from_numpy(np.zeros((2, 784))))


@mistake(TypeError, "Conv2D", "the input is uint8 and the weights are float32", "x.float() / 255")
def bytes_of_an_image() -> Any:
    return nn.Conv2D(1, 4, 3)(ag.tensor(np.zeros((2, 1, 28, 28), np.uint8)))


@mistake(TypeError, "Embedding", "float32", "integers", "x.long()")
def indices_that_are_floats() -> Any:
    return nn.Embedding(7, 4)(ag.tensor([1.0]))


@mistake(TypeError, "Dense: the input is [1.0, 2.0], and not a tensor", "autograd.tensor(x)")
def a_list_instead_of_a_tensor() -> Any:
    return nn.Dense(2, 1)([1.0, 2.0])


# ---------------------------------------------------------------------------------------------------------------------
# Gradients
# ---------------------------------------------------------------------------------------------------------------------
@mistake(RuntimeError, "backward: the graph was freed by an earlier backward pass", "retain_graph=True")
def a_second_backward_pass() -> Any:
    y = (leaf(3) * leaf(3)).sum()
    y.backward()
    y.backward()


@mistake(RuntimeError, "exp", "(3,)", "overwritten by mul_", "not in place", "clone()")
def a_write_over_a_value_that_is_needed() -> Any:
    y = leaf(3).exp()
    y.mul_(2.0)
    y.sum().backward()


@mistake(RuntimeError, "add_", "a leaf that requires a gradient", "no_grad()")
def a_write_over_a_parameter() -> Any:
    weight = nn.Dense(3, 2).weight
    weight += 1.0
    return weight


@mistake(RuntimeError, "numpy: the tensor requires a gradient", "x.detach().numpy()")
def an_array_of_what_has_a_gradient() -> Any:
    return leaf(3).numpy()


@mistake(RuntimeError, "backward", "one element", "(3,)", ".sum() or .mean()")
def a_backward_pass_from_many_numbers() -> Any:
    return (leaf(3) * 2.0).backward()


@mistake(RuntimeError, "backward", "does not require a gradient", "no_grad()", "requires_grad=True")
def a_backward_pass_from_what_was_not_recorded() -> Any:
    with ag.no_grad():
        y = leaf(3).sum()
    y.backward()


@mistake(ValueError, "bool", "(2,)", "ambiguous", "x.any() or x.all()")
def the_truth_of_several_numbers() -> Any:
    return bool(ag.ones(2) > 0)


# ---------------------------------------------------------------------------------------------------------------------
# Models
# ---------------------------------------------------------------------------------------------------------------------
@mistake(AttributeError, "Net", "Call super().__init__() as the first line of Net.__init__")
def init_of_the_base_that_was_not_called() -> Any:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.dense = nn.Dense(3, 2)

    return Net()


@mistake(TypeError, "Net.layers is a list that holds Dense(3, 3) at 0", "parameters()", "nn.ModuleList")
def a_list_of_layers() -> Any:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [nn.Dense(3, 3), nn.Dense(3, 3)]

    return Net()


@mistake(TypeError, "Net.layers is a list that holds Dense(3, 3) at 0", "nn.ModuleList")
def a_list_of_layers_that_is_filled_later() -> Any:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = []
            self.layers.append(nn.Dense(3, 3))

    return optim.SGD(Net().parameters(), lr=0.1)


@mistake(TypeError, "Sequential: argument 1 is the class ReLU", "Add parentheses: ReLU()")
def a_layer_without_parentheses() -> Any:
    return nn.Sequential(nn.Dense(3, 3), nn.ReLU)


@mistake(NotImplementedError, "Net: has no forward", "def forward(self, x):")
def a_model_without_forward() -> Any:
    class Net(nn.Module):
        pass

    return Net()(ag.ones(3))


@mistake(RuntimeError, "0.weight of Dense(10) has no shape yet", "Call the model once on a batch")
def an_optimizer_before_the_sizes_are_known() -> Any:
    return optim.SGD(nn.Sequential(nn.Dense(10), nn.ReLU()).parameters(), lr=0.1)


@mistake(ValueError, "SGD: there are no parameters to optimize", "call model.parameters() again")
def an_optimizer_without_parameters() -> Any:
    parameters = nn.Dense(3, 2).parameters()
    list(parameters)
    return optim.SGD(parameters, lr=0.1)


@mistake(
    RuntimeError,
    "load_state_dict: the state does not fit Sequential, and nothing was loaded",
    "missing, only in the model: 1.bias",
    "unexpected, only in the state: 4.weight (10, 64)",
    "1.weight is (64, 784) in the state and (128, 784) in the model",
)
def a_state_of_another_model() -> Any:
    state = network().state_dict()
    del state["1.bias"]
    state["1.weight"] = ag.ones(64, 784)
    state["4.weight"] = ag.ones(10, 64)
    network().load_state_dict(state)


@mistake(TypeError, "is a parameter, and can not become Tensor", "nn.Parameter(...)")
def a_tensor_in_place_of_a_parameter() -> Any:
    layer = nn.Dense(3, 2)
    layer.weight = ag.ones(2, 3)


@mistake(ValueError, "device is cuda", "everything runs on the CPU")
def a_model_on_a_graphics_card() -> Any:
    return nn.Dense(3, 2).to("cuda")


# ---------------------------------------------------------------------------------------------------------------------
# Data
# ---------------------------------------------------------------------------------------------------------------------
def test_missing_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What to do is in the message: install the extra, or give a folder."""
    monkeypatch.setattr("nn.data.datasets._from_package", _no_package)
    with pytest.raises(FileNotFoundError) as info:
        nn.data.mnist(root=tmp_path, download=False)
    assert "definerun[data]" in str(info.value)
    assert str(tmp_path) in str(info.value)


def _no_package(files: Any) -> Any:
    raise FileNotFoundError("none that ships the data")


def test_the_path_stands_in_the_traceback():
    model = nn.Sequential(network(), nn.Dense(10, 2))
    with pytest.raises(ValueError, match="Dense") as info:
        model(ag.ones(32, 100))
    text = "".join(traceback.format_exception(info.value))
    assert "\nin 0.1 (Dense(784, 128)), given float32(32, 100)\n" in text
