"""The conformance kit in pytest: a line for each sample and property."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

OPERATIONS = '''
import numpy as np
import autograd as ag
from autograd import Sample, exp  # exp is none of this module's operations


@ag.primitive
def square(x):
    """The square.  x: (*) -> (*)"""
    if x.ndim > 2:
        raise ValueError("square: takes a matrix at most")
    return x * x


square.gradient(x=lambda g, x: 2 * g * x)


@square.samples
def _(draw):
    yield Sample(draw(3))
    yield Sample(draw(2, 0))


@square.errors
def _(draw):
    yield Sample(draw(1, 2, 3)), ValueError, "a matrix at most"


@ag.primitive
def cube(x):
    """The cube, with a wrong factor.  x: (*) -> (*)"""
    return x**3


cube.gradient(x=lambda g, x: 2 * g * x**2)


@cube.samples
def _(draw):
    yield Sample(draw(3))
'''


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(pytester.path)
    pytester.makepyfile(my_operations=OPERATIONS)
    return lambda *arguments: pytester.runpytest("-p", "autograd.testing.plugin", "-p", "no:cacheprovider", *arguments)


def test_a_marked_test_runs_for_each_sample_and_property(pytester: pytest.Pytester, run) -> None:
    pytester.makepyfile(
        test_mine="""
        import pytest
        from my_operations import cube, square

        @pytest.mark.conformance(square, cube)
        def test_operations(conformance):
            conformance()
        """
    )
    result = run("-v", "--strict-markers")
    result.stdout.fnmatch_lines(
        [
            "*test_operations[[]square-0-gradient[]] PASSED*",
            "*test_operations[[]square-1-second_derivative[]] PASSED*",
            "*test_operations[[]square-0-wrong_use[]] PASSED*",
            "*test_operations[[]cube-0-gradient[]] FAILED*",
            "*gradient: The gradient differs from central differences.*",
            "*sample  cube(float64() *",
            "*a wrong factor: the gradient is 0.666667 times what it should be.*",
        ]
    )
    result.assert_outcomes(passed=3 * 21 + 1 - 1, failed=1)


def test_samples_and_what_is_skipped_stand_in_the_marker(pytester: pytest.Pytester, run) -> None:
    pytester.makepyfile(
        test_mine="""
        import numpy as np
        import pytest
        from autograd import Sample
        from my_operations import cube

        @pytest.mark.conformance(cube, samples=[Sample(np.ones(2)), Sample(np.ones(3))], skip=["gradient"])
        def test_operations(conformance):
            conformance()
        """
    )
    run().assert_outcomes(passed=40)


def test_without_the_marker_the_fixture_is_the_function(pytester: pytest.Pytester, run) -> None:
    pytester.makepyfile(
        test_mine="""
        from my_operations import cube, square

        def test_right(conformance):
            assert conformance(square).samples == 2

        def test_wrong(conformance):
            conformance(cube)
        """
    )
    result = run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*ConformanceError: cube: 1 of 21 properties does not hold*", "*a wrong factor*"])


def test_the_option_needs_no_test_file(run) -> None:
    result = run("--conformance", "my_operations:square", "-v")
    result.stdout.fnmatch_lines(["my_operations:square::square-0-runs PASSED*"])
    result.assert_outcomes(passed=2 * 21 + 1)
    result = run("--conformance", "my_operations", "-k", "gradient and not incoming and not dtype")
    result.stdout.fnmatch_lines(["*cube-0-gradient*", "  cause   a wrong factor*"])
    assert (result.parseoutcomes()["passed"], result.parseoutcomes()["failed"]) == (2, 1)


def test_what_can_not_be_found_is_said(run) -> None:
    for name, text in (
        ("my_operations:root", "*has no attribute 'root'*"),
        ("not_there", "*No module named 'not_there'*"),
        ("autograd.testing", "*declares no operation that has samples*"),
    ):
        result = run("--conformance", name)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        (result.stderr if "ERROR" in str(result.stderr) else result.stdout).fnmatch_lines([text])


def test_an_installed_package_brings_the_plug_in() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf8"))["project"]
    assert project["entry-points"]["pytest11"] == {"autograd.testing.plugin": "autograd.testing.plugin"}
