"""bai2022, Case I: the radial integral for n odd and s even, line by line.

The first wrong step is Step 1 of the integration by parts, which multiplies by a
factor that it should divide by; every later line inherits it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.bai2022_reduction import q, radial_integral
from sobolevkernels.symbolic.bai2022_spaces import PAPER
from sobolevkernels.symbolic.identity import Identity, Proof, equation
from sobolevkernels.symbolic.proofs import euler_integral, induction, sides, under_the_integral

CASE = PAPER + ".2, Case I"

n = sp.Symbol("n", odd=True, positive=True)
s = sp.Symbol("s", even=True, positive=True)
any_n, any_s = sp.symbols("n s", integer=True, positive=True)  # their parity is a condition of the record
A = sp.Symbol("A", integer=True, positive=True)
i = sp.Symbol("i", integer=True, positive=True)

half = (n - 3) / 2  # the number of steps
radial = radial_integral(n, s)
ENOUGH = (sp.Gt(s, n + 1), sp.Ge(n, 7))
CONVERGENT = (sp.Gt(s, n), sp.Ge(n, 3))


def lower(steps: int) -> sp.Integral:
    """∫ (1+q²)^(-s/2+steps) q^(n-2-2·steps) dq, what is left after so many integrations by parts."""
    return sp.Integral((1 + q**2) ** (-s / 2 + steps) * q ** (n - 2 - 2 * steps), (q, 0, sp.oo))


def moment_value(n: sp.Expr, s: sp.Expr) -> sp.Expr:
    """The printed value of the radial integral: (s-2)!!(n-3)!! / ((s-n+1) 2^(n-3) (s-n+1)!!)."""
    return sp.factorial2(s - 2) * sp.factorial2(n - 3) / ((s - n + 1) * 2 ** (n - 3) * sp.factorial2(s - n + 1))


def _by_parts(boundary: Callable[[], sp.Expr]) -> Proof:
    def proof(statement: Relational) -> Iterable[sp.Expr]:
        left, right = sides(statement)
        mine, variable = under_the_integral(left)
        other, other_variable = under_the_integral(right)
        difference = mine - other.subs(other_variable, variable) - sp.diff(boundary(), q).subs(q, variable)
        return [sp.simplify(sp.powsimp(sp.expand(sp.simplify(difference / mine))))]

    proof.__doc__ = """The two integrands differ by the derivative of an explicit function, which vanishes
    at 0 (for n > 3, or n > 5 after two steps) and, because s > n-1, at infinity."""
    return proof


def _first_boundary() -> sp.Expr:
    return (1 + q**2) ** (1 - s / 2) * q ** (n - 3) / (2 - s)


def _second_boundary() -> sp.Expr:
    return _first_boundary() + (n - 3) / (s - 2) * (1 + q**2) ** (2 - s / 2) * q ** (n - 5) / (4 - s)


def _parity(statement: Relational) -> Iterable[sp.Expr]:
    """Write n = 2a-1 and s = 2b: the cosine of a multiple of 2π, which SymPy evaluates."""
    left, right = (side.subs({any_n: 2 * A - 1, any_s: 2 * i}, simultaneous=True) for side in sides(statement))
    return [left.subs(sp.cos(sp.pi * (2 * i - 2 * A + 2)), 1) - right]


def _moment(label: str, title: str, right: sp.Expr, where: tuple = CONVERGENT, **rest: Any) -> Identity:
    """A record that states a value of the radial integral."""
    return Identity(
        **(
            {
                "label": label,
                "title": title,
                "statement": equation(radial, right),
                "where": where,
                "oracle": oracles.radial_moment,
                "source": CASE,
            }
            | rest
        )
    )


_printed_product = sp.Product(-s / 2 + i, (i, 1, half)) * sp.factorial2(n - 3) / 2**half

IDENTITIES = (
    _moment(
        "bai2022.odd.line2",
        "A factor is moved: the integrand over (1-s/2), times (1-s/2)/2",
        sp.Integral((1 + q**2) ** (-s / 2) * 2 * q / (-s / 2 + 1) * q ** (n - 3), (q, 0, sp.oo)) * (-s / 2 + 1) / 2,
        source=CASE + ", line 2 of the chain",
        claim="proved",
        where=(*CONVERGENT, sp.Gt(s, n)),
        points=({"n": 5, "s": 10}, {"n": 3, "s": 8}),
        proof=lambda statement: [
            sp.simplify(under_the_integral(statement.lhs)[0] / under_the_integral(statement.rhs)[0]) - 1
        ],
        note="True, but the bracket is not the derivative of (1+q²)^(1-s/2) that the next line takes it for: that "
        "derivative is (1-s/2) 2q (1+q²)^(-s/2).",
    ),
    _moment(
        "bai2022.odd.step1",
        "Step 1: minus (1-s/2)/2 (n-3) times the next integral",
        -lower(1) * (-s / 2 + 1) / 2 * (n - 3),
        where=ENOUGH,
        source=CASE + ", Step 1",
        claim="refuted",
        flaw="error",
        points=({"n": 7, "s": 12}, {"n": 9, "s": 12}),
        note="The first wrong step of Case I. The factor 1-s/2 belongs in the denominator: the antiderivative of "
        "2q (1+q²)^(-s/2) is (1+q²)^(1-s/2)/(1-s/2). Printed over true: (1-s/2)².",
    ),
    _moment(
        "sobolev.radial-step",
        "One integration by parts: (n-3)/(s-2) times the next integral",
        (n - 3) / (s - 2) * lower(1),
        where=ENOUGH,
        source="Derived here",
        claim="proved",
        points=({"n": 7, "s": 12}, {"n": 9, "s": 12}),
        proof=_by_parts(_first_boundary),
        corrects=("bai2022.odd.step1",),
    ),
    _moment(
        "bai2022.odd.line4",
        "The same for the second step, rewritten",
        -sp.Integral((1 + q**2) ** (-s / 2 + 1) * 2 * q / (-s / 2 + 2) * q ** (n - 5), (q, 0, sp.oo))
        * (-s / 2 + 2)
        * (-s / 2 + 1)
        / 4
        * (n - 3),
        where=ENOUGH,
        source=CASE + ", line 4 of the chain",
        claim="refuted",
        flaw="error",
        repeats="bai2022.odd.step1",
        points=({"n": 7, "s": 12}, {"n": 9, "s": 12}),
        note="Follows from Step 1 as printed; no new error.",
    ),
    _moment(
        "bai2022.odd.step2",
        "Step 2: the factor (2-s/2)(1-s/2)/4 (n-3)(n-5)",
        lower(2) * (-s / 2 + 2) * (-s / 2 + 1) / 4 * (n - 3) * (n - 5),
        where=ENOUGH,
        source=CASE + ", Step 2",
        claim="refuted",
        flaw="error",
        repeats="bai2022.odd.step1",
        points=({"n": 7, "s": 12}, {"n": 9, "s": 14}),
        note="Makes the mistake of Step 1 a second time.",
    ),
    _moment(
        "sobolev.radial-step2",
        "Two integrations by parts: (n-3)(n-5)/((s-2)(s-4)) times the next integral",
        (n - 3) * (n - 5) / ((s - 2) * (s - 4)) * lower(2),
        where=ENOUGH,
        source="Derived here",
        claim="proved",
        points=({"n": 7, "s": 12}, {"n": 9, "s": 14}),
        proof=_by_parts(_second_boundary),
        corrects=("bai2022.odd.line4", "bai2022.odd.step2"),
    ),
    _moment(
        "bai2022.odd.constant",
        "After (n-3)/2 steps: the product of all factors",
        (-1) ** half * sp.Integral((1 + q**2) ** ((-s + n - 3) / 2) * q, (q, 0, sp.oo)) * _printed_product,
        source=CASE + ", display after Step 2",
        claim="refuted",
        flaw="error",
        repeats="bai2022.odd.step1",
        points=({"n": 5, "s": 8}, {"n": 7, "s": 10}),
        note="The number of steps and the exponents are right. At n = 3 there is no step, and no error.",
    ),
    Identity(
        label="bai2022.odd.product.line1",
        title="Half factors collected: the product over (2i-s), over 2^(n-3)",
        statement=equation(
            _printed_product, sp.Product(-s + 2 * i, (i, 1, half)) * sp.factorial2(n - 3) / 2 ** (n - 3)
        ),
        where=CONVERGENT,
        source=CASE + ", second display after Step 2, line 1",
        claim="proved",
        proof=induction(n, 3),
        note="True as algebra about the printed constant.",
    ),
    Identity(
        label="bai2022.odd.product.line2",
        title="Signs collected: (-1)^((n-3)/2) times the product over (s-2i)",
        statement=equation(
            _printed_product, (-1) ** half * sp.Product(s - 2 * i, (i, 1, half)) * sp.factorial2(n - 3) / 2 ** (n - 3)
        ),
        where=CONVERGENT,
        source=CASE + ", second display after Step 2, line 2",
        claim="proved",
        proof=induction(n, 3),
        note="True as algebra about the printed constant.",
    ),
    Identity(
        label="bai2022.odd.product.line3",
        title="By double factorials: (-1)^((n-3)/2) (s-2)!! (n-3)!! / (2^(n-3) (s-n+1)!!)",
        statement=equation(
            _printed_product,
            (-1) ** half * sp.factorial2(s - 2) * sp.factorial2(n - 3) / (2 ** (n - 3) * sp.factorial2(s - n + 1)),
        ),
        where=CONVERGENT,
        source=CASE + ", second display after Step 2, line 3",
        claim="proved",
        proof=induction(n, 3),
        note="True as algebra about the printed constant.",
    ),
    _moment(
        "bai2022.odd.integral.line2",
        "The radial integral with the printed constant, last integral not done",
        (-1) ** half
        * sp.Integral((1 + q**2) ** ((-s + n - 3) / 2) * q, (q, 0, sp.oo))
        * (-1) ** half
        * sp.factorial2(s - 2)
        * sp.factorial2(n - 3)
        / (2 ** (n - 3) * sp.factorial2(s - n + 1)),
        source=CASE + ", third display after Step 2, line 2",
        claim="refuted",
        flaw="error",
        repeats="bai2022.odd.step1",
        points=({"n": 5, "s": 8}, {"n": 7, "s": 10}),
    ),
    Identity(
        label="bai2022.odd.last-integral",
        title="The last integral: ∫ (1+q²)^((-s+n-3)/2) q dq = 1/(s-n+1)",
        statement=equation(sp.Integral((1 + q**2) ** ((-s + n - 3) / 2) * q, (q, 0, sp.oo)), 1 / (s - n + 1)),
        where=CONVERGENT,
        source=CASE + ", third display after Step 2, between lines 2 and 3",
        claim="proved",
        proof=euler_integral,
        points=({"n": 3, "s": 6}, {"n": 5, "s": 6}, {"n": 3, "s": 12}),
        note="Valid for s > n-1, a little more than the s > n of the source.",
    ),
    _moment(
        "bai2022.odd.integral.line3",
        "The radial integral as (s-2)!!(n-3)!! / ((s-n+1) 2^(n-3) (s-n+1)!!)",
        moment_value(n, s),
        source=CASE + ", third display after Step 2, line 3",
        claim="refuted",
        flaw="error",
        repeats="bai2022.odd.step1",
        points=({"n": 5, "s": 8}, {"n": 7, "s": 10}),
        note="Right at n = 3, where no step was taken.",
    ),
    _moment(
        "sobolev.radial-moment-odd",
        "The radial integral, n odd and s even: (n-3)!! (s-n-1)!!/(s-2)!!",
        sp.factorial2(n - 3) * sp.factorial2(s - n - 1) / sp.factorial2(s - 2),
        source="Derived here",
        claim="proved",
        proof=euler_integral,
        corrects=("bai2022.odd.constant", "bai2022.odd.integral.line2", "bai2022.odd.integral.line3"),
    ),
)
