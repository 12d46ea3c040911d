"""Products with the Gram matrix that never form it, against KeOps."""

from fractions import Fraction

import numpy as np
import peers
import pytest
from interleaved import Row, agree, on, race, record, roads

import sobolevkernels as sk

COUNT = 20_000


@pytest.mark.parametrize("nu", [0.5, 1.5, 2.5])
def test_product(benchmark, nu):
    rng = np.random.default_rng(0)
    X, v = rng.normal(size=(COUNT, 3)), rng.normal(size=COUNT)
    k = sk.SobolevKernel(dim=3, order=Fraction(nu) + Fraction(3, 2))
    others = peers.installed([peers.keops_product], nu, X, v)
    if not others:
        pytest.skip("pykeops is not installed")
    agree(others, k.operator(X) @ v / k.at_zero)
    ours = {road: on(road, lambda: k.operator(X) @ v) for road in roads()}
    times = race(benchmark, {**ours, **others}, 3)
    for road in ours:
        record(Row(f"Products k.operator(X) @ v with {COUNT} points", f"dim 3, ν = {nu:g}: times as fast as KeOps",
                   road, times["KeOps"] / times[road], 8 if road == "numba" else None, True), benchmark)
