"""Numbers never need symbols, and nothing heavy loads before it is needed."""

import subprocess
import sys

PROGRAM = """
import sys
import sobolevkernels as sk
loaded = {{name for name in ("sympy", "scipy", "mpmath", "numba", "flint") if name in sys.modules}}
assert not loaded, loaded
import numpy as np
for k in (sk.SobolevKernel(dim=3, order=3), sk.SobolevKernel(dim=2, order=1.7, kappa=0.4),
          sk.SobolevKernel.from_matern(dim=1, nu=600, length_scale=1)):
    x = np.zeros((4, k.dim))
    k(x), k.radial([0.0, 1.0, 800.0]), k.correlation(1.0), k.log_radial(1e5), k.at_zero, k.to_matern()
    k.evaluate(1), repr(k), hash(k)
assert "sympy" not in sys.modules
k.{attribute}
assert ("sympy" in sys.modules) is {expected}
"""


def run(attribute, expected):
    program = PROGRAM.format(attribute=attribute, expected=expected)
    return subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)


def test_numeric_use_loads_no_sympy():
    result = run("nu", False)
    assert result.returncode == 0, result.stderr


def test_the_check_above_can_fail():
    """Touching a symbolic attribute does load SymPy, and the same check notices."""
    assert run("expr", True).returncode == 0
    assert "AssertionError" in run("expr", False).stderr
