"""The operations that layers are made of, as functions, under PyTorch's names: `import nn.functional as F`."""

import functools

from autograd import adaptive_avg_pool1d as adaptive_avg_pool1d
from autograd import adaptive_avg_pool2d as adaptive_avg_pool2d
from autograd import adaptive_avg_pool3d as adaptive_avg_pool3d
from autograd import adaptive_max_pool1d as adaptive_max_pool1d
from autograd import adaptive_max_pool2d as adaptive_max_pool2d
from autograd import adaptive_max_pool3d as adaptive_max_pool3d
from autograd import affine_grid as affine_grid
from autograd import alpha_dropout as _alpha_dropout
from autograd import avg_pool1d as avg_pool1d
from autograd import avg_pool2d as avg_pool2d
from autograd import avg_pool3d as avg_pool3d
from autograd import batch_norm as batch_norm
from autograd import bilinear as bilinear
from autograd import binary_cross_entropy as binary_cross_entropy
from autograd import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from autograd import celu as _celu
from autograd import channel_shuffle as channel_shuffle
from autograd import conv1d as conv1d
from autograd import conv2d as conv2d
from autograd import conv3d as conv3d
from autograd import conv_transpose1d as conv_transpose1d
from autograd import conv_transpose2d as conv_transpose2d
from autograd import conv_transpose3d as conv_transpose3d
from autograd import cosine_embedding_loss as cosine_embedding_loss
from autograd import cosine_similarity as cosine_similarity
from autograd import cross_entropy as cross_entropy
from autograd import ctc_loss as ctc_loss
from autograd import dropout as _dropout
from autograd import dropout1d as _dropout1d
from autograd import dropout2d as _dropout2d
from autograd import dropout3d as _dropout3d
from autograd import elu as _elu
from autograd import embedding as embedding
from autograd import embedding_bag as embedding_bag
from autograd import feature_alpha_dropout as _feature_alpha_dropout
from autograd import flatten as flatten
from autograd import fold as fold
from autograd import fractional_max_pool2d as fractional_max_pool2d
from autograd import fractional_max_pool3d as fractional_max_pool3d
from autograd import gaussian_nll_loss as gaussian_nll_loss
from autograd import gelu as gelu
from autograd import glu as glu
from autograd import grid_sample as grid_sample
from autograd import group_norm as group_norm
from autograd import gumbel_softmax as gumbel_softmax
from autograd import hardshrink as hardshrink
from autograd import hardsigmoid as _hardsigmoid
from autograd import hardswish as _hardswish
from autograd import hardtanh as _hardtanh
from autograd import hinge_embedding_loss as hinge_embedding_loss
from autograd import huber_loss as huber_loss
from autograd import instance_norm as instance_norm
from autograd import interpolate as interpolate
from autograd import kl_div as kl_div
from autograd import l1_loss as l1_loss
from autograd import layer_norm as layer_norm
from autograd import leaky_relu as _leaky_relu
from autograd import linear as linear
from autograd import linear_cross_entropy as linear_cross_entropy
from autograd import local_response_norm as local_response_norm
from autograd import log_softmax as log_softmax
from autograd import logsigmoid as logsigmoid
from autograd import lp_pool1d as lp_pool1d
from autograd import lp_pool2d as lp_pool2d
from autograd import lp_pool3d as lp_pool3d
from autograd import margin_ranking_loss as margin_ranking_loss
from autograd import max_pool1d as max_pool1d
from autograd import max_pool2d as max_pool2d
from autograd import max_pool3d as max_pool3d
from autograd import max_unpool1d as max_unpool1d
from autograd import max_unpool2d as max_unpool2d
from autograd import max_unpool3d as max_unpool3d
from autograd import mish as _mish
from autograd import mse_loss as mse_loss
from autograd import multi_head_attention_forward as multi_head_attention_forward
from autograd import multi_margin_loss as multi_margin_loss
from autograd import multilabel_margin_loss as multilabel_margin_loss
from autograd import multilabel_soft_margin_loss as multilabel_soft_margin_loss
from autograd import nll_loss as nll_loss
from autograd import normalize as normalize
from autograd import one_hot as one_hot
from autograd import pad as pad
from autograd import pairwise_distance as pairwise_distance
from autograd import pdist as pdist
from autograd import pixel_shuffle as pixel_shuffle
from autograd import pixel_unshuffle as pixel_unshuffle
from autograd import poisson_nll_loss as poisson_nll_loss
from autograd import prelu as prelu
from autograd import relu as _relu
from autograd import relu6 as _relu6
from autograd import rms_norm as rms_norm
from autograd import rrelu as _rrelu
from autograd import scaled_dot_product_attention as scaled_dot_product_attention
from autograd import selu as _selu
from autograd import sigmoid as sigmoid
from autograd import silu as _silu
from autograd import smooth_l1_loss as smooth_l1_loss
from autograd import soft_margin_loss as soft_margin_loss
from autograd import softmax as softmax
from autograd import softmin as softmin
from autograd import softplus as softplus
from autograd import softshrink as softshrink
from autograd import softsign as softsign
from autograd import tanh as tanh
from autograd import tanhshrink as tanhshrink
from autograd import threshold as _threshold
from autograd import triplet_margin_loss as triplet_margin_loss
from autograd import triplet_margin_with_distance_loss as triplet_margin_with_distance_loss
from autograd import unflatten as unflatten
from autograd import unfold as unfold
from autograd import upsample as upsample

