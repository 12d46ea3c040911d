"""How the records on the torus are proved: Green's functions, geometric sums, unfolding, bounds."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.euclidean import bessel_kernel, bessel_kernel_at_zero, heat_integral
from sobolevkernels.symbolic.identity import Proof
from sobolevkernels.symbolic.periodic_formulas import (
    HALF,
    A,
    L,
    M,
    bernoulli_kernel,
    c,
    frequency,
    h,
    hyperbolic_kernel,
    k,
    kappa,
    l,
    line_kernel,
    m,
    n,
    r,
    s,
    t,
    x,
    xi,
)
from sobolevkernels.symbolic.proofs import OTHER_RANGE, gaussian_value, ratio, sides, under_the_integral


def _normal(expr: sp.Expr) -> sp.Expr:
    """Hyperbolic functions and exponentials as powers of two of them, in which zero is a rational function that is
    0."""
    p, q = sp.symbols("p q", positive=True)
    expr = sp.expand(sp.expand(expr.rewrite(sp.exp)), power_exp=True)
    expr = expr.replace(sp.exp, lambda argument: sp.prod(
        {kappa * x: p, kappa * L: q**2}.get(base, sp.exp(base)) ** power
        for base, power in (_monomial(term) for term in sp.Add.make_args(sp.expand(argument)))))
    return sp.cancel(sp.together(expr))


def _monomial(term: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    factor, base = term.as_coeff_Mul()
    return base, factor


def _coefficients(left: sp.Expr, order: sp.Expr, square: sp.Expr) -> list[sp.Expr]:
    """0 if `left` is the Fourier series whose coefficients are 1/(L w(ξ_k)), w = (κ²+ξ²)^order."""
    series, rest, factor = _one_series(left, (k, 1, sp.oo))
    weight = (square + frequency(k, L) ** 2) ** order
    mean = rest * L * square**order - 1 if square != 0 else rest
    return [sp.simplify(factor * series.function / sp.cos(frequency(k, L) * x) * weight * L / 2 - 1), sp.simplify(mean)]


def _one_series(expr: sp.Expr, limits: tuple) -> tuple[sp.Sum, sp.Expr, sp.Expr]:
    """The series, what stands beside it and what before it, of a + b Σ; b is spoiled for another range."""
    (series,) = expr.atoms(sp.Sum)
    name = sp.Dummy("series")
    polynomial = sp.expand(expr.subs(series, name))
    mark = sp.Integer(1) if series.limits == (sp.Tuple(*limits),) else OTHER_RANGE
    return series, polynomial.coeff(name, 0), mark * polynomial.coeff(name, 1)


def greens_function(order: int, with_kappa: bool = True) -> Proof:
    def proof(statement: Relational) -> Iterable[sp.Expr]:
        left, right = sides(statement)
        square = kappa**2 if with_kappa else sp.Integer(0)
        slopes = [right]
        for _ in range(2 * order):
            slopes.append(sp.diff(slopes[-1], x))
        image = sum(((-1) ** j * sp.binomial(order, j) * square ** (order - j) * slopes[2 * j]
                     for j in range(order + 1)), sp.Integer(0))
        jumps = [_normal(f.subs(x, 0) - f.subs(x, L)) for f in slopes[: 2 * order]]
        jumps[-1] = sp.simplify((-1) ** order * jumps[-1] - 1)
        mean = [] if with_kappa else [sp.expand(sp.integrate(sp.expand(right), (x, 0, L)))]
        return [*_coefficients(left, sp.Integer(order), square), _normal(image + (0 if with_kappa else 1 / L)),
                *jumps, *mean]

    proof.__doc__ = """The right side f has the Fourier coefficients that the left side shows. (κ²-∂²)^A f = 0 on (0,
    L), for κ = 0 it is -1/L; f and its derivatives up to order 2A-2 are periodic, and (-1)^A times the next one jumps
    by 1 at 0. Integrating e^(-iξx) (κ²-∂²)^A f by parts 2A times, only that jump is left: w(ξ_k) L f_k = 1, for κ = 0
    and k ≠ 0, where f_0 is the mean, 0. f is continuous and Σ|f_k| < ∞, so the series is f at every point."""
    return proof


def _geometric(expr: sp.Expr) -> sp.Expr:
    """Every sum over m ≥ first of a polynomial in m times e^(-κLm) replaced by its value, (q d/dq)^i q^first/(1-q)."""
    q = sp.Dummy("q", positive=True)

    def value(series: sp.Sum) -> sp.Expr:
        (index, first, last), = series.limits
        if last is not sp.oo:
            return OTHER_RANGE
        polynomial = sp.Poly(sp.expand(sp.powsimp(sp.expand(
            sp.expand(series.function.rewrite(sp.exp) * sp.exp(kappa * L * index)), power_exp=True))), index)
        total, moment = sp.Integer(0), q**first / (1 - q)
        for coefficient in polynomial.all_coeffs()[::-1]:
            total += coefficient * moment
            moment = q * sp.diff(moment, q)
        return total.subs(q, sp.exp(-kappa * L))

    return expr.replace(lambda part: isinstance(part, sp.Sum), value)


def geometric_sums(statement: Relational) -> Iterable[sp.Expr]:
    """The images are geometric sums, differentiated as often as the kernel's polynomial asks; both sides then agree."""
    left, right = sides(statement)
    return [_normal(_geometric(left) - right)]


