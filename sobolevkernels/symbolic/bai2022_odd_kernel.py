"""bai2022, Case I: n odd and s even, the kernel (36) and its constant C_n, (38), line by line.

Besides the radial integral's error, (36) drops 2π when it inserts Lemma 9, and the
simplification of (38) turns ((n+1)/2)! into (n-1)!.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.bai2022_odd_integral import CASE, CONVERGENT, half, moment_value, n, radial, s
from sobolevkernels.symbolic.bai2022_reduction import on_the_line, reduction_to_line
from sobolevkernels.symbolic.bai2022_spaces import PAPER
from sobolevkernels.symbolic.bai2022_transform import sphere_area
from sobolevkernels.symbolic.bessel import half_integer_sum
from sobolevkernels.symbolic.euclidean import (
    bessel_kernel,
    bessel_kernel_at_zero,
    fourier_integral,
    heat_integral,
)
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import (
    bessel_normal,
    constants_cancel,
    double_factorials,
    ratio,
    same_integral,
    sides,
)

any_n, any_s = sp.symbols("n s", integer=True, positive=True)  # their parity is a condition of the record
A = sp.Symbol("A", integer=True, positive=True)
r = sp.Symbol("r", positive=True)
xi = sp.Symbol("xi", real=True)
i = sp.Symbol("i", integer=True, positive=True)


def eq36_constant(n: sp.Expr, s: sp.Expr) -> sp.Expr:
    """The constant of the last line of (36) after the sum, with π^(-(n+1)/2)."""
    return (
        sp.pi ** (-(n + 1) / 2)
        / (s - n + 1)
        * sp.factorial2(s - 2)
        * sp.factorial2(n - 3)
        / (2 ** (2 * n - 4) * sp.factorial2(s - n + 1))
        / sp.factorial((n - 3) / 2)
    )


def eq38_constant(n: sp.Expr) -> sp.Expr:
    """C_n of (38) as first printed: a quarter of `eq36_constant` at s = n+3."""
    return (
        sp.pi ** (-(n + 1) / 2)
        / 16
        * sp.factorial2(n + 1)
        * sp.factorial2(n - 3)
        / (2 ** (2 * n - 4) * sp.factorial2(sp.Integer(4)))
        / sp.factorial((n - 3) / 2)
    )


def eq38_simplified(n: sp.Expr) -> sp.Expr:
    """C_n of (38) as simplified in print: π^(-(n+1)/2) (n-1)!/2^(n+4)."""
    return sp.pi ** (-(n + 1) / 2) * sp.factorial(n - 1) / 2 ** (n + 4)


def _parity(statement: Relational) -> Iterable[sp.Expr]:
    """Write n = 2a-1 and s = 2b: the cosine of a multiple of 2π, which SymPy evaluates."""
    left, right = (side.subs({any_n: 2 * A - 1, any_s: 2 * i}, simultaneous=True) for side in sides(statement))
    return [left.subs(sp.cos(sp.pi * (2 * i - 2 * A + 2)), 1) - right]


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
                "points": _POINTS,
            }
            | rest
        )
    )


_POINTS = tuple(
    {"n": n_, "s": s_, "r": sp.Rational(*r_)}
    for n_, s_, r_ in ((3, 6, (1, 1)), (5, 8, (1, 2)), (7, 12, (3, 1)), (5, 6, (1, 10)))
)
_exponent = (s - n + 1) / 2
_sum_over_A = (
    sp.exp(-r) * r ** (_exponent - 1) / (2**_exponent * sp.factorial(_exponent - 1)) * half_integer_sum(_exponent, r)
)

IDENTITIES = (
    Identity(
        label="bai2022.odd.parity",
        title="A = (s-n+1)/2 is an integer for n odd and s odd",
        statement=equation(sp.cos(sp.pi * (any_s - any_n + 1)), 1),
        where=(sp.Q.odd(any_n), sp.Q.odd(any_s)),
        source=CASE + ", before (36)",
        claim="refuted",
        flaw="slip",
        note="cos(π(s-n+1)) = 1 says that s-n+1 is even. For n odd it is s even, as assumed at the "
        "beginning of the case.",
    ),
    Identity(
        label="sobolev.odd-parity",
        title="A = (s-n+1)/2 is an integer for n odd and s even",
        statement=equation(sp.cos(sp.pi * (any_s - any_n + 1)), 1),
        where=(sp.Q.odd(any_n), sp.Q.even(any_s)),
        source="Derived here",
        claim="proved",
        proof=_parity,
        corrects=("bai2022.odd.parity",),
    ),
    _kernel(
        "bai2022.eq36.line2",
        "(36), line 2: the product of the three factors",
        (2 * sp.pi) ** (-n) * on_the_line(n, s, r) * radial * sphere_area(n - 2),
        source=CASE + ", (36), line 2",
        claim="proved",
        proof=reduction_to_line(n, s),
        points=_POINTS[:2],
    ),
    _kernel(
        "bai2022.eq36.line3",
        "(36), line 3: the radial integral and the area of the sphere inserted",
        (2 * sp.pi) ** (-n)
        * on_the_line(n, s, r)
        * moment_value(n, s)
        * 2
        * sp.pi ** ((n - 1) / 2)
        / sp.gamma((n - 1) / 2),
        source=CASE + ", (36), line 3",
        claim="refuted",
        flaw="error",
        repeats="bai2022.odd.step1",
        points=_POINTS[1:3],
    ),
    _kernel(
        "bai2022.eq36.line4",
        "(36), line 4: powers of 2 and π collected",
        eq36_constant(n, s) * on_the_line(n, s, r),
        source=CASE + ", (36), line 4",
        claim="refuted",
        flaw="error",
        repeats="bai2022.odd.step1",
        points=_POINTS[1:3],
        note="Follows from line 3; no new error.",
    ),
    Identity(
        label="bai2022.eq36.two-pi",
        title="(36), from line 4 to line 5: Lemma 9 is inserted without its 2π",
        statement=equation(
            sp.Integral(sp.exp(sp.I * r * xi) * (1 + xi**2) ** (-A), (xi, -sp.oo, sp.oo)),
            sp.exp(-r) * r ** (A - 1) / (2**A * sp.factorial(A - 1)) * half_integer_sum(A, r),
        ),
        source=CASE + ", (36), from line 4 to line 5",
        claim="refuted",
        flaw="error",
        oracle=lambda A, r: oracles.two_pi() * oracles.line_fourier(2 * A, r),
        note="Lemma 9 gives the integral divided by 2π. The second, independent error of Case I.",
    ),
    _kernel(
        "bai2022.eq36.line5",
        "(36), line 5: the kernel for n odd",
        eq36_constant(n, s) * _sum_over_A,
        source=CASE + ", (36), line 5",
        claim="refuted",
        flaw="error",
        repeats="bai2022.odd.step1",
        note="Both errors together. At n = 3 the first one is absent and 2π is missing.",
    ),
    Identity(
        label="bai2022.odd.at-zero",
        title="The value at the point for n odd",
        statement=equation(
            heat_integral(n, s, sp.Integer(0)),
            eq36_constant(n, s) * sp.binomial(s - n - 1, (s - n - 1) / 2) * 2 ** (n - s),
        ),
        where=CONVERGENT,
        source=CASE + ", display after (36)",
        claim="refuted",
        flaw="error",
        repeats="bai2022.eq36.line5",
        oracle=lambda n, s: oracles.space_kernel(n, s, 0),
    ),
    Identity(
        label="bai2022.lemma8",
        title="Lemma 8, (23): for s = n+3 the kernel is a constant times e^(-r)(1+r)",
        statement=equation(fourier_integral(n, n + 3, r), bessel_kernel_at_zero(n, n + 3) * sp.exp(-r) * (1 + r)),
        source="Bai, Rosenberg & Xu 2022, Section 6.1, Lemma 8 and (23); (38), first row",
        claim="proved",
        proof=lambda statement: [
            bessel_normal(
                statement.rhs
                - bessel_kernel(n, n + 3, r).replace(
                    sp.besselk, lambda order, z: sp.sqrt(sp.pi / (2 * z)) * sp.exp(-z) * (1 + 1 / z)
                )
            ),
            same_integral(statement.lhs, fourier_integral(n, n + 3, r)),
            sp.simplify(
                sp.expand_func(sp.besselk(sp.Rational(3, 2), r)) - sp.sqrt(sp.pi / (2 * r)) * sp.exp(-r) * (1 + 1 / r)
            ),
        ],
        oracle=lambda n, r: oracles.space_kernel(n, n + 3, r),
        note="The shape is right in every dimension (n odd here; `sobolev.dimension-constant` has all n); only the "
        "printed constants are wrong. The lemma does not say that its s is twice the Sobolev order.",
    ),
    Identity(
        label="bai2022.eq38",
        title="(38), second row: C_n for n odd, as first printed",
        statement=equation(heat_integral(n, n + 3, sp.Integer(0)), eq38_constant(n)),
        where=(sp.Ge(n, 3),),
        source=PAPER + ".2, (38)",
        claim="refuted",
        flaw="error",
        repeats="bai2022.eq36.line5",
        oracle=lambda n: oracles.space_kernel(n, n + 3, 0),
        note="(36) at s = n+3, faithfully. C_n is d(0).",
    ),
    Identity(
        label="bai2022.double-factorial",
        title="(n-3)!! = 2^((n-3)/2) · (n-3)/2 · (n-3)/5 ⋯ 1",
        statement=equation(sp.factorial2(n - 3), 2**half * half * (n - 3) / 5 * sp.factorial((n - 7) / 2)),
        where=(sp.Ge(n, 7),),
        source=PAPER + ".2, display after (38)",
        claim="refuted",
        flaw="slip",
        note="The second factor should be (n-5)/2; it may be the transcription's.",
    ),
    Identity(
        label="sobolev.double-factorial",
        title="(n-3)!! = 2^((n-3)/2) ((n-3)/2)! for n odd",
        statement=equation(sp.factorial2(n - 3), 2**half * sp.factorial(half)),
        where=(sp.Ge(n, 3),),
        source="Standard; derived here",
        claim="proved",
        proof=lambda statement: [ratio(double_factorials(statement.lhs), statement.rhs)],
        corrects=("bai2022.double-factorial",),
    ),
    Identity(
        label="bai2022.eq38.step",
        title="From (38) to its simplification: ((n+1)/2)! becomes (n-1)!",
        statement=equation(eq38_constant(n), eq38_simplified(n)),
        where=(sp.Ge(n, 5),),
        source=PAPER + ".2, simplification of (38)",
        claim="refuted",
        flaw="error",
        note="The third error of Case I. (n+1)!! = 2^((n+1)/2) ((n+1)/2)!, which equals the printed 2^((n+1)/2) (n-1)! "
        "among n ≥ 3 at n = 3 only.",
    ),
    Identity(
        label="sobolev.eq38-simplified",
        title="What (38) simplifies to: π^(-(n+1)/2) ((n+1)/2)! / 2^(n+4)",
        statement=equation(eq38_constant(n), sp.pi ** (-(n + 1) / 2) * sp.factorial((n + 1) / 2) / 2 ** (n + 4)),
        where=(sp.Ge(n, 3),),
        source="Derived here",
        claim="proved",
        proof=constants_cancel,
        corrects=("bai2022.eq38.step",),
        note="Correct algebra from a wrong constant.",
    ),
    Identity(
        label="bai2022.eq38.powers",
        title="The powers of 2 in the simplification: 2^(-7) 2^((n+1)/2) 2^((n-3)/2) / 2^(2n-4) = 2^(-(n+4))",
        statement=equation(2 ** (-7 + (n + 1) / 2) * 2 ** ((n - 3) / 2) * 2 ** (-(2 * n - 4)), 2 ** (-(n + 4))),
        source=PAPER + ".2, simplification of (38), second equality",
        claim="proved",
        proof=constants_cancel,
    ),
    Identity(
        label="bai2022.eq38.simplified",
        title="C_n for n odd, as simplified: π^(-(n+1)/2) (n-1)!/2^(n+4)",
        statement=equation(heat_integral(n, n + 3, sp.Integer(0)), eq38_simplified(n)),
        source=PAPER + ".2, simplification of (38)",
        claim="refuted",
        flaw="error",
        repeats="bai2022.eq38",
        oracle=lambda n: oracles.space_kernel(n, n + 3, 0),
        note="Wrong for every n, n = 1 included, which the case does not reach; at n = 3 by the factor 1/(2π) of "
        "`bai2022.eq36.two-pi` alone.",
    ),
)
