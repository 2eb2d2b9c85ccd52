"""Is an operation right?  `gradcheck` for one function, `conformance` for everything an operation promises.

`conformance` runs an operation's samples through one list of properties, the same for every operation of this package
and for operations of one's own:

    import autograd as ag

    @ag.primitive(elementwise=True, domain=(0.1, 3.0), reference=lambda x: x ** 2)
    def square(x):
        \"\"\"The square of each element.  x: (*) -> (*)\"\"\"
        return x * x

    square.gradient(x=lambda g, x: 2 * g * x)
    ag.testing.conformance(square)
"""

from .checking import Failure as Failure
from .checking import describe_sample as describe_sample
from .checking import failures as failures
from .close import assert_close as assert_close
from .conformance import ConformanceError as ConformanceError
from .conformance import Report as Report
from .conformance import conformance as conformance
from .gradcheck import GradcheckError as GradcheckError
from .gradcheck import gradcheck as gradcheck
from .gradcheck import gradgradcheck as gradgradcheck
from .samples import Draw as Draw
from .samples import samples_of as samples_of
