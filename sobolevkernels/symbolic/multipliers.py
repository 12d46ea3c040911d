"""Fourier multipliers: their algebra, Green's functions, and plane waves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sympy as sp
from mpmath import mp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.euclidean import OUR_OWN, radial_kernel, weight
from sobolevkernels.symbolic.function_module import Function, function_module
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import OTHER_RANGE, gaussian_integrals, sides, under_the_integral
from sobolevkernels.symbolic.quadrature import settled_quadrature

# --- the symbols --------------------------------------------------------------------------------


def sobolev_symbol(xi: sp.Expr, order: sp.Expr, kappa: sp.Expr) -> sp.Expr:
    """(κ² + |ξ|²)^order, the symbol of (κ² - Δ)^order; `xi` stands for |ξ|."""
    return weight(order, kappa, xi)


def laplacian_symbol(xi: sp.Expr, order: sp.Expr) -> sp.Expr:
    """|ξ|^(2·order), the symbol of (-Δ)^order."""
    return (xi**2) ** order


def heat_symbol(xi: sp.Expr, time: sp.Expr) -> sp.Expr:
    """e^(-time |ξ|²), the symbol of the heat flow e^(time Δ)."""
    return sp.exp(-time * xi**2)


def low_pass_symbol(xi: sp.Expr, cutoff: sp.Expr) -> sp.Expr:
    """1 where |ξ| ≤ cutoff, 0 elsewhere."""
    return sp.Piecewise((1, xi**2 <= cutoff**2), (0, True))


def symbols_module() -> str:
    """The exact text of `sobolevkernels/evaluation/symbols.py`."""
    order, time = sp.symbols("order time", real=True)
    square, kappa_squared, cutoff_squared = sp.symbols("square kappa_squared cutoff_squared", positive=True)
    xi = sp.sqrt(square)
    return function_module("Symbols of Fourier multipliers, as functions of |ξ|².", "symbolic/multipliers.py", [
        Function("sobolev", (square, order, kappa_squared), sobolev_symbol(xi, order, sp.sqrt(kappa_squared)),
                 "(κ² + |ξ|²)^order.", "sobolev.symbol-composition"),
        Function("laplacian", (square, order), laplacian_symbol(xi, order),
                 "|ξ|^(2·order).", "sobolev.symbol-plane-wave"),
        Function("heat", (square, time), heat_symbol(xi, time), "e^(-time |ξ|²).", "sobolev.symbol-heat"),
        Function("low_pass", (square, cutoff_squared), low_pass_symbol(xi, sp.sqrt(cutoff_squared)),
                 "1 where |ξ| ≤ cutoff, 0 elsewhere.", "sobolev.symbol-low-pass"),
    ])


# --- proofs -------------------------------------------------------------------------------------

x, y, a, b = sp.symbols("x y a b", real=True)
xi, xi_1, xi_2 = sp.symbols("xi xi_1 xi_2", real=True)
kappa, t, u, c, r, lam, v = sp.symbols("kappa t u c r lambda v", positive=True)
order, power = sp.symbols("order power", real=True)
_WAVE = sp.cos(xi_1 * x + xi_2 * y + a)


def _exponents_add(statement: Relational) -> Iterable[sp.Expr]:
    """Powers of one positive base, or exponentials, multiply by adding exponents: the quotient of the sides is 1."""
    left, right = sides(statement)
    return [sp.simplify(sp.powsimp(left.doit() / right) - 1)]


def _on_the_wave(statement: Relational) -> Iterable[sp.Expr]:
    """Carry out the derivatives; both sides are the same multiple of the plane wave."""
    left, right = sides(statement)
    square = kappa**2 + xi_1**2 + xi_2**2
    return [sp.simplify(sp.expand(sp.powsimp((left.doit() - right) / square**order)))]


def _complete_the_square(statement: Relational) -> Iterable[sp.Expr]:
    """Carry out the derivatives, if there are any; the sides agree as rational functions of their parts."""
    left, right = sides(statement)
    return [sp.cancel(sp.together(left.doit() - right))]


def _balakrishnan(statement: Relational) -> Iterable[sp.Expr]:
    """With λ = (κ²+ξ²)v what is left is Euler's integral ∫ v^(t-1)/(1+v) dv = Γ(t)Γ(1-t) = π/sin(πt), 0 < t < 1.

    Residuals: the substituted integrand divided by Euler's is constant in v, and that constant times
    Γ(t)Γ(1-t) is the right side.
    """
    left, right = sides(statement)
    integrand, variable = under_the_integral(left)
    base = kappa**2 + xi**2
    substituted = integrand.subs(variable, base * v) * base
    quotient = sp.expand_power_base(substituted * (1 + v) * v ** (1 - t), force=True)
    constant = sp.simplify(sp.powsimp(quotient, force=True))
    return [sp.simplify(sp.diff(constant, v)),
            sp.simplify(sp.gammasimp(constant * sp.gamma(t) * sp.gamma(1 - t) / right) - 1)]


def _subordinated(statement: Relational) -> Iterable[sp.Expr]:
    """By parts: (1-e^(-av)) v^(-1-t) = a e^(-av) v^(-t)/t - d/dv[(1-e^(-av)) v^(-t)/t], and the bracket
    vanishes at both ends for 0 < t < 1; ∫ a e^(-av) v^(-t) dv/t = a^t Γ(1-t)/t is Euler's."""
    left, right = sides(statement)
    integrand, variable = under_the_integral(left)
    base = kappa**2 + xi**2
    coefficient = t / sp.gamma(1 - t)
    bracket = (1 - sp.exp(-base * variable)) * variable ** (-t) / t
    by_parts = base * sp.exp(-base * variable) * variable ** (-t) / t
    value = coefficient * base**t * sp.gamma(1 - t) / t
    return [sp.simplify(sp.powsimp(sp.expand(integrand / coefficient - by_parts + sp.diff(bracket, variable))
                                   * variable ** (t + 1))),
            sp.simplify(value / right - 1)]


