"""The compiled roads beside the NumPy roads they are twins of. (Their accuracy is in test_accuracy.)"""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from mpmath import mp

from sobolevkernels import SobolevKernel, set_fast
from sobolevkernels.evaluation import compiled, fused, fused_half_integer, taylor
from sobolevkernels.evaluation.constants import ONE
from sobolevkernels.evaluation.radial import radial_road
from sobolevkernels.symbolic.printing import fused_half_integer_module, fused_source

KAPPA = [Fraction(1), Fraction(7, 10)]
NU = [Fraction(1, 50), Fraction(1, 2), Fraction(3, 2), Fraction(5, 2), Fraction(7, 2), Fraction(17, 10), Fraction(300)]


@pytest.fixture(autouse=True)
def _as_it_was():
    yield
    set_fast(True)


def test_committed_file_is_the_printed_one():
    assert Path(fused_half_integer.__file__).read_text(encoding="utf-8") == fused_half_integer_module()


@pytest.mark.parametrize("p", fused_half_integer.CORRELATIONS)
def test_the_printed_statements_compute_the_formula_to_32_digits(p):
    """Run in exact arithmetic, where no step rounds, they are the polynomial itself."""
    from sobolevkernels.symbolic.euclidean import half_integer_correlation

    x = sp.Symbol("x")
    formula = half_integer_correlation(p, x)
    statements = "\n".join(fused_source(formula, x)).replace(" / ", " / one / ")

    def run(point):
        names = {"x": point, "rest": sp.Integer(0), "one": sp.Integer(1),
                 "horner": lambda high, low, x, rest, c: ((high + (low or 0)) * x + c, sp.Integer(0))}
        exec(statements, names)
        return names["high"] + (names["low"] or 0)

    point = sp.Rational(7, 3)
    true = sp.simplify(formula.subs(x, point) * sp.exp(point))
    assert abs(run(point) / true - 1) < sp.Rational(1, 10**15)
    assert abs(run(point) / (true + sp.Rational(1, 10**12)) - 1) > sp.Rational(1, 10**13)


def test_constants():
    with mp.workdps(40):
        assert abs(mp.mpf(fused.LOG2) + mp.mpf(fused.LOG2_REST) - mp.log(2)) < mp.mpf(2) ** -95
        assert (fused.LOG2 * 2**42).is_integer()  # products with whole numbers are exact
        for f in np.linspace(-0.3466, 0.3466, 21):
            series = sum(mp.mpf(getattr(fused, f"E{k}")) * mp.mpf(f) ** k for k in range(2, 12))
            assert abs(1 + mp.mpf(f) + series - mp.exp(mp.mpf(f))) < mp.mpf(2) ** -56


@pytest.mark.parametrize("nu", NU, ids=str)
@pytest.mark.parametrize("kappa_squared", KAPPA, ids=str)
def test_both_roads_give_the_same_numbers(nu, kappa_squared):
    r = np.concatenate([[0.0, 5e-324, 1e-310, 1e-20, 1.0, 2.0, 127.9, 128.0, 690.0, 745.0, 1e5, np.inf],
                        np.random.default_rng(0).uniform(0, 800, 5000), np.random.default_rng(1).uniform(0, 3, 5000)])
    fast, slow = np.empty_like(r), np.empty_like(r)
    with np.errstate(all="ignore"):
        radial_road(nu, kappa_squared, ONE, 10**6)(r, fast)
        set_fast(False)
        radial_road(nu, kappa_squared, ONE, 10**6)(r, slow)
    assert np.abs((fast - slow) / np.spacing(slow)).max() <= 7
    assert not np.array_equal(fast, slow * (1 + 2**-49))


