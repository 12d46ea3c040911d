"""What the kernel does: recursions in n and s, Green's equation, reproduction, semigroup, Matérn covariances."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.euclidean import (
    OUR_OWN,
    bessel_kernel,
    bessel_kernel_at_zero,
    half_integer_kernel,
    radial_kernel,
)
from sobolevkernels.symbolic.identity import Identity, Proof, equation
from sobolevkernels.symbolic.proofs import (
    OTHER_RANGE,
    bessel_normal,
    constants_cancel,
    gaussian_integrals,
    ratio,
    sides,
    under_the_integral,
)

n, s, r, t, u = sp.symbols("n s r t u", positive=True)
a, b, tau = sp.symbols("a b tau", positive=True)
nu, length_scale = sp.symbols("nu length_scale", positive=True)
A, B = sp.symbols("A B", integer=True, positive=True)
x, y = sp.symbols("x y", real=True)


def _reduce_bessel(statement: Relational) -> Iterable[sp.Expr]:
    """Differentiate, then reduce every K_(ν+m) to two neighbours by their recurrence."""
    left, right = sides(statement)
    power = r ** ((s - n) / 2) * (2 * sp.pi) ** (-n / 2) * 2 ** (-s / 2) / sp.gamma(s / 2)
    terms = sp.expand(left.doit() - right).args
    return [bessel_normal(sum(sp.gammasimp(sp.powsimp(sp.simplify(term / power))) for term in terms))]


def _reduce_elementary(statement: Relational) -> Iterable[sp.Expr]:
    """Differentiate and simplify."""
    left, right = sides(statement)
    return [sp.simplify(left.doit() - right)]


def _energy_density(d: sp.Expr, f: sp.Expr, half_order: int) -> sp.Expr:
    """Σ_j binom(A, j) d^(j) f^(j): its integral is ⟨d, f⟩ for the weight (1+ξ²)^A, A = `half_order`."""
    return sum(
        (sp.binomial(half_order, j) * sp.diff(d, y, j) * sp.diff(f, y, j) for j in range(half_order + 1)), sp.Integer(0)
    )


def _kernel_on_side(half_order: int, side: int) -> sp.Expr:
    """d(|y-x|) for y > x (side 1) or y < x (side -1), n = 1, s = 2·half_order."""
    return sp.expand(half_integer_kernel(sp.Integer(1), sp.Integer(2 * half_order), r)).subs(r, side * (y - x))


def _reproduction(half_order: int) -> sp.Expr:
    """⟨d_x, f⟩ in physical space for f = e^(-(y-a)²), split at the kink."""
    f = sp.exp(-((y - a) ** 2))
    below, above = (_energy_density(_kernel_on_side(half_order, side), f, half_order) for side in (-1, 1))
    return sp.Integral(below, (y, -sp.oo, x)) + sp.Integral(above, (y, x, sp.oo))


def _by_parts(half_order: int) -> Proof:
    def proof(statement: Relational) -> Iterable[sp.Expr]:
        left, right = sides(statement)
        pieces = {integral.limits[0][1:]: integral.function for integral in left.atoms(sp.Integral)}
        f = right.subs(x, y)
        residuals, boundary = [sp.simplify(left - sum(left.atoms(sp.Integral)))], {}
        for side, ends in ((-1, (-sp.oo, x)), (1, (x, sp.oo))):
            d = _kernel_on_side(half_order, side)
            if half_order == 1:
                boundary[side] = sp.diff(d, y) * f
            else:
                boundary[side] = sp.diff(d, y, 2) * sp.diff(f, y) + (2 * sp.diff(d, y) - sp.diff(d, y, 3)) * f
            residuals.append(sp.simplify(pieces.get(sp.Tuple(*ends), OTHER_RANGE) - sp.diff(boundary[side], y)))
        jump = (boundary[-1] - boundary[1]).subs(y, x)
        return [*residuals, sp.simplify(jump - right)]

    proof.__doc__ = """The integrand is the derivative of B = d'f (order 1) or d''f' + (2d'-d''')f (order 2) on each
    side of y = x, because (1-∂²)^A d = 0 there; B decays at infinity and jumps at x by f(x)."""
    return proof


def _beta_mixture(statement: Relational) -> Iterable[sp.Expr]:
    """Scale the integration variable by τ: what is left is Euler's Beta integral over [0, 1]."""
    left, right = sides(statement)
    integrand, variable = under_the_integral(left, sp.Integer(0), tau)
    scaled = integrand.subs({tau - variable: tau * (1 - variable), variable: tau * variable}, simultaneous=True)
    unit = sp.expand_power_base(scaled * tau, force=True)
    form = variable ** (a / 2 - 1) * (1 - variable) ** (b / 2 - 1)
    constant = sp.simplify(unit / form)
    euler = sp.gamma(a / 2) * sp.gamma(b / 2) / sp.gamma((a + b) / 2)
    return [sp.simplify(sp.diff(constant, variable)), ratio(constant * euler, right)]


