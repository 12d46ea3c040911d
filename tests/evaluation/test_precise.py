"""The arbitrary-precision road and the certified one: against each other and against an independent integral."""

from fractions import Fraction

import flint
import mpmath
import pytest
from certified import at_zero_ball, correlation_ball, middle
from mpmath import mp

from sobolevkernels.evaluation import precise

CASES = [
    (1, Fraction(1, 2), Fraction(1), Fraction(3)), (3, Fraction(3, 2), Fraction(2), Fraction(0.1)),
    (2, Fraction(1), Fraction(1, 9), Fraction(5, 7)), (4, Fraction(7, 10), Fraction(1), Fraction(12)),
    (5, Fraction(6), Fraction(49), Fraction(1, 1000)), (3, Fraction(2) + Fraction(1, 2**51), Fraction(1), Fraction(1)),
]


def subordination(dim, nu, kappa_squared, r):
    """d(r) = 1/Gamma(t) ∫ u^(t-1) e^(-u kappa²) (4 pi u)^(-n/2) e^(-r²/4u) du, by quadrature in log u."""
    order = mp.mpf(nu.numerator) / nu.denominator + mp.mpf(dim) / 2
    square = mp.mpf(kappa_squared.numerator) / kappa_squared.denominator
    distance = mp.mpf(r.numerator) / r.denominator

    def integrand(v):
        u = mp.exp(v)
        return mp.exp(v * order - u * square - distance**2 / (4 * u)) * (4 * mp.pi * u) ** (-mp.mpf(dim) / 2)

    middle_point = mp.log(max(distance, mp.mpf(1) / 100))
    ends = [middle_point + step for step in range(-60, 61, 6)]
    return mp.quad(integrand, ends) / mp.gamma(order)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_against_the_subordination_integral(case):
    with mp.workdps(30):
        assert mp.almosteq(precise.radial_mpf(*case, 30), subordination(*case), rel_eps=mp.mpf(10) ** -22)


@pytest.mark.parametrize("digits", [5, 50, 300])
@pytest.mark.parametrize("case", [*CASES, (3, Fraction(500), Fraction(1), Fraction(1400)),
                                  (7, Fraction(1, 100), Fraction(1), Fraction(1e-300)),
                                  (2, Fraction(2), Fraction(1), Fraction(100000)),
                                  (3, Fraction(3, 2), Fraction(10**30), Fraction(0))], ids=str)
def test_the_ball_contains_the_digits(case, digits):
    if case[3] == Fraction(1e-300) and digits == 300:
        digits = 100
    value, ball = precise.radial_mpf(*case, digits), precise.radial_ball(*case, digits)
    centre = middle(ball)
    with mp.workdps(digits + 20):
        relative = abs(value / (mp.mpf(centre.numerator) / centre.denominator) - 1)
    assert relative < 2 * mp.mpf(10) ** (-digits)
    assert ball.rel_accuracy_bits() >= 3.3 * digits


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_ball_lies_where_another_formula_says(case):
    """d(0) times the correlation, assembled separately, overlaps the enclosure; a perturbed one does not."""
    dim, nu, kappa_squared, r = case
    ball = precise.radial_ball(*case, 25)
    with flint.ctx.workprec(160):
        product = at_zero_ball(dim, nu, kappa_squared) * correlation_ball(nu, kappa_squared, r)
        assert ball.overlaps(product)
        assert not ball.overlaps(product * (1 + flint.arb(2) ** -60))


def test_bessel_function_against_mpmath():
    with mp.workdps(40):
        for nu, x in ((0, "0.1"), ("0.5", 2), (3, 7), ("2.5", 30)):
            assert mp.almosteq(precise.bessel_k(mp.mpf(nu), mp.mpf(x)), mpmath.besselk(nu, mp.mpf(x)),
                               rel_eps=mp.mpf(10) ** -38)
