"""Peak memory beyond what was there before the call, in fresh processes: everything counts, not Python's share only."""

from pathlib import Path

import pytest
from fresh import fresh
from interleaved import Row, record, roads

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")

SECTION = "Memory at the peak of a call, dim 3"

GRAM = """
import numpy as np, sobolevkernels as sk
sk.set_fast({fast})
k = sk.SobolevKernel(dim=3, order={order})
X = np.random.default_rng(0).normal(size=(5000, 3))
k(X[:700])
out = {out}
before = memory('VmRSS')
k(X, out=out)
print(memory('VmHWM') - before)
"""

PRODUCT = """
import numpy as np, sobolevkernels as sk
sk.set_fast({fast})
k = sk.SobolevKernel(dim=3, order=3)
rng = np.random.default_rng(0)
X, v = rng.normal(size=({count}, 3)), rng.normal(size={count})
k.operator(X[:700]) @ v[:700]
before = memory('VmRSS')
w = k.operator(X) @ v
print(memory('VmHWM') - before)
assert np.allclose(w[:20], k(X[:20], X) @ v, rtol=0, atol=1e-9)
"""


@pytest.mark.parametrize("order", [3.0, 3.2], ids=["nu=1.5", "nu=1.7"])
def test_gram_matrix(order):
    result = 5000 * 5000 * 8
    for road in roads():
        for name, out, bar in (("k(X)", "None", 1.1), ("k(X, out=)", "np.full((5000, 5000), 1.0)", 0.1)):
            (used,) = fresh(GRAM.format(fast=road == "numba", order=order, out=out))
            record(Row(SECTION, f"{name}, 5000 points, ν = {order - 1.5:g}: in units of the result", road,
                       used / result, bar))


def test_product():
    for road in roads():
        count = 100_000 if road == "numba" else 20_000
        (used,) = fresh(PRODUCT.format(fast=road == "numba", count=count))
        record(Row(SECTION, f"k.operator(X) @ v, {count} points, ν = 1.5: MiB", road, used / 2**20, 200))
