"""Gram matrices against the libraries that users have."""

from fractions import Fraction

import numpy as np
import peers
import pytest
from interleaved import Row, agree, on, race, record, roads

import sobolevkernels as sk

COUNT = 5000
SECTION = f"Gram matrices of {COUNT} points"
#: How many times as fast, by road.
BARS = {"scikit-learn": {"NumPy": 2, "numba": 6}, "GPyTorch": {"NumPy": 3, "numba": 12}}
OTHERS = ("GPJax", "tinygp", "george")
BEST = {"NumPy": 1, "numba": 3}


def points(count: int, dim: int):
    return np.random.default_rng(dim).normal(size=(count, dim))


def kernel(dim: int, nu: float) -> sk.SobolevKernel:
    return sk.SobolevKernel(dim=dim, order=Fraction(nu) + Fraction(dim, 2))


def scikit_learn(nu: float, X):
    return peers.installed([peers.scikit_learn], nu, X) or pytest.skip("scikit-learn is not installed")


def contenders(k: sk.SobolevKernel, X, out):
    ours = {}
    for road in roads():
        ours[road] = on(road, lambda: k(X))
        ours[f"{road}, out="] = on(road, lambda: k(X, out=out))
    return ours


@pytest.mark.parametrize("nu", [0.5, 1.5, 2.5])
@pytest.mark.parametrize("dim", [1, 3, 10])
def test_half_integers(benchmark, dim, nu):
    X, k = points(COUNT, dim), kernel(dim, nu)
    buffer = np.empty((COUNT, COUNT))
    others = peers.installed([peers.scikit_learn, peers.gpytorch, peers.gpjax, peers.tinygp, peers.george], nu, X)
    expected = k(X) / k.at_zero
    agree(others, expected)
    for run in contenders(k, X, buffer).values():
        agree({"ours": run}, expected * k.at_zero, 1e-14)
    del expected
    row = -np.abs(X[:, 0])

    def exponential(out):
        out[...] = row
        return np.exp(out, out=out)

    ours = contenders(k, X, buffer)
    times = race(benchmark, {**ours, **others, "np.exp": lambda: exponential(np.empty((COUNT, COUNT))),
                             "np.exp, out=": lambda: exponential(buffer)}, 5)
    what = f"dim {dim}, ν = {nu:g}"
    best = min((name for name in OTHERS if name in others), key=times.__getitem__, default=None)
    for road in ours:
        plain = road.removesuffix(", out=")
        for name in others:
            if name in BARS:
                record(Row(SECTION, f"{what}: times as fast as {name}", road, times[name] / times[road],
                           BARS[name][plain], True), benchmark)
        if best:
            among = ", ".join(name for name in OTHERS if name in others)
            record(Row(SECTION, f"{what}: times as fast as {best}, the best of {among}", road,
                       times[best] / times[road], BEST[plain], True), benchmark)
        fill = "np.exp, out=" if road.endswith("out=") else "np.exp"
        record(Row(SECTION, f"{what}: time in units of filling the matrix and np.exp in place", road,
                   times[road] / times[fill], 1.6 if plain == "numba" else None), benchmark)


def test_any_smoothness(benchmark):
    """ν = 1.7; 2000 points, because scikit-learn takes ten seconds for 5000."""
    count, dim, nu = 2000, 3, 1.7
    X, k = points(count, dim), kernel(dim, nu)
    others = scikit_learn(nu, X)
    agree(others, k(X) / k.at_zero)
    ours = contenders(k, X, np.empty((count, count)))
    times = race(benchmark, {**ours, **others}, 3)
    for road in ours:
        bar = {"NumPy": 10, "numba": 60}[road.removesuffix(", out=")]
        record(Row(f"Gram matrices of {count} points", f"dim {dim}, ν = {nu:g}: times as fast as scikit-learn", road,
                   times["scikit-learn"] / times[road], bar, True), benchmark)


@pytest.mark.parametrize("nu", [0.5, 1.5, 2.5, 1.7])
def test_few_points(benchmark, nu):
    """Ten points: what a call costs before it computes anything. Numba is not even loaded for it."""
    X, k = points(10, 3), kernel(3, nu)
    others = scikit_learn(nu, X)
    agree(others, k(X) / k.at_zero, 1e-12)

    def often(run):
        return lambda: [run() for _ in range(100)]

    times = race(benchmark, {"ours": often(lambda: k(X)), "scikit-learn": often(others["scikit-learn"])}, 20)
    record(Row("Gram matrices of 10 points", f"dim 3, ν = {nu:g}: time in units of scikit-learn", "NumPy",
               times["ours"] / times["scikit-learn"], 2), benchmark)