def test_the_table_finds_the_same_rows():
    """Only the fused multiply-add tells the roads apart: no entry is off by more than an ulp or two."""
    rows = taylor.table(Fraction(17, 10), Fraction(1))
    r = np.concatenate([[np.nextafter(edge, side) for edge in 2.0 ** np.arange(-33, 7) for side in (0, np.inf)],
                        2.0 ** np.arange(-33, 7), np.arange(8, 511) / 4])
    out = np.empty_like(r)
    compiled.with_table(rows, Fraction(17, 10), 0, ONE, r, out)
    interval, t = rows.locate(r)
    slow = np.ldexp(rows.polynomial(interval, t), rows.exponents[interval].astype(np.intc))
    assert np.abs((out - slow) / np.spacing(slow)).max() <= 2


def test_input_may_be_overwritten():
    r = np.random.default_rng(2).uniform(0, 30, 50_000)
    for kernel in (SobolevKernel(dim=3, order=3, kappa=0.3), SobolevKernel(dim=3, order=2.9)):
        expected, inplace = kernel.radial(r), r.copy()
        assert kernel.radial(inplace, out=inplace) is inplace
        assert np.array_equal(inplace, expected)


def test_the_choice_of_the_road():
    assert compiled.worth(compiled.WORTH_COMPILING)
    assert not compiled.worth(compiled.WORTH_COMPILING - 1)
    set_fast(False)
    assert not compiled.worth(10**9)
    with pytest.raises(TypeError, match="True or False"):
        set_fast("yes")


def test_without_numba_everything_runs(monkeypatch):
    monkeypatch.setattr(compiled, "_usable", lambda: False)
    monkeypatch.setitem(sys.modules, "numba", None)
    r = np.random.default_rng(3).uniform(0, 30, 50_000)
    kernel = SobolevKernel(dim=3, order=3)
    assert np.allclose(kernel.radial(r), (1 + r) * np.exp(-r) / (32 * np.pi), rtol=1e-14)


FIRST_CALL = """
import numpy as np, sobolevkernels as sk, sys
x = np.random.default_rng(0).normal(size=(300, 3))
sk.SobolevKernel(dim=3, order=3)(x[:50])
assert "numba" not in sys.modules
for order in (2, 3, 4, 5, 2.7):
    sk.SobolevKernel(dim=3, order=order)(x)
assert "numba" in sys.modules and "sympy" not in sys.modules
"""


def test_the_first_call_says_nothing_and_small_arrays_do_not_wake_numba(tmp_path):
    """Neither when the code is compiled nor when it comes from the cache."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    for _ in range(2):
        result = subprocess.run([sys.executable, "-W", "error", "-c", FIRST_CALL], capture_output=True, text=True,
                                check=False, env=environment)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert list(tmp_path.rglob("*.nbi"))


BROKEN = 'raise ImportError("Numba needs NumPy 1.0 or less")'
GRAM = """
import numpy as np, sobolevkernels as sk
x = np.random.default_rng(0).normal(size=(200, 3))
matrix = sk.SobolevKernel(dim=3, order=3)(x)
assert np.array_equal(matrix, matrix.T)
"""


def program(code, **environment):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False,
                          env={**os.environ, **environment})


def test_a_numba_that_cannot_be_used_is_named_and_not_needed(tmp_path):
    (tmp_path / "numba").mkdir()
    (tmp_path / "numba" / "__init__.py").write_text(BROKEN, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    result = program(GRAM, PYTHONPATH=path)
    assert result.returncode == 0, result.stderr
    assert "RuntimeWarning: Numba is installed but cannot be used" in result.stderr
    assert "Numba needs NumPy 1.0 or less" in result.stderr


def test_numba_switched_off_means_numpy():
    result = program(GRAM, NUMBA_DISABLE_JIT="1")
    assert (result.returncode, result.stderr) == (0, "")


def test_without_a_folder_for_the_cache_it_compiles_anew():
    """As in a read-only installation for a user without a home."""
    code = """
from numba.core import caching
caching.CacheImpl._locator_classes = []
""" + GRAM + """
from sobolevkernels.evaluation import compiled, fused
assert compiled.worth(10**6) and not fused.COMPILE["cache"]
"""
    result = program(code)
    assert (result.returncode, result.stderr) == (0, "")
