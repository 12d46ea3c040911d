"""bai2022, Appendix F.1, to Corollary 15: E-compatible metrics, the quadratic model, Grad and Prog."""

from __future__ import annotations

import sympy as sp

from sobolevkernels.symbolic.algebraic_proofs import rational, squares
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
    L,
    a,
    b,
    change,
    d,
    inner,
    model,
    n,
    norm2,
    p,
    r1,
    slack_of,
    spare_of,
    squares_of,
    v,
    x,
    y,
)

PAPER = "Bai, Rosenberg & Xu 2022, Appendix F"
OURS = "Derived here"

u, w, h, delta = sp.symbols("u w h delta", positive=True)
t = sp.Symbol("t", nonnegative=True)
slack = sp.Symbol("s", real=True)


def _quartic(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """Non-negative, 0 is its only critical point, and it is not convex near 0."""
    return first**4 + 10 * first**2 * second**2 + second**4


def _curvature() -> sp.Expr:
    """The second derivative along v of the quartic plus q|x|², at q = 4|x|² + t."""
    time, weight = sp.symbols("time weight")
    point = x + time * v
    f = weight * point.dot(point) + _quartic(*point)
    return sp.diff(f, time, 2).subs(time, 0).subs(weight, 4 * x.dot(x) + t)


_step = -n / (C * L)
_half_line = lambda at: (at - sp.Rational(1, 2)) + (at - sp.Rational(1, 2)) ** 2 / 2
_derivative = sp.Derivative(p.dot(y - x) + C * L / 2 * norm2(y - x, METRIC), y[0])
_first_row = (METRIC * (y - x))[0]
_contracted = lambda factor: (METRIC.inv() * (p + factor * C * L * METRIC * (y - x)))[0]
_components = NATURAL[0] + C * L * y[0] - C * L * x[0]

IDENTITIES = (
    Identity(
        label="bai2022.appendix-f.neighbourhood",
        title="A loss is convex near a local minimum with no other critical point around it",
        statement=sp.Le(_quartic(u, u), (_quartic(3 * u / 2, u / 2) + _quartic(u / 2, 3 * u / 2)) / 2, evaluate=False),
        source=PAPER + ", first paragraph",
        claim="refuted",
        flaw="hypothesis",
        points=({"u": 1}, {"u": sp.Rational(1, 1000)}),
        note="x⁴ + 10x²y² + y⁴ has no critical point but 0, and the midpoint of (3u/2, u/2) and (u/2, 3u/2) lies "
        "above the chord for every u > 0. What is missing: a non-degenerate Hessian, and a small neighbourhood.",
    ),
    Identity(
        label="sobolev.convex-near-minimum",
        title="x^4 + 10x²y² + y^4 + q(x² + y²) is convex where 4(x² + y²) ≤ q: no second derivative is negative",
        statement=sp.Ge(_curvature(), 0, evaluate=False),
        source=OURS,
        claim="proved",
        corrects=("bai2022.appendix-f.neighbourhood",),
        proof=squares(
            "The second derivative along v at q = 4|x|² + t, t ≥ 0, is a sum of squares.",
            [
                20 * (x[1] * v[0] + x[0] * v[1]) ** 2,
                20 * (x[0] * v[0] + x[1] * v[1]) ** 2,
                2 * (4 * x[1] ** 2 + t) * v[0] ** 2,
                2 * (4 * x[0] ** 2 + t) * v[1] ** 2,
            ],
        ),
    ),
    Identity(
        label="bai2022.eq46",
        title="(46): f(y) - f(x) ≤ ⟨∇f(x), y-x⟩ + L/2 |y-x|², for x and y in Q",
        statement=sp.Le(change(v), p.dot(v) + L / 2 * norm2(v), evaluate=False),
        source=PAPER + ", (45) and (46)",
        claim="proved",
        proof=squares("The difference is ½|Rᵀv|².", slack_of(v)),
        note="Q must be convex, f need not be: the Hessian L - RRᵀ has any sign. " + PLANE,
    ),
    Identity(
        label="bai2022.eq47",
        title="(47): ⟨∇f, y-x⟩ = ⟨∇^g f, y-x⟩_g",
        statement=equation(p.dot(v), inner(METRIC, NATURAL, v)),
        where=POSITIVE,
        source=PAPER + ", (47)",
        claim="proved",
        proof=rational,
        corrects=("bai2022.eq55.base-point",),
        note="In every metric, provided that the gradient and the inner product belong to the same one.",
    ),
    Identity(
        label="bai2022.eq48",
        title="(48): f(y) - f(x) ≤ ⟨∇^g f(x), y-x⟩_g + L/2 |y-x|²",
        statement=sp.Le(change(v), inner(METRIC, NATURAL, v) + L / 2 * norm2(v), evaluate=False),
        where=POSITIVE,
        source=PAPER + ", (48)",
        claim="proved",
        corrects=("bai2022.eq50.line1",),
        proof=squares("(47) turns it into (46); the difference is ½|Rᵀv|².", slack_of(v)),
    ),
    Identity(
        label="bai2022.eq49",
        title="(49): C g ≥ 1 is what makes a metric E-compatible: |y-x|² ≤ C ‖y-x‖²_g",
        statement=sp.Le(norm2(v), C * norm2(v, METRIC), evaluate=False),
        where=COMPATIBLE,
        source=PAPER + ", Definition 11, (49)",
        claim="proved",
        proof=squares(
            "The difference is the quadratic form of C g - 1, whose first entry and determinant are not negative.",
            squares_of(EXCESS, v),
            given=MINORS,
        ),
        note="The converse holds because Q is open: y-x has every direction, so C g(x) - 1 ≥ 0 at every x. " + PLANE,
    ),
    Identity(
        label="sobolev.smallest-constant",
        title="The smallest C of (49) at a point is 1/λ, λ the smallest eigenvalue of g: equality at its eigenvector",
        statement=equation(
            b**2 + ((d - a) / 2 - sp.sqrt((a - d) ** 2 / 4 + b**2)) ** 2,
            norm2(sp.Matrix([b, (d - a) / 2 - sp.sqrt((a - d) ** 2 / 4 + b**2)]), METRIC)
            / ((a + d) / 2 - sp.sqrt((a - d) ** 2 / 4 + b**2)),
        ),
        where=(*POSITIVE, sp.Ne(b, 0)),
        source=OURS,
        claim="proved",
        proof=rational,
        note="C is not unique, and Grad depends on it: any larger constant serves in (49), for the Euclidean metric "
        "any C ≥ 1. Lemma 13's remark means the smallest one.",
    ),
    Identity(
        label="bai2022.definition11.compact",
        title="A metric on a compact set is E-compatible: x² on [δ, 1] with C = 1/δ²",
        statement=sp.Le(w**2, (delta + t) ** 2 * w**2 / delta**2, evaluate=False),
        source=PAPER + ", after Definition 11",
        claim="proved",
        proof=squares("At x = δ + t the difference is (2δt + t²)w²/δ².", [(2 * delta * t + t**2) * w**2 / delta**2]),
        note="In general C is the maximum of 1/λ(x), which a continuous positive function has on a compact set. But "
        "Q was assumed open, and no open set is compact: see `sobolev.bounded-not-compatible`.",
    ),
    Identity(
        label="sobolev.bounded-not-compatible",
        title="Bounded is not enough: the metric x² on (0, 1) violates (49) at x = 1/(1+C), for every C",
        statement=sp.Gt(w**2, C * w**2 / (1 + C) ** 2, evaluate=False),
        source=OURS,
        claim="proved",
        proof=squares("The difference is (1 + C + C²) w²/(1+C)².", [(1 + C + C**2) * w**2 / (1 + C) ** 2]),
    ),
    Identity(
        label="bai2022.definition11.half-space",
        title="The hyperbolic metric of the half-space violates (49) at the height 1+C, for every C",
        statement=sp.Gt(u**2 + w**2, C * (u**2 + w**2) / (1 + C) ** 2, evaluate=False),
        source=PAPER + ", after Definition 11",
        claim="proved",
        proof=squares(
            "The difference is (1 + C + C²)(u² + w²)/(1+C)².", [(1 + C + C**2) * (u**2 + w**2) / (1 + C) ** 2]
        ),
    ),
    Identity(
        label="bai2022.definition11.strip",
        title="Up to the height A = h + t the hyperbolic metric is E-compatible with C = A²",
        statement=sp.Le(u**2 + w**2, (h + t) ** 2 * (u**2 + w**2) / h**2, evaluate=False),
        source=PAPER + ", after Definition 11",
        claim="proved",
        proof=squares("The difference is (2ht + t²)(u² + w²)/h².", [(2 * h * t + t**2) * (u**2 + w**2) / h**2]),
        note="The strip is not R^n, so neither Lemma 13 nor anything built on it applies there as stated.",
    ),
    Identity(
        label="bai2022.eq50.line1",
        title="(50), line 1: with the Euclidean gradient in the inner product of g",
        statement=sp.Le(change(v), inner(METRIC, p, v) + L / 2 * norm2(v), evaluate=False),
        where=POSITIVE,
        source=PAPER + ", (50), first line",
        claim="refuted",
        flaw="slip",
        points=({"L": 1, "a": 4, "b": 0, "d": 1, "p1": 1, "p2": 0, "v1": -1, "v2": 0, "r1": 0, "r2": 0, "r3": 0},),
        note="∇ should be ∇^g, as in (48) and in the second line; the g may have been lost in transcription.",
    ),
    Identity(
        label="bai2022.eq50",
        title="(50): f(y) - f(x) ≤ ⟨∇^g f(x), y-x⟩_g + CL/2 ‖y-x‖²_g",
        statement=sp.Le(change(v, METRIC * n), inner(METRIC, n, v) + C * L / 2 * norm2(v, METRIC), evaluate=False),
        where=COMPATIBLE,
        source=PAPER + ", (50), second line",
        claim="proved",
        proof=squares("The difference is ½|Rᵀv|² + L/2 (C‖v‖²_g - |v|²).", [*slack_of(v), *spare_of(v)], given=MINORS),
        note="n = ∇^g f(x). " + PLANE,
    ),
    Identity(
        label="bai2022.definition12",
        title="Definition 12: the model has a minimiser in Q, say y; here Q = (0, ∞), f(y) = y, x = 1/2, C = L = g = 1",
        statement=sp.Le(_half_line(u), _half_line(u / 2), evaluate=False),
        source=PAPER + ".1, Definition 12",
        claim="refuted",
        flaw="hypothesis",
        points=({"u": 1}, {"u": sp.Rational(1, 1000)}),
        note="At y = u the model is larger than at u/2, for every u > 0: no point of Q is a minimiser, Grad(x) does "
        "not exist and Corollary 15 says nothing. Q must be closed (and convex), or R^n.",
    ),
    Identity(
        label="sobolev.closed-argmin",
        title="On the closed half-line the model is least at 0 when the free minimiser -t lies outside",
        statement=sp.Le(
            C * L * w * (u + t) * (-u) + C * L / 2 * w * u**2,
            C * L * w * (u + t) * (h - u) + C * L / 2 * w * (h - u) ** 2,
            evaluate=False,
        ),
        source=OURS,
        claim="proved",
        corrects=("bai2022.definition12",),
        proof=squares(
            "At x = u with metric w and slope CLw(u+t); the difference at y = h is CLw(th + h²/2).",
            [C * L * w * (t * h + h**2 / 2)],
        ),
        note="On a closed convex set the minimiser exists and is unique: the model is strictly convex and grows.",
    ),
    Identity(
        label="bai2022.lemma13.grad",
        title="Lemma 13: Grad(x) = x - ∇^g f/(CL) minimises the model",
        statement=sp.Le(model(-NATURAL / (C * L)), model(v), evaluate=False),
        where=POSITIVE,
        source=PAPER + ".1, Lemma 13",
        claim="proved",
        proof=squares(
            "The difference is CL/2 ‖v + ∇^g f/(CL)‖²_g.",
            [C * L / 2 * term for term in squares_of(METRIC, v + NATURAL / (C * L))],
            given=[a * d - b**2],
        ),
        note=PLANE,
    ),
    Identity(
        label="bai2022.lemma13.prog",
        title="Lemma 13: Prog(x) = ‖∇^g f‖²_g/(2CL)",
        statement=equation(-model(-NATURAL / (C * L)), norm2(NATURAL, METRIC) / (2 * C * L)),
        where=POSITIVE,
        source=PAPER + ".1, Lemma 13",
        claim="proved",
        proof=rational,
    ),
    Identity(
        label="bai2022.lemma13.line3",
        title="Proof of Lemma 13, line 3: the derivative of the model",
        statement=equation(_derivative, p[0] + C * L / 2 * 2 * _first_row),
        source=PAPER + ".1, proof of Lemma 13, lines 1 to 3",
        claim="proved",
        proof=rational,
        corrects=("bai2022.lemma13.line4",),
    ),
    Identity(
        label="bai2022.lemma13.line4",
        title="Proof of Lemma 13, line 4: CL g [2y - 2x], twice the derivative of the quadratic term",
        statement=equation(_derivative, p[0] + 2 * C * L * _first_row),
        source=PAPER + ".1, proof of Lemma 13, line 4",
        claim="refuted",
        flaw="slip",
        note="CL/2 [2y - 2x] on the line before. Repeated in the next display, whose right side is correct again.",
    ),
    Identity(
        label="bai2022.lemma13.components",
        title="Proof of Lemma 13, the components: line 4 contracted with g^-1",
        statement=equation(_contracted(2), _components),
        where=POSITIVE,
        source=PAPER + ".1, proof of Lemma 13, second display",
        claim="refuted",
        flaw="slip",
        repeats="bai2022.lemma13.line4",
    ),
    Identity(
        label="sobolev.lemma13-components",
        title="The derivative of the model contracted with g^-1",
        statement=equation(_contracted(1), _components),
        where=POSITIVE,
        source=OURS,
        claim="proved",
        proof=rational,
        corrects=("bai2022.lemma13.components",),
    ),
    Identity(
        label="bai2022.corollary14",
        title="Corollary 14: a step on R^n lowers f by at least ‖∇^g f‖²_g/(2CL)",
        statement=sp.Ge(-change(_step, METRIC * n), norm2(n, METRIC) / (2 * C * L), evaluate=False),
        where=COMPATIBLE,
        source=PAPER + ".1, Corollary 14",
        claim="proved",
        corrects=("bai2022.lemma16.step2",),
        proof=squares(
            "With the step v = -n/(CL) the difference is ½|Rᵀv|² + L/2 (C‖v‖²_g - |v|²).",
            [*slack_of(_step), *spare_of(_step)],
            given=MINORS,
        ),
        note="Convexity of f is not used. The second ≤ of the printed proof is an equality. n = ∇^g f. " + PLANE,
    ),
    Identity(
        label="bai2022.corollary15",
        title="Corollary 15 where Q is closed: on [0, ∞), with Grad(x) = 0, f(x) - f(0) ≥ Prog(x)",
        statement=sp.Ge(
            L * (1 + slack**2) * (u + t) * u - (L - r1**2) * u**2 / 2,
            L * (1 + slack**2) * (u + t) * u - L * (1 + slack**2) * u**2 / 2,
            evaluate=False,
        ),
        source=PAPER + ".1, Corollary 15",
        claim="proved",
        proof=squares(
            "x = u, g = (1+s²)/C, slope CLg(u+t); the difference is L s²u²/2 + r²u²/2.",
            [L * slack**2 * u**2 / 2, r1**2 * u**2 / 2],
        ),
        note="On any closed convex Q: put y = Grad(x) into (50). Not on an open one (`bai2022.definition12`).",
    ),
)
