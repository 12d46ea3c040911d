"""Independent values of the Fourier sums on the circle, by zeta functions and the digamma function.

Neither knows of hyperbolic functions or of images. With python-flint the values are certified: what is left
of an expansion after its last term goes into the radius. Without it mpmath sums the same terms.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from mpmath import mp

from sobolevkernels.symbolic.oracles import exact

try:
    import flint
except ImportError:
    flint = None


def fourier_value(t: Any, kappa: Any, L: Any, x: Any) -> Any:
    """L^(-1) Σ_k e^(iξ_k x) (κ²+ξ_k²)^(-t), without k = 0 if κ = 0, for a rational x/L of small denominator q.

    Up to K, where ξ_(K+1) ≥ 2κ, term by term; behind it (κ²+ξ²)^(-t) = Σ_j binom(-t, j) κ^(2j) ξ^(-2t-2j), and
    Σ_(k>K) cos(2πku) k^(-p) is a sum of q Hurwitz zeta functions, one for each remainder of k modulo q.
    """
    first, u = int(sp.ceiling(kappa * L / 3)) + 1, sp.Rational(x) / sp.Rational(L)
    square, order, base = exact(sp.Rational(kappa) ** 2), exact(t), 2 * _pi() / exact(L)
    total = sum((_cos(u * k) * (square + (base * k) ** 2) ** -order for k in range(1, first + 1)), exact(0))
    coefficient, j = exact(1), 0
    while True:
        power = exact(2 * sp.Rational(t) + 2 * j)
        total += coefficient * square**j * base**-power * _behind(power, u, first)
        coefficient, j = coefficient * (-order - j) / (j + 1), j + 1
        # |Σ_(k>K) cos(2πku) k^(-p)| ≤ (K+1)^(-p) (1 + (K+1)/(p-1)), and the bounds shrink by (t+j)/(j+1) (κ/ξ_(K+1))²,
        # which is at most 1/2.
        bound = (abs(coefficient) * square**j * (base * (first + 1)) ** -(power + 2)
                 * (1 + (first + 1) / (power + 1)))
        if kappa == 0 or (j > 2 * t and bound < _precision() * abs(total)):
            break
    total = 2 * (total + _radius(2 * bound)) / exact(L)
    return total + square**-order / exact(L) if kappa != 0 else total


def _behind(power: Any, u: sp.Rational, first: int) -> Any:
    """Σ_(k>first) cos(2πku) k^(-power)."""
    q = int(u.q)
    return exact(q) ** -power * sum(
        (_cos(u * k) * _hurwitz(power, exact(sp.Rational(k, q))) for k in range(first + 1, first + q + 1)), exact(0))


def aliased_sum(kappa: Any, xi: Any, h: Any) -> Any:
    """Σ_l 1/(κ² + (ξ+2πl/h)²) over all integers l, from Σ_(l≥0) 1/((l+z)²+b²) = Im ψ(z+ib)/b."""
    step = 2 * _pi() / exact(h)
    z, b = exact(xi) / step, exact(kappa) / step
    return (_digamma_imag(z, b) + _digamma_imag(1 - z, b)) / (b * step**2)


def _pi() -> Any:
    return flint.arb.pi() if flint is not None else +mp.pi


def _cos(turns: sp.Rational) -> Any:
    """cos(2π turns)."""
    angle = 2 * _pi() * exact(sp.Rational(turns))
    return angle.cos() if flint is not None else mp.cos(angle)


def _hurwitz(power: Any, a: Any) -> Any:
    return flint.acb(power).zeta(flint.acb(a)).real if flint is not None else mp.zeta(power, a)


def _precision() -> Any:
    return flint.arb(2) ** (10 - flint.ctx.prec) if flint is not None else mp.mpf(2) ** (4 - mp.prec)


def _radius(bound: Any) -> Any:
    return flint.arb(0, bound.abs_upper()) if flint is not None else mp.mpf(0)


def _digamma_imag(z: Any, b: Any) -> Any:
    return flint.acb(z, b).digamma().imag if flint is not None else mp.im(mp.digamma(mp.mpc(z, b)))
