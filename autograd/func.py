"""Functions of functions, under the names of `torch.func`."""

from .batching import vmap as vmap
from .module_state import functional_call as functional_call
from .module_state import replace_all_batch_norm_modules_ as replace_all_batch_norm_modules_
from .module_state import stack_module_state as stack_module_state
from .transforms import grad as grad
from .transforms import grad_and_value as grad_and_value
from .transforms import hessian as hessian
from .transforms import jacfwd as jacfwd
from .transforms import jacrev as jacrev
from .transforms import jvp as jvp
from .transforms import linearize as linearize
from .transforms import value_and_grad as value_and_grad
from .transforms import vjp as vjp
