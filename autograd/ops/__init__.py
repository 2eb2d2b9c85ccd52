"""The operations, one file a family.  Importing this declares them all."""

# isort: off  (in the order in which they build on one another)
from . import arithmetic as arithmetic
from . import elementwise as elementwise
from . import powers as powers
from . import special as special
from . import comparison as comparison
from . import matmul as matmul
from . import reduction as reduction
from . import shape as shape
from . import indexing as indexing
from . import conversion as conversion
from . import joining as joining
from . import diagonal as diagonal
from . import gathering as gathering
from . import tiling as tiling
from . import random as random
from . import creation as creation
from . import convolution as convolution
from . import statistics as statistics
from . import norms as norms
from . import counting as counting
from . import einsum as einsum
from . import products as products
from . import extremes as extremes
from . import prod as prod
from . import scan as scan
from . import sorting as sorting
from . import ranks as ranks
from . import pooling as pooling
from . import activation as activation
from . import softmax as softmax
from . import similarity as similarity
from . import loss as loss
from . import cross_entropy as cross_entropy
from . import embedding as embedding
from . import dropout as dropout
