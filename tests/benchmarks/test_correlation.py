"""Values of the correlation at a million distances, against np.exp and against the textbook formula."""

from fractions import Fraction

import numpy as np
import pytest
from interleaved import Row, agree, on, race, record, roads

import sobolevkernels as sk

R = np.random.default_rng(0).uniform(0, 30, 1_000_000)
SECTION = "Values: correlation(r, out=) at 10⁶ distances"
BARS = {"NumPy": 2.2, "numba": 0.7}


def kernel(nu: float) -> sk.SobolevKernel:
    return sk.SobolevKernel(dim=1, order=Fraction(nu) + Fraction(1, 2))


def with_scipy(nu: float):
    """2^(1-nu)/Gamma(nu) r^nu K_nu(r), as it stands in textbooks."""
    from scipy.special import gamma, kv

    return lambda: 2 ** (1 - nu) / gamma(nu) * R**nu * kv(nu, R)


@pytest.mark.parametrize("nu", [0.5, 1.5, 2.5, 3.5])
def test_against_np_exp(benchmark, nu):
    k, out, minus_r = kernel(nu), np.empty_like(R), -R
    agree({"formula": with_scipy(nu)}, k.correlation(R), 1e-12)
    ours = {road: on(road, lambda: k.correlation(R, out=out)) for road in roads()}

    def alone(road: str):
        def run():
            sk.set_threads(1)
            on(road, lambda: k.correlation(R, out=out))()
            sk.set_threads(None)
        return run

    single = {f"{road}, 1 thread": alone(road) for road in roads()}
    times = race(benchmark, {**ours, **single, "np.exp": lambda: np.exp(minus_r, out=out)}, 30)
    for road in [*ours, *single]:
        record(Row(SECTION, f"ν = {nu:g}: time in units of np.exp", road, times[road] / times["np.exp"],
                   BARS.get(road)), benchmark)


def test_against_the_formula(benchmark):
    nu = 1.7
    k, out, formula = kernel(nu), np.empty_like(R), with_scipy(nu)
    ours = {road: on(road, lambda: k.correlation(R, out=out)) for road in roads()}
    agree({**ours, "formula": formula}, k.correlation(R), 1e-12)
    times = race(benchmark, {**ours, "formula": formula}, 5)
    for road in ours:
        record(Row(SECTION, f"ν = {nu:g}: times as fast as the formula with scipy.special.kv", road,
                   times["formula"] / times[road], 6 if road == "NumPy" else None, True), benchmark)
