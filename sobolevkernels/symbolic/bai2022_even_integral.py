"""bai2022, Case II: the radial integral for n even and s odd, line by line.

The first wrong line inherits Step 1 of Case I. The first new errors are
((n-3)/2)!! for (n-3)!!, which counts the powers of 2 twice, and the substitution
q = tan u, which loses the factor of dq.

Two printed symbols need a reading. ((n-3)/2)!! is taken as
(n-3)/2 · (n-5)/2 ⋯ 1/2 = Γ((n-1)/2)/√π, the only one that has a meaning for even
n; the product (s/2-1)(s/2-1)⋯ or (s/2-1)(s/2-3)⋯ as (s/2-1)(s/2-2)⋯(s/2-n/2+1).
The literal products are refuted in records of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.bai2022_reduction import q, radial_integral
from sobolevkernels.symbolic.bai2022_spaces import PAPER
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import constants_cancel, euler_integral, induction, ranges, ratio, sides

CASE = PAPER + ".2, Case II"

n = sp.Symbol("n", even=True, positive=True)
s = sp.Symbol("s", odd=True, positive=True)
k, m = sp.symbols("k m", integer=True, positive=True)
any_n, any_s = sp.symbols("n s", integer=True, positive=True)
u = sp.Symbol("u", positive=True)
i = sp.Symbol("i", integer=True, nonnegative=True)

radial = radial_integral(n, s)
CONVERGENT = (sp.Gt(s, n), sp.Ge(n, 2))
central = sp.binomial(s - n + 3, (s - n + 3) / 2)
# (s/2-1)(s/2-2)⋯(s/2-n/2+1) and (n-3)/2·(n-5)/2⋯1/2
falling = sp.gamma(s / 2) / sp.gamma((s - n) / 2 + 1)
halved_double_factorial = sp.gamma((n - 1) / 2) / sp.sqrt(sp.pi)
left_over = sp.Integral((1 + q**2) ** ((-s + n - 2) / 2), (q, 0, sp.oo))


def _gauss(statement: Relational) -> Iterable[sp.Expr]:
    """Gauss' theorem for ₂F₁ at 1, F(a, b; c; 1) = Γ(c)Γ(c-a-b)/(Γ(c-a)Γ(c-b)), applied to the left side."""
    left, right = sides(statement)
    (series,) = left.atoms(sp.hyper)
    (a, b), (c,) = tuple(series.ap), tuple(series.bq)
    value = sp.gamma(c) * sp.gamma(c - a - b) / (sp.gamma(c - a) * sp.gamma(c - b))
    return [series.argument - 1, ratio(left / series * value, right)]


def _tangent(statement: Relational) -> Iterable[sp.Expr]:
    """The substitution q = tan u, dq = du/cos² u, point by point."""
    left, right = sides(statement)
    (mine,), (other,) = left.atoms(sp.Integral), right.atoms(sp.Integral)
    pulled = (
        mine.function.replace(
            lambda part: part.is_Pow and part.base == 1 + q**2, lambda part: sp.cos(u) ** (-2 * part.exp)
        )
        / sp.cos(u) ** 2
    )
    return [
        sp.simplify(sp.powsimp(pulled / other.function, force=True)) - 1,
        sp.simplify(sp.cos(u) ** -2 - (1 + sp.tan(u) ** 2)),
        sp.simplify(left / mine - right / other),
        ranges(mine, (q, 0, sp.oo)),
        ranges(other, (u, 0, sp.pi / 2)),
    ]


def _cosine(statement: Relational) -> Iterable[sp.Expr]:
    """Induction k -> k+1: integration by parts gives I_(k+1) = 2k/(2k+1) I_k, with I_1 = 1.

    The certificate of the step: (2k+1) cos^(2k+1) - 2k cos^(2k-1) = d/du [sin u cos^(2k) u], which
    vanishes at both ends.
    """
    left, right = sides(statement)
    (integral,) = left.atoms(sp.Integral)
    power = integral.function
    certificate = (2 * k + 1) * power.subs(k, k + 1) - 2 * k * power - sp.diff(sp.sin(u) * sp.cos(u) ** (2 * k), u)
    coefficient = left / integral
    first = coefficient * sp.integrate(power.subs(k, 1), *integral.limits)
    return [
        sp.diff(coefficient, k),
        ranges(integral, (u, 0, sp.pi / 2)),
        sp.simplify(
            sp.powsimp(sp.expand(certificate.subs(sp.sin(u) ** 2, 1 - sp.cos(u) ** 2) / sp.cos(u) ** (2 * k - 1)))
        ),
        ratio((2 * k + 1) * right.subs(k, k + 1), 2 * k * right),
        sp.simplify(first - right.subs(k, 1)),
    ]


