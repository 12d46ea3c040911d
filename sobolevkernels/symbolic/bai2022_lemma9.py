"""bai2022, Lemma 9: the kernel on the line, by residues, line by line.

The distance |x - x_i| is r (a in the proof) and s = 2A. The record of the lemma
ships a proof of its own, by induction on A; the residue proof is
derivations/d01_lemma9_by_residues.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.bai2022_spaces import PAPER
from sobolevkernels.symbolic.bessel import half_integer_sum
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import coefficient_of_index, ratio, sides, under_the_integral

A = sp.Symbol("A", integer=True, positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
r, a, R = sp.symbols("r a R", positive=True)
any_a = sp.Symbol("a", real=True, nonzero=True)
xi = sp.Symbol("xi", real=True)
theta = sp.Symbol("theta", real=True)
z = sp.Symbol("z")


def line_integral(distance: sp.Expr) -> sp.Integral:
    """∫ over R of e^(i·distance·ξ) (1+ξ²)^(-A), the integral of the lemma."""
    return sp.Integral(sp.exp(sp.I * distance * xi) * (1 + xi**2) ** (-A), (xi, -sp.oo, sp.oo))


def lemma9(distance: sp.Expr) -> sp.Expr:
    """The right side of Lemma 9: e^(-r) r^(A-1) / (2^A (A-1)!) Σ_{k<A} (A+k-1)!/(k!(A-k-1)!) (2r)^(-k)."""
    return sp.exp(-distance) * distance ** (A - 1) / (2**A * sp.factorial(A - 1)) * half_integer_sum(A, distance)


def _twice_pi(A: Any, a: Any) -> Any:
    return oracles.two_pi() * oracles.line_fourier(2 * A, abs(a))


def _induction(distance: sp.Symbol) -> Any:
    def proof(statement: Relational) -> Iterable[sp.Expr]:
        left, right = sides(statement)
        integrand, variable = under_the_integral(left, -sp.oo)
        j = sp.Symbol("j", integer=True, nonnegative=True)
        c = coefficient_of_index(right, A, k, sp.exp(-distance) * distance ** (A - 1 - k))

        def power(count: sp.Expr, j: sp.Expr) -> sp.Expr:
            return c(count, count - 1 - j)

        base = sp.simplify(right.subs(A, 1).doit())
        transform = 2 * sp.integrate(base * sp.cos(distance * variable), (distance, 0, sp.oo), conds="none")
        amplitude = (integrand / sp.exp(sp.I * distance * variable)).subs(A, 1)
        return [
            sp.simplify((integrand - sp.diff(integrand, distance, 2)) / integrand.subs(A, A - 1) - 1),
            sp.diff(power(A, j), distance),
            ratio(2 * (j + 1) * power(A, j + 1) - (j + 2) * (j + 1) * power(A, j + 2), power(A - 1, j)),
            ratio(power(A, sp.Integer(1)), power(A, sp.Integer(0))),
            sp.simplify(transform - 2 * sp.pi * amplitude),
        ]

    proof.__doc__ = """Induction on A, for all A at once.

    Write I_A for the left side and F_A = e^(-r) Σ p(A, j) r^j for the right one. Under the
    integral, I_A - I_A'' = I_(A-1); on the coefficients, F_A - F_A'' = F_(A-1), which is
    2(j+1) p(A, j+1) - (j+2)(j+1) p(A, j+2) = p(A-1, j) for symbolic A and j; and F_A'(0) = 0 for
    A ≥ 2, which is p(A, 1) = p(A, 0), as for the even and differentiable I_A. So D = I_A - F_A
    solves D'' = D on r > 0, is bounded and has D'(0) = 0: it vanishes. The base A = 1 is Fourier
    inversion: the transform of F_1 is the weight."""
    return proof


def _single_term(statement: Relational) -> Iterable[sp.Expr]:
    """The left side is Euler's Beta integral, which SymPy evaluates for symbolic A; then duplication."""
    left, right = sides(statement)
    integrand, variable = under_the_integral(left, -sp.oo)
    half = sp.integrate(integrand, (variable, 0, sp.oo), conds="none")
    return [ratio(2 * half, right.rewrite(sp.gamma))]


_circle = sp.I + sp.exp(sp.I * theta) / 2
_prefactor = 2 * sp.pi * sp.I / sp.factorial(A - 1)


