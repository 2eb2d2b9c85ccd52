"""Neural networks: modules, layers, losses, their initialization, and data.

>>> import autograd as ag
>>> import nn
>>> model = nn.Sequential(nn.Flatten(), nn.Dense(784, 32), nn.ReLU(), nn.Dense(32, 10))
>>> model(ag.zeros(8, 1, 28, 28)).shape
(8, 10)

Where PyTorch spells a layer differently, its name stands beside ours and means the same class.
"""

from . import utils as utils
from .container import ModuleDict as ModuleDict
from .container import ModuleList as ModuleList
from .container import ParameterDict as ParameterDict
from .container import ParameterList as ParameterList
from .container import Sequential as Sequential
from .module import Module as Module
from .parameter import Buffer as Buffer
from .parameter import Parameter as Parameter
from .parameter import UninitializedBuffer as UninitializedBuffer
from .parameter import UninitializedParameter as UninitializedParameter
