"""Independent values of the integrals that define the kernel.

Each function computes its integral by quadrature and never uses a closed form
of it. With python-flint the quadrature is Arb's, the tails that are cut off are
bounded by hand and added to the ball, and the result is certified; without it
mpmath integrates the same thing. Arguments are exact SymPy numbers, the
precision is that of the surrounding context.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from mpmath import mp

from sobolevkernels.symbolic.quadrature import settled_quadrature

try:
    import flint
except ImportError:
    flint = None


def _ball(value: Any) -> Any:
    rational = sp.Rational(value)
    return flint.arb(flint.fmpq(rational.p, rational.q))


def _real(value: Any) -> Any:
    rational = sp.Rational(value)
    return mp.mpf(rational.p) / rational.q


def exact(value: Any) -> Any:
    """A rational number in the arithmetic in force."""
    return _ball(value) if flint is not None else _real(value)


def two_pi() -> Any:
    """2π in the arithmetic in force."""
    return 2 * (flint.arb.pi() if flint is not None else mp.pi)


def space_kernel(n: Any, s: Any, r: Any, kappa_squared: Any = 1) -> Any:
    """d(r) on R^n for the weight (kappa²+|ξ|²)^(s/2), by subordination to the heat kernel.

    w(ξ)^(-1) = Γ(s/2)^(-1) ∫ t^(s/2-1) e^(-t(kappa²+|ξ|²)) dt turns the Fourier
    integral into ∫ t^(s/2-1) e^(-t kappa²) (4πt)^(-n/2) e^(-r²/(4t)) dt / Γ(s/2),
    which is positive and decays doubly exponentially in log t.
    """
    if flint is None:
        nu, x, rate = (_real(s) - _real(n)) / 2, _real(r) ** 2 / 4, _real(kappa_squared)
        reach = 4 * mp.dps + 20 * abs(nu) + 40 + 2 * mp.sqrt(x * rate)
        high = mp.log(reach / rate)
        low = mp.log(x / reach) if x else -(mp.dps + 5) * mp.log(10) / nu
        head = mp.mpf(0) if x else mp.exp(nu * low) / nu  # ∫_0^ε t^(ν-1) dt
        integral = settled_quadrature(
            lambda u: mp.exp(nu * u - rate * mp.exp(u) - x * mp.exp(-u)), mp.linspace(low, high, 9)
        )
        return (head + integral) / ((4 * mp.pi) ** (_real(n) / 2) * mp.gamma(_real(s) / 2))
    nu, x, rate = (_ball(s) - _ball(n)) / 2, _ball(r) ** 2 / 4, _ball(kappa_squared)
    bits = flint.ctx.prec
    # Right tail, V ≥ 2ν: ∫_V^∞ v^(ν-1) e^(-v) dv ≤ 2 V^(ν-1) e^(-V). The left one is the same after t -> x/t.
    cut = flint.arb(bits) + 10 * abs(nu) + 40 + 2 * (x * rate).sqrt()
    error = 2 * cut ** (nu - 1) * (-cut).exp() / rate**nu
    high = (cut / rate).log()
    head = flint.arb(0)
    if r == 0:
        low = -(flint.arb(bits) * flint.arb(2).log()) / nu
        head = (nu * low).exp() / nu  # ∫_0^ε t^(ν-1) e^(-kappa² t) dt is at most this, and nearly so
        error = error + head * (1 - (-(rate * low.exp())).exp())
    else:
        low = (x / cut).log()
        error = error + 2 * x**nu * cut ** (-nu - 1) * (-cut).exp()
    integrand = lambda u: (nu * u - rate * u.exp() - x * (-u).exp()).exp()
    integral = flint.acb.integral(
        lambda u, _: integrand(u), low.mid(), high.mid(), abs_tol=flint.arb(0), rel_tol=flint.arb(2) ** (4 - bits)
    ).real
    # The ends are balls: moving them to their midpoints changes at most width times integrand.
    error = error + sum(flint.arb(end.rad()) * integrand(end) for end in (low, high))
    total = head + integral + _radius(error)
    return total / ((4 * flint.arb.pi()) ** (_ball(n) / 2) * (_ball(s) / 2).gamma())


def _radius(bound: Any) -> Any:
    """The ball around 0 that holds everything up to `bound` in size."""
    return flint.arb(0, bound.abs_upper())


def space_kernel_at(n: Any, s: Any, r: Any) -> Any:
    """`space_kernel` for kappa = 1, as the oracle of a statement in the symbols n, s and r."""
    return space_kernel(n, s, r)


def bessel_integral(nu: Any, r: Any) -> Any:
    """r^ν K_ν(r) = 2^(ν-1) ∫ t^(ν-1) e^(-t-r²/(4t)) dt, through `space_kernel` in whatever space it fits."""
    n, s = max(1, 1 - 2 * sp.Rational(nu)), None
    s = n + 2 * sp.Rational(nu)
    half = exact(s) / 2
    gamma = half.gamma() if flint is not None else mp.gamma(half)
    pi = two_pi() / 2
    return space_kernel(n, s, r) * (4 * pi) ** (exact(n) / 2) * gamma * exact(2) ** (exact(nu) - 1)


def kernel_derivative(nu: Any, r: Any) -> Any:
    """(1/2r) d/dr [r^ν K_ν(r)], differentiated under the integral of `bessel_integral`."""
    return -bessel_integral(sp.Rational(nu) - 1, r) / 2


def line_fourier(s: Any, r: Any) -> Any:
    """(2π)^(-1) ∫_R e^(irξ) (1+ξ²)^(-s/2) dξ for r > 0, on a contour where it decays.

    With ξ = sinh(u), 1+ξ² = cosh²(u); the line moves to Im u = φ < π/2, below the
    branch point at ξ = i, and there |e^(irξ)| = e^(-r sin φ cosh Re u).
    """
    if flint is None:
        angle, order, a = mp.pi / 4, _real(s), _real(r)
        cut = mp.acosh((2.5 * mp.dps + 20) / (a * mp.sin(angle)) + 1)
        on_contour = lambda u: mp.re(mp.exp(1j * a * mp.sinh(u + 1j * angle)) * mp.cosh(u + 1j * angle) ** (1 - order))
        return settled_quadrature(on_contour, mp.linspace(0, cut, 9)) / mp.pi
    order, a = _ball(s), _ball(r)
    lift = flint.acb(0, flint.arb.pi() / 4)
    decay = a * (flint.arb.pi() / 4).sin()
    cut = ((flint.arb(flint.ctx.prec) + 40) / decay + 1).acosh().mid() + 1
    # Beyond the cut |cosh(u+iφ)^(1-s)| ≤ (cosh(x)+1)^|1-s| and cosh(x) ≥ cosh(X) + (x-X) sinh(X).
    height = flint.arb(cut).cosh()
    growth = (abs(1 - order) + 1) / (height + 1)
    tail = (height + 1) ** abs(1 - order) * (-(decay * height)).exp() * 2 / ((decay - growth) * flint.arb(cut).sinh())

    def integrand(x: Any, analytic: bool) -> Any:
        u = x + lift
        return (flint.acb(0, 1) * a * u.sinh()).exp() * u.cosh().pow(1 - order, analytic=analytic)

    integral = flint.acb.integral(
        integrand, -cut, cut, abs_tol=flint.arb(0), rel_tol=flint.arb(2) ** (4 - flint.ctx.prec)
    ).real
    return (integral + _radius(2 * tail)) / (2 * flint.arb.pi())


def radial_moment(n: Any, s: Any) -> Any:
    """∫_0^∞ (1+r²)^(-s/2) r^(n-2) dr for n > 1 and s > n-1.

    For integers with s ≥ n, r = tan u gives ∫_0^(π/2) sin^(n-2) cos^(s-n) du.
    Otherwise the integral is that of 1/w over R^(n-1) up to the Gaussian's
    radial integral, and `space_kernel` at distance 0 serves.
    """
    if flint is not None and sp.sympify(n).is_integer and sp.sympify(s).is_integer and s >= n:
        p, q = int(n) - 2, int(s) - int(n)
        return flint.acb.integral(
            lambda u, _: u.sin() ** p * u.cos() ** q,
            0,
            flint.arb.pi() / 2,
            rel_tol=flint.arb(2) ** (4 - flint.ctx.prec),
        ).real
    half, pi = ((_ball(n) - 1) / 2, flint.arb.pi()) if flint is not None else ((_real(n) - 1) / 2, +mp.pi)
    gamma = half.gamma() if flint is not None else mp.gamma(half)
    return space_kernel(sp.sympify(n) - 1, s, 0) * (4 * pi) ** half * gamma / 2