def _line(number: int, title: str, right: sp.Expr, claim: Any, **rest: Any) -> Identity:
    defaults: dict[str, Any] = {
        "oracle": _twice_pi,
        "proof": _induction(a) if claim == "proved" else None,
        "points": tuple(
            {"A": A_, "a": sp.Rational(*a_)} for A_, a_ in ((1, (1, 2)), (2, (1, 1)), (3, (2, 3)), (5, (3, 1)))
        ),
    }
    return Identity(
        label=f"bai2022.lemma9.line{number}",
        title=title,
        statement=equation(line_integral(a), right),
        source=f"{PAPER}.2, proof of Lemma 9, line {number} of the residue chain",
        claim=claim,
        **(defaults | rest),
    )


IDENTITIES = (
    Identity(
        label="bai2022.lemma9",
        title="Lemma 9: the kernel on the line for s = 2A",
        statement=equation(line_integral(r) / (2 * sp.pi), lemma9(r)),
        source=PAPER + ".2, Lemma 9",
        claim="proved",
        proof=_induction(r),
        oracle=lambda A, r: oracles.line_fourier(2 * A, r),
        corrects=("bai2022.lemma9.contour", "bai2022.eq36.two-pi"),
        note="For every A ≥ 1 and r > 0. The text speaks of H_1 where H_s is meant.",
    ),
    Identity(
        label="bai2022.lemma9.at-zero",
        title="Lemma 9 at the point: d(0) = binom(2A-2, A-1) 2^(1-2A)",
        statement=equation(
            sp.Integral((1 + xi**2) ** (-A), (xi, -sp.oo, sp.oo)) / (2 * sp.pi),
            sp.binomial(2 * A - 2, A - 1) * 2 ** (1 - 2 * A),
        ),
        source=PAPER + ".2, Lemma 9, second display",
        claim="proved",
        proof=_single_term,
        oracle=lambda A: oracles.space_kernel(1, 2 * A, 0),
    ),
    Identity(
        label="bai2022.lemma9.contour",
        title="The contour integral in the upper half plane gives the integral for every real a",
        statement=equation(
            sp.Integral(sp.exp(sp.I * any_a * xi) * (1 + xi**2) ** (-A), (xi, -sp.oo, sp.oo)),
            2 * sp.pi * sp.exp(-any_a) * any_a ** (A - 1) / (2**A * sp.factorial(A - 1)) * half_integer_sum(A, any_a),
        ),
        source=PAPER + ".2, proof of Lemma 9, first two displays (and dz is missing there)",
        claim="refuted",
        flaw="hypothesis",
        points=({"A": 2, "a": 1}, {"A": 2, "a": -1}, {"A": 1, "a": -3}, {"A": 3, "a": 2}),
        oracle=_twice_pi,
        note="The right side is 2πi times the residue at i. The semicircle contributes nothing only for a ≥ 0; for "
        "a < 0 the integral is that of |a|.",
    ),
    Identity(
        label="bai2022.lemma9.arc",
        title="The semicircle of radius R contributes at most πR/(R²-1)^A for a ≥ 0",
        statement=sp.Le(
            sp.Abs(
                sp.Integral(
                    sp.exp(sp.I * a * R * sp.exp(sp.I * theta))
                    * (1 + R**2 * sp.exp(2 * sp.I * theta)) ** (-A)
                    * sp.I
                    * R
                    * sp.exp(sp.I * theta),
                    (theta, 0, sp.pi),
                ),
                evaluate=False,
            ),
            sp.pi * R * (R**2 - 1) ** (-A),
            evaluate=False,
        ),
        where=(sp.Gt(R, 1),),
        source=PAPER + ".2, proof of Lemma 9, Jordan's lemma",
        claim="checked",
        points=({"A": 1, "R": 2, "a": 1}, {"A": 2, "R": 10, "a": sp.Rational(1, 10)}, {"A": 3, "R": 5, "a": 3}),
        note="|e^(iaz)| ≤ 1 in the upper half plane and |1+z²| ≥ R²-1.",
    ),
    _line(
        1,
        "2πi times the residue at i, here as an integral over a circle around i",
        sp.I
        * sp.Integral((sp.exp(sp.I * a * z) * (1 + z**2) ** (-A) * (z - sp.I)).subs(z, _circle), (theta, 0, 2 * sp.pi)),
        "checked",
        note="The residue is (2πi)^(-1) ∮ f dz over |z - i| = 1/2, with dz = i (z-i) dθ.",
    ),
    _line(
        2,
        "The residue as a derivative of order A-1 of (z-i)^A f(z)",
        _prefactor
        * sp.Subs(
            sp.Derivative(
                ((z - sp.I) ** A * (z - sp.I) ** (-A) * (z + sp.I) ** (-A) * sp.exp(sp.I * a * z)), (z, A - 1)
            ),
            z,
            sp.I,
        ),
        "checked",
        note="(z-i)^A cancels the pole, which SymPy does when the expression is written.",
    ),
    _line(
        3,
        "The same after cancelling the pole",
        _prefactor * sp.Subs(sp.Derivative((z + sp.I) ** (-A) * sp.exp(sp.I * a * z), (z, A - 1)), z, sp.I),
        "checked",
    ),
    _line(
        4,
        "Leibniz' rule, with the factors A(A+1)(A+k-1) as printed",
        _prefactor
        * sp.Sum(
            sp.binomial(A - 1, k)
            * (-1) ** k
            * A
            * (A + 1)
            * (A + k - 1)
            * (2 * sp.I) ** (-A - k)
            * sp.exp(-a)
            * (sp.I * a) ** (A - 1 - k),
            (k, 0, A - 1),
        ),
        "refuted",
        flaw="slip",
        note="The dots of A(A+1)⋯(A+k-1) are missing; it may be the transcription's. The next line is right.",
    ),
    Identity(
        label="sobolev.lemma9-leibniz",
        title="Leibniz' rule with the rising factorial A(A+1)⋯(A+k-1)",
        statement=equation(
            line_integral(a),
            _prefactor
            * sp.Sum(
                sp.binomial(A - 1, k)
                * (-1) ** k
                * sp.factorial(A + k - 1)
                / sp.factorial(A - 1)
                * (2 * sp.I) ** (-A - k)
                * sp.exp(-a)
                * (sp.I * a) ** (A - 1 - k),
                (k, 0, A - 1),
            ),
        ),
        source="Derived here",
        claim="checked",
        oracle=_twice_pi,
        corrects=("bai2022.lemma9.line4",),
    ),
    _line(
        5,
        "Factorials written out",
        2
        * sp.pi
        * sp.I
        * sp.exp(-a)
        / sp.factorial(A - 1)
        * sp.Sum(
            (-1) ** k
            * sp.factorial(A - 1)
            / (sp.factorial(k) * sp.factorial(A - k - 1))
            * sp.factorial(A + k - 1)
            / sp.factorial(A - 1)
            * sp.I ** (-1 - 2 * k)
            * 2 ** (-A - k)
            * a ** (A - 1 - k),
            (k, 0, A - 1),
        ),
        "checked",
    ),
    _line(
        6,
        "Powers of i collected",
        2
        * sp.pi
        * sp.exp(-a)
        / sp.factorial(A - 1)
        * sp.Sum(
            sp.factorial(A + k - 1) / (sp.factorial(k) * sp.factorial(A - k - 1)) * 2 ** (-A - k) * a ** (A - 1 - k),
            (k, 0, A - 1),
        ),
        "proved",
    ),
    _line(
        7,
        "Powers of a in front",
        sp.pi
        * sp.exp(-a)
        * a ** (A - 1)
        / (2 ** (A - 1) * sp.factorial(A - 1))
        * sp.Sum(
            sp.factorial(A + k - 1) / (sp.factorial(k) * sp.factorial(A - k - 1)) * 2 ** (-k) * a ** (-k), (k, 0, A - 1)
        ),
        "proved",
    ),
    Identity(
        label="bai2022.lemma9.conclusion",
        title="Dividing by 2π and a = r: the conclusion of the proof",
        statement=equation(line_integral(r) / (2 * sp.pi), lemma9(r)),
        source=PAPER + ".2, proof of Lemma 9, display after the chain",
        claim="proved",
        proof=_induction(r),
        oracle=lambda A, r: oracles.line_fourier(2 * A, r),
    ),
    Identity(
        label="bai2022.lemma9.single-term",
        title="At r = 0 only k = A-1 is left: (2A-2)!/((A-1)!)² 2^(1-2A) = binom(2A-2, A-1) 2^(1-2A)",
        statement=equation(
            sp.Integral((1 + xi**2) ** (-A), (xi, -sp.oo, sp.oo)) / (2 * sp.pi),
            sp.factorial(2 * A - 2) / sp.factorial(A - 1) ** 2 * 2 ** (1 - 2 * A),
        ),
        source=PAPER + ".2, end of the proof of Lemma 9",
        claim="proved",
        proof=_single_term,
        oracle=lambda A: oracles.space_kernel(1, 2 * A, 0),
    ),
)
