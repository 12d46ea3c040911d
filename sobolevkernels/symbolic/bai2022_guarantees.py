"""bai2022, Lemma 16: the rate 2LCR²/T of gradient descent in an E-compatible metric, line by line.

D and E stand for f(x_k) - f* and f(x_(k+1)) - f*, and K for 2LCR². The matrices are those of `bai2022_primal`.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import squares
from sobolevkernels.symbolic.bai2022_primal import OURS, PAPER, t
from sobolevkernels.symbolic.identity import Identity
from sobolevkernels.symbolic.plane import (
    COMPATIBLE,
    HESSIAN,
    METRIC,
    MINORS,
    PLANE,
    POSITIVE,
    C,
    L,
    R,
    a,
    b,
    change,
    d,
    inner,
    n,
    norm2,
    p,
    slack_of,
    spare_of,
    v,
)

PROOF = PAPER + ".1, proof of Lemma 16"

D, E, K, delta, k, u = sp.symbols("D E K delta k u", positive=True)
radius = sp.Symbol("R", positive=True)
z = sp.Symbol("x", real=True)
T = sp.Symbol("T", integer=True, positive=True)
j = sp.Symbol("k", integer=True, nonnegative=True)


def _exponentials(statement: Relational) -> Iterable[sp.Expr]:
    """Exponentiated, the larger side exceeds the smaller one by e^(-x)(1 - 1/e) > 0."""
    difference = sp.exp(statement.gts) - sp.exp(statement.lts)
    return [sp.expand(difference - sp.exp(-z) * (1 - sp.exp(-1)))]


_step = -n / (C * L)
_next = u - u / (1 + k * u**2)
_after_T = (u**2 - 2 * T / k) / 2

IDENTITIES = (
    Identity(
        label="sobolev.no-minimiser",
        title="A convex, E-Lipschitz loss without a minimiser: log(1 + e^(-x)) decreases for ever",
        statement=sp.Lt(sp.log(1 + sp.exp(-z - 1)), sp.log(1 + sp.exp(-z)), evaluate=False),
        source=OURS,
        claim="proved",
        proof=_exponentials,
        points=({"x": 0}, {"x": 3}, {"x": -7}),
        note="Lemma 16 takes a minimiser x* for granted, and a finite R: for f = x₁² in the plane the set f ≤ f(x_0) "
        "is unbounded, R is infinite and the bound is empty.",
    ),
    Identity(
        label="bai2022.lemma16.convexity",
        title="Proof of Lemma 16: f(x) - f(x*) ≤ ⟨∇f(x), x - x*⟩ for convex f",
        statement=sp.Le(-p.dot(v) - norm2(v, R * R.T) / 2, -p.dot(v), evaluate=False),
        source=PROOF + ", first display",
        claim="proved",
        proof=squares("The difference is ½|Rᵀv|², the Hessian being RRᵀ.", [(R.T * v)[i] ** 2 / 2 for i in range(2)]),
        note="v = x* - x. Convexity is in the first sentence of the appendix, not in the lemma; it is needed here.",
    ),
    Identity(
        label="bai2022.lemma16.cauchy-schwarz",
        title="Proof of Lemma 16: ⟨∇^g f(x), x - x*⟩²_g ≤ ‖∇^g f(x)‖²_g ‖x - x*‖²_g, all at x",
        statement=sp.Le(inner(METRIC, n, v) ** 2, norm2(n, METRIC) * norm2(v, METRIC), evaluate=False),
        where=POSITIVE,
        source=PROOF + ", first display",
        claim="proved",
        proof=squares(
            "The difference is det g times the squared area spanned by ∇^g f and v.",
            [(a * d - b**2) * (n[0] * v[1] - n[1] * v[0]) ** 2],
            given=[a * d - b**2],
        ),
        note="The metric is that of x_k, so R has to bound ‖x - x*‖ measured at x. " + PLANE,
    ),
    Identity(
        label="bai2022.lemma16.step2",
        title="Proof of Lemma 16: D_k - D_(k+1) ≥ ‖∇^g f(x_k)‖²_g/(CL), said to be Corollary 14",
        statement=sp.Ge(-change(_step, METRIC * n), norm2(n, METRIC) / (C * L), evaluate=False),
        where=COMPATIBLE,
        source=PROOF + ", after the first display",
        claim="refuted",
        flaw="slip",
        points=({"C": 1, "L": 1, "n1": 1, "n2": 0, "a": 2, "b": 0, "d": 2, "r1": 0, "r2": 0, "r3": 0},),
        note="1/(2CL), as Corollary 14 says and as the next line uses. The printed one fails for f = |x|²/2 in every "
        "constant metric.",
    ),
    Identity(
        label="bai2022.lemma16.step3",
        title="Proof of Lemma 16: D² ≤ K(D - E) gives D/E ≤ K(1/E - 1/D), when E > 0",
        statement=sp.Le((E + delta) / E, ((E + delta) ** 2 / delta + t) * (1 / E - 1 / (E + delta)), evaluate=False),
        source=PROOF + ", second display",
        claim="proved",
        proof=squares(
            "D = E + δ and K = D²/(D-E) + t, t ≥ 0: the difference is tδ/(DE).", [t * delta / (E * (E + delta))]
        ),
        note="E = 0 is left out: then the minimum is reached and every later D is 0. D = E implies D = 0.",
    ),
    Identity(
        label="bai2022.lemma16.step4",
        title="Proof of Lemma 16: one step adds at least 1/K to 1/D",
        statement=sp.Ge(1 / (D - D**2 / (D + delta)), 1 / D + 1 / (D + delta), evaluate=False),
        source=PROOF + ", third display",
        claim="proved",
        proof=squares(
            "With K = D + δ and the largest E that D² ≤ K(D-E) allows, the difference is D/(K(K-D)).",
            [D / ((D + delta) * delta)],
        ),
    ),
    Identity(
        label="bai2022.lemma16",
        title="Lemma 16: f(x_T) - f(x*) ≤ 2LCR²/T, from 1/D_T ≥ 1/D_0 + T/(2LCR²)",
        statement=sp.Le(1 / (1 / D + T / (2 * L * C * radius**2)), 2 * L * C * radius**2 / T, evaluate=False),
        source=PAPER + ".1, Lemma 16 and the end of its proof",
        claim="proved",
        proof=squares(
            "The difference is K²/(T(K + TD)).",
            [(2 * L * C * radius**2) ** 2 / (T * (2 * L * C * radius**2 + T * D))],
        ),
        note="The telescoped sum; its terms are `bai2022.lemma16.step4`. For convex f with a minimiser, C g ≥ 1 on "
        "R^n and R the supremum of ‖x - x*‖_(g,x) over f(x) ≤ f(x_0). The O of the statement is the constant 2.",
    ),
    Identity(
        label="bai2022.lemma16.radius",
        title="Lemma 16 with R measured in the metric at x*: fails for f = x²/2, g = 1 + kx², C = L = 1",
        statement=sp.Le(_after_T, 2 * u**2 / T, evaluate=False),
        source=PAPER + ".1, Lemma 16, the norm in R",
        claim="refuted",
        flaw="convention",
        points=({"u": 1, "k": 1000, "T": 8}, {"u": 2, "k": 10**6, "T": 1000}),
        note="From x_0 = u; the left side bounds f(x_T) from below (`sobolev.slow-steps`). The base point of the "
        "norm in R is not printed; it has to be x.",
    ),
    Identity(
        label="sobolev.slow-steps",
        title="For f = x²/2 and g = 1 + kx² a step lowers x² by 2/k at most",
        statement=sp.Ge(_next**2, u**2 - 2 / k, evaluate=False),
        source=OURS,
        claim="proved",
        proof=squares("The difference is (2 + 3kx²)/(k(1+kx²)²).", [(2 + 3 * k * u**2) / (k * (1 + k * u**2) ** 2)]),
    ),
    Identity(
        label="sobolev.radius",
        title="With R measured in the metric at x, R² = u²(1 + ku²), the same problem no longer contradicts Lemma 16",
        statement=sp.Le(_after_T, 2 * u**2 * (1 + k * u**2) / T, evaluate=False),
        source=OURS,
        claim="proved",
        corrects=("bai2022.lemma16.radius",),
        proof=squares(
            "The difference is (T-ku²)²/(kT) + ku⁴/T + 3u²/2 + 2u²/T.",
            [(T - k * u**2) ** 2 / (k * T), k * u**4 / T, 3 * u**2 / 2, 2 * u**2 / T],
        ),
        note="The left side is the same bound from below. That f(x_T) itself obeys the right side is "
        "`bai2022.lemma16`.",
    ),
    Identity(
        label="sobolev.descent-start",
        title="The start is not arbitrary: f(x) - f(x*) ≤ CL/2 ‖x - x*‖²_(g,x)",
        statement=sp.Le(norm2(v, HESSIAN) / 2, C * L / 2 * norm2(v, METRIC), evaluate=False),
        where=COMPATIBLE,
        source=OURS,
        claim="proved",
        proof=squares(
            "(46) at x*, where the gradient vanishes, then (49).", [*slack_of(v), *spare_of(v)], given=MINORS
        ),
        note="So D_0 ≤ LCR²/2. " + PLANE,
    ),
    Identity(
        label="sobolev.descent-rate",
        title="A sharper Lemma 16, f(x_T) - f* ≤ 2LCR²/(T+4): the step from k to k+1",
        statement=sp.Le(K / (j + 4) - (K / (j + 4)) ** 2 / K, K / (j + 5), evaluate=False),
        source=OURS,
        claim="proved",
        proof=squares("The difference is K/((k+4)²(k+5)).", [K / ((j + 4) ** 2 * (j + 5))]),
        note="D - D²/K increases on [0, K/2], so D_k ≤ K/(k+4) implies D_(k+1) ≤ K/(k+5); `sobolev.descent-start` is "
        "the case k = 0.",
    ),
)
