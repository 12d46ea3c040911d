"""The committed closed forms are those printed from the formula, and wrong ones are not printed."""

from pathlib import Path

import pytest
import sympy as sp

from sobolevkernels.evaluation import half_integer
from sobolevkernels.symbolic.printing import half_integer_module, horner_source


def test_committed_file_is_the_printed_one():
    assert Path(half_integer.__file__).read_text(encoding="utf-8") == half_integer_module()


def test_each_function_says_which_formula_it_is():
    for p, function in half_integer.CORRELATIONS.items():
        assert f"nu = {2 * p + 1}/2" in function.__doc__ or f"{2 * p + 1}/2" in function.__doc__
        assert "e^(-r)" in function.__doc__


@pytest.mark.parametrize("wrong", ["sin(r)*exp(-r)", "exp(-2*r)", "sqrt(2)*r*exp(-r)", "r*exp(-r)/(1 + r)"])
def test_other_forms_are_refused(wrong):
    r = sp.Symbol("r")
    with pytest.raises(ValueError, match="polynomial"):
        horner_source(sp.sympify(wrong, {"r": r}), r)


def test_a_correlation_starts_at_one():
    r = sp.Symbol("r")
    with pytest.raises(ValueError, match="is 1 at r = 0"):
        horner_source(2 * sp.exp(-r), r)
