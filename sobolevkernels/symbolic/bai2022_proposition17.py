"""bai2022, Appendix F.2, from (54) on: the quadratic potentials w^a, (55), (56) and Proposition 17.

g(a) is a general metric of the plane. Freezing it at a is mirror descent for w^a; taking it at x_k instead, as
(55) does, changes the potential at every step, and for a metric that is not constant no single potential gives
these steps.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import rational, squares
from sobolevkernels.symbolic.bai2022_mirror import DUAL, alpha
from sobolevkernels.symbolic.bai2022_primal import OURS, u, w
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.plane import (
    COMPATIBLE,
    EXCESS,
    METRIC,
    MINORS,
    NATURAL,
    PLANE,
    POSITIVE,
    C,
    a,
    b,
    d,
    inner,
    n,
    norm2,
    p,
    squares_of,
    v,
    x,
    y,
)

center = sp.Matrix(sp.symbols("c1:3", real=True))
z = sp.Matrix(sp.symbols("z1:3", real=True))
weight, e1, e2 = sp.symbols("t e1 e2", positive=True)
slope, point, base, other = sp.symbols("p x a y", real=True)


def _from_zero(statement: Relational) -> Iterable[sp.Expr]:
    """In u the difference D has D(0) = D'(0) = 0 and D'' = w e^(-u) > 0, so it is positive for u > 0."""
    difference = statement.gts - statement.lts
    return [
        difference.subs(u, 0),
        sp.diff(difference, u).subs(u, 0),
        sp.expand(sp.diff(difference, u, 2) - w * sp.exp(-u)),
    ]


def half_norm(at: sp.Matrix) -> sp.Expr:
    """w^a = ½‖x‖²_(g(a))."""
    return norm2(at, METRIC) / 2


def _squared_parts(last: sp.Expr) -> sp.Expr:
    """½(‖y‖² - ‖x‖² + last)."""
    return (norm2(y, METRIC) - norm2(x, METRIC) + last) / 2


def _definition(potential: sp.Expr, target: sp.Expr) -> sp.Expr:
    """V_x(y) of (51) from the values of the potential at x and at y, its gradient left to be taken."""
    return target - potential - sum(sp.Derivative(potential, x[i]) * (y - x)[i] for i in range(2))


def _bregman(line: str, title: str, right: sp.Expr, **rest: object) -> Identity:
    given: dict = {"claim": "proved", "proof": rational} | rest
    return Identity(
        label=f"bai2022.bregman.{line}",
        title=title,
        statement=equation(_definition(half_norm(x), half_norm(y)), right),
        where=POSITIVE,
        source=DUAL + ", Bregman divergence of w^a, " + line.replace("line", "line "),
        **given,
    )


def _objective(at: sp.Matrix, slope: sp.Matrix = p) -> sp.Expr:
    """What (55) minimises, by (47)."""
    return slope.dot(at - x) + alpha / 2 * norm2(x - at, METRIC)


_mix = weight * x + (1 - weight) * y
_chord = lambda less: (weight * norm2(x, METRIC) + (1 - weight) * norm2(y, METRIC)) / 2 - less
_line2 = (
    weight**2 * norm2(x, METRIC)
    + 2 * weight * (1 - weight) * inner(METRIC, x, y)
    + (1 - weight) ** 2 * norm2(y, METRIC)
) / 2
_line3 = _chord(weight * (1 - weight) / 2 * (norm2(x, METRIC) - 2 * inner(METRIC, x, y) + norm2(y, METRIC)))
_other_metric = sp.diag(e1, e2)
_step = x - n / alpha
_curved = 1 + base**2
_frozen = lambda at: slope * (at - point) + alpha / 2 * _curved * (at - point) ** 2