def _elementary_matern(statement: Relational) -> Iterable[sp.Expr]:
    """Both sides are elementary; they cancel exactly."""
    left, right = sides(statement)
    return [sp.simplify(left / right - 1)]


def matern(nu: sp.Expr, length_scale: sp.Expr, r: sp.Expr) -> sp.Expr:
    """The Matérn correlation as scikit-learn and GPyTorch parametrise it.

    2^(1-ν)/Γ(ν) z^ν K_ν(z) with z = sqrt(2ν) r/ℓ.

    Source: `sobolev.matern`.
    """
    z = sp.sqrt(2 * nu) * r / length_scale
    return 2 ** (1 - nu) / sp.gamma(nu) * z**nu * sp.besselk(nu, z)


def _matern_record(p: int, correlation: sp.Expr) -> Identity:
    half = sp.Rational(2 * p + 1, 2)
    kappa = sp.sqrt(2 * half) / length_scale
    return Identity(
        label=f"sobolev.matern-{2 * p + 1}-2",
        title=f"GPyTorch's Matérn-{2 * p + 1}/2 is the kernel of order {p + 1} on R, divided by d(0)",
        statement=equation(
            radial_kernel(1, half + sp.Rational(1, 2), kappa, r),
            kappa ** (-2 * half) * bessel_kernel_at_zero(sp.Integer(1), 2 * half + 1) * correlation,
        ),
        source="The elementary forms used by GPyTorch, restated",
        claim="proved",
        proof=_elementary_matern,
        oracle=lambda r, length_scale: oracles.space_kernel(1, 2 * half + 1, r, 2 * half / length_scale**2),
    )


_scaled = r / length_scale


def _heat(time: sp.Expr, distance: sp.Expr) -> sp.Expr:
    return (4 * sp.pi * time) ** sp.Rational(-1, 2) * sp.exp(-(distance**2) / (4 * time))


def _kernel_oracle(factor: Callable[..., Any], shift: int = 0) -> Callable[..., Any]:
    """`factor(s)` times the certified kernel of order s + shift."""
    return lambda n, s, r: oracles.exact(factor(s)) * oracles.space_kernel(n, s + shift, r)


def _potential(half_order: sp.Expr, distance: sp.Expr) -> sp.Expr:
    return half_integer_kernel(sp.Integer(1), 2 * half_order, r).subs(r, distance)


