"""The few moves that the proofs of the catalogue are made of.

Every function returns an expression that is exactly zero when the step holds,
or brings an expression into a normal form in which zero is recognised. All of
them work on the statement they are given, so that a perturbed statement leaves
a residual.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from sympy.core.relational import Relational


def vanish(expr: sp.Expr) -> sp.Expr:
    """Normal form of an expression in powers, exponentials and gamma functions; 0 iff it was recognised as 0."""
    expr = double_factorials(expr).rewrite(sp.gamma)
    for simplify in (sp.expand, _gamma, sp.simplify, _powers):
        if expr == 0:
            break
        expr = simplify(expr)
    return expr


def ratio(left: sp.Expr, right: sp.Expr) -> sp.Expr:
    """left/right - 1 in normal form: the residual of an equation between products."""
    quotient = _gamma(_powers(double_factorials(left / right).rewrite(sp.gamma)))
    return quotient - 1 if quotient.is_Number else sp.simplify(_powers(quotient) - 1)


def _gamma(expr: sp.Expr) -> sp.Expr:
    return sp.gammasimp(sp.powsimp(expr, force=True))


def _powers(expr: sp.Expr) -> sp.Expr:
    return sp.powsimp(sp.powdenest(sp.expand_power_base(sp.expand_power_exp(expr), force=True), force=True), force=True)


def double_factorials(expr: sp.Expr) -> sp.Expr:
    """m!! by gamma functions, according to the parity of m; SymPy's own rewriting keeps both cases."""

    def by_parity(m: sp.Expr) -> sp.Expr:
        even = 2 ** (m / 2) * sp.gamma(m / 2 + 1)
        if m.is_even:
            return even
        if m.is_odd:
            return even * sp.sqrt(2 / sp.pi)
        raise ValueError(f"the parity of {m} is not known; declare its symbols odd or even")

    return expr.replace(sp.factorial2, by_parity)


def same_integral(mine: sp.Expr, expected: sp.Expr) -> sp.Expr:
    """0 if both are the same multiple of the same integral."""
    (left,), (right,) = mine.atoms(sp.Integral), expected.atoms(sp.Integral)
    return ratio(mine / left, expected / right) if left == right else OTHER_RANGE


#: Multiplies an integrand or a summand whose range is not the one that the proof is about: no residual survives it.
OTHER_RANGE = sp.Symbol("other_range", positive=True)


def under_the_integral(expr: sp.Expr, low: sp.Expr = sp.S.Zero, high: sp.Expr = sp.oo) -> tuple[sp.Expr, sp.Symbol]:
    """coefficient · integrand and the variable, of a multiple of one integral over (low, high)."""
    (integral,) = expr.atoms(sp.Integral)
    ((variable, *ends),) = integral.limits
    mark = sp.Integer(1) if ends == [low, high] else OTHER_RANGE
    coefficient = sp.cancel(expr / integral) if expr.is_Mul else expr.subs(integral, 1)
    return mark * coefficient * integral.function, variable


def ranges(part: sp.Integral, *limits: tuple) -> sp.Expr:
    """0 if the integral runs over these limits, something else otherwise."""
    return sp.Integer(0) if part.limits == tuple(sp.Tuple(*limit) for limit in limits) else OTHER_RANGE


def bessel_normal(expr: sp.Expr) -> sp.Expr:
    """Rewrite every K_(ν+m) (or J_(ν+m)) of one argument through two neighbours; zero becomes visible.

    The recurrences are K_(ν+1) = K_(ν-1) + (2ν/z) K_ν and J_(ν+1) = (2ν/z) J_ν - J_(ν-1).
    """
    for kind, sign in ((sp.besselk, 1), (sp.besselj, -1)):
        groups: dict[sp.Expr, list] = {}
        for call in expr.atoms(kind):
            groups.setdefault(call.args[1], []).append(call)
        for z, calls in groups.items():
            base = min((call.args[0] for call in calls), key=lambda order: _offset(order, calls[0].args[0]))
            low, high = sp.Dummy("low"), sp.Dummy("high")
            values = [low, high]
            most = max(_offset(call.args[0], base) for call in calls)
            for m in range(1, most):
                nu = base + m
                step = 2 * nu / z * values[m]
                values.append(values[m - 1] + step if sign == 1 else step - values[m - 1])
            expr = expr.xreplace({call: values[_offset(call.args[0], base)] for call in calls})
    return sp.simplify(_powers(sp.expand(expr)))


def _offset(order: sp.Expr, base: sp.Expr) -> int:
    difference = sp.expand(order - base)
    if not difference.is_Integer:
        raise ValueError(f"the orders {order} and {base} do not differ by an integer")
    return int(difference)


def near_zero(expr: sp.Expr) -> sp.Expr:
    """Replace Bessel functions by the leading term at argument 0 (K of positive order, J of any order > -1)."""
    expr = expr.replace(sp.besselk, lambda nu, z: sp.gamma(nu) / 2 * (z / 2) ** (-nu))
    return expr.replace(sp.besselj, lambda nu, z: (z / 2) ** nu / sp.gamma(nu + 1))


def matern_operator(f: sp.Expr, nu: sp.Expr, r: sp.Symbol) -> sp.Expr:
    """r f'' + (1-2ν) f' - r f, which annihilates r^ν K_ν(r) and r^ν I_ν(r)."""
    return r * sp.diff(f, r, 2) + (1 - 2 * nu) * sp.diff(f, r) - r * f


