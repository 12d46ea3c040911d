"""jo2026: when natural gradient and Sobolev mirror descent agree, and how far one step of the other parts from it.

Everything is diagonal, so that a statement about one mode with a symbol
w(ξ) = (κ²+|ξ|²)^t, or about two modes, is a statement about fields. m_F is the
symbol of the Fisher metric, m_S that of the mirror map ½‖f‖² in H^t; f and g
are the coefficients of the field and of the L² gradient of its loss.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import squares
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.jo2026_rates import equal_sides
from sobolevkernels.symbolic.proofs import sides

ABSTRACT = "Jo 2026 (arXiv 2607.01634), abstract, fourth sentence"
DERIVED = "derived from the abstract of Jo 2026; derivation 12"

eta, eta_F, eta_S, kappa, order, c = sp.symbols("eta eta_F eta_S kappa t c", positive=True)
a1, a2, b1, b2, f, s, w = sp.symbols("a_1 a_2 b_1 b_2 f s w", positive=True)
xi, g, g1, g2, y, z = sp.symbols("xi g g_1 g_2 y z", real=True)
f1, f2, h1, h2, d1, d2 = sp.symbols("f_1 f_2 h_1 h_2 d_1 d_2", real=True)
field = sp.Symbol("f", real=True)

weight = (kappa**2 + xi**2) ** order


# --- the mirror map and its step ----------------------------------------------------------------


def _half_square(real: sp.Expr, imaginary: sp.Expr) -> sp.Expr:
    return weight * (real**2 + imaginary**2) / 2


# --- one step against another -------------------------------------------------------------------


def _concave_maximum(statement: Relational) -> Iterable[sp.Expr]:
    """In v = w^(-t) and p = s/t the gap D(v) = right - left vanishes at v* = p^(1/(1-p)) with its slope, and is
    convex there: D'' = p(1-p) v^(p-2) > 0 for 0 < p < 1. So D ≥ 0. (t = s/p, s·p/p = s.)"""
    left, right = sides(statement)
    p, v = sp.symbols("p v", positive=True)
    gap = (right - left if isinstance(statement, sp.Le) else left - right).subs(order, s / p).subs(w, v ** (-p / s))
    gap = sp.powsimp(sp.powdenest(gap, force=True), force=True)
    best = p ** (1 / (1 - p))

    def at_best(expr: sp.Expr) -> sp.Expr:
        logarithms = sp.expand_log(sp.expand(expr.subs(v, best)), force=True)
        return sp.simplify(sp.powsimp(sp.powdenest(logarithms, force=True), force=True))

    curvature = sp.simplify(sp.expand(sp.diff(gap, v, 2) / v ** (p - 2)) - p * (1 - p))
    return [at_best(gap), at_best(sp.diff(gap, v)), curvature]


_norm = (g1 / b1) ** 2 + (g2 / b2) ** 2
_greatest = sp.Max(d1**2, d2**2)
_mirror_sobolev = field - eta_S * g / weight

IDENTITIES: tuple[Identity, ...] = (
    Identity(
        label="jo2026.sobolev-divergence",
        title="The Bregman divergence of ½‖f‖² in H^t is ½ (κ²+|ξ|²)^t |f-h|², mode by mode",
        statement=equation(
            _half_square(f1, f2) - _half_square(h1, h2) - weight * (h1 * (f1 - h1) + h2 * (f2 - h2)),
            weight * ((f1 - h1) ** 2 + (f2 - h2) ** 2) / 2,
        ),
        source=DERIVED,
        claim="proved",
        proof=equal_sides,
        note="Real and imaginary parts of the coefficients of two fields. The divergence is symmetric, and invariant "
        "under translations.",
    ),
    Identity(
        label="jo2026.sobolev-conjugate",
        title="The conjugate of ½w|f|² is ½|z|²/w: the mirror map of H^t has the dual H^-t",
        statement=sp.Le(z * y - weight * y**2 / 2, z**2 / (2 * weight), evaluate=False),
        source=DERIVED,
        claim="proved",
        proof=squares(
            "z²/(2w) - (zy - ½wy²) = ½w (y - z/w)² ≥ 0, and it is 0 at y = z/w.", [weight * (y - z / weight) ** 2 / 2]
        ),
        note="The Fenchel-Young inequality; equality at y = z/w, so the right side is the supremum over y.",
    ),
    Identity(
        label="jo2026.sobolev-update",
        title="The Sobolev mirror step is f - η g/w: it minimises g y + w (y-f)²/(2η)",
        statement=sp.Ge(
            g * y + weight * (y - field) ** 2 / (2 * eta), g * field - eta * g**2 / (2 * weight), evaluate=False
        ),
        source=DERIVED,
        claim="proved",
        proof=squares(
            "The two sides differ by w/(2η) (y - f + ηg/w)² ≥ 0, which is 0 at the Sobolev step only.",
            [weight / (2 * eta) * (y - field + eta * g / weight) ** 2],
        ),
        note="Equality at y = f - ηg/w only. The natural gradient step minimises the same with m_F in the place of w.",
    ),
    Identity(
        label="jo2026.identical-updates",
        title="(as worded) Both updates agree when the symbols coincide, the step sizes being left open",
        statement=equation(_mirror_sobolev, field - eta_F * g / weight),
        source=ABSTRACT,
        claim="refuted",
        flaw="hypothesis",
        points=({"f": 1, "g": 1, "eta_S": 1, "eta_F": 2, "kappa": 1, "xi": 1, "t": 1},),
        note="Left out: the step sizes, the pairing and Fourier convention in which the symbols are read, and that the "
        "Fisher metric is constant (`jo2026.identical-updates.curved`).",
    ),
    Identity(
        label="jo2026.identical-updates.precise",
        title="If m_F = c m_S the updates agree for every loss, with η_S = η_F/c",
        statement=equation(field - eta_F / c * g / weight, field - eta_F * g / (c * weight)),
        source=DERIVED,
        claim="proved",
        proof=equal_sides,
        corrects=("jo2026.identical-updates",),
        note="Proportional is enough. Conversely `jo2026.identical-updates.only-if`: it is also necessary.",
    ),
    Identity(
        label="jo2026.identical-updates.only-if",
        title="Two modes: no step size brings the Sobolev step closer to the natural one than this",
        statement=sp.Ge(
            (eta_S * g1 / b1 - eta_F * g1 / a1) ** 2 + (eta_S * g2 / b2 - eta_F * g2 / a2) ** 2,
            (eta_F * g1 * g2 * (1 / (a1 * b2) - 1 / (a2 * b1))) ** 2 / ((g1 / b1) ** 2 + (g2 / b2) ** 2),
            evaluate=False,
        ),
        where=(sp.Gt(g1, 0), sp.Gt(g2, 0)),
        source=DERIVED,
        claim="proved",
        proof=squares(
            "A quadratic in η_S: its distance from the minimum is the square of a norm times (η_S - η*)².",
            [_norm * (eta_S - eta_F * (g1**2 / (a1 * b1) + g2**2 / (a2 * b2)) / _norm) ** 2],
            given=[_norm],
        ),
        note="m_F = (a₁, a₂), m_S = (b₁, b₂). The bound is attained, and is 0 iff a₁/b₁ = a₂/b₂. A loss whose gradient "
        "has two modes exists for every pair, so agreement for every loss makes m_F/m_S one constant; for one loss it "
        "does so on the modes that its gradients excite.",
    ),
    Identity(
        label="jo2026.identical-updates.curved",
        title="(as worded) Equal symbols suffice where the metric depends on the point: Whittle's 1/f²",
        statement=equation(f - eta * f**2 * g, 1 / (1 / f + eta * g)),
        where=(sp.Gt(g, 0),),
        source=ABSTRACT,
        claim="refuted",
        flaw="hypothesis",
        note="At f the Hessian of Burg's -log f is the Fisher metric of `sobolev.fisher-whittle`. Left: the natural "
        "gradient step. Right: the mirror step.",
    ),
    Identity(
        label="jo2026.identical-updates.curved.precise",
        title="Where the metric depends on the point the two steps part by η² f³ g²/(1+ηfg)",
        statement=equation(f - eta * f**2 * g, 1 / (1 / f + eta * g) - eta**2 * f**3 * g**2 / (1 + eta * f * g)),
        where=(sp.Gt(g, 0),),
        source=DERIVED,
        claim="proved",
        proof=equal_sides,
        corrects=("jo2026.identical-updates.curved",),
        note="Of second order in the step: the two agree to first order. With a constant metric they agree exactly.",
    ),
    Identity(
        label="sobolev.replacement-error",
        title="Replacing one step by the other: the distance is at most sup |η_S/m_S - η_F/m_F| times ‖g‖ (two modes)",
        statement=sp.Le(
            d1**2 * g1**2 + d2**2 * g2**2, sp.Max(d1**2, d2**2) * (g1**2 + g2**2), evaluate=False
        ),
        source=DERIVED,
        claim="proved",
        proof=squares(
            "The difference is g₁² times (the greater of d₁² and d₂², less d₁²), plus the same for g₂.",
            [(_greatest - d1**2) * g1**2, (_greatest - d2**2) * g2**2],
            given=[_greatest - d1**2, _greatest - d2**2],
        ),
        note="d = η_S/m_S - η_F/m_F; the same proof serves any number of modes. A gradient in the worst mode "
        "attains it.",
    ),
    Identity(
        label="sobolev.replacement-supremum",
        title="Orders s < t, equal steps: 1/w^s - 1/w^t is at most (s/t)^(s/(t-s)) (1 - s/t)",
        statement=sp.Le(
            w ** (-s) - w ** (-order), (s / order) ** (s / (order - s)) * (1 - s / order), evaluate=False
        ),
        where=(sp.Gt(order, s),),
        source=DERIVED,
        claim="proved",
        proof=_concave_maximum,
        note="w = κ²+|ξ|² ≥ κ². Attained at w = (t/s)^(1/(t-s)) > 1 if κ² is not larger: the worst mode is a low one, "
        "and the bound does not depend on the grid.",
    ),
)