IDENTITIES = (
    *(
        Identity(
            label=f"bai2022.strong-convexity.{line}",
            title=f"w^a = ½‖x‖² is strongly convex with parameter 1 in the norm of g(a): {words}",
            statement=equation(half_norm(_mix), right),
            source=DUAL + ", strong convexity of w^a, " + line.replace("line", "line "),
            claim="proved",
            proof=rational,
        )
        for line, words, right in (
            ("line2", "the square expanded", _line2),
            ("line3", "collected", _line3),
            ("line4", "the last line", _chord(weight * (1 - weight) / 2 * norm2(x - y, METRIC))),
        )
    ),
    Identity(
        label="bai2022.strong-convexity.euclidean",
        title="The same parameter 1 in the Euclidean norm, in which (51) is stated",
        statement=sp.Le(half_norm(_mix), _chord(weight * (1 - weight) / 2 * norm2(x - y)), evaluate=False),
        where=(*POSITIVE, sp.Lt(weight, 1)),
        source=DUAL + ", strong convexity of w^a",
        claim="refuted",
        flaw="convention",
        points=({"a": sp.Rational(1, 4), "b": 0, "d": 1, "t": sp.Rational(1, 2), "x1": 1, "x2": 0, "y1": 0, "y2": 0},),
        note="The norm is not named. In the Euclidean one the parameter is the smallest eigenvalue of g(a).",
    ),
    Identity(
        label="sobolev.strong-convexity",
        title="With C g(a) ≥ 1 the parameter of w^a in the Euclidean norm is at least 1/C",
        statement=sp.Le(half_norm(_mix), _chord(weight * (1 - weight) / (2 * C) * norm2(x - y)), evaluate=False),
        where=(*COMPATIBLE, sp.Lt(weight, 1)),
        source=OURS,
        claim="proved",
        corrects=("bai2022.strong-convexity.euclidean",),
        proof=squares(
            "The difference is t(1-t)/(2C) times C‖x-y‖²_g - |x-y|².",
            [weight * (1 - weight) / (2 * C) * term for term in squares_of(EXCESS, x - y)],
            given=[*MINORS, 1 - weight],
        ),
    ),
    _bregman(
        "line1",
        "Bregman divergence of w^a, line 1: ½(‖y‖² - ‖x‖² - ⟨∇‖x‖², y-x⟩)",
        _squared_parts(-sum(sp.Derivative(norm2(x, METRIC), x[i]) * (y - x)[i] for i in range(2))),
        corrects=("bai2022.bregman.line2",),
    ),
    _bregman(
        "line2",
        "Bregman divergence of w^a, line 2: ∂_j ‖x‖ without its square",
        _squared_parts(-sum(sp.Derivative(sp.sqrt(norm2(x, METRIC)), x[i]) * (y - x)[i] for i in range(2))),
        claim="refuted",
        proof=None,
        flaw="slip",
        points=({"a": 1, "b": 0, "d": 1, "x1": 3, "x2": 4, "y1": 0, "y2": 0},),
        note="∂_j ‖x‖² on the lines before and after.",
    ),
    _bregman(
        "line4",
        "Bregman divergence of w^a, lines 3 and 4: the derivative is 2 g x",
        _squared_parts(-2 * inner(METRIC, x, y - x)),
    ),
    _bregman(
        "line5",
        "Bregman divergence of w^a, line 5: + 2‖x‖² - 2⟨x, y⟩",
        _squared_parts(2 * norm2(x, METRIC) - 2 * inner(METRIC, x, y)),
    ),
    _bregman("line6", "Bregman divergence of w^a, line 6: ½‖x - y‖²", norm2(x - y, METRIC) / 2),
    Identity(
        label="bai2022.eq55.base-point",
        title="⟨∇f, y-x_k⟩ = ⟨∇^g f(x_k), y-x_k⟩_(g(b)) for any b, the gradient being that of g(x_k)",
        statement=equation(p.dot(v), inner(_other_metric, NATURAL, v)),
        where=POSITIVE,
        source=DUAL + ", before (55)",
        claim="refuted",
        flaw="convention",
        note="Two metrics, g(b) = diag(e1, e2). It holds if ∇^g belongs to g(b) as well, which is (47); and b is a "
        "point of Q, not of Φ.",
    ),
    Identity(
        label="bai2022.eq55",
        title="(55): the mirror descent update for w^a is x_k - ∇f/(α g(x_k)); here n = 1, g(x) = 1 + x²",
        statement=equation(point - slope / (alpha * _curved), point - slope / (alpha * _curved.subs(base, point))),
        source=DUAL + ", (55), the first equality",
        claim="refuted",
        flaw="error",
        points=({"x": 0, "a": 1, "p": 1, "alpha": 1}, {"x": 3, "a": 0, "p": -2, "alpha": 5}),
        note="The choice of b does not touch the second term, where g(a) silently becomes g(x_k): another mirror map "
        "at every step, so the guarantees for one potential say nothing about (55).",
    ),
    Identity(
        label="sobolev.frozen-metric",
        title="The mirror descent update for w^a is x_k - ∇f/(α g(a)), with the metric at the fixed a",
        statement=sp.Le(_frozen(point - slope / (alpha * _curved)), _frozen(other), evaluate=False),
        source=OURS,
        claim="proved",
        corrects=("bai2022.eq55",),
        proof=squares(
            "The difference is α g(a)/2 (y - x + p/(α g(a)))².",
            [alpha / 2 * _curved * (other - point + slope / (alpha * _curved)) ** 2],
        ),
        note="It is (55) at a = x_k, that is for one step.",
    ),
    Identity(
        label="bai2022.eq55.gradient",
        title="The derivative of the objective of (55): ∂_i f - α g_ri (x_k - y)^r",
        statement=equation(sp.Derivative(_objective(y), y[0]), p[0] - alpha * (METRIC * (x - y))[0]),
        source=DUAL + ", display after (55)",
        claim="proved",
        proof=rational,
        note="First component. One x_k is printed as x in its second line.",
    ),
    Identity(
        label="bai2022.eq56",
        title="(56): x_k - ∇^g f(x_k)/α minimises the objective of (55) on R^n",
        statement=sp.Le(_objective(_step, METRIC * n), _objective(y, METRIC * n), evaluate=False),
        where=POSITIVE,
        source=DUAL + ", displays before (56), and (56)",
        claim="proved",
        proof=squares(
            "The difference is α/2 ‖y - x + ∇^g f/α‖²_g.",
            [alpha / 2 * term for term in squares_of(METRIC, y - _step)],
            given=[a * d - b**2],
        ),
        note="The last implication is printed twice. On an open Q the argmin may not exist "
        "(`bai2022.definition12`). n = ∇^g f. " + PLANE,
    ),
    Identity(
        label="bai2022.prop17",
        title="Proposition 17: the natural gradient step is the mirror step, ∇w(y) = ∇w(x) - ∇f/α, w = ½‖c - "
        "·‖²_(g(x))",
        statement=equation((METRIC * (x - NATURAL / alpha - center))[0], (METRIC * (x - center))[0] - p[0] / alpha),
        where=POSITIVE,
        source=DUAL + ", Proposition 17",
        claim="proved",
        proof=rational,
        note="First component. True step by step, but with another potential in every step: see "
        "`sobolev.natural-not-mirror`.",
    ),
    Identity(
        label="bai2022.prop17.center",
        title="Proposition 17: the Bregman divergence of ½‖c - y‖²_g is ½‖x - y‖²_g, for any center c",
        statement=equation(
            _definition(norm2(center - x, METRIC) / 2, norm2(center - y, METRIC) / 2), norm2(x - y, METRIC) / 2
        ),
        where=POSITIVE,
        source=DUAL + ", Proposition 17, the potential",
        claim="proved",
        proof=rational,
        note="The x in the printed potential is not defined; it may be any point.",
    ),
    Identity(
        label="sobolev.natural-not-mirror",
        title="One potential is not enough: for w = x log x - x and g = 1/x the mirror step is the shorter: w e^(-u) "
        "> w(1-u)",
        statement=sp.Gt(w * sp.exp(-u), w * (1 - u), evaluate=False),
        source=OURS,
        claim="proved",
        proof=_from_zero,
        note="From x = w with slope αu. In general: the steps of w are h(∇w(x) - p/α); if that is x - g(x)^-1 p/α "
        "for all p, then h is affine, w quadratic and g constant. So only constant metrics are mirror descent for "
        "one w.",
    ),
    Identity(
        label="bai2022.final-remark",
        title="H_a(z) = ½‖z‖²_(g(a)) as a supremum over Q; here Q = (0, ∞), g = 1, where sup xz - x²/2 is max(z, 0)²/2",
        statement=equation(sp.Max(z[0], 0) ** 2 / 2, z[0] ** 2 / 2),
        source=DUAL + ", final remark",
        claim="refuted",
        flaw="hypothesis",
        points=({"z1": -1},),
        note="The maximiser x = z has to lie in Q.",
    ),
    Identity(
        label="sobolev.conjugate-in-metric",
        title="On R^n, ⟨x, z⟩_g - ½‖x‖²_g falls short of ½‖z‖²_g by ½‖x - z‖²_g",
        statement=equation(inner(METRIC, x, z) - half_norm(x), half_norm(z) - half_norm(x - z)),
        where=POSITIVE,
        source=OURS,
        claim="proved",
        corrects=("bai2022.final-remark",),
        proof=rational,
        note="So H_a = ½‖·‖²_g, attained at x = z, with Hessian g(a), as printed; for g = 1 it is the Euclidean "
        "example.",
    ),
    Identity(
        label="sobolev.conjugate-by-pairing",
        title="With the pairing of (53) the conjugate of w^a is ½ z·g^-1 z: short of it by ½‖x - g^-1 z‖²_g",
        statement=equation(x.dot(z) - half_norm(x), norm2(z, METRIC.inv()) / 2 - half_norm(x - METRIC.inv() * z)),
        where=POSITIVE,
        source=OURS,
        claim="proved",
        proof=rational,
        note="H_a pairs x and z by g(a), (53) by the dot product: two conjugates. In (52) and (54) it is the second "
        "one, with Hessian g(a)^-1; ∇H_a is not the inverse of ∇w^a.",
    ),
)
