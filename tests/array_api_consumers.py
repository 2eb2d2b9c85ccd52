"""A program that hands tensors to SciPy and scikit-learn, and compares what comes back with what arrays give.

    SCIPY_ARRAY_API=1 python -m tests.array_api_consumers scipy

It prints a line of JSON: by the name of each case what is wrong with it, or "". Cases that are differentiable are
compared with differences. SciPy reads the variable when it is imported: so this is a process of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 4)) * [1.0, 2.0, 0.5, 1.5] + [0.0, 1.0, -1.0, 2.0]
LABELS = np.arange(40) % 3
X[LABELS == 1] += 1.5

Case = tuple[Callable[[Any, Any], Any], bool]


def scipy_cases() -> dict[str, Case]:
    from scipy import cluster, fft, integrate, signal, spatial, special, stats

    return {
        "special.expit": (lambda x, y: special.expit(x), False),
        "special.xlogy": (lambda x, y: special.xlogy(x**2, x**2), False),
        "special.logsumexp": (lambda x, y: special.logsumexp(x, axis=1), True),
        "special.softmax": (lambda x, y: special.softmax(x, axis=1), True),
        "special.log_softmax": (lambda x, y: special.log_softmax(x, axis=1), False),
        "stats.zscore": (lambda x, y: stats.zscore(x), True),
        "stats.skew": (lambda x, y: stats.skew(x, axis=0), True),
        "stats.kurtosis": (lambda x, y: stats.kurtosis(x, axis=0), True),
        "stats.gmean": (lambda x, y: stats.gmean(x**2, axis=0), True),
        "stats.pearsonr": (lambda x, y: stats.pearsonr(x[:, 0], x[:, 1]).statistic, True),
        "stats.ttest_1samp": (lambda x, y: stats.ttest_1samp(x, 0.5, axis=0).statistic, False),
        "stats.rankdata": (lambda x, y: stats.rankdata(x, axis=0), False),
        "fft.rfftn": (lambda x, y: fft.rfftn(x), True),
        "signal.fftconvolve": (lambda x, y: signal.fftconvolve(x[:, 0], x[:5, 1], mode="same"), True),
        "signal.detrend": (lambda x, y: signal.detrend(x, axis=0, type="constant"), False),
        "integrate.cumulative_trapezoid": (lambda x, y: integrate.cumulative_trapezoid(x, axis=0), True),
        "cluster.vq.whiten": (lambda x, y: cluster.vq.whiten(x), False),
        "cluster.vq.kmeans": (lambda x, y: cluster.vq.kmeans(x, x[:3, :])[0], False),
        "spatial.Rotation": (lambda x, y: spatial.transform.Rotation.from_rotvec(x[:, :3]).apply(x[:, 1:]), False),
    }


def sklearn_cases() -> dict[str, Case]:
    import sklearn
    from sklearn import decomposition, discriminant_analysis, linear_model, metrics, preprocessing

    sklearn.set_config(array_api_dispatch=True)

    def fitted(model: Any) -> Callable[[Any, Any], Any]:
        return lambda x, y: model.fit(x).transform(x)

    def analysis(x: Any, y: Any) -> Any:
        return discriminant_analysis.LinearDiscriminantAnalysis(solver="svd").fit(x, y)

    def pca(solver: str) -> Callable[[Any, Any], Any]:
        return fitted(decomposition.PCA(2, svd_solver=solver))

    return {
        "StandardScaler": (fitted(preprocessing.StandardScaler()), False),
        "MinMaxScaler": (fitted(preprocessing.MinMaxScaler()), True),
        "MaxAbsScaler": (fitted(preprocessing.MaxAbsScaler()), True),
        "Normalizer": (fitted(preprocessing.Normalizer()), False),
        "PCA by singular values": (pca("full"), False),
        "PCA by eigenvalues": (pca("covariance_eigh"), True),
        "LinearDiscriminantAnalysis.predict": (lambda x, y: analysis(x, y).predict(x), False),
        "LinearDiscriminantAnalysis.predict_proba": (lambda x, y: analysis(x, y).predict_proba(x), False),
        "Ridge": (lambda x, y: linear_model.Ridge(solver="svd").fit(x[:, 1:], x[:, 0]).predict(x[:, 1:]), True),
        "mean_squared_error": (
            lambda x, y: metrics.mean_squared_error(x[:, :2], x[:, 2:], multioutput="raw_values"),
            True,
        ),
        "r2_score": (lambda x, y: metrics.r2_score(x[:, 0], x[:, 1]), False),
        "accuracy_score": (lambda x, y: metrics.accuracy_score(y, y[::-1]), False),
        "confusion_matrix": (lambda x, y: metrics.confusion_matrix(y, y[::-1]), False),
        "euclidean_distances": (lambda x, y: metrics.pairwise.euclidean_distances(x), True),
        "rbf_kernel": (lambda x, y: metrics.pairwise.rbf_kernel(x), True),
    }


def fault(function: Callable[[Any, Any], Any], differentiable: bool) -> str:
    """What is wrong with a case."""
    want = function(X.copy(), LABELS.copy())
    have = function(ag.Tensor(X.copy()), ag.Tensor(LABELS.copy()))
    if isinstance(want, float):  # metrics are Python numbers, whatever they are computed from
        return "" if abs(have - want) < 1e-12 else f"{have}, not {want}"
    if not isinstance(have, ag.Tensor):
        return f"a {type(have).__name__}, no tensor"
    if have.shape != want.shape or not np.allclose(have.data, want, rtol=1e-9, atol=1e-12):
        return f"wrong values: {have.data}, not {want}"
    if not differentiable:
        return ""
    x = ag.Tensor(X.copy(), requires_grad=True)
    weights = np.random.default_rng(1).standard_normal(want.shape)
    ag.real(function(x, ag.Tensor(LABELS)) * weights).sum().backward()
    direction = np.random.default_rng(2).standard_normal(X.shape)
    ends = [np.sum(weights * function(X + step * direction, LABELS)).real for step in (1e-6, -1e-6)]
    slope, along = (ends[0] - ends[1]) / 2e-6, np.sum(x.grad.data * direction)
    return "" if abs(slope - along) < 1e-6 * max(1.0, abs(slope)) else f"wrong gradient: {along}, not {slope}"


def main(library: str) -> None:
    ag.set_default_dtype(np.float64)
    faults = {}
    for name, (function, differentiable) in (scipy_cases() if library == "scipy" else sklearn_cases()).items():
        try:
            faults[name] = fault(function, differentiable)
        except Exception as error:
            faults[name] = f"{type(error).__name__}: {error}"
    print(json.dumps(faults))


if __name__ == "__main__":
    main(sys.argv[1])
