"""Thirty digits of any closed SymPy expression, certified where that is possible.

Two arithmetics walk the same expression tree. With python-flint installed the
leaves are Arb balls, so that a value comes with a proved error bound; rational
numbers enter as exact fractions, never as floats. Without it, and for what
Arb cannot bound by itself (an integral over an infinite range, an infinite
sum), mpmath computes the value twice, at different precisions, and the
difference stands in for the error. A `Value` remembers which of the two it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import mpmath
import sympy as sp
from mpmath import mp

from sobolevkernels.symbolic.quadrature import double_exponential, frequency, settled_quadrature, trapezoidal

try:
    import flint
except ImportError:  # the certify extra is optional; mpmath answers without it
    flint = None

#: Working precision, in decimal digits, of the first attempt and of the next ones.
DIGITS = (45, 90, 180)


class CannotEvaluate(ValueError):
    """No number could be computed: the message says which part of the expression stood in the way."""


@dataclass(frozen=True)
class Value:
    """A number and a bound on its error; `certified` says that the bound is proved."""

    middle: Any
    error: Any
    certified: bool

    def __str__(self) -> str:
        return mpmath.nstr(self.middle, 17)


def evaluate(expr: sp.Expr, digits: int = DIGITS[0], oracle: Callable[[], Any] | None = None) -> Value:
    """Value of a closed expression, or of the independent `oracle` that stands in for it.

    Parameters
    ----------
    expr : sympy.Expr
        Expression without free symbols. Unevaluated sums, products and
        integrals are computed as written: an integral by quadrature.
    digits : int
        Working precision. The achieved accuracy is in `Value.error`.
    oracle : callable, optional
        Called without arguments at the working precision of both
        arithmetics; returns an Arb ball or an mpmath number.

    Raises
    ------
    CannotEvaluate
        If a symbol is left free or a function is not known to either
        arithmetic. Substitute numbers for every symbol first.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> print(evaluate(sp.Integral(sp.exp(-x**2), (x, 0, sp.oo))))
    0.88622692545275801
    """
    if expr.free_symbols:
        names = ", ".join(sorted(str(symbol) for symbol in expr.free_symbols))
        raise CannotEvaluate(f"the symbols {names} have no value; substitute numbers for them")
    compute = oracle or (lambda: _tree(expr, {}, _BALLS, False))
    if flint is not None:
        with flint.ctx.workdps(digits), mp.workdps(digits):
            try:
                ball = compute()
            except CannotEvaluate:
                ball = None
            if isinstance(ball, flint.arb | flint.acb) and ball.is_finite():
                return _from_ball(flint.acb(ball))
    compute = oracle or (lambda: _tree(expr, {}, _MPMATH, False))
    return _twice(compute, digits)


def _twice(compute: Callable[[], Any], digits: int) -> Value:
    """The value at two precisions; their distance estimates the error."""
    with mp.workdps(digits):
        coarse = mp.mpmathify(compute())
    with mp.workdps(digits + 12):
        fine = mp.mpmathify(compute())
        if not mp.isfinite(fine):
            raise CannotEvaluate("the value is not finite at this point")
        error = abs(fine - coarse) + abs(fine) * mp.mpf(10) ** (2 - digits)
        if abs(mp.im(fine)) <= error:  # rounding noise of a real number
            fine = mp.re(fine)
        return Value(fine, error, certified=False)


def _from_ball(ball: Any) -> Value:
    def exact(number: Any) -> mpmath.mpf:
        mantissa, exponent = number.man_exp()
        return mp.mpf((int(mantissa), int(exponent)))

    real, imag = ball.real, ball.imag
    middle = exact(real.mid())
    if not imag.is_zero():
        middle = mp.mpc(middle, exact(imag.mid()))
    return Value(middle, exact(real.rad()) + exact(imag.rad()), certified=True)


# --- the two arithmetics ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Arithmetic:
    """What the walk over the tree needs to know of a number system."""

    rational: Callable[[int, int], Any]
    constants: Mapping[Any, Callable[[], Any]]
    functions: Mapping[type, Callable[..., Any]]
    power: Callable[[Any, Any, bool], Any]
    integral: Callable[[sp.Integral, dict, bool], Any]


def _tree(expr: sp.Basic, names: dict[sp.Symbol, Any], on: _Arithmetic, analytic: bool) -> Any:
    """The value of `expr` in the arithmetic `on`; `analytic` is Arb's demand to refuse branch cuts."""

    def walk(part: sp.Basic) -> Any:
        return _tree(part, names, on, analytic)

    if isinstance(expr, sp.Symbol):
        if expr not in names:
            raise CannotEvaluate(f"the symbol {expr} has no value; substitute a number for it")
        return names[expr]
    if isinstance(expr, sp.Rational):
        return on.rational(expr.p, expr.q)
    if expr in on.constants:
        return on.constants[expr]()
    if isinstance(expr, sp.Float):
        return walk(sp.Rational(expr))  # a float means its exact binary value
    if isinstance(expr, sp.Add):
        return sum((walk(term) for term in expr.args[1:]), walk(expr.args[0]))
    if isinstance(expr, sp.Mul):
        product = walk(expr.args[0])
        for factor in expr.args[1:]:
            product = product * walk(factor)
        return product
    if isinstance(expr, sp.Pow):
        if isinstance(expr.exp, sp.Integer):
            return walk(expr.base) ** int(expr.exp)
        return on.power(walk(expr.base), walk(expr.exp), analytic)
    if isinstance(expr, sp.Sum | sp.Product):
        return _reduce(expr, names, on, analytic)
    if isinstance(expr, sp.Integral):
        return on.integral(expr, names, analytic)
    if isinstance(expr, sp.Piecewise):
        for branch, condition in expr.args:
            if condition == True:  # noqa: E712  SymPy's true is not Python's
                return walk(branch)
            if condition != False:  # noqa: E712
                raise CannotEvaluate(f"the condition {condition} is not decided by the numbers given")
    if isinstance(expr, sp.hyper) and (len(expr.ap), len(expr.bq)) == (2, 1):
        return on.functions[sp.hyper](*map(walk, (*expr.ap, *expr.bq, expr.argument)), analytic)
    if isinstance(expr, sp.Abs | sp.re | sp.im | sp.conjugate | sp.sign | sp.Max | sp.Min) and on is _BALLS:
        return _not_holomorphic(expr, walk, analytic)
    if type(expr) in on.functions:
        return on.functions[type(expr)](*map(walk, expr.args), analytic)
    raise CannotEvaluate(f"no numerical meaning is known for {type(expr).__name__}: {sp.sstr(expr)[:80]}")


