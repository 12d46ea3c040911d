"""What a user waits for at the start: imports, compilation, tables."""

import statistics

import pytest
from fresh import fresh
from interleaved import Row, record, roads

SECTION = "A fresh process"
IMPORT = "start = clock()\nimport {module}\nprint(clock() - start)"
FIRST = """
import numpy as np, sobolevkernels as sk
k = sk.SobolevKernel(dim=3, order={order})
X = np.random.default_rng(0).normal(size=(200, 3))
start = clock()
k(X)
print(clock() - start)
"""


def test_import():
    times = {"numpy": [], "sobolevkernels": []}
    for _ in range(10):
        for module, found in times.items():
            found.extend(fresh(IMPORT.format(module=module)))
    numpy, ours = (statistics.median(found) for found in times.values())
    record(Row(SECTION, "import: time in units of import numpy", "NumPy", ours / numpy))


@pytest.mark.parametrize("order", [3.0, 3.2], ids=["nu=1.5", "nu=1.7"])
def test_first_call(order, tmp_path):
    """The first Gram matrix of 200 points: imports of SciPy and Numba, compilation, and the table of ν = 1.7."""
    statements, what = FIRST.format(order=order), f"first Gram matrix, ν = {order - 1.5:g}"
    if "numba" in roads():
        cache = {"NUMBA_CACHE_DIR": str(tmp_path)}
        record(Row(SECTION, f"{what}, compiling: seconds", "numba", *fresh(statements, cache), 2))
        record(Row(SECTION, f"{what}: seconds", "numba", *fresh(statements, cache)))
    slow = statements.replace("start", "sk.set_fast(False)\nstart", 1)
    record(Row(SECTION, f"{what}: seconds", "NumPy", *fresh(slow)))
