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
    if type(expr) in on.functions:
        return on.functions[type(expr)](*map(walk, expr.args), analytic)
    raise CannotEvaluate(f"no numerical meaning is known for {type(expr).__name__}: {sp.sstr(expr)[:80]}")


def _reduce(expr: sp.Sum | sp.Product, names: dict, on: _Arithmetic, analytic: bool) -> Any:
    """A finite sum or product, term by term; the index enters as an exact integer."""
    index, low, high = expr.limits[0]
    inner = expr.func(expr.function, *expr.limits[1:]) if len(expr.limits) > 1 else expr.function
    if high is sp.oo and on is _MPMATH and isinstance(expr, sp.Sum):
        return mp.nsum(lambda j: _tree(inner, {**names, index: mp.mpf(j)}, on, analytic), [int(low), mp.inf])
    if not (isinstance(low, sp.Integer) and isinstance(high, sp.Integer)):
        raise CannotEvaluate(f"the range of the index {index} is not finite: {low}..{high}")
    terms = [_tree(inner.xreplace({index: sp.Integer(j)}), names, on, analytic) for j in range(int(low), int(high) + 1)]
    if isinstance(expr, sp.Sum):
        return sum(terms, on.rational(0, 1))
    product = on.rational(1, 1)
    for term in terms:
        product = product * term
    return product


# mpmath -----------------------------------------------------------------------------------------


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
        rate = wave[1] if wave and wave[0] is sp.exp else None
        amplitude = integrand / sp.exp(sp.I * rate * variable) if rate is not None else None
        if amplitude is not None and sp.simplify(amplitude - amplitude.subs(variable, -variable)) == 0:
            wave, integrand = (sp.cos, rate), 2 * amplitude * sp.cos(rate * variable)
        else:
            total = None if rest else trapezoidal(_integrand(integrand, variable, names))
            if total is not None:
                return total
            integrand = integrand + integrand.subs(variable, -variable)
        low = sp.S.Zero
    elif low is -sp.oo:
        integrand, low, high = integrand.subs(variable, -variable), -high, sp.oo

    at = _integrand(integrand, variable, names)
    start = _tree(low, names, _MPMATH, analytic)
    if high is not sp.oo:
        end = _tree(high, names, _MPMATH, analytic)
        return settled_quadrature(at, [start, (start + end) / 2, end])
    if wave is None:
        return settled_quadrature(at, [start, start + 1, start + 4, mp.inf])
    omega = lambda: _tree(wave[1], names, _MPMATH, analytic)
    if low == 0 and wave[0] in (sp.cos, sp.sin):
        return double_exponential(at, omega, mp.mpf(wave[0] is sp.cos) / 2)
    return mp.quadosc(at, [start, mp.inf], omega=omega())


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
            sp.loggamma: lambda z, _: z.lgamma(),
            sp.digamma: lambda z, _: z.digamma(),
            sp.beta: lambda x, y, _: x.gamma() * y.gamma() * (x + y).rgamma(),
            sp.factorial: lambda z, _: (z + 1).gamma(),
            sp.binomial: lambda n, k, _: (n + 1).gamma() * (k + 1).rgamma() * (n - k + 1).rgamma(),
            sp.erf: lambda z, _: z.erf(),
            sp.erfc: lambda z, _: z.erfc(),
            sp.besselk: lambda nu, z, _: z.bessel_k(nu),
            sp.besselj: lambda nu, z, _: z.bessel_j(nu),
            sp.besseli: lambda nu, z, _: z.bessel_i(nu),
            sp.uppergamma: lambda a, z, _: z.gamma_upper(a),
            sp.lowergamma: lambda a, z, _: z.gamma_lower(a),
            sp.hyper: lambda a, b, c, z, _: z.hypgeom_2f1(a, b, c),
            sp.Abs: lambda z, flag: flint.acb(z.real_abs(analytic=flag)) if z.imag.is_zero() else abs(z),
            sp.re: lambda z, _: flint.acb(z.real),
            sp.im: lambda z, _: flint.acb(z.imag),
            sp.conjugate: lambda z, _: z.conjugate(),
            sp.Max: lambda *args: flint.acb(max(map(_real, args[:-1]), key=lambda b: b.mid())),
            sp.Min: lambda *args: flint.acb(min(map(_real, args[:-1]), key=lambda b: b.mid())),
        },
        power=_arb_power,
        integral=_certified_quadrature,
    )
    if flint is not None
    else None
)
