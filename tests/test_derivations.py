"""The derivations run to their end, and each of their lines would have stopped them had it been wrong."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import sympy as sp

HOME = Path(__file__).parents[1] / "derivations"
SCRIPTS = sorted(HOME.glob("d*.py"))


@pytest.fixture
def verbs(monkeypatch):
    """The module `steps`, found as the scripts find it."""
    monkeypatch.syspath_prepend(str(HOME))
    import steps

    return steps


def _wrong(left, right):
    """The right side with one thing wrong: its sign, or something where nothing should be."""
    if isinstance(right, sp.MatrixBase):
        return -right
    return -right if right != 0 else 1 + left**2


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_runs_and_every_line_can_fail(script, verbs, monkeypatch):
    step, conclude = verbs.step, verbs.conclude
    taken = []

    def guarded_step(text, left, right=sp.S.Zero, **reason):
        with pytest.raises(verbs.NotExact):
            step(text, left, _wrong(left, right), **reason)
        taken.append("step")
        return step(text, left, right, **reason)

    def guarded_conclude(label, value, **how):
        with pytest.raises(verbs.NotExact):
            conclude(label, 2 * value, **how)
        taken.append("conclude")
        return conclude(label, value, **how)

    monkeypatch.setattr(verbs, "step", guarded_step)
    monkeypatch.setattr(verbs, "conclude", guarded_conclude)
    runpy.run_path(str(script))
    assert taken.count("step") >= 10
    assert taken.count("conclude") >= 2


x, y, n, s = sp.symbols("x y n s", positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
m = sp.Symbol("m", integer=True, positive=True)


@pytest.mark.parametrize(("left", "right"), [
    (sp.sin(x) ** 2 + sp.cos(x) ** 2, sp.Integer(1)),
    (sp.gamma(x + 1), x * sp.gamma(x)),
    (sp.sqrt(x**2 * y), x * sp.sqrt(y)),
    (3 * sp.Sum(sp.binomial(m, k) * x**k, (k, 0, m)),
     sp.Sum(3 * sp.factorial(m) / (sp.factorial(k) * sp.factorial(m - k)) * x**k, (k, 0, m))),
    (sp.Integral(sp.exp(-x) * x, (x, 0, sp.oo)), sp.Integer(1)),
    (sp.Derivative(x**n, x), n * x ** (n - 1)),
    (sp.Subs(x**n, x, 2), 2**n),
], ids=str)
def test_a_step_holds_and_its_perturbations_do_not(verbs, left, right):
    line = verbs.step("so it is", left, right)
    assert "so it is" in line._repr_markdown_()
    for wrong in (-right, 2 * right, right + sp.Rational(1, 10**9)):
        with pytest.raises(verbs.NotExact):
            verbs.step("so it is not", left, wrong)


def test_powers_that_hold_for_one_sign_only_are_refused(verbs):
    real = sp.Symbol("real", real=True)
    with pytest.raises(verbs.NotExact, match="left over"):
        verbs.step("for positive numbers only", sp.sqrt(real**2), real)


def test_integration_by_parts_needs_its_antiderivative_and_its_ends(verbs):
    left, right = sp.Integral(x * sp.exp(-x), (x, 0, sp.oo)), sp.Integral(sp.exp(-x), (x, 0, sp.oo))
    verbs.step("by parts", left, right, by_parts=-x * sp.exp(-x))
    with pytest.raises(verbs.NotExact):
        verbs.step("another function", left, right, by_parts=x * sp.exp(-x))
    with pytest.raises(verbs.NotExact):
        verbs.step("does not vanish at 0", left, right, by_parts=(1 - x) * sp.exp(-x))


def test_substitution_checks_differential_and_ends(verbs):
    left, right = sp.Integral(x * sp.exp(-(x**2)), (x, 0, sp.oo)), sp.Integral(sp.exp(-y) / 2, (y, 0, sp.oo))
    verbs.step("y = x²", left, right, substitute=(sp.sqrt(y), y))
    with pytest.raises(verbs.NotExact):
        verbs.step("no factor 1/2", left, 2 * right, substitute=(sp.sqrt(y), y))
    with pytest.raises(verbs.NotExact, match="ends"):
        verbs.step("another range", left, right, substitute=(sp.sqrt(1 + y), y))


def test_conclusions_land_only_where_they_should(verbs):
    value = (4 * sp.pi) ** (-n / 2) * sp.gamma((s - n) / 2) / sp.gamma(s / 2)
    assert "sobolev.at-zero" in verbs.conclude("sobolev.at-zero", value)._repr_markdown_()
    with pytest.raises(verbs.NotExact, match="did not arrive"):
        verbs.conclude("sobolev.at-zero", -value)
    with pytest.raises(verbs.NotExact, match="did not begin"):
        verbs.conclude("sobolev.at-zero", value, of=sp.Integral(sp.exp(-x), (x, 0, sp.oo)))
    with pytest.raises(verbs.NotExact, match="claims"):
        verbs.conclude("sobolev.at-zero", value, refutes=True)
    with pytest.raises(KeyError):
        verbs.conclude("sobolev.at-zer", value)


def test_a_misprint_is_refuted_by_the_truth_only(verbs):
    true = 2 ** (-(n + 1)) * sp.pi ** (-(n - 1) / 2) / sp.gamma((n + 3) / 2)
    verbs.conclude("bai2022.eq38.simplified", true, refutes=True)
    with pytest.raises(verbs.NotExact, match="claims"):
        verbs.conclude("bai2022.eq38.simplified", true)
    printed = sp.pi ** (-(n + 1) / 2) * sp.gamma(n) / 2 ** (n + 4)
    with pytest.raises(verbs.NotExact, match="is not that"):
        verbs.conclude("bai2022.eq38.simplified", printed, refutes=True)