def unfolded_gaussian(statement: Relational) -> Iterable[sp.Expr]:
    """The left side is smooth and periodic, and its k-th coefficient is L^(-1) ∫_0^L Σ_m g(x+mL) e^(-iξ_k x) dx.

    The intervals [mL, (m+1)L] fill the line, so that it is the Fourier integral of one Gaussian g, which is computed:
    for the frequency ξ_k and for 0 it must be what the right side shows. Both series converge absolutely.
    """
    left, right = sides(statement)
    (own,) = left.atoms(sp.Sum)
    series, mean, factor = _one_series(right, (k, 1, sp.oo))
    mark = sp.Integer(1) if own.limits == (sp.Tuple(m, 0, sp.oo),) else OTHER_RANGE
    prefactor = sp.cancel(left / own)
    v = sp.Symbol("v", real=True)
    gauss = prefactor * sp.exp(-(v**2) / (4 * s))
    copies = mark * prefactor * own.function - gauss.subs(v, x + m * L) - gauss.subs(v, L - x + m * L)
    transform = gaussian_value(sp.Integral(gauss * sp.exp(-sp.I * xi * v), (v, -sp.oo, sp.oo)))
    wave = factor * series.function / sp.cos(frequency(k, L) * x)
    return [sp.simplify(copies), ratio(wave * L / 2, transform.subs(xi, frequency(k, L))),
            ratio(mean * L, transform.subs(xi, 0))]


def unfolded_kernel(statement: Relational) -> Iterable[sp.Expr]:
    """As `sobolev.theta-poisson`, with d_R for the Gaussian; d_R is continuous and integrable.

    By `sobolev.subordination` it is a mixture of heat kernels, so that its transform is Γ(t)^(-1) ∫ s^(t-1) e^(-sκ²)
    times that of a heat kernel, e^(-sξ²): Euler's integral, (κ²+ξ²)^(-t), which is what the left side shows, and is
    summable.
    """
    left, right = sides(statement)
    (own,) = right.atoms(sp.Sum)
    mark = sp.Integer(1) if own.limits == (sp.Tuple(m, 0, sp.oo),) else OTHER_RANGE
    copies = sp.expand(mark * right / own * own.function - line_kernel(t, x + m * L) - line_kernel(t, L - x + m * L))
    v = sp.Symbol("v", real=True)
    order, time, rate = sp.symbols("order time rate", positive=True)
    heat, own_time = under_the_integral(heat_integral(sp.Integer(1), 2 * order, r))
    heat = heat.subs(own_time, time).subs(order, t)  # that chapter's t is a time
    transform = gaussian_value(sp.Integral(heat.subs(r, v) * sp.exp(-sp.I * xi * v), (v, -sp.oo, sp.oo)))
    mixed = time ** (t - 1) * sp.exp(-time * (1 + xi**2))
    euler = sp.integrate(time ** (t - 1) * sp.exp(-rate * time), (time, 0, sp.oo), conds="none")
    return [copies, ratio(transform, mixed / sp.gamma(t)), ratio(euler / sp.gamma(t), rate**-t),
            *_coefficients(left, t, kappa**2)]