def _not_holomorphic(expr: sp.Expr, walk: Callable[[sp.Basic], Any], analytic: bool) -> Any:
    """|x| of a real function, by Arb's analytic continuation; anything else only outside of an integral."""
    real = {symbol: sp.Dummy(real=True) for symbol in expr.free_symbols}
    if isinstance(expr, sp.Abs) and expr.args[0].xreplace(real).is_real:
        return flint.acb(walk(expr.args[0]).real_abs(analytic=analytic))
    if expr.free_symbols:
        raise CannotEvaluate(f"{type(expr).__name__} is not analytic, so Arb does not integrate it")
    return _BALLS.functions[type(expr)](*map(walk, expr.args), analytic)


def _reduce(expr: sp.Sum | sp.Product, names: dict, on: _Arithmetic, analytic: bool) -> Any:
    """A finite sum or product, term by term; the index enters as an exact integer."""
    index, low, high = expr.limits[0]
    inner = expr.func(expr.function, *expr.limits[1:]) if len(expr.limits) > 1 else expr.function
    if high is sp.oo and low.is_Integer and on is _MPMATH and isinstance(expr, sp.Sum):
        term = lambda j: _tree(inner, {**names, index: mp.mpf(j)}, on, analytic)
        near, far = abs(term(10**3)) * 10**3, abs(term(10**6)) * 10**6
        if near and not far < near / 2:
            raise CannotEvaluate(f"the terms of the sum over {index} do not decay faster than 1/{index}")
        return mp.nsum(term, [int(low), mp.inf])
    if not (isinstance(low, sp.Integer) and isinstance(high, sp.Integer)):
        raise CannotEvaluate(f"the range of the index {index} is not finite: {low}..{high}")
    terms = [_tree(inner.xreplace({index: sp.Integer(j)}), names, on, analytic) for j in range(int(low), int(high) + 1)]
    if isinstance(expr, sp.Sum):
        return sum(terms, on.rational(0, 1))
    product = on.rational(1, 1)
    for term in terms:
        product = product * term
    return product



def _integrand(integrand: sp.Expr, variable: sp.Symbol, names: dict) -> Callable[[Any], Any]:
    """The integrand as a function of mpmath numbers."""
    if integrand.has(sp.Integral, sp.Sum, sp.Product):
        return lambda x: _tree(integrand, {**names, variable: x}, _MPMATH, False)
    # Compiled once; the mpmath printer keeps rationals exact.
    compiled = sp.lambdify([variable, *names], integrand, "mpmath", cse=True)
    return lambda x: compiled(x, *names.values())


