"""The formulas of the kernels on the torus: Fourier sum, image sum, hyperbolic and Bernoulli closed forms.

ξ_k = 2πk/L. On the circle of length L, x is a displacement between 0 and L.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from sobolevkernels.symbolic.euclidean import bessel_kernel

x, L, kappa, t, s, h, xi, n, r, w, g = sp.symbols("x L kappa t s h xi n r w g", positive=True)
c, y = sp.symbols("c y", positive=True)
A, M, k, l = sp.symbols("A M k l", integer=True, positive=True)
m = sp.Symbol("m", integer=True, nonnegative=True)
HALF = sp.Rational(1, 2)


# --- formulas -----------------------------------------------------------------------------------


def frequency(k: sp.Expr, length: sp.Expr) -> sp.Expr:
    """ξ_k = 2πk/L."""
    return 2 * sp.pi * k / length


def fourier_series(order: sp.Expr, kappa: sp.Expr, length: sp.Expr, x: sp.Expr) -> sp.Expr:
    """d(x) = L^(-1) Σ_k e^(iξ_k x) (κ²+ξ_k²)^(-t) in dimension 1, written with cosines; without k = 0 if κ = 0.

    Source: `sobolev.poisson`.
    """
    xi_k = frequency(k, length)
    series = 2 / length * sp.Sum(sp.cos(xi_k * x) / (kappa**2 + xi_k**2) ** order, (k, 1, sp.oo))
    return series + (1 / (length * kappa ** (2 * order)) if kappa != 0 else 0)


def fourier_sum(
    order: sp.Expr, kappa: sp.Expr, lengths: tuple[sp.Expr, ...], x: tuple[sp.Symbol, ...]
) -> sp.Expr:
    """The Fourier sum in any dimension, unevaluated: the definition.

    Source: `sobolev.poisson`.

    Examples
    --------
    >>> fourier_sum(sp.Rational(3, 2), sp.Integer(0), (sp.Integer(1),), (sp.Symbol("x"),))
    2*Sum(cos(2*pi*k*x)/(8*pi**3*k**3), (k, 1, oo))
    """
    if len(lengths) == 1:
        return fourier_series(order, kappa, lengths[0], x[0])
    modes = sp.symbols(f"k1:{len(lengths) + 1}", integer=True)
    xi_k = [frequency(mode, length) for mode, length in zip(modes, lengths, strict=True)]
    wave = sp.cos(sum(f * v for f, v in zip(xi_k, x, strict=True)))
    term = wave / (kappa**2 + sum(f**2 for f in xi_k)) ** order
    if kappa == 0:
        term = sp.Piecewise((0, sp.Eq(sum(mode**2 for mode in modes), 0)), (term, True))
    return sp.Sum(term, *((mode, -sp.oo, sp.oo) for mode in modes)) / sp.prod(lengths)


def hyperbolic_kernel(order: int, kappa: sp.Expr, length: sp.Expr, x: sp.Expr) -> sp.Expr:
    """d(x) for an integer order A and κ > 0, 0 ≤ x ≤ L: cosh(κ(L/2-x))/(2κ sinh(κL/2)), raised A-1 times.

    With y = L/2-x it is Σ_j β_j y^j cosh(κy) for even j and sinh(κy) for odd j, over sinh(κL/2). One more order is
    -1/(2Aκ) ∂/∂κ, for which the β_j are kept as polynomials in C = coth(κL/2): ∂C/∂κ = (L/2)(1 - C²).

    Source: `sobolev.periodic-order-1`, `sobolev.periodic-raising`.

    Examples
    --------
    >>> hyperbolic_kernel(1, kappa, L, x)
    cosh(kappa*(L/2 - x))/(2*kappa*sinh(L*kappa/2))
    """
    b, coth, half = sp.Dummy("b", positive=True), sp.Dummy("coth"), length / 2
    beta = [1 / (2 * b)]
    for a in range(1, order):
        own = [sp.diff(value, b) - half * (coth**2 - 1) * sp.diff(value, coth) - half * coth * value for value in beta]
        beta = [sp.expand(-(u + v) / (2 * a * b)) for u, v in zip([*own, 0], [0, *beta], strict=True)]
    y = half - x
    waves = [sp.cosh(kappa * y), sp.sinh(kappa * y)]
    values = {b: kappa, coth: sp.coth(kappa * half)}
    total = sum((value.subs(values) * y**j * waves[j % 2] for j, value in enumerate(beta)), sp.Integer(0))
    return total / sp.sinh(kappa * half)


def bernoulli_kernel(order: int, length: sp.Expr, x: sp.Expr) -> sp.Expr:
    """d(x) for an integer order A and κ = 0, 0 ≤ x ≤ L: (-1)^(A-1) L^(2A-1)/(2A)! B_(2A)(x/L).

    Source: `sobolev.bernoulli-kernel`.

    Examples
    --------
    >>> bernoulli_kernel(2, sp.Integer(1), x)
    -x**4/24 + x**3/12 - x**2/24 + 1/720
    """
    sign = (-1) ** (order - 1)
    return sp.expand(sign * length ** (2 * order - 1) / sp.factorial(2 * order) * sp.bernoulli(2 * order, x / length))


def line_kernel(order: sp.Expr, r: sp.Expr) -> sp.Expr:
    """d_R(r) on the line for any real order.

    Source: `sobolev.radial`, `sobolev.scaling`.
    """
    return kappa ** (1 - 2 * order) * bessel_kernel(sp.Integer(1), 2 * order, kappa * r)


def images(f: Callable[[sp.Expr], sp.Expr], first: sp.Expr = sp.S.Zero) -> sp.Expr:
    """Σ_(m≥first) f(x+mL) + f(L-x+mL): for first = 0 the sum of f(|x+mL|) over all integers m, 0 ≤ x ≤ L."""
    return sp.Sum(f(x + m * L) + f(L - x + m * L), (m, first, sp.oo))
