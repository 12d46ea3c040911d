"""Bregman divergences: duality, the three-point identity, Pythagoras, and mirror descent as natural gradient."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import differentiated, least_at
from sobolevkernels.symbolic.euclidean import OUR_OWN
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.mirror_formulas import (
    BURG,
    ENTROPY,
    LOG_PARTITION,
    NATURAL,
    burg_divergence,
    burg_factor,
    entropy_divergence,
    entropy_factor,
    p,
    x,
    y,
)
from sobolevkernels.symbolic.mirror_steps import FAMILY, a, b, f, g, h, slope, t, u, x0
from sobolevkernels.symbolic.proofs import OTHER_RANGE, gaussian_integrals, sides

m, n, s, v = sp.symbols("m n s v", positive=True)
#: Points on the real line (with x0), and in the plane.
y0 = sp.Symbol("y0", real=True)
PLANE = tuple(sp.symbols("x1 x2 y1 y2 z1 z2", real=True))

#: A function of the plane that does not separate, with four free coefficients.
_u1, _u2 = sp.symbols("u1 u2", real=True)
COUPLED = a * _u1**2 / 2 + b * _u2**2 / 2 + f * _u1 * _u2 + g * _u1**2 * _u2 + h * _u2**4
def divergence(potential: sp.Expr, at: sp.Symbol, there: sp.Expr, here: sp.Expr) -> sp.Expr:
    """V(there, here), its derivative unevaluated."""
    return potential.subs(at, there) - potential.subs(at, here) - slope(potential, at, here) * (there - here)


def _plane(there: tuple[sp.Expr, ...], here: tuple[sp.Expr, ...]) -> sp.Expr:
    """V of COUPLED in the plane."""
    at = dict(zip((_u1, _u2), here, strict=True))
    end_value = COUPLED.subs(dict(zip((_u1, _u2), there, strict=True)), simultaneous=True)
    return (end_value - COUPLED.subs(at, simultaneous=True)
            - sum((sp.diff(COUPLED, symbol).subs(at, simultaneous=True) * (end - start)
                   for symbol, end, start in zip((_u1, _u2), there, here, strict=True)), sp.Integer(0)))


def _gradient(here: tuple[sp.Expr, ...]) -> list[sp.Expr]:
    at = dict(zip((_u1, _u2), here, strict=True))
    return [sp.diff(COUPLED, symbol).subs(at, simultaneous=True) for symbol in (_u1, _u2)]


def conjugate_at(potential: sp.Expr, at: sp.Symbol, point: sp.Expr) -> sp.Expr:
    """φ*(∇φ(x)) = x φ'(x) - φ(x)."""
    return point * slope(potential, at, point) - potential.subs(at, point)


def _by_quotient(statement: Relational) -> Iterable[sp.Expr]:
    """With y = sx the sides are x times, or plainly, a function of s alone; they cancel."""
    left, right = (sp.expand_log(side.doit().subs(y, s * x), force=True) for side in sides(statement))
    return [sp.simplify(sp.expand_log(sp.simplify(left - right), force=True))]


def _by_logarithms(statement: Relational) -> Iterable[sp.Expr]:
    """The logarithm of a quotient is a difference; then the two sides are one polynomial in the logarithms."""
    left, right = (side.doit() for side in sides(statement))
    return [sp.expand((left - right).replace(sp.log, _logarithm_of_fraction))]


def _logarithm_of_fraction(part: sp.Expr) -> sp.Expr:
    above, beneath = (sp.Integer(0) if side == 1 else sp.Symbol(f"log({side})") for side in sp.fraction(part))
    return above - beneath


def _increasing(statement: Relational) -> Iterable[sp.Expr]:
    """The gap is (∇φ(b) - ∇φ(x))(z - b).

    For b = x + s and z = b + t it is t log(1 + s/x), a product of positive factors.
    """
    further = sp.Symbol("t", positive=True)
    gap = (statement.gts - statement.lts).doit()
    gap = sp.simplify(sp.expand_log(sp.expand(gap), force=True)).subs({m: x + s + further}).subs(b, x + s)
    rest = sp.simplify(sp.expand_log(gap, force=True) - further * (sp.log(x + s) - sp.log(x)))
    return [rest, sp.Integer(0) if sp.log(1 + s / x).is_positive else OTHER_RANGE]


_r = (y - x) / (y + x)
_series = (sp.log(y / x) / 2 - _r) / _r**3
_ell = sp.log(y / x)

# ½‖x‖_p² in the plane: x = (x, m), y = (y, n), all positive.
_sx, _sy = x**p + m**p, y**p + n**p
_inner = x ** (p - 1) * (y - x) + m ** (p - 1) * (n - m)