def _linear(statement: Relational) -> Iterable[sp.Expr]:
    """Both sides are linear in n and s."""
    left, right = sides(statement)
    return [sp.expand(left - right)]


def _moment(label: str, title: str, right: sp.Expr, **rest: Any) -> Identity:
    """A record that states a value of the radial integral."""
    return Identity(
        **(
            {
                "label": label,
                "title": title,
                "statement": equation(radial, right),
                "where": CONVERGENT,
                "oracle": oracles.radial_moment,
                "source": CASE,
                "claim": "refuted",
                "flaw": "error",
                "points": ({"n": 4, "s": 7}, {"n": 6, "s": 9}, {"n": 8, "s": 11}),
            }
            | rest
        )
    )


IDENTITIES = (
    _moment(
        "bai2022.even.line2",
        "n/2-1 steps: the product of all factors, from Step 1 of Case I",
        (-1) ** (n / 2 - 1)
        * left_over
        * sp.Product(-s / 2 + i, (i, 1, n / 2 - 1))
        * sp.factorial2(n - 3)
        / 2 ** (n / 2 - 1),
        source=CASE + ", line 2 of the chain",
        repeats="bai2022.odd.step1",
        points=({"n": 4, "s": 7}, {"n": 6, "s": 9}),
        note="The first wrong line of Case II. The number of steps and the exponents are right; at n = 2 there is no "
        "step, and no error.",
    ),
    _moment(
        "bai2022.even.line3",
        "Signs collected, and ((n-3)/2)!! in place of (n-3)!!",
        left_over * falling * halved_double_factorial / 2 ** (n / 2 - 1),
        source=CASE + ", line 3 of the chain",
        repeats="bai2022.even.line2",
        points=({"n": 4, "s": 7}, {"n": 6, "s": 9}),
        note="Inherits line 2; what is new is in `bai2022.even.halving` and `bai2022.even.product`.",
    ),
    Identity(
        label="bai2022.even.halving",
        title="From line 2 to line 3: (n-3)(n-5)⋯1 becomes ((n-3)/2)!!",
        statement=equation(sp.factorial2(n - 3), halved_double_factorial),
        where=(sp.Ge(n, 4),),
        source=CASE + ", from line 2 to line 3",
        claim="refuted",
        flaw="error",
        note="The first new error of Case II: the factors are halved although 2^(n/2-1) already stands in the "
        "denominator.",
    ),
    Identity(
        label="sobolev.even-double-factorial",
        title="(n-3)!! = 2^(n/2-1) Γ((n-1)/2)/√π for n even",
        statement=equation(sp.factorial2(n - 3), 2 ** (n / 2 - 1) * sp.gamma((n - 1) / 2) / sp.sqrt(sp.pi)),
        where=(sp.Ge(n, 4),),
        source="Standard; derived here",
        claim="proved",
        proof=constants_cancel,
        corrects=("bai2022.even.halving",),
    ),
    Identity(
        label="bai2022.even.product",
        title="The product as printed, (s/2-1)(s/2-1)⋯(s/2-n/2+1)",
        statement=equation(falling, (s / 2 - 1) ** 2 * sp.Product(s / 2 - i, (i, 3, n / 2 - 1))),
        where=(sp.Gt(s, n), sp.Ge(n, 6)),
        source=CASE + ", line 3 of the chain and twice below",
        claim="refuted",
        flaw="slip",
        note="The second factor should be s/2-2; it may be the transcription's.",
    ),
    Identity(
        label="bai2022.eq37.product",
        title="The product as printed in (37), (s/2-1)(s/2-3)⋯(s/2-n/2+1), in steps of 2",
        statement=equation(falling, sp.Product(s / 2 - 1 - 2 * i, (i, 0, n / 4 - 1))),
        where=(sp.Gt(s, n), sp.Eq(sp.Mod(n, 4), 0)),
        source=CASE + ", (37), lines 3 and 4",
        claim="refuted",
        flaw="slip",
        points=({"n": 8, "s": 11}, {"n": 12, "s": 15}),
        note="A third version of the same product; (39) takes it over. Its steps reach the last factor only for "
        "n divisible by 4.",
    ),
    Identity(
        label="sobolev.even-product",
        title="(s/2-1)(s/2-2)⋯(s/2-n/2+1) = Γ(s/2)/Γ((s-n)/2+1)",
        statement=equation(falling, sp.Product(s / 2 - i, (i, 1, n / 2 - 1))),
        where=CONVERGENT,
        source="Standard; derived here",
        claim="proved",
        proof=induction(n, 2),
        corrects=("bai2022.even.product", "bai2022.eq37.product"),
    ),
    Identity(
        label="bai2022.even.cosine.line1",
        title="q = tan u turns ∫ (1+q²)^((1-2k)/2) dq into ∫ cos^(2k-1) u du",
        statement=equation(
            sp.Integral((1 + q**2) ** ((1 - 2 * k) / 2), (q, 0, sp.oo)),
            sp.Integral(sp.cos(u) ** (2 * k - 1), (u, 0, sp.pi / 2)),
        ),
        where=(sp.Ge(k, 2),),
        source=CASE + ", display on q = tan u, first equality",
        claim="refuted",
        flaw="error",
        points=({"k": 2}, {"k": 3}, {"k": 6}),
        oracle=lambda k: oracles.radial_moment(2, 2 * k - 1),
        note="dq = du/cos² u is lost: the exponent is 2k-3.",
    ),
    Identity(
        label="sobolev.tangent",
        title="q = tan u: ∫ (1+q²)^((1-2k)/2) dq = ∫ cos^(2k-3) u du",
        statement=equation(
            sp.Integral((1 + q**2) ** ((1 - 2 * k) / 2), (q, 0, sp.oo)),
            sp.Integral(sp.cos(u) ** (2 * k - 3), (u, 0, sp.pi / 2)),
        ),
        where=(sp.Ge(k, 2),),
        source="Derived here",
        claim="proved",
        points=({"k": 2}, {"k": 3}, {"k": 6}),
        proof=_tangent,
        oracle=lambda k: oracles.radial_moment(2, 2 * k - 1),
        corrects=("bai2022.even.cosine.line1",),
    ),
    Identity(
        label="bai2022.even.cosine.line2",
        title="∫ cos^(2k-1) u du = ₂F₁(1/2, k+1; k+2; 1)",
        statement=equation(
            sp.Integral(sp.cos(u) ** (2 * k - 1), (u, 0, sp.pi / 2)), sp.hyper((sp.Rational(1, 2), k + 1), (k + 2,), 1)
        ),
        source=CASE + ", display on q = tan u, second equality",
        claim="refuted",
        flaw="error",
        points=({"k": 1}, {"k": 2}, {"k": 5}),
        note="With w = cos² u the integral is ₂F₁(1/2, k; k+1; 1)/(2k); the printed one has k+1 for k, and no 1/(2k).",
    ),
    Identity(
        label="sobolev.cosine-integral",
        title="∫ cos^(2k-1) u du over [0, π/2] = √π Γ(k)/(2Γ(k+1/2))",
        statement=equation(
            sp.Integral(sp.cos(u) ** (2 * k - 1), (u, 0, sp.pi / 2)),
            sp.sqrt(sp.pi) * sp.gamma(k) / (2 * sp.gamma(k + sp.Rational(1, 2))),
        ),
        source="Wallis; derived here",
        claim="proved",
        proof=_cosine,
        points=({"k": 1}, {"k": 2}, {"k": 5}),
        corrects=("bai2022.even.cosine.line2",),
    ),
    Identity(
        label="bai2022.even.cosine.line3",
        title="₂F₁(1/2, k+1; k+2; 1) = √π Γ(k+2)/Γ(k+3/2)",
        statement=equation(
            sp.hyper((sp.Rational(1, 2), k + 1), (k + 2,), 1),
            sp.sqrt(sp.pi) * sp.gamma(k + 2) / sp.gamma(k + sp.Rational(3, 2)),
        ),
        source=CASE + ", display on q = tan u, third equality",
        claim="proved",
        proof=_gauss,
        note="Right by Gauss' theorem, though of no use here.",
    ),
    Identity(
        label="bai2022.even.half-gamma",
        title="Γ(m + 1/2) = (2m)! √π/(4^m m!)",
        statement=equation(
            sp.gamma(m + sp.Rational(1, 2)), sp.factorial(2 * m) * sp.sqrt(sp.pi) / (4**m * sp.factorial(m))
        ),
        source=CASE + ", after the display on q = tan u",
        claim="proved",
        proof=constants_cancel,
    ),
    Identity(
        label="bai2022.even.index",
        title="The exponent (-s+n-2)/2 is (1-2k)/2 for k = (s-n+1)/2",
        statement=equation(any_n - any_s - 2, (1 - 2 * k).subs(k, (any_s - any_n + 1) / 2)),
        source=CASE + ", after the display on q = tan u",
        claim="refuted",
        flaw="slip",
        note="It is k = (s-n+3)/2.",
    ),
    Identity(
        label="sobolev.even-index",
        title="The exponent (-s+n-2)/2 is (1-2k)/2 for k = (s-n+3)/2",
        statement=equation(any_n - any_s - 2, (1 - 2 * k).subs(k, (any_s - any_n + 3) / 2)),
        source="Derived here",
        claim="proved",
        proof=_linear,
        corrects=("bai2022.even.index",),
    ),
    _moment(
        "bai2022.even.integral.line2",
        "The radial integral, the left-over one not done",
        left_over * falling * halved_double_factorial / 2 ** (n / 2 - 1),
        source=CASE + ", second chain, line 2",
        repeats="bai2022.even.line3",
        points=({"n": 4, "s": 7}, {"n": 6, "s": 9}),
        note="The last line of the first chain again.",
    ),
    _moment(
        "bai2022.even.integral.line3",
        "The left-over integral inserted: √π Γ((s-n+5)/2)/Γ((s-n+4)/2)",
        sp.sqrt(sp.pi)
        * sp.gamma((s - n + 5) / 2)
        / sp.gamma((s - n + 4) / 2)
        * falling
        * halved_double_factorial
        / 2 ** (n / 2 - 1),
        source=CASE + ", second chain, line 3",
        repeats="bai2022.even.cosine.line1",
        note="Adds the wrong value of the left-over integral, at the wrong k.",
    ),
    _moment(
        "bai2022.even.integral.line4",
        "The same with a central binomial coefficient",
        2 ** (s - n + 3) / central * falling * halved_double_factorial / 2 ** (n / 2 - 1),
        source=CASE + ", second chain, line 4",
        repeats="bai2022.even.integral.line3",
        note="The step from line 3 is right (`bai2022.even.binomial`).",
    ),
    Identity(
        label="bai2022.even.binomial",
        title="√π Γ((s-n+5)/2)/Γ((s-n+4)/2) = 2^(s-n+3)/binom(s-n+3, (s-n+3)/2)",
        statement=equation(
            sp.sqrt(sp.pi) * sp.gamma((s - n + 5) / 2) / sp.gamma((s - n + 4) / 2), 2 ** (s - n + 3) / central
        ),
        where=CONVERGENT,
        source=CASE + ", second chain, from line 3 to line 4",
        claim="proved",
        proof=constants_cancel,
    ),
    _moment(
        "sobolev.radial-moment-even",
        "The radial integral, n even and s odd: (n-3)!! (s-n-1)!!/(s-2)!!",
        sp.factorial2(n - 3) * sp.factorial2(s - n - 1) / sp.factorial2(s - 2),
        source="Derived here",
        claim="proved",
        flaw="",
        proof=euler_integral,
        points=(),
        corrects=(
            "bai2022.even.line2",
            "bai2022.even.line3",
            "bai2022.even.integral.line2",
            "bai2022.even.integral.line3",
            "bai2022.even.integral.line4",
        ),
        note="The same formula as for n odd.",
    ),
)
