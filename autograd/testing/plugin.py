"""The conformance kit in pytest: a line for each sample and property.

pytest finds this plug-in by itself where the package is installed; elsewhere `-p autograd.testing.plugin` loads it.
In a test file, one test for any number of operations:

    @pytest.mark.conformance(square, cube)
    def test_my_operations(conformance):
        conformance()

On the command line, without a test file: an operation by its module and name, or all those of a module:

    pytest --conformance my_package.ops:square
    pytest --conformance my_package.ops

Without the marker the fixture is `autograd.testing.conformance` itself.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from ..op import Op, Sample

# The kit is imported where it is needed: pytest loads this file in every run, of other people's tests too.


class _One(NamedTuple):
    """One property of one sample."""

    op: Op
    sample: Sample
    name: str
    wrong: tuple[type[Exception], str] | None  # where the sample is a wrong use: what has to be raised

    def check(self) -> None:
        """Raises AssertionError where it does not hold."""
        from .checking import check, wrong_use
        from .properties import PROPERTIES
        from .shrinking import smallest

        if self.wrong is not None:
            failure = wrong_use(self.op, self.sample, *self.wrong)
        else:
            failure = next(check(self.op, self.sample, [PROPERTIES[self.name]]), None)
            failure = failure and smallest(self.op, [failure])
        if failure is not None:
            raise AssertionError(str(failure))


def _ones_of(op: Any, samples: Any = None, skip: Any = ()) -> Iterator[tuple[str, _One]]:
    """All that is to be checked of an operation, each with its name."""
    from .checking import as_sample
    from .properties import PROPERTIES
    from .samples import Draw, op_of, samples_of

    op = op_of(op)
    cases = samples_of(op) if samples is None else [as_sample(sample) for sample in samples]
    if not cases:
        raise pytest.UsageError(f"conformance: {op.name} has no samples. Declare some with @{op.name}.samples.")
    for i, sample in enumerate(cases):
        for name in PROPERTIES:
            if name not in skip:
                yield f"{op.name}-{i}-{name.replace(' ', '_')}", _One(op, sample, name, None)
    if op.errors is not None and "wrong use" not in skip:
        for i, (sample, kind, words) in enumerate(op.errors(Draw(op.name, op.domain))):
            yield f"{op.name}-{i}-wrong_use", _One(op, sample, "wrong use", (kind, words))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("conformance").addoption(
        "--conformance",
        action="append",
        default=[],
        metavar="MODULE[:OPERATION]",
        help="check an operation, or all those that a module declares, with autograd.testing.conformance",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "conformance(*operations, samples=None, skip=()): run the test, with the fixture `conformance`, once for each "
        "sample and property of the operations",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    markers = list(metafunc.definition.iter_markers("conformance"))
    if not markers or "conformance" not in metafunc.fixturenames:
        return
    named = [
        one
        for marker in markers
        for op in marker.args
        for one in _ones_of(op, marker.kwargs.get("samples"), marker.kwargs.get("skip", ()))
    ]
    metafunc.parametrize("conformance", [one for _, one in named], ids=[name for name, _ in named], indirect=True)


@pytest.fixture
def conformance(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Checks what this run of a marked test is for; in a test without the marker, `autograd.testing.conformance`."""
    one = getattr(request, "param", None)
    if one is not None:
        return one.check
    from .conformance import conformance as whole

    return whole


# ---------------------------------------------------------------------------------------------------------------------
# --conformance
# ---------------------------------------------------------------------------------------------------------------------
class _Item(pytest.Item):
    """One property of one sample, without a test file."""

    def __init__(self, *, one: _One, **facts: Any) -> None:
        super().__init__(**facts)
        self.one = one

    def runtest(self) -> None:
        self.one.check()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if excinfo.errisinstance(AssertionError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        return self.path, None, self.name


def _operations(name: str, config: pytest.Config) -> list[Any]:
    """What `module:operation` or `module` names."""
    module_name, _, attribute = name.partition(":")
    folder = str(config.invocation_params.dir)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module(module_name)
        if attribute:
            return [functools.reduce(getattr, attribute.split("."), module)]
    except (ImportError, AttributeError) as error:
        raise pytest.UsageError(f"--conformance {name}: {error}") from None
    declared = {id(value): value for value in vars(module).values() if _is_declared(value, module_name)}
    if not declared:
        raise pytest.UsageError(f"--conformance {name}: the module declares no operation that has samples.")
    return list(declared.values())


def _is_declared(value: Any, module_name: str) -> bool:
    """Whether the value is an operation of that module, and not one that it imports."""
    from ..function import Function
    from ..op import Op
    from .samples import samples_of

    if isinstance(value, type):
        return issubclass(value, Function) and value.__module__ == module_name and hasattr(value, "samples")
    known = getattr(value, "op", None)
    if not isinstance(known, Op):
        return False
    return inspect.getmodule(known.forward) is sys.modules[module_name] and bool(samples_of(value))


@pytest.hookimpl(tryfirst=True)  # before -k and -m select
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    for name in config.getoption("--conformance"):
        for operation in _operations(name, config):
            for label, one in _ones_of(operation):
                items.append(_Item.from_parent(session, name=label, nodeid=f"{name}::{label}", one=one))