def _quadrature(expr: sp.Integral, names: dict, analytic: bool) -> Any:
    """mpmath's quadrature of the integral as written; oscillating tails get the rule made for them."""
    variable, low, high = expr.limits[-1]
    rest = expr.limits[:-1]
    integrand = sp.Integral(expr.function, *rest) if rest else expr.function
    wave = frequency(expr.function, variable)
    if (low, high) == (-sp.oo, sp.oo):
        total = None if rest else trapezoidal(_integrand(integrand, variable, names))
        if total is not None:
            return total
        return _both_halves(integrand, variable, wave, names)
    if low is -sp.oo:
        integrand, low, high = integrand.subs(variable, -variable), -high, sp.oo
    at = _integrand(integrand, variable, names)
    start = _tree(low, names, _MPMATH, analytic)
    if high is not sp.oo:
        end = _tree(high, names, _MPMATH, analytic)
        return settled_quadrature(at, [start, (start + end) / 2, end])
    if wave is None:
        return settled_quadrature(at, [start, start + 1, start + 4, mp.inf])
    omega = lambda: abs(_tree(wave[1], names, _MPMATH, analytic))
    if low == 0 and wave[0] in (sp.cos, sp.sin):
        return double_exponential(at, omega, mp.mpf(wave[0] is sp.cos) / 2)
    return mp.quadosc(at, [start, mp.inf], omega=omega())


def _both_halves(integrand: sp.Expr, variable: sp.Symbol, wave: tuple[type, sp.Expr] | None, names: dict) -> Any:
    """∫ over R from 0 outwards; a(x) e^(iωx) becomes an even part times cos and an odd one times sin."""
    mirrored = integrand.subs(variable, -variable)
    if wave is None or wave[0] is not sp.exp:
        halves = [sp.Integral(part, (variable, 0, sp.oo)) for part in (integrand, mirrored)]
    else:
        amplitude = integrand / sp.exp(sp.I * wave[1] * variable)
        opposite = amplitude.subs(variable, -variable)
        parts = {sp.cos: sp.simplify(amplitude + opposite), sp.sin: sp.I * sp.simplify(amplitude - opposite)}
        halves = [
            sp.Integral(part * of(wave[1] * variable), (variable, 0, sp.oo)) for of, part in parts.items() if part
        ]
    return sum(_quadrature(half, names, False) for half in halves)


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: function(*args[:-1])  # the last argument is Arb's analytic flag


_MPMATH = _Arithmetic(
    rational=lambda p, q: mp.mpf(p) / q,
    constants={
        sp.pi: lambda: +mp.pi,
        sp.E: lambda: +mp.e,
        sp.I: lambda: mp.mpc(0, 1),
        sp.EulerGamma: lambda: +mp.euler,
    },
    functions={
        kind: _plain(function)
        for kind, function in {
            sp.exp: mp.exp,
            sp.log: mp.log,
            sp.cos: mp.cos,
            sp.sin: mp.sin,
            sp.tan: mp.tan,
            sp.cosh: mp.cosh,
            sp.sinh: mp.sinh,
            sp.tanh: mp.tanh,
            sp.coth: mp.coth,
            sp.atan: mp.atan,
            sp.gamma: mp.gamma,
            sp.loggamma: mp.loggamma,
            sp.digamma: mp.digamma,
            sp.beta: mp.beta,
            sp.factorial: mp.factorial,
            sp.binomial: mp.binomial,
            sp.asin: mp.asin,
            sp.acos: mp.acos,
            sp.asinh: mp.asinh,
            sp.acosh: mp.acosh,
            sp.atanh: mp.atanh,
            sp.zeta: mp.zeta,
            sp.erfi: mp.erfi,
            sp.bessely: mp.bessely,
            sp.erf: mp.erf,
            sp.erfc: mp.erfc,
            sp.besselk: mp.besselk,
            sp.besselj: mp.besselj,
            sp.besseli: mp.besseli,
            sp.uppergamma: mp.gammainc,
            sp.lowergamma: lambda a, x: mp.gammainc(a, 0, x),
            sp.Abs: abs,
            sp.re: mp.re,
            sp.im: mp.im,
            sp.conjugate: mp.conj,
            sp.sign: mp.sign,
            sp.Max: max,
            sp.Min: min,
            sp.hyper: mp.hyp2f1,
        }.items()
    },
    power=lambda base, exponent, _: mp.power(base, exponent),
    integral=_quadrature,
)


