"""Mirror maps of matrices, of Gaussian distributions and of fields, and the series behind their divergences."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import differentiated, zero
from sobolevkernels.symbolic.euclidean import OUR_OWN
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.mirror_formulas import (
    LOG_PARTITION,
    MEAN,
    NATURAL,
    NATURAL_OF_MEAN,
    NEGATIVE_ENTROPY,
    TERMS,
    r,
    series,
    z,
)
from sobolevkernels.symbolic.proofs import OTHER_RANGE, gaussian_integrals, sides, summand

t, xi, f, g = sp.symbols("t xi f g", real=True)
kappa, order, m, v, u = sp.symbols("kappa order m v u", positive=True)
off = sp.Symbol("o", real=True)
#: The symmetric matrix [[u, o], [o, v]], its determinant, and the condition that it is positive definite.
DET = u * v - off**2
DEFINITE = (sp.Gt(u * v, off**2),)
_det = sp.Symbol("d", positive=True)


def _by_geometric_series(statement: Relational) -> Iterable[sp.Expr]:
    """Both sides vanish at 0, and their derivatives agree.

    On the left the derivative is r²/(1-r²); on the right it is Σ r^(2k+2), differentiated term by term, which the power
    series allows for |r| < 1: a geometric series with the ratio r².
    """
    left, right = sides(statement)
    term, k = summand(right)
    (total,) = right.atoms(sp.Sum)
    mark = 1 if total.limits == (sp.Tuple(k, 0, sp.oo),) else OTHER_RANGE
    return [sp.simplify(sp.diff(left, r) - r**2 / (1 - r**2)), left.subs(r, 0),
            sp.simplify(mark * sp.diff(term, r) / r ** (2 * k + 2)) - 1]


def _term_by_term(statement: Relational) -> Iterable[sp.Expr]:
    """Every 1/(2k+3) of the rest is at most the first; a geometric series remains, largest at the end |r| = 1/3."""
    (rest,) = statement.lts.atoms(sp.Sum) or (sp.Sum(1, (t, 0, 1)),)
    term, k = summand(rest)
    ((_, first, end),) = rest.limits
    bound = r ** (2 * first) / ((2 * first + 3) * (1 - r**2))
    fits = (first, end) == (TERMS, sp.oo) and statement.lts == rest
    at_the_end = bound.subs(r, sp.Rational(1, 3)) <= statement.gts
    return [sp.simplify(term * (2 * k + 3) / r ** (2 * k)) - 1, sp.Integer(0) if fits and at_the_end else OTHER_RANGE]


def _definite(statement: Relational) -> Iterable[sp.Expr]:
    """The determinant is a positive number d, u being (d + o²)/v; then the two sides cancel."""
    left, right = (side.doit().subs(u, (_det + off**2) / v) for side in sides(statement))
    return [zero((left - right).replace(sp.log, lambda argument: sp.log(sp.cancel(argument))))]


_index = sp.Symbol("k", integer=True, nonnegative=True)
_atanh = sp.log((1 + r) / (1 - r)) / 2
_symbol = (kappa**2 + xi**2) ** order
_theta1, _theta2 = NATURAL
_mean = (m / v, -1 / (2 * v))

IDENTITIES = (
    Identity(
        label="sobolev.mirror-log-det-gradient",
        title="-log det X: the derivative in a diagonal entry is -(X⁻¹)₁₁ (two by two)",
        statement=equation(sp.Derivative(-sp.log(DET), u), -v / DET),
        where=DEFINITE,
        source=OUR_OWN + " (Jacobi's formula)",
        claim="proved",
        proof=differentiated,
    ),
    Identity(
        label="sobolev.mirror-log-det-gradient-off",
        title="-log det X: the derivative in an entry off the diagonal, which stands twice, is -2(X⁻¹)₁₂ (two by two)",
        statement=equation(sp.Derivative(-sp.log(DET), off), 2 * off / DET),
        where=(*DEFINITE, sp.Ne(off, 0)),
        source=OUR_OWN + " (Jacobi's formula)",
        claim="proved",
        proof=differentiated,
        note="With the pairing tr(ZX) the gradient is therefore -X^(-1), entry by entry.",
    ),
    Identity(
        label="sobolev.mirror-log-det-hessian",
        title="-log det X: d²/ds² φ(X + sH) = tr(X⁻¹ H X⁻¹ H) at s = 0, for H = diag(f, g) (two by two)",
        statement=equation(
            sp.Subs(sp.Derivative(-sp.log((u + t * f) * (v + t * g) - off**2), (t, 2)), t, 0),
            (v**2 * f**2 + 2 * off**2 * f * g + u**2 * g**2) / DET**2,
        ),
        where=(*DEFINITE, sp.Ne(f, 0)),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="A rotation makes any symmetric H diagonal, so that these H are all of them.",
    ),
    Identity(
        label="sobolev.mirror-log-det-conjugate",
        title="-log det X: φ∗(Z) = -2 - log det(-Z) = tr(ZX) - φ(X) at Z = -X⁻¹ (two by two)",
        statement=equation(-2 - sp.log((v / DET) * (u / DET) - (off / DET) ** 2),
                           (-v * u + 2 * off**2 - u * v) / DET + sp.log(DET)),
        where=DEFINITE,
        source=OUR_OWN,
        claim="proved",
        proof=_definite,
        note="In n dimensions the 2 is n. The supremum is that of `sobolev.mirror-burg-fenchel-young`, eigenvalue by "
        "eigenvalue of X^(1/2) (-Z) X^(1/2).",
    ),
    Identity(
        label="sobolev.mirror-gaussian-partition",
        title="The log-partition of a Gaussian: ∫ e^(θ₁ t + θ₂ t²) dt = e^A(θ)",
        statement=equation(
            sp.Integral(sp.exp(_theta1 * t + _theta2 * t**2), (t, -sp.oo, sp.oo)),
            sp.sqrt(sp.pi / -_theta2) * sp.exp(-(_theta1**2) / (4 * _theta2)),
        ),
        points=tuple({"theta1": a, "theta2": b} for a, b in ((1, -1), (-2, -3), (sp.Rational(1, 2), -4))),
        source=OUR_OWN,
        claim="proved",
        proof=gaussian_integrals,
    ),
    Identity(
        label="sobolev.mirror-gaussian-mean",
        title="Gaussian, natural to mean parameters: ∂A/∂θ₁ = m at θ = (m/v, -1/(2v))",
        statement=equation(sp.Subs(sp.Derivative(LOG_PARTITION, _theta1), NATURAL, _mean), m),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
    ),
    Identity(
        label="sobolev.mirror-gaussian-second-moment",
        title="Gaussian, natural to mean parameters: ∂A/∂θ₂ = m² + v at θ = (m/v, -1/(2v))",
        statement=equation(sp.Subs(sp.Derivative(LOG_PARTITION, _theta2), NATURAL, _mean), m**2 + v),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
    ),
    Identity(
        label="sobolev.mirror-gaussian-inverse",
        title="Gaussian, mean to natural parameters: ∂A/∂θ₂ at θ(μ) is μ₂ again",
        statement=equation(sp.Subs(sp.Derivative(LOG_PARTITION, _theta2), NATURAL, NATURAL_OF_MEAN), MEAN[1]),
        where=(sp.Gt(MEAN[1], MEAN[0] ** 2),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
    ),
    Identity(
        label="sobolev.mirror-gaussian-conjugate",
        title="Gaussian: the conjugate of the log-partition, ⟨θ, μ⟩ - A(θ), is minus the entropy",
        statement=equation(
            NEGATIVE_ENTROPY,
            sum((theta * mu for theta, mu in zip(NATURAL_OF_MEAN, MEAN, strict=True)), sp.Integer(0))
            - LOG_PARTITION.subs(dict(zip(NATURAL, NATURAL_OF_MEAN, strict=True)), simultaneous=True),
        ),
        where=(sp.Gt(MEAN[1], MEAN[0] ** 2),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
    ),
    Identity(
        label="sobolev.mirror-gaussian-fisher",
        title="Gaussian: ∂²A/∂θ₂² = E[t^4] - E[t²]², an entry of the Fisher information",
        statement=equation(
            sp.Integral((t**4 - (m**2 + v) ** 2) * sp.exp(-((t - m) ** 2) / (2 * v)) / sp.sqrt(2 * sp.pi * v),
                        (t, -sp.oo, sp.oo)),
            sp.diff(LOG_PARTITION, (_theta2, 2)).subs({_theta1: m / v, _theta2: -1 / (2 * v)}),
        ),
        points=({"m": 1, "v": 1}, {"m": sp.Rational(1, 2), "v": 3}),
        source=OUR_OWN,
        claim="proved",
        proof=gaussian_integrals,
    ),
    Identity(
        label="sobolev.mirror-sobolev-gradient",
        title="½‖f‖² in H^t, mode by mode: the gradient of ½ w |f|² in the real part of f is w times that part",
        statement=equation(sp.Derivative(_symbol * (f**2 + g**2) / 2, f), _symbol * f),
        where=(sp.Ne(f, 0),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="f + ig is a Fourier coefficient. Parseval turns the sum over the modes into ½⟨f, Mf⟩ of L², whose L² "
        "gradient is Mf.",
    ),
    Identity(
        label="sobolev.mirror-sobolev-inverse",
        title="½‖f‖² in H^t, mode by mode: the gradient of the conjugate ½ z²/w, the norm of H^(-t), divides by w",
        statement=equation(sp.Subs(sp.Derivative(z**2 / (2 * _symbol), z), z, sp.Derivative(_symbol * f**2 / 2, f)), f),
        where=(sp.Ne(f, 0),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
    ),
    Identity(
        label="sobolev.mirror-series",
        title="The series behind divergences of near points: artanh r - r = r³ Σ r^(2k)/(2k+3)",
        statement=equation(_atanh - r, r**3 * series(r, sp.Integer(0), sp.oo)),
        where=(sp.Lt(r**2, 1), sp.Ne(r, 0)),
        points=tuple({"r": sp.Rational(a, b)} for a, b in ((1, 3), (-1, 3), (1, 10), (-1, 1000))),
        source=OUR_OWN,
        claim="proved",
        proof=_by_geometric_series,
    ),
    Identity(
        label="sobolev.mirror-series-rest",
        title="What the printed terms of that series leave out, for |r| ≤ 1/3: less than 2^(-54) of the sum",
        statement=sp.Le(sp.Sum(r ** (2 * _index) / (2 * _index + 3), (_index, TERMS, sp.oo)),
                        sp.Rational(1, 3) / 2**54, evaluate=False),
        where=(sp.Gt(r, 0), sp.Le(r, sp.Rational(1, 3))),
        points=({"r": sp.Rational(1, 3)}, {"r": sp.Rational(1, 4)}, {"r": sp.Rational(1, 10)}),
        source=OUR_OWN,
        claim="proved",
        proof=_term_by_term,
        note="The sum itself is at least its first term, 1/3.",
    ),
)