from .in_place import keeps_all, keeps_all_unless_told, with_inplace, written

# Those that PyTorch lets write into their input.
relu = with_inplace(_relu)
relu6 = with_inplace(_relu6)
leaky_relu = with_inplace(_leaky_relu)
elu = with_inplace(_elu)
selu = with_inplace(_selu)
celu = with_inplace(_celu)
silu = with_inplace(_silu)
mish = with_inplace(_mish)
hardtanh = with_inplace(_hardtanh)
hardsigmoid = with_inplace(_hardsigmoid)
hardswish = with_inplace(_hardswish)
threshold = with_inplace(_threshold)
rrelu = with_inplace(_rrelu)
dropout = with_inplace(_dropout, keeps_all)
dropout1d = with_inplace(_dropout1d, keeps_all)
dropout2d = with_inplace(_dropout2d, keeps_all)
dropout3d = with_inplace(_dropout3d, keeps_all)
alpha_dropout = with_inplace(_alpha_dropout, keeps_all_unless_told)
feature_alpha_dropout = with_inplace(_feature_alpha_dropout, keeps_all_unless_told)
relu_ = written(_relu)
leaky_relu_ = written(_leaky_relu)
elu_ = written(_elu)
selu_ = written(_selu)
celu_ = written(_celu)
hardtanh_ = written(_hardtanh)
threshold_ = written(_threshold)
rrelu_ = written(_rrelu)

# PyTorch's names for those that also give where the largest elements were.
max_pool1d_with_indices = functools.partial(max_pool1d, return_indices=True)
max_pool2d_with_indices = functools.partial(max_pool2d, return_indices=True)
max_pool3d_with_indices = functools.partial(max_pool3d, return_indices=True)
adaptive_max_pool1d_with_indices = functools.partial(adaptive_max_pool1d, return_indices=True)
adaptive_max_pool2d_with_indices = functools.partial(adaptive_max_pool2d, return_indices=True)
adaptive_max_pool3d_with_indices = functools.partial(adaptive_max_pool3d, return_indices=True)
fractional_max_pool2d_with_indices = functools.partial(fractional_max_pool2d, return_indices=True)
fractional_max_pool3d_with_indices = functools.partial(fractional_max_pool3d, return_indices=True)

# Former names.
upsample_nearest = functools.partial(interpolate, mode="nearest")
upsample_bilinear = functools.partial(interpolate, mode="bilinear", align_corners=True)
