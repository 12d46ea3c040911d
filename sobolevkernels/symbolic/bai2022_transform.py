"""bai2022, beginning of Appendix C.2: delta functions, the convention, the Fourier form of d_x, its smoothness.

Functions are tried on Gaussians: their translates span a dense subspace, and
both sides of every statement here are continuous forms.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.bai2022_spaces import PAPER, gaussian, on_line, product, transformed
from sobolevkernels.symbolic.euclidean import bessel_kernel, half_integer_constant
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import gaussian_integrals, ranges, ratio, sides

n, s, r, sigma, t = sp.symbols("n s r sigma t", positive=True)
r0 = sp.Symbol("r", nonnegative=True)
N = sp.Symbol("n", integer=True, positive=True)
a, b, x, y = sp.symbols("a b x y", real=True)
xi = sp.Symbol("xi", real=True)
rho = sp.Symbol("rho", positive=True)
theta = sp.Symbol("theta", real=True)


def sphere_area(dimension: sp.Expr) -> sp.Expr:
    """Area of the unit sphere S^dimension: 2π^((dimension+1)/2) / Γ((dimension+1)/2)."""
    return 2 * sp.pi ** ((dimension + 1) / 2) / sp.gamma((dimension + 1) / 2)


def whole_space(n: sp.Expr, s: sp.Expr, r: sp.Expr) -> sp.Expr:
    """∫ over R^n of e^(i(x-x_i)·ξ) (1+|ξ|²)^(-s/2), in polar coordinates around x - x_i."""
    return sphere_area(n - 2) * sp.Integral(
        sp.cos(r * rho * sp.cos(theta)) * sp.sin(theta) ** (n - 2) * rho ** (n - 1) * (1 + rho**2) ** (-s / 2),
        (theta, 0, sp.pi),
        (rho, 0, sp.oo),
    )


def _whole_space(statement: Relational) -> Iterable[sp.Expr]:
    """Directions first (`sobolev.sphere`), then the argument of `sobolev.radial`.

    The residuals: the inner integrand is that of the sphere average at argument rρ; with the
    average inserted, the remaining integrand is the Hankel integrand of the theorem; and the
    right side is the theorem's.
    """
    left, right = sides(statement)
    (double,) = left.atoms(sp.Integral)
    (angle, *_), (radius, *_) = double.limits
    constant = left / double
    plane_wave = sp.cos(r * radius * sp.cos(angle)) * sp.sin(angle) ** (N - 2)
    amplitude = sp.simplify(double.function / plane_wave)
    average = (
        (2 * sp.pi) ** (N / 2) * (r * radius) ** (1 - N / 2) * sp.besselj(N / 2 - 1, r * radius) / sphere_area(N - 2)
    )
    hankel = (
        (2 * sp.pi) ** (-N / 2)
        * r ** (1 - N / 2)
        * radius ** (N / 2)
        * sp.besselj(N / 2 - 1, r * radius)
        * (1 + radius**2) ** (-s / 2)
    )
    return [
        ranges(double, (angle, 0, sp.pi), (radius, 0, sp.oo)),
        sp.diff(amplitude, angle),
        ratio(constant * amplitude * average, hankel),
        ratio(right, bessel_kernel(N, s, r)),
    ]


_one = half_integer_constant(sp.Integer(1), sp.Integer(2)) * sp.exp(-r)

_mollified_transform = (
    sp.Integral(sp.cos(r * rho) * sp.exp(-sigma * rho**2 / 2) / (1 + rho**2), (rho, 0, sp.oo)) / sp.pi
)


def _mollified(side: int) -> sp.Integral:
    """The half y > 0 (side 1) or y < 0 (side -1) of N(0, σ) * d at r, for n = 1 and s = 2."""
    density = (2 * sp.pi * sigma) ** sp.Rational(-1, 2) * sp.exp(-((r - side * y) ** 2) / (2 * sigma))
    return sp.Integral(density * _one.subs(r, y), (y, 0, sp.oo))


IDENTITIES = (
    Identity(
        label="bai2022.delta-limit",
        title="Normal densities tend to δ: ∫ N(x, σ) f → f(x), here with its rate",
        statement=equation(
            on_line((2 * sp.pi * sigma) ** sp.Rational(-1, 2) * sp.exp(-((y - x) ** 2) / (2 * sigma)) * gaussian(a), y),
            (1 + sigma) ** sp.Rational(-1, 2) * sp.exp(-((x - a) ** 2) / (2 * (1 + sigma))),
        ),
        source=PAPER + ".2, first display",
        claim="proved",
        proof=gaussian_integrals,
        points=({"a": 1, "sigma": sp.Rational(1, 100), "x": sp.Rational(1, 2)}, {"a": 0, "sigma": 2, "x": 1}),
        note="The right side is f(x) at σ = 0. The hypothesis s > n/2 + 1 of the source is more than continuity needs, "
        "which is s > n for the weight of (30).",
    ),
    Identity(
        label="bai2022.delta-pairing.line1",
        title="f(x) = ∫ d̂_x f̂ w without a complex conjugate",
        statement=equation(
            on_line((2 * sp.pi) ** sp.Rational(-1, 2) * sp.exp(-sp.I * x * xi) * transformed(a)), gaussian(a, x)
        ),
        source=PAPER + ".2, second display, first line",
        claim="refuted",
        flaw="slip",
        points=({"a": 1, "x": sp.Rational(1, 2)}, {"a": -1, "x": 2}),
        note="The left side is f(-x): the conjugate of (30) on f̂ is missing.",
    ),
    Identity(
        label="bai2022.delta-pairing.line2",
        title="The pairing as an integral over R instead of R^n",
        statement=equation(
            on_line(product(transformed(a), transformed(b))) ** N, on_line(gaussian(a) * gaussian(b), y)
        ),
        source=PAPER + ".2, second display, second line",
        claim="refuted",
        flaw="slip",
        points=({"n": 2, "a": 0, "b": 1}, {"n": 3, "a": 1, "b": 0}),
        note="Tried on products of one-dimensional Gaussians. True for n = 1; the domain should be R^n.",
    ),
    Identity(
        label="sobolev.parseval-product",
        title="Parseval in n dimensions, on products of Gaussians",
        statement=equation(
            on_line(product(transformed(a), transformed(b))) ** N, on_line(gaussian(a) * gaussian(b), y) ** N
        ),
        source="Standard; derived here",
        claim="proved",
        proof=gaussian_integrals,
        points=({"n": 2, "a": 0, "b": 1}, {"n": 3, "a": 1, "b": 0}),
        corrects=("bai2022.delta-pairing.line2",),
    ),
    Identity(
        label="bai2022.convolution",
        title="F^(-1)(F(f) g) = f * F^(-1)(g), in the unitary convention that (30) needs",
        statement=equation(
            (2 * sp.pi) ** sp.Rational(-1, 2) * on_line(sp.exp(sp.I * x * xi) * transformed(a) * sp.exp(-t * xi**2)),
            on_line(gaussian(a) * (2 * t) ** sp.Rational(-1, 2) * sp.exp(-((x - y) ** 2) / (4 * t)), y),
        ),
        source=PAPER + ".2, before the third display",
        claim="refuted",
        flaw="convention",
        points=({"a": 1, "t": 1, "x": sp.Rational(1, 2)},),
        note="The rule holds without a factor only for the non-unitary transform, whose (2π)^(-n) then appears in the "
        "inverse; (30) with the measure dξ needs the unitary one. The next display still has the right (2π)^(-n).",
    ),
    Identity(
        label="sobolev.convolution",
        title="Unitary convention: F^(-1)(F(f) g) = (2π)^(-n/2) f * F^(-1)(g)",
        statement=equation(
            (2 * sp.pi) ** sp.Rational(-1, 2) * on_line(sp.exp(sp.I * x * xi) * transformed(a) * sp.exp(-t * xi**2)),
            (2 * sp.pi) ** sp.Rational(-1, 2)
            * on_line(gaussian(a) * (2 * t) ** sp.Rational(-1, 2) * sp.exp(-((x - y) ** 2) / (4 * t)), y),
        ),
        source="Standard; derived here",
        claim="proved",
        proof=gaussian_integrals,
        points=({"a": 1, "t": 1, "x": sp.Rational(1, 2)},),
        corrects=("bai2022.convolution",),
    ),
    Identity(
        label="sobolev.mollified-kernel",
        title="(2π)^(-n/2) N(0, σ) * F^(-1)(1/w) has the symbol e^(-σξ²/2)/w, and tends to d (n = 1, s = 2)",
        statement=equation(_mollified(1) + _mollified(-1), _mollified_transform),
        source="Derived here",
        claim="checked",
        points=({"r": 1, "sigma": 1}, {"r": 2, "sigma": sp.Rational(1, 2)}),
        corrects=("bai2022.kernel-fourier.line1",),
    ),
    Identity(
        label="bai2022.kernel-fourier.line1",
        title="d_x is the limit of normal densities convolved with the unitary F^(-1)(1/w), no factor (n = 1, s = 2)",
        statement=equation(sp.sqrt(2 * sp.pi) * (_mollified(1) + _mollified(-1)), _mollified_transform),
        source=PAPER + ".2, third display, first line, and the first equality of the second",
        claim="refuted",
        flaw="convention",
        repeats="bai2022.convolution",
        points=({"r": 1, "sigma": 1}, {"r": 2, "sigma": sp.Rational(1, 2)}),
        note="With the unitary transform that (30) needs, F^(-1)(1/w) is (2π)^(n/2) d. The value on the second line, "
        "with its (2π)^(-n), is that of the non-unitary inverse and is right.",
    ),
    Identity(
        label="bai2022.kernel-fourier.line2",
        title="d_x(y) = (2π)^(-n) ∫ e^(i(y-x)·ξ)/w dξ, in polar coordinates around y-x",
        statement=equation(
            (2 * sp.pi) ** (-N) * whole_space(N, s, r),
            bessel_kernel(N, s, r),
        ),
        where=(sp.Gt(s, N), sp.Ge(N, 2)),
        source=PAPER + ".2, third display, second line",
        claim="proved",
        proof=_whole_space,
        oracle=oracles.space_kernel_at,
        corrects=("bai2022.kernel-fourier.line3",),
        note="The right side is the closed form; the paper has none for general s.",
    ),
    Identity(
        label="bai2022.kernel-fourier.line3",
        title="The same with the factor 1/(2π) in place of (2π)^(-n)",
        statement=equation(
            (2 * sp.pi) ** (-1) * whole_space(N, s, r),
            bessel_kernel(N, s, r),
        ),
        where=(sp.Gt(s, N), sp.Ge(N, 2)),
        source=PAPER + ".2, third display, third line",
        claim="refuted",
        flaw="slip",
        oracle=lambda n, s, r: oracles.space_kernel(n, s, r) * oracles.two_pi() ** (int(n) - 1),
        note="The exponent n is missing (true for n = 1 only); it may be the transcription's.",
    ),
    Identity(
        label="bai2022.eq34",
        title="(34): d_x on R^n as a Fourier integral (n ≥ 2; n = 1 is `sobolev.radial`)",
        statement=equation(
            (2 * sp.pi) ** (-N) * whole_space(N, s, r),
            bessel_kernel(N, s, r),
        ),
        where=(sp.Gt(s, N), sp.Ge(N, 2)),
        source=PAPER + ".2, (34)",
        claim="proved",
        proof=_whole_space,
        oracle=oracles.space_kernel_at,
    ),
    Identity(
        label="bai2022.smoothness",
        title="For s = n+3 the kernel has [n/2]+1 continuous derivatives, so a third one from n = 4 on: d'''(0) = 0",
        statement=equation(
            sp.Derivative(half_integer_constant(n, n + 3) * (1 + r0) * sp.exp(-r0), (r0, 3))
            + half_integer_constant(n, n + 3),
            half_integer_constant(n, n + 3),
        ),
        where=(sp.Ge(n, 4),),
        source=PAPER + ".2, first sentences of the simplification",
        claim="refuted",
        flaw="convention",
        repeats="bai2022.norm-equivalence",
        points=({"n": 4, "r": 0}, {"n": 6, "r": 0}),
        note="An even function with three continuous derivatives has d'''(0) = 0 (both sides carry a constant C_n, so "
        "that neither is 0); here d'''(0+) = 2 C_n. H_s with s = n+3 embeds in C^1 only, and the kernel itself is "
        "in C² and no better, in every dimension.",
    ),
    Identity(
        label="sobolev.third-derivative",
        title="For s = n+3: d'''(r) = C_n e^(-r) (2-r), so that d''' jumps by 4 C_n at the point",
        statement=equation(
            sp.Derivative(half_integer_constant(n, n + 3) * (1 + r) * sp.exp(-r), (r, 3)),
            half_integer_constant(n, n + 3) * (2 - r) * sp.exp(-r),
        ),
        source="Derived here",
        claim="proved",
        proof=lambda statement: [sp.simplify(statement.lhs.doit() / statement.rhs - 1)],
        corrects=("bai2022.smoothness",),
    ),
)
