"""All parameters at once: clipping of gradients, and parameters as one vector."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from tests.small_modules import Net


# ---------------------------------------------------------------------------------------------------------------------
# All parameters at once
# ---------------------------------------------------------------------------------------------------------------------
def with_gradients(*gradients: np.ndarray | None) -> list[nn.Parameter]:
    parameters = []
    for gradient in gradients:
        parameter = nn.Parameter(np.zeros(3 if gradient is None else gradient.shape))
        parameter.grad = None if gradient is None else Tensor(gradient.copy())
        parameters.append(parameter)
    return parameters


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, float("inf")])
def test_clipping_by_norm(norm_type):
    a, b = np.array([[1.0, -2.0]]), np.array([3.0])
    flat = np.array([1.0, -2.0, 3.0])
    norm = np.linalg.norm(flat, norm_type)
    parameters = with_gradients(a, None, b)
    total = nn.utils.clip_grad_norm_(parameters, 0.5, norm_type)
    assert total.item() == pytest.approx(norm)
    np.testing.assert_allclose(parameters[0].grad.data, a * 0.5 / norm, rtol=1e-5)
    np.testing.assert_allclose(parameters[2].grad.data, b * 0.5 / norm, rtol=1e-5)
    parameters = with_gradients(a, b)
    nn.utils.clip_grad_norm_(iter(parameters), 100.0, norm_type)
    np.testing.assert_array_equal(parameters[0].grad.data, a)
    assert nn.utils.get_total_norm([p.grad for p in parameters], norm_type).item() == pytest.approx(norm)


def test_clipping_a_norm_that_is_not_finite():
    parameters = with_gradients(np.array([np.inf, 1.0]))
    with pytest.raises(RuntimeError, match="get_total_norm: the norm is inf"):
        nn.utils.clip_grad_norm_(parameters, 1.0, error_if_nonfinite=True)
    assert nn.utils.clip_grad_norm_([], 1.0).item() == 0.0
    assert nn.utils.clip_grad_norm_(parameters[0], 1.0).item() == np.inf


def test_clipping_by_value():
    parameters = with_gradients(np.array([-3.0, 0.5, 2.0]), None)
    nn.utils.clip_grad_value_(parameters, 1.0)
    np.testing.assert_array_equal(parameters[0].grad.data, [-1.0, 0.5, 1.0])


def test_parameters_as_one_vector():
    net = Net()
    vector = nn.utils.parameters_to_vector(net.parameters())
    assert vector.shape == (sum(p.numel() for p in net.parameters()),)
    vector.sum().backward()
    assert (net.scale.grad.data == 1).all()
    other = Net()
    nn.utils.vector_to_parameters(vector * 2, other.parameters())
    np.testing.assert_array_equal(other.first.weight.data, 2 * net.first.weight.data)
    with pytest.raises(ValueError, match=r"the vector has 3 elements and the parameters have \d+"):
        nn.utils.vector_to_parameters(vector[:3], net.parameters())


def test_the_largest_gradient_is_nan_where_one_is():
    parameters = [nn.Parameter(ag.ones(2)) for _ in range(3)]
    for parameter, value in zip(parameters, (1.0, float("nan"), 2.0), strict=True):
        parameter.grad = ag.tensor([value, 0.0])
    for norm_type in (2.0, 1.0, float("inf")):
        assert np.isnan(nn.utils.clip_grad_norm_(parameters, 1.0, norm_type).item())
        for parameter, value in zip(parameters, (1.0, float("nan"), 2.0), strict=True):
            parameter.grad = ag.tensor([value, 0.0])