def _low_pass_wave(statement: Relational) -> Iterable[sp.Expr]:
    """The integrand has the antiderivative sin(ξx)/x."""
    left, right = sides(statement)
    integrand, variable = under_the_integral(left, -c, c)
    primitive = sp.sin(variable * r) / (2 * sp.pi * r)
    return [sp.simplify(integrand - sp.diff(primitive, variable)),
            sp.simplify(primitive.subs(variable, c) - primitive.subs(variable, -c) - right)]


def _residue(statement: Relational) -> Iterable[sp.Expr]:
    """Close the path in the upper half-plane, where e^(iξr) is bounded for r > 0: 2πi times the residue at ξ = iκ.

    Half of it, because the integral from 0 is half of the one over R; the residue is that of a pole
    of order t, (d/dξ)^(t-1) of what is left without (ξ-iκ)^t, over (t-1)!.
    """
    left, right = sides(statement)
    integrand, variable = under_the_integral(left)
    pole = sp.I * kappa
    wave = sp.simplify(integrand / sp.cos(variable * r)) * sp.exp(sp.I * variable * r)
    orders = [power for base, power in sp.factor_list(sp.denom(sp.together(wave)))[1] if base.subs(variable, pole) == 0]
    (multiplicity,) = orders or (1,)
    regular = sp.cancel(wave * (variable - pole) ** multiplicity * sp.exp(-sp.I * variable * r)) * sp.exp(
        sp.I * variable * r)
    residue = sp.diff(regular, variable, multiplicity - 1).subs(variable, pole) / sp.factorial(multiplicity - 1)
    return [sp.simplify(sp.pi * sp.I * residue / right - 1)]


def _jump(statement: Relational) -> Iterable[sp.Expr]:
    """G(κ²f-f'') = (G'f-Gf')' off y = x, because G'' = κ²G there; the bracket decays at infinity, and its jump
    at x is -f(x) times the jump -1 of G'."""
    left, right = sides(statement)
    pieces = {part.limits[0][1:]: part.function for part in left.atoms(sp.Integral)}
    f = right.subs(x, y)
    residuals, bracket = [sp.expand(left - sum(left.atoms(sp.Integral)))], {}
    for side, ends in ((-1, (-sp.oo, x)), (1, (x, sp.oo))):
        green = _green(side * (y - x))
        bracket[side] = sp.diff(green, y) * f - green * sp.diff(f, y)
        piece = pieces.get(sp.Tuple(*ends), OTHER_RANGE)
        residuals.append(sp.expand(sp.expand(piece - sp.diff(bracket[side], y)) / (green * f)))
    return [*residuals, sp.expand((bracket[-1] - bracket[1]).subs(y, x) - right)]


def _green(distance: sp.Expr) -> sp.Expr:
    """e^(-κr)/(2κ), the kernel of the symbol 1/(κ²+ξ²) on R."""
    return radial_kernel(1, 1, kappa, r).subs(r, distance)


def _weak_form() -> sp.Expr:
    """∫ G(|y-x|) (κ²f - f'')(y) dy for f = e^(-(y-a)²), split at x."""
    f = sp.exp(-((y - a) ** 2))
    inside = kappa**2 * f - sp.diff(f, y, 2)
    below, above = (_green(side * (y - x)) * inside for side in (-1, 1))
    return sp.Integral(below, (y, -sp.oo, x)) + sp.Integral(above, (y, x, sp.oo))