IDENTITIES = (
    Identity(
        label="sobolev.dimension-walk",
        title="Two dimensions up: d^(n+2,s) = -1/(2πr) d/dr d^(n,s)",
        statement=equation(bessel_kernel(n + 2, s, r), -sp.Derivative(bessel_kernel(n, s, r), r) / (2 * sp.pi * r)),
        where=(sp.Gt(s, n + 2),),
        source=OUR_OWN,
        claim="proved",
        proof=_reduce_bessel,
        oracle=lambda n, s, r: oracles.space_kernel(n + 2, s, r),
    ),
    Identity(
        label="sobolev.order-derivative",
        title="Order and derivative: d/dr d^(n,s+2) = -(r/s) d^(n,s)",
        statement=equation(-s / r * sp.Derivative(bessel_kernel(n, s + 2, r), r), bessel_kernel(n, s, r)),
        where=(sp.Gt(s, n),),
        source=OUR_OWN,
        claim="proved",
        proof=_reduce_bessel,
        oracle=oracles.space_kernel_at,
    ),
    Identity(
        label="sobolev.order-recursion",
        title="Three orders: s(s+2) d^(n,s+4) = r² d^(n,s) + s(s+2-n) d^(n,s+2)",
        statement=equation(
            s * (s + 2) * bessel_kernel(n, s + 4, r),
            r**2 * bessel_kernel(n, s, r) + s * (s + 2 - n) * bessel_kernel(n, s + 2, r),
        ),
        where=(sp.Gt(s, n),),
        source=OUR_OWN,
        claim="proved",
        proof=_reduce_bessel,
        oracle=_kernel_oracle(lambda s: s * (s + 2), 4),
    ),
    Identity(
        label="sobolev.radial-ode",
        title="The radial equation: r d'' + (1-2ν) d' = r d, for every real s > n",
        statement=equation(
            sp.Derivative(bessel_kernel(n, s, r), (r, 2)) + (1 - s + n) / r * sp.Derivative(bessel_kernel(n, s, r), r),
            bessel_kernel(n, s, r),
        ),
        where=(sp.Gt(s, n),),
        source=OUR_OWN,
        claim="proved",
        proof=_reduce_bessel,
        oracle=oracles.space_kernel_at,
        note="The condition that picks the solution: d tends to 0 at infinity and d(0) is `sobolev.at-zero`. "
        "The oracle shows that the left side is the kernel again.",
    ),
    Identity(
        label="sobolev.laplace-lowering",
        title="1-Δ lowers the order by two: d - d'' - (n-1)/r d' = d^(n,s-2)",
        statement=equation(
            bessel_kernel(n, s - 2, r),
            bessel_kernel(n, s, r)
            - sp.Derivative(bessel_kernel(n, s, r), (r, 2))
            - (n - 1) / r * sp.Derivative(bessel_kernel(n, s, r), r),
        ),
        where=(sp.Gt(s, n + 2),),
        source=OUR_OWN,
        claim="proved",
        proof=_reduce_bessel,
        oracle=lambda n, s, r: oracles.space_kernel(n, s - 2, r),
        note="Repeated s/2 times it ends in (1-Δ)^(s/2) d = δ; the last step is `sobolev.green-jump`.",
    ),
    Identity(
        label="sobolev.green-jump",
        title="(1-d²/dx²) d = δ for n = 1, s = 2: -2 d'(r) → 1 as r → 0",
        statement=equation(-2 * sp.Derivative(half_integer_kernel(sp.Integer(1), sp.Integer(2), r), r), sp.exp(-r)),
        source=OUR_OWN,
        claim="proved",
        proof=_reduce_elementary,
        oracle=lambda r: 2 * oracles.line_fourier(2, r),
        note="Off 0, d'' = d; the derivative of d(|x|) jumps by 2d'(0+) = -1, which is the unit mass of δ.",
    ),
    *(
        Identity(
            label=f"sobolev.reproducing-{2 * half_order}",
            title=f"⟨d_x, f⟩ = f(x) in physical space for n = 1, s = {2 * half_order}, on Gaussians f",
            statement=equation(_reproduction(half_order), sp.exp(-((x - a) ** 2))),
            source=OUR_OWN,
            claim="proved",
            proof=_by_parts(half_order),
            points=({"x": sp.Rational(1, 2), "a": 1}, {"x": sp.Rational(-1, 3), "a": sp.Rational(1, 2)}),
            note="The test functions are e^(-(y-a)²) for every a, whose span is dense; the proof is the same for any "
            "smooth f that decays.",
        )
        for half_order in (1, 2)
    ),
    Identity(
        label="sobolev.heat-semigroup",
        title="Heat kernels convolve: p_t * p_u = p_(t+u) (n = 1)",
        statement=equation(sp.Integral(_heat(t, x - y) * _heat(u, y), (y, -sp.oo, sp.oo)), _heat(t + u, x)),
        source=OUR_OWN,
        claim="proved",
        proof=gaussian_integrals,
        points=({"t": 1, "u": 2, "x": 1}, {"t": sp.Rational(1, 3), "u": sp.Rational(1, 2), "x": -2}),
    ),
    Identity(
        label="sobolev.gamma-mixture",
        title="Gamma densities convolve: the mixing densities of orders a and b give that of order a+b",
        statement=equation(
            sp.Integral(t ** (a / 2 - 1) * (tau - t) ** (b / 2 - 1), (t, 0, tau)) / (sp.gamma(a / 2) * sp.gamma(b / 2)),
            tau ** ((a + b) / 2 - 1) / sp.gamma((a + b) / 2),
        ),
        source=OUR_OWN,
        claim="proved",
        proof=_beta_mixture,
        points=(
            {"a": 2, "b": 4, "tau": 1},
            {"a": 4, "b": sp.Rational(24, 5), "tau": sp.Rational(1, 3)},
            {"a": sp.Rational(9, 2), "b": 3, "tau": 7},
        ),
        note="With `sobolev.subordination` and `sobolev.heat-semigroup` this is the semigroup G_a * G_b = G_(a+b), in "
        "every dimension and for all real orders: e^(-t) e^(-u) = e^(-τ), and the t-integral is the left side.",
    ),
    Identity(
        label="sobolev.semigroup",
        title="Bessel potentials convolve: G_(2A) * G_(2B) = G_(2A+2B) (n = 1)",
        statement=equation(
            sp.Integral(_potential(A, y) * _potential(B, r + y), (y, 0, sp.oo))
            + sp.Integral(_potential(A, y) * _potential(B, r - y), (y, 0, r))
            + sp.Integral(_potential(A, r + y) * _potential(B, y), (y, 0, sp.oo)),
            bessel_kernel(sp.Integer(1), 2 * A + 2 * B, r),
        ),
        source=OUR_OWN,
        claim="checked",
        points=({"A": 1, "B": 1, "r": 1}, {"A": 1, "B": 2, "r": sp.Rational(1, 2)}, {"A": 3, "B": 2, "r": 5}),
        note="Direct quadrature of the convolution, split at its kinks; the proof for all orders is in "
        "`sobolev.gamma-mixture`.",
    ),
    Identity(
        label="sobolev.matern",
        title="The kernel is a Matérn covariance: ν = order - n/2, ℓ = sqrt(2ν)/kappa, variance d(0)",
        statement=equation(
            radial_kernel(n, nu + n / 2, sp.sqrt(2 * nu) / length_scale, r),
            (sp.sqrt(2 * nu) / length_scale) ** (-2 * nu)
            * bessel_kernel_at_zero(n, 2 * nu + n)
            * matern(nu, length_scale, r),
        ),
        source="The parametrisation of scikit-learn and GPyTorch, restated",
        claim="proved",
        proof=constants_cancel,
        oracle=lambda n, nu, r, length_scale: oracles.space_kernel(n, 2 * nu + n, r, 2 * nu / length_scale**2),
    ),
    _matern_record(0, sp.exp(-_scaled)),
    _matern_record(1, (1 + sp.sqrt(3) * _scaled) * sp.exp(-sp.sqrt(3) * _scaled)),
    _matern_record(2, (1 + sp.sqrt(5) * _scaled + sp.Rational(5, 3) * _scaled**2) * sp.exp(-sp.sqrt(5) * _scaled)),
)
