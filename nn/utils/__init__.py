"""PyTorch's import path for what is done to all parameters of a model at once."""

from ..clip import clip_grad_norm_ as clip_grad_norm_
from ..clip import clip_grad_value_ as clip_grad_value_
from ..clip import clip_grads_with_norm_ as clip_grads_with_norm_
from ..clip import get_total_norm as get_total_norm
from ..parameter import parameters_to_vector as parameters_to_vector
from ..parameter import vector_to_parameters as vector_to_parameters
from . import rnn as rnn
