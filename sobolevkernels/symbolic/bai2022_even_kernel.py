"""bai2022, Case II: the kernel (37) and the constant of (39), line by line.

Besides what they inherit, (37) drops 2π as (36) does, applies the formula for
Γ(m+1/2) at the wrong m and squares a binomial coefficient for a factorial; (39)
adds a factor 2. The readings of `bai2022_even_integral` apply.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.bai2022_even_integral import (
    CASE,
    CONVERGENT,
    central,
    halved_double_factorial,
    n,
    radial,
    s,
)
from sobolevkernels.symbolic.bai2022_reduction import on_the_line, reduction_to_line
from sobolevkernels.symbolic.bai2022_spaces import PAPER
from sobolevkernels.symbolic.bai2022_transform import sphere_area
from sobolevkernels.symbolic.bessel import half_integer_sum
from sobolevkernels.symbolic.euclidean import (
    bessel_kernel,
    fourier_integral,
    half_integer_constant,
    half_integer_kernel,
    heat_integral,
)
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import constants_cancel, ratio, same_integral, sides, summand

k, m = sp.symbols("k m", integer=True, positive=True)
any_n, any_s = sp.symbols("n s", integer=True, positive=True)
r = sp.Symbol("r", positive=True)
i = sp.Symbol("i", integer=True, nonnegative=True)

A = (s - n + 1) / 2


def eq37_line3_constant(n: sp.Expr, s: sp.Expr) -> sp.Expr:
    """The constant of (37), line 3, in front of e^(-r) r^(A-1) Σ."""
    exponent = (s - n + 1) / 2
    product = sp.gamma(s / 2) / sp.gamma((s - n) / 2 + 1)
    return (
        (2 * sp.pi) ** (-n)
        / (2**exponent * sp.factorial(exponent - 1))
        * 2 ** (s - n + 3)
        / sp.binomial(s - n + 3, (s - n + 3) / 2)
        * product
        * sp.gamma((n - 1) / 2)
        / sp.sqrt(sp.pi)
        / 2 ** (n / 2 - 1)
        * 2
        * sp.pi ** ((n - 1) / 2)
        / sp.gamma((n - 1) / 2)
    )


def eq37_constant(n: sp.Expr, s: sp.Expr) -> sp.Expr:
    """C_(s,n) of (37), line 4, as printed."""
    product = sp.gamma(s / 2) / sp.gamma((s - n) / 2 + 1)
    return (
        2 ** ((s + 5) / 2)
        * sp.binomial(s - n + 3, (s - n + 3) / 2) ** 2
        * product
        * sp.factorial(n - 1)
        / (sp.pi ** (n / 2 + 1) * sp.factorial(s - n + 3) * sp.factorial((s - n - 1) / 2) * sp.factorial(2 * n - 2))
    )


def eq39_constant(n: sp.Expr) -> sp.Expr:
    """The constant of (39) as printed, its product taken literally: (n+1)/2 · (n-3)/2 · (n-7)/2 ⋯ 5/2.

    Defined for n = 2 (no factor) and n divisible by 4, where the steps of 2 end at 5/2.
    """
    product = sp.Product((n + 1) / 2 - 2 * i, (i, 0, sp.floor((n - 4) / 4)))
    return (
        2 ** (n / 2 + 5) * 36 * product * sp.factorial(n - 1) / (sp.pi ** (n / 2 + 1) * 720 * sp.factorial(2 * n - 2))
    )


def _same_sum(statement: Relational) -> Iterable[sp.Expr]:
    """The left side is the Fourier integral and the right side, term by term, the sum of `sobolev.half-integer`."""
    left, right = sides(statement)
    (series,) = right.atoms(sp.Sum)
    mine, index = summand(right)
    proved, other = summand(half_integer_kernel(n, s, r))
    return [
        same_integral(left, fourier_integral(n, s, r)),
        sp.expand(series.limits[0][2] - (A - 1)),
        ratio(mine, proved.subs(other, index)),
    ]


def _kernel(label: str, title: str, right: sp.Expr, **rest: Any) -> Identity:
    """A record that states a value of the kernel."""
    return Identity(
        **(
            {
                "label": label,
                "title": title,
                "statement": equation(fourier_integral(n, s, r), right),
                "where": CONVERGENT,
                "oracle": oracles.space_kernel_at,
                "source": CASE,
                "points": tuple(
                    {"n": n_, "s": s_, "r": sp.Rational(*r_)}
                    for n_, s_, r_ in ((2, 5, (1, 1)), (4, 7, (1, 2)), (6, 9, (2, 1)))
                ),
            }
            | rest
        )
    )


_shape = sp.exp(-r) * r ** (A - 1) * half_integer_sum(A, r)

IDENTITIES = (
    _kernel(
        "bai2022.eq37.line1",
        "(37), line 1: the Fourier integral of (34)",
        bessel_kernel(n, s, r),
        source=CASE + ", (37), line 1",
        claim="proved",
        proof=lambda statement: [
            same_integral(statement.lhs, fourier_integral(n, s, r)),
            ratio(statement.rhs, bessel_kernel(n, s, r)),
        ],
        note="Its closed form is `sobolev.radial`.",
    ),
    _kernel(
        "bai2022.eq37.line2",
        "(37), line 2: the product of the three factors",
        (2 * sp.pi) ** (-n) * on_the_line(n, s, r) * radial * sphere_area(n - 2),
        source=CASE + ", (37), line 2",
        claim="proved",
        proof=reduction_to_line(n, s),
        points=({"n": 2, "s": 5, "r": 1}, {"n": 4, "s": 7, "r": sp.Rational(1, 2)}),
    ),
    _kernel(
        "bai2022.eq37.line3",
        "(37), line 3: Lemma 9 (again without 2π) and the radial integral inserted",
        eq37_line3_constant(n, s) * _shape,
        source=CASE + ", (37), line 3",
        claim="refuted",
        flaw="error",
        repeats="bai2022.eq36.two-pi",
        note="Carries the errors of the radial integral and drops 2π as (36) does.",
    ),
    _kernel(
        "bai2022.eq37.line4",
        "(37), line 4: the constant collected",
        eq37_constant(n, s) * _shape,
        source=CASE + ", (37), line 4",
        claim="refuted",
        flaw="error",
        repeats="bai2022.eq37.line3",
        note="Adds two errors of its own: `bai2022.eq37.binomial` and `bai2022.eq37.duplication`.",
    ),
    _kernel(
        "bai2022.eq37.line5",
        "(37), line 5: the shape C_(s,n) e^(-r) r^(A-1) Σ, with the right constant",
        half_integer_kernel(n, s, r),
        source=CASE + ", (37), line 5",
        claim="proved",
        proof=_same_sum,
        note="`sobolev.half-integer` proves the shape for all n; only the printed C_(s,n) is wrong.",
    ),
    Identity(
        label="bai2022.eq37.binomial",
        title="From line 3 to line 4: 1/binom becomes binom²/(s-n+3)!",
        statement=equation(1 / central, central**2 / sp.factorial(s - n + 3)),
        where=CONVERGENT,
        source=CASE + ", (37), from line 3 to line 4",
        claim="refuted",
        flaw="slip",
        points=({"n": 2, "s": 5}, {"n": 4, "s": 9}),
        note="The square should be of the factorial ((s-n+3)/2)!, as (39) has it with (3!)²; it may be the "
        "transcription's.",
    ),
    Identity(
        label="sobolev.central-binomial",
        title="1/binom(s-n+3, (s-n+3)/2) = ((s-n+3)/2)!²/(s-n+3)!",
        statement=equation(1 / central, sp.factorial((s - n + 3) / 2) ** 2 / sp.factorial(s - n + 3)),
        where=CONVERGENT,
        source="Standard; derived here",
        claim="proved",
        proof=constants_cancel,
        corrects=("bai2022.eq37.binomial",),
    ),
    Identity(
        label="bai2022.eq37.duplication",
        title="From line 3 to line 4: ((n-3)/2)!!/Γ((n-1)/2) becomes 4^(n-1) (n-1)!/((2n-2)! √π)",
        statement=equation(
            halved_double_factorial / sp.gamma((n - 1) / 2),
            4 ** (n - 1) * sp.factorial(n - 1) / (sp.factorial(2 * n - 2) * sp.sqrt(sp.pi)),
        ),
        where=(sp.Ge(n, 2),),
        source=CASE + ", (37), from line 3 to line 4",
        claim="refuted",
        flaw="error",
        note="The formula for Γ(m+1/2) is used with m = n-1, which gives Γ(n-1/2), instead of m = n/2-1; and the "
        "double factorial is gone.",
    ),
    Identity(
        label="sobolev.halved-cancels",
        title="((n-3)/2)!!/Γ((n-1)/2) = 1/√π, as ((n-3)/2)!! is read here",
        statement=equation(
            halved_double_factorial / sp.gamma((n - 1) / 2) * sp.factorial2(n - 3),
            sp.factorial2(n - 3) / sp.sqrt(sp.pi),
        ),
        where=(sp.Ge(n, 2),),
        source="Derived here",
        claim="proved",
        proof=constants_cancel,
        corrects=("bai2022.eq37.duplication",),
        note="Both sides carry (n-3)!!, so that each depends on n.",
    ),
    Identity(
        label="bai2022.even.at-zero",
        title="The value at the point for n even: C_(s,n) (s-n-1)!/((s-n+1)/2)! 2^((-s+n+1)/2)",
        statement=equation(
            heat_integral(n, s, sp.Integer(0)),
            half_integer_constant(n, s)
            * sp.factorial(s - n - 1)
            / sp.factorial((s - n + 1) / 2)
            * 2 ** ((-s + n + 1) / 2),
        ),
        where=(sp.Gt(s, n + 1), sp.Ge(n, 2)),
        source=CASE + ", display after (37)",
        claim="refuted",
        flaw="error",
        oracle=lambda n, s: oracles.space_kernel(n, s, 0),
        note="Tested with the right C_(s,n). The denominator should be (A-1)! = ((s-n-1)/2)!, not A!.",
    ),
    Identity(
        label="bai2022.eq39.step",
        title="From (37) to (39): 2^((s+5)/2) at s = n+3 becomes 2^(n/2+5)",
        statement=equation(2 ** ((s + 5) / 2).subs(s, n + 3), 2 ** (n / 2 + 5)),
        where=(sp.Ge(n, 2),),
        source=PAPER + ".2, (39)",
        claim="refuted",
        flaw="slip",
        note="It is 2^(n/2+4).",
    ),
    Identity(
        label="sobolev.eq39-power",
        title="2^((s+5)/2) = 2^(n/2+4) at s = n+3",
        statement=equation(2 ** ((s + 5) / 2).subs(s, n + 3), 16 * 2 ** (n / 2)),
        where=(sp.Ge(n, 2),),
        source="Derived here",
        claim="proved",
        proof=constants_cancel,
        corrects=("bai2022.eq39.step",),
    ),
    Identity(
        label="bai2022.eq39",
        title="(39): the constant C_n for n even",
        statement=equation(heat_integral(n, n + 3, sp.Integer(0)), eq39_constant(n)),
        where=(sp.Or(sp.Eq(n, 2), sp.Eq(sp.Mod(n, 4), 0)),),
        source=PAPER + ".2, (39)",
        claim="refuted",
        flaw="error",
        repeats="bai2022.eq37.line4",
        points=({"n": 2}, {"n": 4}, {"n": 8}, {"n": 12}),
        oracle=lambda n: oracles.space_kernel(n, n + 3, 0),
        note="Wrong at every n where it is defined: it inherits what (37) has, but for "
        "`bai2022.eq37.binomial`, and adds a factor 2 (`bai2022.eq39.step`). C_n is d(0).",
    ),
)
