"""The formulas that everything is printed from, against integrals that do not use them."""

import pytest
import sympy as sp
from mpmath import mp

import sobolevkernels as sk
from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.euclidean import half_integer_correlation, radial_kernel
from sobolevkernels.symbolic.evaluate import evaluate
from sobolevkernels.symbolic.sampling import holds, sample

r = sp.Symbol("r")


def close(expr: sp.Expr, oracle) -> bool:
    left, right = evaluate(sp.Integer(0), oracle=oracle), evaluate(expr)
    with mp.workdps(45):
        return abs(left.middle - right.middle) < abs(left.middle) * mp.mpf(10) ** -35


@pytest.mark.parametrize("n", range(1, 12))
def test_dimension_constant_is_the_value_at_the_point(n):
    assert close(sk.dimension_constant(n), lambda: oracles.space_kernel(n, n + 3, 0))


@pytest.mark.parametrize(("n", "s"), [(1, 2), (1, 8), (2, 5), (3, 4), (4, 9), (6, 13), (10, 11)])
def test_kernel_constant_times_the_sum_at_zero_is_the_value_at_the_point(n, s):
    A = (s - n + 1) // 2  # at r = 0 only the last term of the sum is left
    last = sp.factorial(2 * A - 2) / sp.factorial(A - 1) / 2 ** (A - 1)
    assert close(sk.kernel_constant(n, s) * last, lambda: oracles.space_kernel(n, s, 0))


@pytest.mark.parametrize(
    ("n", "order", "kappa", "distance"),
    [
        (1, 1, 1, sp.Rational(1, 2)),
        (3, 3, 2, sp.Rational(1, 3)),
        (2, sp.Rational(5, 2), sp.Rational(1, 2), sp.Integer(3)),
        (3, sp.Rational(11, 5), 1, sp.Integer(1)),
        (2, 2, 3, sp.Rational(1, 7)),
    ],
)
def test_radial_kernel(n, order, kappa, distance):
    order, kappa = sp.sympify(order), sp.sympify(kappa)
    expr = radial_kernel(n, order, kappa, r).subs(r, distance)
    assert close(expr, lambda: oracles.space_kernel(n, 2 * order, distance, kappa**2))


@pytest.mark.parametrize("p", range(8))
def test_half_integer_correlation_is_one_at_zero_with_positive_rational_coefficients(p):
    polynomial = sp.Poly(sp.expand(half_integer_correlation(p, r) * sp.exp(r)), r)
    assert polynomial.degree() == p
    assert polynomial.eval(0) == 1
    assert all(c.is_Rational and c > 0 for c in polynomial.all_coeffs())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 3), "at least 1"),
        ((3, 3), "exceed"),
        ((3, 2), "order of the Bessel potential"),
        ((3, 5), "even"),
        ((sp.Rational(3, 2), 4), "integer"),
        ((True, 4), "integer"),
    ],
)
def test_kernel_constant_refuses_what_has_no_constant(arguments, words):
    with pytest.raises(ValueError, match=words):
        sk.kernel_constant(*arguments)


def test_samples_satisfy_their_conditions_and_reach_the_edge_and_far_out():
    n = sp.Symbol("n", integer=True, positive=True)
    s = sp.Symbol("s", positive=True)
    where = [s > n, sp.Or(n < 3, n > 4)]
    points = sample([n, s], where, 24)
    assert len({tuple(point.values()) for point in points}) == 24
    assert all(holds(condition, point) for condition in where for point in points)
    assert min(point[s] - point[n] for point in points) <= sp.Rational(1, 1000)
    assert max(point[s] for point in points) >= 20
    assert points == sample([n, s], where, 24)


def test_a_symbol_without_conditions_is_sampled_on_both_sides_of_zero():
    values = [next(iter(point.values())) for point in sample([sp.Symbol("x")], (), 6)]
    assert min(values) < 0 < max(values)


def test_contradicting_conditions_have_no_sample():
    x = sp.Symbol("x")
    with pytest.raises(ValueError, match="contradict"):
        sample([x], [x > 1, x < 0])
