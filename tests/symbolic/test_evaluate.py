"""Thirty digits: the two arithmetics against each other, the quadratures against known values."""

import mpmath
import pytest
import sympy as sp
from mpmath import mp

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.evaluate import _MPMATH, CannotEvaluate, _tree, evaluate

x, y, k = sp.symbols("x y k")
half, third = sp.Rational(1, 2), sp.Rational(1, 3)

CLOSED = [
    sp.besselk(third, half) * sp.gamma(third) / sp.pi,
    sp.exp(-third) * sp.sqrt(2) + sp.log(7) ** third,
    sp.besselj(third, 5) + sp.besseli(half, third),
    sp.binomial(sp.Rational(7, 2), third) + sp.factorial(third) + sp.beta(third, half),
    sp.hyper((third, half), (sp.Rational(5, 2),), 1),
    sp.Sum(sp.factorial(k) * third**k, (k, 0, 12)) * sp.Product(1 + third / (k + 1), (k, 0, 5)),
    sp.Integral(sp.sin(x) ** third, (x, half, 2)),
    sp.erf(third) + sp.uppergamma(third, 2) + sp.digamma(third),
    sp.Abs(sp.exp(sp.I * third)) + sp.re(sp.exp(sp.I)),
    sp.Max(third, half) + sp.Min(third, half) + sp.cosh(third) * sp.tanh(half),
]


@pytest.mark.parametrize("expr", CLOSED, ids=str)
def test_arb_and_mpmath_agree(expr):
    ball = evaluate(expr)
    assert ball.certified
    with mp.workdps(60):
        number = _tree(expr, {}, _MPMATH, False)
        assert abs(number - ball.middle) <= ball.error + abs(number) * mp.mpf(10) ** -50
        assert ball.error <= abs(number) * mp.mpf(10) ** -35


def test_rationals_stay_exact():
    with mp.workdps(60):
        assert abs(evaluate(sp.Pow(third, 1, evaluate=False)).middle - mp.mpf(1) / 3) < mp.mpf(10) ** -44
        assert evaluate(sp.Float(0.1) * 2**60).middle == mp.mpf(0.1) * 2**60


@pytest.mark.parametrize(
    ("integral", "value"),
    [
        (sp.Integral(sp.exp(-(x**2)), (x, -sp.oo, sp.oo)), sp.sqrt(sp.pi)),
        (sp.Integral(sp.exp(-x) * x**third, (x, 0, sp.oo)), sp.gamma(sp.Rational(4, 3))),
        (sp.Integral(sp.cos(20 * x) / (1 + x**2), (x, 0, sp.oo)), sp.pi / 2 * sp.exp(-20)),
        (sp.Integral(x * sp.sin(third * x) / (1 + x**2), (x, 0, sp.oo)), sp.pi / 2 * sp.exp(-third)),
        (sp.Integral(sp.exp(2 * sp.I * x) / (1 + x**2), (x, -sp.oo, sp.oo)), sp.pi * sp.exp(-2)),
        (
            sp.Integral(sp.exp(-x), (x, -sp.oo, 0)).subs(x, -x) if False else sp.Integral(sp.exp(x), (x, -sp.oo, 1)),
            sp.E,
        ),
        (sp.Integral(x * y, (x, 0, y), (y, 0, 2)), sp.Integer(2)),
        (sp.Integral(sp.besselj(0, x) * sp.exp(-x), (x, 0, sp.oo)), 1 / sp.sqrt(2)),
    ],
    ids=str,
)
def test_quadrature_of_what_is_typed(integral, value):
    computed, exact = evaluate(integral), evaluate(value)
    with mp.workdps(50):
        assert abs(computed.middle - exact.middle) < abs(exact.middle) * mp.mpf(10) ** -33
        assert computed.error < abs(exact.middle) * mp.mpf(10) ** -30


@pytest.mark.parametrize(
    ("expr", "words"),
    [
        (x + 1, "x have no value"),
        (sp.Function("f")(1), "f"),
        (sp.Sum(sp.besselk(k, 1), (k, 1, third)), "not finite"),
    ],
)
def test_what_has_no_number_says_why(expr, words):
    with pytest.raises(CannotEvaluate, match=words):
        evaluate(expr)


POINTS = [(1, 2, half), (3, 6, sp.Integer(4)), (2, sp.Rational(21, 10), sp.Rational(1, 1000)), (5, 30, sp.Integer(40))]


@pytest.mark.parametrize(("n", "s", "r"), POINTS)
def test_the_oracle_of_the_kernel_against_the_hankel_integral_and_with_both_arithmetics(n, s, r, monkeypatch):
    certified = evaluate(sp.Integer(0), oracle=lambda: oracles.space_kernel(n, s, r))
    assert certified.certified
    monkeypatch.setattr(oracles, "flint", None)
    with mp.workdps(45):
        plain = oracles.space_kernel(n, s, r)
        assert abs(plain - certified.middle) < abs(plain) * mp.mpf(10) ** -40
    if n == 1:
        with mp.workdps(45):
            assert abs(oracles.line_fourier(s, r) - certified.middle) < abs(plain) * mp.mpf(10) ** -40
    if s == 6:  # the definition itself, integrated without any change of variables
        with mp.workdps(20):
            hankel = mpmath.quadosc(
                lambda p: p**1.5 * mpmath.besselj(0.5, 4 * p) * (1 + p * p) ** -3, [0, mp.inf], omega=4
            ) / ((2 * mp.pi) ** 1.5 * 2)
            assert abs(hankel - certified.middle) < abs(hankel) * mp.mpf(10) ** -14