# Arb --------------------------------------------------------------------------------------------


def _certified_quadrature(expr: sp.Integral, names: dict, analytic: bool) -> Any:
    variable, low, high = expr.limits[-1]
    if low.is_infinite or high.is_infinite:
        raise CannotEvaluate("Arb does not bound the tail of an integral over an infinite range")
    rest = expr.limits[:-1]
    integrand = sp.Integral(expr.function, *rest) if rest else expr.function

    def at(x: Any, flag: bool) -> Any:
        return flint.acb(_tree(integrand, {**names, variable: x}, _BALLS, flag))

    ends = [_tree(end, names, _BALLS, analytic) for end in (low, high)]
    return flint.acb.integral(at, *ends, rel_tol=flint.arb(2) ** (8 - flint.ctx.prec))


def _arb_power(base: Any, exponent: Any, analytic: bool) -> Any:
    return flint.acb(base).pow(exponent, analytic=analytic)


def _off_the_cut(z: Any, analytic: bool) -> Any:
    """z, or nan where an integration path's neighbourhood may touch a branch cut on the negative axis."""
    return z if not analytic or z.real > 0 else flint.acb("nan")


def _real(ball: Any) -> Any:
    """A ball known to be real: comparisons have no meaning for others."""
    if not ball.imag.is_zero():
        raise CannotEvaluate("an order relation between complex numbers")
    return ball.real


_BALLS: Any = (
    _Arithmetic(
        rational=lambda p, q: flint.acb(flint.fmpq(p, q)),
        constants={
            sp.pi: lambda: flint.acb.pi(),
            sp.E: lambda: flint.acb(1).exp(),
            sp.I: lambda: flint.acb(0, 1),
            sp.EulerGamma: lambda: flint.acb(flint.arb.const_euler()),
        },
        functions={
            sp.exp: lambda z, _: z.exp(),
            sp.cos: lambda z, _: z.cos(),
            sp.sin: lambda z, _: z.sin(),
            sp.tan: lambda z, _: z.tan(),
            sp.cosh: lambda z, _: z.cosh(),
            sp.sinh: lambda z, _: z.sinh(),
            sp.tanh: lambda z, _: z.tanh(),
            sp.coth: lambda z, _: z.coth(),
            sp.atan: lambda z, _: z.atan(),
            sp.log: lambda z, flag: z.log(analytic=flag),
            sp.gamma: lambda z, _: z.gamma(),
            sp.loggamma: lambda z, flag: _off_the_cut(z, flag).lgamma(),
            sp.digamma: lambda z, _: z.digamma(),
            sp.beta: lambda x, y, _: x.gamma() * y.gamma() * (x + y).rgamma(),
            sp.factorial: lambda z, _: (z + 1).gamma(),
            sp.binomial: lambda n, k, _: (n + 1).gamma() * (k + 1).rgamma() * (n - k + 1).rgamma(),
            sp.erf: lambda z, _: z.erf(),
            sp.erfc: lambda z, _: z.erfc(),
            sp.besselk: lambda nu, z, flag: _off_the_cut(z, flag).bessel_k(nu),
            sp.besselj: lambda nu, z, flag: _off_the_cut(z, flag).bessel_j(nu),
            sp.besseli: lambda nu, z, flag: _off_the_cut(z, flag).bessel_i(nu),
            sp.uppergamma: lambda a, z, flag: _off_the_cut(z, flag).gamma_upper(a),
            sp.lowergamma: lambda a, z, flag: _off_the_cut(z, flag).gamma_lower(a),
            sp.hyper: lambda a, b, c, z, flag: (1 - _off_the_cut(1 - z, flag)).hypgeom_2f1(a, b, c),
            sp.Abs: lambda z, flag: flint.acb(z.real_abs(analytic=flag)) if z.imag.is_zero() else abs(z),
            sp.re: lambda z, _: flint.acb(z.real),
            sp.im: lambda z, _: flint.acb(z.imag),
            sp.conjugate: lambda z, _: z.conjugate(),
            sp.Max: lambda *args: flint.acb(reduce(lambda a, b: a.max(b), map(_real, args[:-1]))),
            sp.Min: lambda *args: flint.acb(reduce(lambda a, b: a.min(b), map(_real, args[:-1]))),
        },
        power=_arb_power,
        integral=_certified_quadrature,
    )
    if flint is not None
    else None
)