IDENTITIES = (
    Identity(
        label="sobolev.mirror-bregman-entropy",
        title="x log x: V(y, x) = y log(y/x) - y + x, of which Σ is the generalised Kullback-Leibler divergence",
        statement=equation(divergence(ENTROPY.potential, x, y, x), entropy_divergence(x, y, _ell)),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
    ),
    Identity(
        label="sobolev.mirror-bregman-entropy-near",
        title="The same without cancellation: V(y, x) = (y-x)²/(x+y) · (1 + (1+r) r S(r)) with r = (y-x)/(y+x)",
        statement=equation(entropy_divergence(x, y, _ell), (y - x) ** 2 / (x + y) * entropy_factor(_r, _series)),
        where=(sp.Ne(x, y),),
        source=OUR_OWN,
        claim="proved",
        proof=_by_quotient,
        note="S(r) = (artanh r - r)/r³ with artanh r = ½ log(y/x); for near points it is the series "
        "`sobolev.mirror-series`.",
    ),
    Identity(
        label="sobolev.mirror-bregman-burg",
        title="-log x: V(y, x) = y/x - 1 - log(y/x), the divergence of Itakura and Saito",
        statement=equation(divergence(BURG.potential, x, y, x), burg_divergence(x, y, _ell)),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
    ),
    Identity(
        label="sobolev.mirror-bregman-burg-near",
        title="The same without cancellation: V(y, x) = (y-x)²/(x(x+y)) · (1 - (1-r) r S(r)) with r = (y-x)/(y+x)",
        statement=equation(burg_divergence(x, y, _ell), (y - x) ** 2 / (x * (x + y)) * burg_factor(_r, _series)),
        where=(sp.Ne(x, y),),
        source=OUR_OWN,
        claim="proved",
        proof=_by_quotient,
    ),
    Identity(
        label="sobolev.mirror-bregman-p-norm",
        title="½‖x‖_p²: V splits into the divergence of s^(2/p)/2 at s = Σy^p/Σx^p and those of x^p/p (in the plane)",
        statement=equation(
            _sy ** (2 / p) / 2 - _sx ** (2 / p) / 2 - _sx ** (2 / p - 1) * _inner,
            _sx ** (2 / p) * (((_sy / _sx) ** (2 / p) - 1 - 2 / p * (_sy / _sx - 1)) / 2
                              + (_sy - _sx - p * _inner) / (p * _sx)),
        ),
        where=(sp.Gt(p, 1),),
        points=tuple({"x": 1, "m": i, "y": j, "n": k, "p": o} for i, j, k, o in (
            (2, 3, 1, 3), (sp.Rational(1, 2), 2, 4, sp.Rational(3, 2)), (5, sp.Rational(1, 3), 1, sp.Rational(6, 5)))),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="The proof uses only three sums, so that it holds in every dimension. Here all are positive.",
    ),
    Identity(
        label="sobolev.bregman-kullback-leibler",
        title="On the simplex the divergence of the entropy is that of Kullback and Leibler (two coordinates)",
        statement=equation(
            divergence(ENTROPY.potential, x, y, x) + divergence(ENTROPY.potential, x, 1 - y, 1 - x),
            y * sp.log(y / x) + (1 - y) * sp.log((1 - y) / (1 - x)),
        ),
        where=(sp.Lt(x, 1), sp.Lt(y, 1), sp.Ne(x, y)),
        source=OUR_OWN,
        claim="proved",
        proof=_by_logarithms,
    ),
    Identity(
        label="sobolev.bregman-gaussian",
        title="The divergence of the log-partition is that of Kullback and Leibler, the other way round (Gaussians)",
        statement=equation(
            sp.Integral(
                (((t - n) ** 2 / b - (t - m) ** 2 / v) / 2 + sp.log(b / v) / 2)
                * sp.exp(-((t - m) ** 2) / (2 * v)) / sp.sqrt(2 * sp.pi * v), (t, -sp.oo, sp.oo)),
            LOG_PARTITION.subs({NATURAL[0]: n / b, NATURAL[1]: -1 / (2 * b)})
            - LOG_PARTITION.subs({NATURAL[0]: m / v, NATURAL[1]: -1 / (2 * v)})
            - m * (n / b - m / v) - (m**2 + v) * (1 / (2 * v) - 1 / (2 * b)),
        ),
        points=({"m": 1, "v": 1, "n": 2, "b": 3}, {"m": 2, "v": sp.Rational(1, 2), "n": 1, "b": 1}),
        source=OUR_OWN,
        claim="proved",
        proof=gaussian_integrals,
        note="V_A(θ', θ) = KL(p_θ ‖ p_θ'), where ∇A(θ) = (m, m² + v) by `sobolev.mirror-gaussian-mean` and "
        "`sobolev.mirror-gaussian-second-moment`.",
    ),
    Identity(
        label="sobolev.bregman-dual",
        title="Duality: V_φ∗(∇φ(x), ∇φ(y)) = V_φ(y, x), with φ∗(∇φ(x)) = x ∇φ(x) - φ(x)",
        statement=equation(
            conjugate_at(FAMILY, u, x0) - conjugate_at(FAMILY, u, y0)
            - y0 * (slope(FAMILY, u, x0) - slope(FAMILY, u, y0)),
            divergence(FAMILY, u, y0, x0),
        ),
        where=(sp.Ne(x0, y0),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="∇φ∗(∇φ(y)) = y. Proved for a family of potentials with three free coefficients; for x log x and -log x "
        "with their typed conjugates in the next records.",
    ),
    *(
        Identity(
            label=f"sobolev.bregman-dual-{name}",
            title=f"Duality: V_φ∗(∇φ(x), ∇φ(y)) = V_φ(y, x) for φ = {words}",
            statement=equation(
                divergence(formulas.conjugate, formulas.dual, formulas.gradient, formulas.gradient.subs(x, y)),
                divergence(formulas.potential, x, y, x),
            ),
            source=OUR_OWN,
            claim="proved",
            proof=differentiated,
        )
        for name, words, formulas in (("entropy", "x log x", ENTROPY), ("burg", "-log x", BURG))
    ),
    Identity(
        label="sobolev.bregman-three-points",
        title="Three points: V(z, x) = V(z, y) + V(y, x) + ⟨∇φ(y) - ∇φ(x), z - y⟩, for a φ that does not separate",
        statement=equation(
            _plane(PLANE[4:], PLANE[:2]),
            _plane(PLANE[4:], PLANE[2:4]) + _plane(PLANE[2:4], PLANE[:2])
            + sum((one - other) * (end - start) for one, other, end, start in zip(
                _gradient(PLANE[2:4]), _gradient(PLANE[:2]), PLANE[4:], PLANE[2:4], strict=True)),
        ),
        source=OUR_OWN + " (Chen & Teboulle)",
        claim="proved",
        proof=differentiated,
        note="Proved for a family in the plane with five free coefficients; φ need not be convex for it.",
    ),
    Identity(
        label="sobolev.bregman-pythagoras",
        title="Pythagoras: V(z, x) = V(z, y) + V(y, x) for the entropic projection y = x/Σx to the simplex, z in it",
        statement=equation(
            entropy_divergence(x, s, sp.log(s / x)) + entropy_divergence(y, 1 - s, sp.log((1 - s) / y)),
            s * sp.log(s * (x + y) / x) + (1 - s) * sp.log((1 - s) * (x + y) / y)
            + entropy_divergence(x + y, sp.Integer(1), -sp.log(x + y)),
        ),
        where=(sp.Lt(s, 1),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="z = (s, 1-s). In general: y is the projection to an affine set when ∇φ(y) - ∇φ(x) is normal to it, and "
        "then the last term of `sobolev.bregman-three-points` is 0.",
    ),
    Identity(
        label="sobolev.bregman-pythagoras-half-line",
        title="On a convex set Pythagoras is an inequality: V(z, x) ≥ V(z, b) + V(b, x) for x < b < z (entropy, z ≥ b)",
        statement=sp.Ge(
            entropy_divergence(x, m, sp.log(m / x)),
            entropy_divergence(b, m, sp.log(m / b)) + entropy_divergence(x, b, sp.log(b / x)), evaluate=False),
        where=(sp.Gt(b, x), sp.Gt(m, b)),
        source=OUR_OWN,
        claim="proved",
        proof=_increasing,
        note="b is the projection of x to the half-line from b, and z is written m.",
    ),
    Identity(
        label="sobolev.bregman-nonnegative",
        title="V(y, x) ≥ 0 for convex φ: written as φ(x) + φ'(x)(y - x) ≤ φ(y)",
        statement=sp.Le(FAMILY.subs(u, x0) + sp.diff(FAMILY, u).subs(u, x0) * (y0 - x0), FAMILY.subs(u, y0),
                        evaluate=False),
        source=OUR_OWN,
        claim="proved",
        proof=least_at(y0, x0),
        note="Proved for a family of potentials with three positive coefficients.",
    ),
    Identity(
        label="sobolev.bregman-second-order",
        title="Near x the divergence is the metric: d²/dε² V(x + εh, x) = φ''(x) h² at ε = 0",
        statement=equation(
            sp.Subs(sp.Derivative(FAMILY.subs(u, x0 + t * h) - FAMILY.subs(u, x0)
                                  - sp.diff(FAMILY, u).subs(u, x0) * t * h, (t, 2)), t, 0),
            slope(FAMILY, u, x0, 2) * h**2,
        ),
        where=(sp.Ne(h, 0),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="Value and first derivative are 0 there, so that V(x + εh, x) = ½ε² φ''(x) h² + O(ε³).",
    ),
)