def zeta_induction(statement: Relational) -> Iterable[sp.Expr]:
    """Induction on A. f_A = right side; f_1 is B_2, `sobolev.bernoulli-kernel-1`; and f_(A+1)'' = -f_A.

    Fourier coefficients of f_(A+1): f_A has mean zero and f_(A+1) is periodic with its first derivative, because
    ζ(-j, u) has the same values at 0 and 1 for j ≥ 1 (their difference is 0^j); so two integrations by parts divide the
    coefficient by ξ_k², as the left side does. The mean of f_(A+1) is 0 for the same reason, as a primitive of
    ζ(-j, u) is ζ(-j-1, u)/(j+1).
    """
    left, right = sides(statement)
    base = sp.expand(sp.expand_func(right.subs(A, 1)))
    slope = sp.diff(right.subs(A, A + 1), x, 2)
    return [*_coefficients(left, A, sp.Integer(0)), sp.expand(base - bernoulli_kernel(1, L, x)),
            sp.simplify(sp.combsimp(-slope / right) - 1)]


def kappa_remainder(statement: Relational) -> Iterable[sp.Expr]:
    """Mode by mode: 1/ξ² - 1/(κ²+ξ²) = κ²/(ξ²(κ²+ξ²)), and the mode k = 0 is taken away on the right.

    The two series are `sobolev.bernoulli-kernel-1` and `sobolev.periodic-order-1`.
    """
    left, right = sides(statement)
    (series,) = left.atoms(sp.Sum)
    mark = sp.Integer(1) if series.limits == (sp.Tuple(k, 1, sp.oo),) else OTHER_RANGE
    square = frequency(k, L) ** 2
    term = mark * left / series * series.function / sp.cos(frequency(k, L) * x)
    closed = bernoulli_kernel(1, L, x) - hyperbolic_kernel(1, kappa, L, x) + 1 / (L * kappa**2)
    return [sp.simplify(term - 2 / L * (1 / square - 1 / (kappa**2 + square))), _normal(right - closed)]


def antiderivative(statement: Relational) -> Iterable[sp.Expr]:
    """The integrand is the derivative of -(y+ξ²)^(-t)."""
    left, right = sides(statement)
    integrand, y = under_the_integral(left, sp.Integer(0), kappa**2)
    primitive = -((y + xi**2) ** -t)
    return [sp.simplify(sp.diff(primitive, y) / integrand - 1),
            sp.simplify(primitive.subs(y, kappa**2) - primitive.subs(y, 0) - right)]


def differentiate(statement: Relational) -> Iterable[sp.Expr]:
    """Differentiate and simplify."""
    left, right = sides(statement)
    return [sp.simplify((left.doit() / right).rewrite(sp.exp)) - 1]


def square_completed(statement: Relational) -> Iterable[sp.Expr]:
    """Under the integral of `sobolev.subordination`: the exponents differ by a square, and what is left is Euler's.

    r²/4τ + τκ² = cκr + τκ²(1-c²) + (r/(2√τ) - cκ√τ)²; without the square the integral is the right side, and the
    square is at least 0. The left side is the kernel itself.
    """
    left, right = sides(statement)
    tau = sp.Symbol("tau", positive=True)
    exponent = r**2 / (4 * tau) + tau * kappa**2
    kept = c * kappa * r + tau * kappa**2 * (1 - c**2)
    square = (r / (2 * sp.sqrt(tau)) - c * kappa * sp.sqrt(tau)) ** 2
    rate = sp.Symbol("rate", positive=True)  # κ²(1-c²)
    euler = sp.integrate(tau ** (t - 1 - n / 2) * sp.exp(-rate * tau), (tau, 0, sp.oo), conds="none")
    bound = (4 * sp.pi) ** (-n / 2) / sp.gamma(t) * euler.subs(rate, kappa**2 * (1 - c**2)) * sp.exp(-c * kappa * r)
    kernel = kappa ** (n - 2 * t) * bessel_kernel(n, 2 * t, kappa * r)
    return [sp.expand(exponent - kept - square), ratio(bound, right), ratio(kernel, left), _is(statement, sp.Le)]