def sides(statement: Relational) -> tuple[sp.Expr, sp.Expr]:
    """Left and right side."""
    return statement.args[0], statement.args[1]


def coefficient_of_index(
    expr: sp.Expr, count: sp.Symbol, index: sp.Symbol, unit: sp.Expr
) -> Callable[[sp.Expr, sp.Expr], sp.Expr]:
    """The function (count, index) -> term/unit of an expression that is a multiple of one sum from 0 to count-1."""
    term, dummy = summand(expr)
    (series,) = expr.atoms(sp.Sum)
    mark = sp.Integer(1) if series.limits == ((dummy, 0, count - 1),) else OTHER_RANGE
    coefficient = mark * _powers(sp.simplify(term.subs(dummy, index) / unit))
    return lambda c, i: coefficient.subs({count: c, index: i}, simultaneous=True)


def summand(expr: sp.Expr) -> tuple[sp.Expr, sp.Symbol]:
    """prefactor · term and the index, of an expression that is a multiple of one sum."""
    (series,) = expr.atoms(sp.Sum)
    return expr / series * series.function, series.limits[0][0]


def gaussian_value(expr: sp.Expr) -> sp.Expr:
    """Replace every integral over R of a polynomial times the exponential of a quadratic by its value.

    The square is completed and the moments ∫ u^(2m) e^(-αu²) du = Γ(m+1/2) α^(-m-1/2) are inserted.
    """
    return expr.replace(
        lambda part: isinstance(part, sp.Integral), lambda part: _gaussian_integral(part.function, part.limits[0])
    )


def _gaussian_integral(integrand: sp.Expr, limits: sp.Tuple) -> sp.Expr:
    variable, *ends = limits
    if ends != [-sp.oo, sp.oo]:
        return OTHER_RANGE
    total = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(integrand, power_exp=False, power_base=False)):
        exponent = sum((factor.exp for factor in sp.Mul.make_args(term) if isinstance(factor, sp.exp)), sp.Integer(0))
        a, b, c = sp.Poly(sp.expand(exponent), variable).all_coeffs()
        center = -b / (2 * a)
        polynomial = sp.Poly(sp.expand((term / sp.exp(exponent)).subs(variable, variable + center)), variable)
        moments = sum(
            (
                coefficient * sp.gamma(sp.Rational(power + 1, 2)) * (-a) ** (-sp.Rational(power + 1, 2))
                for (power,), coefficient in polynomial.terms()
                if power % 2 == 0
            ),
            sp.Integer(0),
        )
        total += sp.expand(moments) * sp.exp(sp.cancel(sp.expand(c - b**2 / (4 * a))))
    return total


def gaussian_integrals(statement: Relational) -> list[sp.Expr]:
    """Every integral is Gaussian (times a polynomial) and has an exact value; the sides then agree."""
    left, right = (gaussian_value(side) for side in sides(statement))
    difference = sp.expand(left - right)
    if difference == 0 or difference.is_number:
        return [sp.simplify(difference)]
    common = sp.Add.make_args(difference)[0]
    quotient = sum(
        (
            sp.powsimp(sp.powdenest(sp.simplify(term / common), force=True), force=True)
            for term in sp.Add.make_args(difference)
        ),
        sp.Integer(0),
    )
    return [sp.simplify(sp.expand(quotient))]


# --- whole proofs that several records share ----------------------------------------------------


def constants_cancel(statement: Relational) -> list[sp.Expr]:
    """The sides are products of powers, gamma functions and double factorials, and their quotient is 1."""
    return [ratio(*sides(statement))]


def euler_integral(statement: Relational) -> list[sp.Expr]:
    """SymPy evaluates Euler's integral (Beta or gamma) on the left for symbolic exponents.

    Convergence, which it is told to assume, is a condition of the record: at 0 the
    power exceeds -1, at infinity the integrand decays faster than the inverse of the variable.
    """
    left, right = sides(statement)
    integrand, variable = under_the_integral(left)
    return [ratio(sp.integrate(integrand, (variable, 0, sp.oo), conds="none"), right)]


def induction(symbol: sp.Symbol, start: int) -> Callable[[Relational], list[sp.Expr]]:
    """Proof by induction symbol -> symbol+2: both sides agree at `start` and grow by the same factor."""

    def proof(statement: Relational) -> list[sp.Expr]:
        left, right = sides(statement)
        grown = [_shift(side, symbol) / side for side in (left, right)]
        return [ratio(*grown), ratio(*(side.subs(symbol, start).doit() for side in (left, right)))]

    proof.__doc__ = f"""Induction {symbol} -> {symbol}+2 from {symbol} = {start}: the products gain one factor, the
    double factorials and gamma functions theirs."""
    return proof


def _shift(side: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    """side at symbol+2, every product ∏_(i≤m+1) written as its last factor times ∏_(i≤m)."""

    def peel(product: sp.Product) -> sp.Expr:
        index, low, high = product.limits[0]
        return product.function.subs(index, high) * sp.Product(product.function, (index, low, sp.expand(high - 1)))

    return side.subs(symbol, symbol + 2).replace(lambda part: isinstance(part, sp.Product), peel)
