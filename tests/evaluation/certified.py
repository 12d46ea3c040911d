"""Certified values to measure errors against: Arb, with exact parameters and at a precision that suffices."""

import math
from fractions import Fraction
from functools import cache

import flint
import numpy as np

DIGITS_BITS = 100


def ball(number):
    exact = Fraction(number)
    return flint.arb(flint.fmpq(exact.numerator, exact.denominator))


@cache
def correlation_ball(nu, kappa_squared, r):
    """2^(1-nu)/Gamma(nu) x^nu K_nu(x), x = kappa r, with a relative radius below 2^-100."""
    precision = 160
    while True:
        with flint.ctx.workprec(precision):
            order, x = ball(nu), ball(kappa_squared).sqrt() * ball(r)
            value = 2 * (x / 2) ** order / order.gamma() * x.bessel_k(order) if r else flint.arb(1)
        if value.rel_accuracy_bits() >= DIGITS_BITS:
            return value
        precision *= 2


def at_zero_ball(dim, nu, kappa_squared):
    with flint.ctx.workprec(256):
        order, half = ball(nu), ball(Fraction(dim, 2))
        return ((4 * flint.arb.pi()) ** -half * ball(kappa_squared) ** -order
                * order.gamma() / (order + half).gamma())


def middle(value):
    """The middle of a ball as a fraction: 30 digits are right."""
    mantissa, exponent = (int(part) for part in value.mid().man_exp())
    return mantissa * Fraction(2) ** exponent


def ulps(computed, true, dtype=np.float64):
    """|computed - true| in units in the last place of the float nearest to `true`, subnormals included."""
    nearest = dtype(float(true))
    unit = Fraction(float(np.spacing(nearest)))
    return float(abs(Fraction(float(computed)) - true) / unit)


def worst(values, r, exact, dtype=np.float64):
    """The largest error in ulp over the points, and where it is."""
    return max((ulps(value, exact(float(point)), dtype), float(point))
               for value, point in zip(values, r, strict=True))


def adversarial(rng, count, end=700.0):
    """Distances that are hard: powers of two and table edges with both neighbours, all magnitudes, 0."""
    edges = np.concatenate([2.0 ** np.arange(-40, 3), np.arange(1, 24) / 4, 2 + np.arange(1, 12) / 16,
                            [128.0, 256.0, 690.0, end]])
    r = np.concatenate([
        [0.0, 5e-324, 2.0**-1022, 1e-300, 1e-160], edges, np.nextafter(edges, 0), np.nextafter(edges, np.inf),
        rng.uniform(0, end, count), rng.uniform(0, 20, count), np.exp(rng.uniform(-740, math.log(end), count)),
        np.exp(rng.uniform(-36, 3, count))])
    return r[r <= end]