def _balakrishnan_oracle(t: sp.Expr, kappa: sp.Expr, xi: sp.Expr) -> Any:
    """The integral in log λ = 2 sinh u."""
    power, base = mp.mpf(t.p) / t.q, mp.mpf((kappa**2 + xi**2).p) / (kappa**2 + xi**2).q
    return mp.sin(mp.pi * power) / mp.pi * _log_sinh(lambda v: v**power * base / (base + v))


def _subordination_oracle(t: sp.Expr, kappa: sp.Expr, xi: sp.Expr) -> Any:
    """The integral in log v = 2 sinh u."""
    power, base = mp.mpf(t.p) / t.q, mp.mpf((kappa**2 + xi**2).p) / (kappa**2 + xi**2).q
    return power / mp.gamma(1 - power) * _log_sinh(lambda v: -mp.expm1(-base * v) * v**-power)


def _log_sinh(at: Callable[[Any], Any]) -> Any:
    """∫ at(v) dv/v over v > 0, which decays doubly exponentially in u, log v = 2 sinh u."""
    return settled_quadrature(lambda u: 2 * mp.cosh(u) * at(mp.exp(2 * mp.sinh(u))), list(range(-7, 8)))


_f, _g, _m, _p, _alpha = sp.symbols("f g m p alpha", real=True)
_FRACTIONS = tuple({"t": sp.Rational(p, q), "kappa": k, "xi": w} for p, q, k, w in (
    (1, 2, 1, 0), (1, 3, 1, 2), (3, 4, sp.Rational(1, 2), -1), (1, 2, 3, 5)))