def _is(statement: Relational, kind: type) -> sp.Expr:
    """0 if the relation is of that kind."""
    return sp.Integer(0) if type(statement) is kind else OTHER_RANGE


def tail_bounded(statement: Relational) -> Iterable[sp.Expr]:
    """Every term is bounded by `sobolev.exponential-bound`, and the bounds are two geometric series."""
    left, right = sides(statement)
    (series,) = left.atoms(sp.Sum)
    mark = sp.Integer(1) if series.limits == (sp.Tuple(m, M, sp.oo),) else OTHER_RANGE
    terms = mark * series.function * left / series
    copies = sp.expand(terms - line_kernel(t, x + m * L) - line_kernel(t, L - x + m * L))
    first = sum(_line_bound(distance) for distance in (x + M * L, L - x + M * L))
    step = sp.simplify(_line_bound(x + (M + 1) * L) / _line_bound(x + M * L))
    return [copies, sp.simplify(first / (1 - step) / right - 1), _is(statement, sp.Le)]


def _line_bound(r: sp.Expr) -> sp.Expr:
    """(1-c²)^(-ν) e^(-cκr) d_R(0) on the line."""
    return ((1 - c**2) ** (HALF - t) * kappa ** (1 - 2 * t) * bessel_kernel_at_zero(sp.Integer(1), 2 * t)
            * sp.exp(-c * kappa * r))


def below_the_integral(statement: Relational) -> Iterable[sp.Expr]:
    """The terms are values of e^(-L²y²/4s), which decreases in y (its logarithmic derivative is -L²y/2s): their sum
    over y = 1, 2, … is at most its integral over y > 0, and twice that, plus 1, is the right side."""
    left, right = sides(statement)
    series, alone, factor = _one_series(left, (k, 1, sp.oo))
    y = sp.Symbol("y", positive=True)
    term = (factor * series.function).subs(k, y)
    return [alone - 1, sp.simplify(sp.diff(sp.log(term), y) + L**2 * y / (2 * s)),
            sp.simplify(alone + sp.integrate(term, (y, 0, sp.oo)) - right), _is(statement, sp.Le)]


def euler_terms(statement: Relational) -> Iterable[sp.Expr]:
    """Three of Euler's integrals, ∫ s^(a-1) e^(-bs) ds = Γ(a) b^(-a): with t and w, t and w+g, t+1 and w+g."""
    left, right = sides(statement)
    integrand, time = under_the_integral(left)
    total = sum((sp.integrate(sp.powsimp(term), (time, 0, sp.oo), conds="none")
                 for term in sp.Add.make_args(sp.expand(integrand, power_exp=False, power_base=False))), sp.Integer(0))
    return [sp.simplify(sp.gammasimp(sp.expand(total - right)))]


def sampled_kernel(statement: Relational) -> Iterable[sp.Expr]:
    """As a function of ξ the left side has the period 2π/h; its coefficient of e^(-ijhξ) unfolds to one Fourier
    integral.

    That is (h/2π) ∫ e^(ijhξ)/(κ²+ξ²) dξ = h d_R(jh) = h e^(-κh|j|)/(2κ) (`bai2022.lemma9`). So the left side is
    h Σ_j d_R(jh) e^(-ijhξ), the geometric series on the right. Both converge absolutely and are continuous.
    """
    left, right = sides(statement)
    series, alone, factor = _one_series(left, (l, 1, sp.oo))
    copies = factor * series.function - sum(alone.subs(xi, xi + sign * 2 * sp.pi * l / h) for sign in (1, -1))
    z = sp.exp(sp.I * h * xi)
    q = sp.exp(-kappa * h)
    geometric = h / (2 * kappa) * (1 + q * z / (1 - q * z) + q / z / (1 - q / z))
    p, u = sp.symbols("p u", positive=True)
    difference = (geometric - right).rewrite(sp.exp).subs({z: u, sp.exp(-sp.I * h * xi): 1 / u}).subs(
        {q: 1 / p, sp.exp(kappa * h): p})
    return [sp.simplify(copies), sp.simplify(alone * (kappa**2 + xi**2) - 1), sp.cancel(sp.together(difference))]
