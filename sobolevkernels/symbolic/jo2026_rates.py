"""jo2026: the preconditioned symbol m_F/m_S, its range on a grid, and the rate of the Sobolev step that follows.

A quadratic loss with the symbol m_F, and steps with the symbol m_S: each mode
contracts by itself, so that a statement about one mode, or about the two ends
of the range of m_F/m_S, is a statement about fields.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import squares
from sobolevkernels.symbolic.identity import Identity, Proof, equation
from sobolevkernels.symbolic.proofs import sides

ABSTRACT = "Jo 2026 (arXiv 2607.01634), abstract, fourth sentence"
DERIVED = "derived from the abstract of Jo 2026; derivation 12"

eta, kappa, a, b, m = sp.symbols("eta kappa a b m", positive=True)
kappa_F, kappa_S, t_F, t_S, length, order = sp.symbols("kappa_F kappa_S t_F t_S L t", positive=True)
share = sp.Symbol("s", nonnegative=True)
N = sp.Symbol("N", integer=True, positive=True)
xi, field, target = sp.symbols("xi f f_*", real=True)

weight = (kappa**2 + xi**2) ** order


def equal_sides(statement: Relational) -> Iterable[sp.Expr]:
    """Both sides are elementary; derivatives are taken, and the difference simplifies to 0."""
    left, right = (side.doit() for side in sides(statement))
    return [sp.simplify(left - right)]


# --- rates --------------------------------------------------------------------------------------


def _convex_combination(statement: Relational) -> Iterable[sp.Expr]:
    """(b-a)/(a+b) is a convex combination of 1-ηa and ηb-1 with the weights b/(a+b) and a/(a+b), whatever η is;
    so one of their absolute values is at least as large."""
    left, right = sides(statement)
    first, second = (1 - eta * a), (eta * b - 1)
    return [
        sp.Integer(left != sp.Max(sp.Abs(first), sp.Abs(1 - eta * b))),
        sp.Integer(not isinstance(statement, sp.Ge)),
        sp.simplify(b / (a + b) * first + a / (a + b) * second - right),
        sp.simplify((1 - eta * b) + second),
    ]


def _both_ends(statement: Relational) -> Iterable[sp.Expr]:
    """At η = 2/(a+b) both ends have the square of (b-a)/(a+b), which is not negative, and neither is the left side."""
    left, right = sides(statement)
    coefficient, greatest = left.as_independent(sp.Max)
    ends = [sp.simplify((coefficient * end.args[0]) ** 2 - right**2) for end in greatest.args]
    return [*ends, sp.Integer(not coefficient.is_positive), sp.simplify(right * (a + b) / (b - a)) - 1]


# --- orders -------------------------------------------------------------------------------------


def _quotient(first_order: sp.Expr, second_order: sp.Expr) -> sp.Expr:
    """m_F/m_S."""
    return (kappa_F**2 + xi**2) ** first_order / (kappa_S**2 + xi**2) ** second_order


def _powers(statement: Relational) -> Iterable[sp.Expr]:
    """The quotient of the two sides is 1: positive bases, exponents add."""
    left, right = sides(statement)
    quotient = sp.powsimp(sp.expand_power_exp(sp.powdenest(sp.expand_power_base(left / right, force=True), force=True)))
    return [sp.simplify(quotient) - 1]


def _same_power(gap: sp.Expr) -> Proof:
    """A proof of base₁^t ≤ base₂^t, t > 0, from base₂ - base₁ = gap."""

    def proof(statement: Relational) -> Iterable[sp.Expr]:
        smaller, larger = reversed(sides(statement)) if isinstance(statement, sp.Ge) else sides(statement)
        bases = [sp.simplify(sp.powdenest(side ** (1 / t_F), force=True)) for side in (smaller, larger)]
        return [sp.simplify(bases[1] - bases[0] - gap)]

    proof.__doc__ = f"""x^t increases with x for t > 0; the t-th roots of the sides differ by {gap},
    which is not negative where the record asks for κ_F ≥ κ_S."""
    return proof


_shape = 1 + xi**2 / kappa**2


def _exponents(statement: Relational) -> Iterable[sp.Expr]:
    """The base 1 + ξ²/κ² is at least 1, so the exponents decide; their squares differ by
    t_S (2t_F - t_S), which is not negative iff t_S ≤ 2t_F. Both directions: the base exceeds 1 where ξ ≠ 0."""
    left, right = sides(statement)
    small, large = (left, right) if isinstance(statement, sp.Le) else (right, left)
    return [
        sp.simplify(small.as_base_exp()[0] - _shape),
        sp.simplify(large.as_base_exp()[0] - _shape),
        sp.expand(large.as_base_exp()[1] ** 2 - small.as_base_exp()[1] ** 2 - t_S * (2 * t_F - t_S)),
    ]


_grid = sp.pi * N / length
_order_helps = sp.Le(_shape ** sp.Abs(t_F - t_S), _shape**t_F, evaluate=False)
_kappa_sorted = (sp.Ge(kappa_F, kappa_S),)

IDENTITIES: tuple[Identity, ...] = (
    Identity(
        label="sobolev.error-factor",
        title="Quadratic loss ½⟨f-f∗, F(f-f∗)⟩: a Sobolev step multiplies the error of a mode by 1 - η m_F/m_S",
        statement=equation(
            field - eta / weight * sp.Derivative(m * (field - target) ** 2 / 2, field) - target,
            (1 - eta * m / weight) * (field - target),
        ),
        source=DERIVED,
        claim="proved",
        proof=equal_sides,
        note="m = m_F(ξ). With its own symbol and η = 1 every error is gone in one step.",
    ),
    Identity(
        label="sobolev.descent-condition",
        title="One step lowers the squared error of a mode by ηx(2-ηx), x = m_F/m_S: convergence iff 0 < η < 2/max x",
        statement=equation(1 - (1 - eta * a) ** 2, eta * a * (2 - eta * a)),
        source=DERIVED,
        claim="proved",
        proof=equal_sides,
        note="Relative to it. Both directions: at ηx = 2 nothing is gained, beyond it the mode grows. On a grid "
        "the maximum exists; with infinitely many modes linear convergence needs η < 2/sup x and inf x > 0.",
    ),
    Identity(
        label="sobolev.contraction-factor",
        title="Between the ends a and b of the range of m_F/m_S no mode contracts more slowly than the worse end",
        statement=sp.Le(
            (1 - eta * ((1 - share) * a + share * b)) ** 2,
            (1 - share) * (1 - eta * a) ** 2 + share * (1 - eta * b) ** 2,
            evaluate=False,
        ),
        where=(sp.Le(share, 1), sp.Gt(b, a)),
        source=DERIVED,
        claim="proved",
        proof=squares(
            "1 - ηx is affine, so its square is convex: the gap is s(1-s) η² (b-a)².",
            [share * (1 - share) * eta**2 * (b - a) ** 2],
            given=[1 - share],
        ),
        note="So the contraction factor is exactly the larger of |1-ηa| and |1-ηb|, if both ends are attained.",
    ),
    Identity(
        label="sobolev.optimal-rate",
        title="No step size contracts faster than (b-a)/(b+a) on a symbol with range from a to b",
        statement=sp.Ge(sp.Max(sp.Abs(1 - eta * a), sp.Abs(1 - eta * b)), (b - a) / (a + b), evaluate=False),
        where=(sp.Ge(b, a),),
        source=DERIVED,
        claim="proved",
        proof=_convex_combination,
    ),
    Identity(
        label="sobolev.optimal-step",
        title="The step 2/(a+b) attains it: (b-a)/(b+a), which is (k-1)/(k+1) for the condition number k = b/a",
        statement=equation(
            sp.Max(sp.Abs(1 - 2 * a / (a + b)), sp.Abs(1 - 2 * b / (a + b))), (b / a - 1) / (b / a + 1)
        ),
        where=(sp.Gt(b, a),),
        source=DERIVED,
        claim="proved",
        proof=_both_ends,
    ),
    Identity(
        label="sobolev.equal-orders",
        title="Equal orders, κ_F ≥ κ_S: the preconditioned symbol is at most (κ_F/κ_S)^(2t)",
        statement=sp.Le(
            ((kappa_F**2 + xi**2) / (kappa_S**2 + xi**2)) ** t_F, (kappa_F**2 / kappa_S**2) ** t_F, evaluate=False
        ),
        where=_kappa_sorted,
        source=DERIVED,
        claim="proved",
        proof=_same_power(xi**2 * (kappa_F**2 - kappa_S**2) / (kappa_S**2 * (kappa_S**2 + xi**2))),
        note="Attained at ξ = 0.",
    ),
    Identity(
        label="sobolev.equal-orders-below",
        title="Equal orders, κ_F ≥ κ_S: the preconditioned symbol is at least 1, which it tends to",
        statement=sp.Ge(((kappa_F**2 + xi**2) / (kappa_S**2 + xi**2)) ** t_F, sp.Integer(1), evaluate=False),
        where=_kappa_sorted,
        source=DERIVED,
        claim="proved",
        proof=_same_power((kappa_F**2 - kappa_S**2) / (kappa_S**2 + xi**2)),
        note="The condition number is below (κ_F/κ_S)^(2t) on every grid and tends to it. For κ_F < κ_S take inverses.",
    ),
    Identity(
        label="sobolev.orders-differ",
        title="Different orders: m_F/m_S is (κ_S²+|ξ|²)^(t_F-t_S) times a symbol that is bounded on both sides",
        statement=equation(
            _quotient(t_F, t_S),
            (kappa_S**2 + xi**2) ** (t_F - t_S) * ((kappa_F**2 + xi**2) / (kappa_S**2 + xi**2)) ** t_F,
        ),
        source=DERIVED,
        claim="proved",
        proof=_powers,
        note="With `sobolev.equal-orders`: bounded above and below on all grids iff t_F = t_S.",
    ),
    Identity(
        label="sobolev.condition-growth",
        title="Equal κ, period L, N points: from ξ = 0 to πN/L the symbol grows by (1+(πN/(κL))²)^(t_F-t_S)",
        statement=equation(
            (kappa**2 + _grid**2) ** t_F / (kappa**2 + _grid**2) ** t_S / (kappa ** (2 * t_F) / kappa ** (2 * t_S)),
            (1 + (sp.pi * N / (kappa * length)) ** 2) ** (t_F - t_S),
        ),
        source=DERIVED,
        claim="proved",
        proof=_powers,
        note="The condition number, for even N; its inverse if t_F < t_S. It grows like N^(2|t_F-t_S|) with the "
        "constant (π/(κL))^(2|t_F-t_S|); in n dimensions the corner of the grid gives n times the square.",
    ),
    Identity(
        label="sobolev.interior-extremum",
        title="Different κ and orders: m_F/m_S may have one extremum inside, at ξ² = (t_S κ_F² - t_F κ_S²)/(t_F-t_S)",
        statement=equation(
            (kappa_F**2 + (t_S * kappa_F**2 - t_F * kappa_S**2) / (t_F - t_S)) / t_F,
            (kappa_S**2 + (t_S * kappa_F**2 - t_F * kappa_S**2) / (t_F - t_S)) / t_S,
        ),
        where=(sp.Gt(t_F, t_S), sp.Gt(kappa_F, kappa_S)),
        source=DERIVED,
        claim="proved",
        proof=equal_sides,
        note="(κ_F²+ξ²)/t_F = (κ_S²+ξ²)/t_S: the derivative of log(m_F/m_S) in ξ², t_F/(κ_F²+ξ²) - t_S/(κ_S²+ξ²), "
        "vanishes. If that ξ² is not positive the quotient is monotone, and its ends are at ξ = 0 and at the corner "
        "of the grid.",
    ),
    Identity(
        label="jo2026.canonical-preconditioner",
        title="(if canonical means best) The Sobolev symbol of the order of the Fisher symbol loses nothing: 1+ξ^4",
        statement=sp.Le((1 + xi**2) ** 2 / (1 + xi**4), 1, evaluate=False),
        source=ABSTRACT,
        claim="refuted",
        flaw="hypothesis",
        points=({"xi": 1},),
        note="The abstract does not say what canonical means. No symbol is better than F itself, and every symbol of "
        "the same growth has a rate that is free of the grid. The range of m_S/m_F is from 1 to 2 here, not 1.",
    ),
    Identity(
        label="jo2026.canonical-preconditioner.precise",
        title="Equal orders give equivalent norms, here with the constants 1 and 2: a rate of 1/3 on every grid",
        statement=sp.Le((1 + xi**2) ** 2 / (1 + xi**4), 2, evaluate=False),
        source=DERIVED,
        claim="proved",
        proof=squares(
            "2(1+ξ⁴) - (1+ξ²)² = (1-ξ²)² ≥ 0, over 1+ξ⁴.", [(1 - xi**2) ** 2 / (1 + xi**4)]
        ),
        corrects=("jo2026.canonical-preconditioner",),
        note="Equality at ξ = ±1, and the lower bound 1 at ξ = 0. By `sobolev.optimal-rate` (2-1)/(2+1) is the best.",
    ),
    Identity(
        label="jo2026.any-order-helps",
        title="(if the order is free) A Sobolev metric of any order preconditions: the condition number does not rise",
        statement=_order_helps,
        source=ABSTRACT,
        claim="refuted",
        flaw="hypothesis",
        points=({"xi": 2, "kappa": 1, "t_F": 1, "t_S": 3},),
        note="The abstract names no order. Right: no preconditioner. Left: the Sobolev metric of order t_S, same κ.",
    ),
    Identity(
        label="jo2026.any-order-helps.precise",
        title="A Sobolev metric of order t_S does not raise the condition number iff t_S ≤ 2 t_F (equal κ)",
        statement=_order_helps,
        where=(sp.Le(t_S, 2 * t_F),),
        source=DERIVED,
        claim="proved",
        proof=_exponents,
        corrects=("jo2026.any-order-helps",),
        note="It lowers it iff 0 < t_S < 2 t_F: at t_S = 2 t_F nothing is gained, beyond it the step is worse than the "
        "plain gradient; t_S = t_F is best, with the condition number 1.",
    ),
)