IDENTITIES = (
    Identity(
        label="sobolev.symbol-composition",
        title="Symbols multiply: (κ²-Δ)^s (κ²-Δ)^t = (κ²-Δ)^(s+t), for any real s and t",
        statement=equation(
            sp.Mul(sobolev_symbol(xi, order, kappa), sobolev_symbol(xi, power, kappa), evaluate=False),
            sobolev_symbol(xi, order + power, kappa)),
        source=OUR_OWN, claim="proved", proof=_exponents_add,
        note="With power = -order it says that the inverse of order t is order -t."),
    Identity(
        label="sobolev.symbol-plane-wave",
        title="(κ²-Δ)^t on plane waves: one more factor κ²-Δ is one more factor κ²+|ξ|² (dimension 2)",
        statement=equation(
            kappa**2 * sobolev_symbol(sp.sqrt(xi_1**2 + xi_2**2), order, kappa) * _WAVE
            - sp.Derivative(sobolev_symbol(sp.sqrt(xi_1**2 + xi_2**2), order, kappa) * _WAVE, (x, 2))
            - sp.Derivative(sobolev_symbol(sp.sqrt(xi_1**2 + xi_2**2), order, kappa) * _WAVE, (y, 2)),
            sobolev_symbol(sp.sqrt(xi_1**2 + xi_2**2), order + 1, kappa) * _WAVE),
        source=OUR_OWN, claim="proved", proof=_on_the_wave,
        note="From order 0, where the left operand is the wave itself, induction gives every integer order t ≥ 0; read "
        "from right to left, every t < 0. In dimension 1 set ξ₂ = 0; a further dimension adds a further square."),
    Identity(
        label="sobolev.symbol-inverse",
        title="cos(ξx)/(κ²+ξ²) solves κ²u - u'' = cos(ξx)",
        statement=equation(
            kappa**2 * sp.cos(xi * x + a) / sobolev_symbol(xi, sp.Integer(1), kappa)
            - sp.Derivative(sp.cos(xi * x + a) / sobolev_symbol(xi, sp.Integer(1), kappa), (x, 2)),
            sp.cos(xi * x + a)),
        source=OUR_OWN, claim="proved", proof=_complete_the_square),
    Identity(
        label="sobolev.symbol-balakrishnan",
        title="A fractional power by resolvents (Balakrishnan): (κ²+ξ²)^t as an integral, 0 < t < 1",
        statement=equation(
            sp.sin(sp.pi * t) / sp.pi * sp.Integral(
                lam ** (t - 1) * (kappa**2 + xi**2) / (lam + kappa**2 + xi**2), (lam, 0, sp.oo)),
            sobolev_symbol(xi, t, kappa)),
        where=(sp.Lt(t, 1),), source="Balakrishnan's formula for fractional powers, restated for a symbol",
        claim="proved", proof=_balakrishnan, points=_FRACTIONS[:3], oracle=_balakrishnan_oracle,
        note="Mode by mode it is the formula for the operator (κ²-Δ)^t: λ^(t-1) (κ²-Δ)(λ+κ²-Δ)^(-1) on plane waves."),
    Identity(
        label="sobolev.symbol-subordination",
        title="A fractional power by the heat flow: (κ²+ξ²)^t = t/Γ(1-t) ∫ (1-e^(-v(κ²+ξ²))) v^(-1-t) dv, 0 < t < 1",
        statement=equation(
            sp.Integral(t / sp.gamma(1 - t) * (1 - sp.exp(-v * (kappa**2 + xi**2))) * v ** (-1 - t), (v, 0, sp.oo)),
            sobolev_symbol(xi, t, kappa)),
        where=(sp.Lt(t, 1),), source="Phillips' subordination for a symbol, restated", claim="proved",
        proof=_subordinated, points=_FRACTIONS[:2], oracle=_subordination_oracle,
        note="For negative powers the integral of the heat flow itself converges: `sobolev.subordination`."),
    Identity(
        label="sobolev.symbol-heat",
        title="The heat kernel has the symbol e^(-tξ²) (n = 1)",
        statement=equation(
            sp.Integral((4 * sp.pi * t) ** sp.Rational(-1, 2) * sp.exp(-(x**2) / (4 * t) - sp.I * x * xi),
                        (x, -sp.oo, sp.oo)),
            heat_symbol(xi, t)),
        source=OUR_OWN, claim="proved", proof=gaussian_integrals,
        points=({"t": 1, "xi": 1}, {"t": sp.Rational(1, 3), "xi": -2}, {"t": 2, "xi": sp.Rational(1, 2)})),
    Identity(
        label="sobolev.symbol-heat-semigroup",
        title="Heat flows compose: e^(-tξ²) e^(-uξ²) = e^(-(t+u)ξ²)",
        statement=equation(sp.Mul(heat_symbol(xi, t), heat_symbol(xi, u), evaluate=False), heat_symbol(xi, t + u)),
        source=OUR_OWN, claim="proved", proof=_exponents_add,
        points=({"t": 1, "u": 2, "xi": 1}, {"t": sp.Rational(1, 3), "u": sp.Rational(1, 2), "xi": -2})),
    Identity(
        label="sobolev.symbol-low-pass",
        title="The kernel of the low-pass |ξ| ≤ c in dimension 1 is sin(cr)/(πr)",
        statement=equation(sp.Integral(sp.cos(xi * r) / (2 * sp.pi), (xi, -c, c)), sp.sin(c * r) / (sp.pi * r)),
        source=OUR_OWN, claim="proved", proof=_low_pass_wave,
        points=tuple({"c": p, "r": q} for p, q in ((1, 1), (3, sp.Rational(1, 2)), (sp.Rational(5, 2), 2)))),
    Identity(
        label="sobolev.symbol-tikhonov",
        title="Tikhonov's minimiser is g/(m+αp), mode by mode",
        statement=equation(
            _m * _f**2 / 2 + _alpha * _p * _f**2 / 2 - _g * _f,
            (_m + _alpha * _p) / 2 * (_f - _g / (_m + _alpha * _p)) ** 2 - _g**2 / (2 * (_m + _alpha * _p))),
        where=(sp.Gt(_m, 0), sp.Gt(_p, 0), sp.Gt(_alpha, 0)), source=OUR_OWN, claim="proved",
        proof=_complete_the_square,
        note="Relative to the solution g/m without a penalty the minimiser is filtered by m/(m+αp)."),
    *(Identity(
        label=f"sobolev.symbol-green-{half_order}",
        title=f"The symbol (κ²+ξ²)^(-{half_order}) is that of the kernel of order {half_order} on R",
        statement=equation(
            sp.Integral(sp.cos(xi * r) / sobolev_symbol(xi, sp.Integer(half_order), kappa) / sp.pi, (xi, 0, sp.oo)),
            radial_kernel(1, sp.Integer(half_order), kappa, r)),
        source=OUR_OWN, claim="proved", proof=_residue,
        points=tuple({"kappa": k, "r": d} for k, d in ((1, 1), (2, sp.Rational(1, 2)), (sp.Rational(1, 2), 3))),
        oracle=lambda kappa, r, s=2 * half_order: oracles.space_kernel(1, s, r, kappa**2))
      for half_order in (1, 2, 3)),
    Identity(
        label="sobolev.symbol-green-weak",
        title="(κ²-d²/dx²) e^(-κ|x|)/(2κ) = δ: ∫ G(y-x)(κ²f-f'')(y) dy = f(x), on Gaussians f",
        statement=equation(_weak_form(), sp.exp(-((x - a) ** 2))),
        source=OUR_OWN, claim="proved", proof=_jump,
        points=({"x": sp.Rational(1, 2), "a": 1, "kappa": 2}, {"x": 0, "a": sp.Rational(1, 3), "kappa": 1}),
        note="The unit mass is the jump of -G' at 0; the proof is the same for any smooth f that decays."),
)
