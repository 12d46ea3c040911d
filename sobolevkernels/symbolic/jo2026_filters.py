"""jo2026: spectral filters as actions of inverse metrics.

A filter multiplies the mode ξ of a direction by φ(ξ). Acting on a gradient it is
the inverse of the metric with the symbol 1/φ; acting after the inverse of a
metric m it is the inverse of m/φ. That asks for φ real, even and positive at
every mode.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import squares
from sobolevkernels.symbolic.identity import Identity, Proof, equation
from sobolevkernels.symbolic.jo2026_rates import equal_sides
from sobolevkernels.symbolic.proofs import sides

ABSTRACT = "Jo 2026 (arXiv 2607.01634), abstract, fifth sentence"
DERIVED = "derived from the abstract of Jo 2026; derivation 12"

eta, lam, alpha, m, phi, tau, order = sp.symbols("eta lambda alpha m phi tau t", positive=True)
weight, delta = sp.symbols("w delta", positive=True)
x = sp.Symbol("x", nonnegative=True)
k, p = sp.symbols("k p", integer=True, positive=True)
j = sp.Symbol("j", integer=True, nonnegative=True)
y, f, g, data, h = sp.symbols("y f g d h", real=True)


def _zero(expr: sp.Expr) -> sp.Expr:
    """Normal form of an expression in powers with symbolic integer exponents."""
    return sp.simplify(sp.powsimp(sp.expand(expr)))


def _geometric(statement: Relational) -> Iterable[sp.Expr]:
    """Each summand is T(j+1) - T(j) for T(j) = (right side with j for k) up to a constant; the sum is T(k) - T(0),
    and T(0) = 0."""
    left, right = sides(statement)
    (series,) = left.atoms(sp.Sum)
    ((index, low, high),) = series.limits
    primitive = right.subs(k, index)
    step = primitive.subs(index, index + 1) - primitive
    return [
        _zero(step - sp.cancel(left / series) * series.function),
        sp.simplify(primitive.subs(index, low)),
        sp.expand(high - (k - 1)),
    ]


def _base_below_one(statement: Relational) -> Iterable[sp.Expr]:
    """1 - b^k > 0 because |b| < 1, that is 1 - b² = x(2-x) > 0 for 0 < x < 2."""
    left, right = sides(statement)
    greater, smaller = (left, right) if isinstance(statement, sp.Gt) else (right, left)
    base = (1 - (greater - smaller)).as_base_exp()[0]
    return [sp.expand(1 - base**2 - x * (2 - x)), sp.Integer(not isinstance(statement, sp.Gt))]


def _from_zero(slope: sp.Expr, variable: sp.Symbol = x) -> Proof:
    """A proof of an inequality on x ≥ 0 whose sides agree at 0, from the slope of larger - smaller (after logarithms
    if both sides are positive)."""

    def proof(statement: Relational) -> Iterable[sp.Expr]:
        left, right = sides(statement)
        larger, smaller = (left, right) if isinstance(statement, sp.Ge | sp.Gt) else (right, left)
        if larger.is_positive and smaller.is_positive:
            larger, smaller = (sp.expand_log(sp.log(side), force=True) for side in (larger, smaller))
        return [
            sp.simplify((larger - smaller).subs(variable, 0)),
            _zero(sp.diff(larger - smaller, variable) - slope),
        ]

    proof.__doc__ = f"""The sides agree at {variable} = 0. The slope of their difference, or of that of their logarithms
    where both are positive, is {slope}, which is not negative on the range of the record."""
    return proof


def _log_concave(statement: Relational) -> Iterable[sp.Expr]:
    """With W = τ(1+x)/t the logarithms differ by t (W - 1 - log W), and log W ≤ W - 1."""
    left, right = sides(statement)
    larger, smaller = (right, left) if isinstance(statement, sp.Le) else (left, right)
    scaled = tau * (1 + x) / order
    upper, lower, log_scaled = (sp.expand_log(sp.log(part), force=True) for part in (larger, smaller, scaled))
    return [sp.simplify(sp.expand(upper - lower - order * (scaled - 1 - log_scaled)))]


_landweber = 1 - (1 - x) ** k
_proximal = g * y + m / phi * (y - f) ** 2 / (2 * eta)
_below_two = (sp.Gt(x, 0), sp.Lt(x, 2))

IDENTITIES: tuple[Identity, ...] = (
    Identity(
        label="jo2026.filtered-inverse",
        title="A filter after the inverse of a metric is the inverse of the metric m/φ: f - ηφg/m minimises with m/φ",
        statement=sp.Ge(_proximal, g * f - eta * phi * g**2 / (2 * m), evaluate=False),
        source=ABSTRACT,
        claim="proved",
        proof=squares(
            "The sides differ by m/(2ηφ) (y - f + ηφg/m)² ≥ 0, which vanishes at the filtered step only.",
            [m / phi / (2 * eta) * (y - f + eta * phi * g / m) ** 2],
        ),
        note="Equality at y = f - ηφg/m only. Assumed: φ > 0. A complex φ shifts phases and is no metric.",
    ),
    Identity(
        label="jo2026.truncation",
        title="(as worded) Truncation is the action of an inverse metric: a finite m > 0 leaves a cut mode where it is",
        statement=equation(f - eta * g / m, f),
        source=ABSTRACT,
        claim="refuted",
        flaw="hypothesis",
        points=({"f": 0, "g": 1, "eta": 1, "m": 1},),
        note="False for every m, η > 0 unless g vanishes there: a truncation has a kernel, the inverse of a metric has "
        "none. True are the limits: `jo2026.truncation.precise`, and a metric on the kept modes alone.",
    ),
    Identity(
        label="jo2026.truncation.moved",
        title="A metric moves a cut mode by η|g|/m, more than nothing",
        statement=equation(sp.Abs((f - eta * g / m) - f), eta * sp.Abs(g) / m),
        source=DERIVED,
        claim="proved",
        proof=equal_sides,
        where=(sp.Ne(g, 0),),
        corrects=("jo2026.truncation",),
    ),
    Identity(
        label="jo2026.truncation.precise",
        title="Truncation at c is the limit p → ∞ of the metrics 1+(ξ/c)^(2p): the error at |log(ξ/c)| ≥ δ is at most "
        "e^(-2pδ)",
        statement=sp.Le(1 / (1 + sp.exp(2 * p * delta)), sp.exp(-2 * p * delta), evaluate=False),
        source=DERIVED,
        claim="proved",
        proof=squares(
            "e^(-z) - 1/(1+e^z) = e^(-z)/(1+e^z) > 0 for z = 2pδ.",
            [sp.exp(-2 * p * delta) / (1 + sp.exp(2 * p * delta))],
        ),
        corrects=("jo2026.truncation",),
        note="ξ = c e^(±δ). At ξ = c the filter is 1/2 for every p, so the convergence is not uniform; it is strong, "
        "and uniform off every neighbourhood of the cutoff. The condition number of the metric is unbounded.",
    ),
    Identity(
        label="jo2026.truncation.both-sides",
        title="The error of 1/(1+(ξ/c)^(2p)) below the cutoff is that above it at the mirrored frequency c²/ξ",
        statement=equation(1 - 1 / (1 + sp.exp(-2 * p * delta)), 1 / (1 + sp.exp(2 * p * delta))),
        source=DERIVED,
        claim="proved",
        proof=equal_sides,
    ),
    Identity(
        label="sobolev.filter-tikhonov",
        title="Tikhonov: ½(hy-d)² + ½αwy² is least at hd/(h²+αw), the inverse of the metric |ĥ|² + αw",
        statement=sp.Ge(
            (h * y - data) ** 2 / 2 + alpha * weight * y**2 / 2,
            alpha * weight * data**2 / (2 * (h**2 + alpha * weight)),
            evaluate=False,
        ),
        source=DERIVED,
        claim="proved",
        proof=squares(
            "The sides differ by ½(h²+αw)(y - hd/(h²+αw))² ≥ 0, which vanishes at the minimiser only.",
            [(h**2 + alpha * weight) * (y - h * data / (h**2 + alpha * weight)) ** 2 / 2],
        ),
        note="The filter on the naive inverse d/h is |ĥ|²/(|ĥ|²+αw). Assumed: |ĥ|² + αw > 0, not ĥ ≠ 0. With noise of "
        "density S and a Gaussian prior of density S_u: Fisher symbol plus prior precision |ĥ|²/S + 1/S_u, Wiener's.",
    ),
    Identity(
        label="sobolev.filter-landweber",
        title="Landweber: k gradient steps from 0 on ½λ(u-u∗)² filter the exact solution by 1-(1-ηλ)^k",
        statement=equation(
            eta * lam * sp.Sum((1 - eta * lam) ** j, (j, 0, k - 1)), 1 - (1 - eta * lam) ** k
        ),
        source=DERIVED,
        claim="proved",
        proof=_geometric,
        note="One step in the metric λ/(1-(1-ηλ)^k).",
    ),
    Identity(
        label="jo2026.filtering",
        title="(as worded) Spectral filters are inverse metrics: here that of k gradient steps, whatever x = ηλ",
        statement=sp.Gt(_landweber, 0, evaluate=False),
        where=(sp.Gt(x, 0),),
        source=ABSTRACT,
        claim="refuted",
        flaw="hypothesis",
        points=({"x": 3, "k": 2},),
        note="For even k zero at x = 2 and negative beyond it; for odd k positive, but the steps diverge beyond x = 2.",
    ),
    Identity(
        label="jo2026.filtering.precise",
        title="The filter of k gradient steps is an inverse metric if 0 < ηλ < 2, for every k",
        statement=sp.Gt(_landweber, 0, evaluate=False),
        where=_below_two,
        source=DERIVED,
        claim="proved",
        proof=_base_below_one,
        corrects=("jo2026.filtering",),
        points=({"x": sp.Rational(1, 2), "k": 3}, {"x": 1, "k": 2}, {"x": sp.Rational(3, 2), "k": 4},
                {"x": sp.Rational(19, 10), "k": 5}),
    ),
    Identity(
        label="sobolev.filter-landweber-floor",
        title="Landweber's metric is at least 1/(kη), also where the data say nothing: the filter is at most kηλ",
        statement=sp.Le(_landweber, k * x, evaluate=False),
        where=(sp.Le(x, 1),),
        source=DERIVED,
        claim="proved",
        proof=_from_zero(k * (1 - (1 - x) ** (k - 1))),
        note="x = ηλ ≤ 1; Bernoulli's inequality. It tends to 1/(kη) as λ → 0, so early stopping is a metric that is "
        "positive at the zeros of the Fisher symbol.",
    ),
    Identity(
        label="sobolev.filter-landweber-monotone",
        title="The filter of k gradient steps rises with λ: its slope is kη(1-ηλ)^(k-1)",
        statement=equation(
            sp.Derivative(1 - (1 - eta * lam) ** k, lam), k * eta * (1 - eta * lam) ** (k - 1)
        ),
        where=(sp.Ne(eta * lam, 1),),
        source=DERIVED,
        claim="proved",
        proof=equal_sides,
        note="Not negative for all λ ≤ 1/η; for even k it falls again between 1/η and 2/η.",
    ),
    Identity(
        label="sobolev.filter-iterated-tikhonov",
        title="Iterated Tikhonov: k proximal steps filter the exact solution by 1-(α/(λ+α))^k, for every α > 0",
        statement=equation(
            lam / (lam + alpha) * sp.Sum((alpha / (lam + alpha)) ** j, (j, 0, k - 1)),
            1 - (alpha / (lam + alpha)) ** k,
        ),
        source=DERIVED,
        claim="proved",
        proof=_geometric,
        note="Between 0 and 1 without a condition on the step: the inverse of the metric λ/(1-(α/(λ+α))^k), which is "
        "at least α/k.",
    ),
    Identity(
        label="sobolev.filter-heat",
        title="The metric e^(τξ²) of the heat filter is stronger than every Sobolev norm",
        statement=sp.Le(
            (1 + x) ** order * sp.exp(-tau * x), (order / tau) ** order * sp.exp(tau - order), evaluate=False
        ),
        source=DERIVED,
        claim="proved",
        proof=_log_concave,
        note="x = ξ²; attained at 1+x = t/τ if t ≥ τ. With t+1 for t the quotient tends to 0, so the metric is "
        "equivalent to no Sobolev norm: its order is infinite.",
    ),
    Identity(
        label="sobolev.filter-heat-limit",
        title="The heat filter lies below every implicit Euler filter (1+τξ²/k)^(-k), a Bessel potential of order k",
        statement=sp.Le(sp.exp(-x), (1 + x / k) ** (-k), evaluate=False),
        source=DERIVED,
        claim="proved",
        proof=_from_zero(x / (k + x)),
        note="x = τξ². (1+τξ²/k)^k is (τ/k)^k times the symbol of order k with κ² = k/τ.",
    ),
    Identity(
        label="sobolev.filter-heat-rate",
        title="The heat filter is the limit of Bessel potentials of order k: (1+x/k)^(-k) is at most e^(-x+x²/(2k))",
        statement=sp.Le((1 + x / k) ** (-k), sp.exp(-x + x**2 / (2 * k)), evaluate=False),
        source=DERIVED,
        claim="proved",
        proof=_from_zero(x**2 / (k * (k + x))),
        note="With `sobolev.filter-heat-limit` the relative error is at most e^(x²/(2k)) - 1, x = τξ².",
    ),
)
