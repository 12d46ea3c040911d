"""The reproducing kernel of H^t(R^n): its closed form, its constants, and the theorem behind them.

Everything numeric in this library is printed from the expressions of this
chapter. Conventions (unitary Fourier transform, weight (kappa² + |ξ|²)^order)
are those of docs/conventions.md.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.bessel import half_integer_sum
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import (
    bessel_normal,
    coefficient_of_index,
    constants_cancel,
    euler_integral,
    matern_operator,
    near_zero,
    ratio,
    sides,
    under_the_integral,
)


def weight(order: sp.Expr, kappa: sp.Expr, xi: sp.Expr) -> sp.Expr:
    """The symbol (kappa² + |ξ|²)^order of the norm; `xi` stands for |ξ|."""
    return (kappa**2 + xi**2) ** order


def bessel_kernel(n: sp.Expr, s: sp.Expr, r: sp.Expr) -> sp.Expr:
    """d(r) for the weight (1+|ξ|²)^(s/2) on R^n: 2^(1-s/2) / ((2π)^(n/2) Γ(s/2)) r^ν K_ν(r), ν = (s-n)/2.

    Valid for every n ≥ 1, real s > n and r > 0.

    Source: `sobolev.radial`.
    """
    nu = (s - n) / 2
    return 2 ** (1 - s / 2) / ((2 * sp.pi) ** (n / 2) * sp.gamma(s / 2)) * r**nu * sp.besselk(nu, r)


def bessel_kernel_at_zero(n: sp.Expr, s: sp.Expr) -> sp.Expr:
    """d(0) for the weight (1+|ξ|²)^(s/2) on R^n: (4π)^(-n/2) Γ((s-n)/2)/Γ(s/2).

    Source: `sobolev.at-zero`.
    """
    return (4 * sp.pi) ** (-n / 2) * sp.gamma((s - n) / 2) / sp.gamma(s / 2)


def half_integer_constant(n: sp.Expr, s: sp.Expr) -> sp.Expr:
    """C_{n,s} = 2^((1-n-s)/2) π^((1-n)/2) / Γ(s/2), the coefficient of the top power for s-n odd.

    Source: `sobolev.half-integer`.
    """
    return 2 ** ((1 - n - s) / 2) * sp.pi ** ((1 - n) / 2) / sp.gamma(s / 2)


def half_integer_kernel(n: sp.Expr, s: sp.Expr, r: sp.Expr) -> sp.Expr:
    """d(r) for s-n odd: C_{n,s} e^(-r) r^(A-1) Σ_{k<A} (A+k-1)!/(k!(A-k-1)!) (2r)^(-k), A = (s-n+1)/2.

    Source: `sobolev.half-integer`.
    """
    A = (s - n + 1) / 2
    return half_integer_constant(n, s) * sp.exp(-r) * r ** (A - 1) * half_integer_sum(A, r)


def half_integer_correlation(p: int, r: sp.Expr) -> sp.Expr:
    """d(r)/d(0) for ν = p + 1/2: e^(-r) times a polynomial of degree p with rational coefficients.

    Source: `sobolev.half-integer`.

    Examples
    --------
    >>> import sympy as sp
    >>> half_integer_correlation(2, sp.Symbol("r"))
    (r**2/3 + r + 1)*exp(-r)
    """
    x = sp.Dummy("x")
    polynomial = sp.Poly(sp.expand(x**p * half_integer_sum(sp.Integer(p + 1), x)), x)
    return sp.exp(-r) * (polynomial.as_expr() / polynomial.coeff_monomial(1)).expand().subs(x, r)


def radial_kernel(dim: int | sp.Expr, order: sp.Expr, kappa: sp.Expr, r: sp.Expr) -> sp.Expr:
    """d(r) for the weight (kappa²+|ξ|²)^order on R^dim, in its simplest exact form.

    Elementary when order - dim/2 is a half-integer, a Bessel function otherwise;
    r is the unscaled distance.

    Source: `sobolev.radial`, `sobolev.half-integer`, `sobolev.scaling`.

    Examples
    --------
    >>> import sympy as sp
    >>> radial_kernel(3, sp.Integer(3), sp.Integer(1), sp.Symbol("r"))
    (r + 1)*exp(-r)/(32*pi)
    """
    n, s = sp.sympify(dim), 2 * sp.sympify(order)
    scale = kappa ** (n - s)
    if (s - n).is_odd and (s - n).is_Integer:
        correlation = half_integer_correlation(int((s - n - 1) / 2), kappa * r)
        return scale * bessel_kernel_at_zero(n, s) * correlation
    return scale * bessel_kernel(n, s, kappa * r)


def kernel_constant(n: int, s: int) -> sp.Expr:
    """The exact constant C_{n,s} of the half-integer form, for s - n odd and s > n.

    Parameters
    ----------
    n : int
        Dimension of the space.
    s : int
        Order of the Bessel potential (twice the Sobolev order): the weight is (1+|ξ|²)^(s/2).

    Raises
    ------
    ValueError
        If n < 1, s ≤ n or s - n is even: there is then no half-integer form, and
        `radial_kernel` gives the Bessel function instead.

    Source: `sobolev.half-integer`.

    Examples
    --------
    >>> kernel_constant(3, 6)
    1/(32*pi)
    """
    dim, order = _integer(n, "n"), _integer(s, "s")
    if dim < 1:
        raise ValueError(f"the dimension n must be at least 1, got {n}")
    if order <= dim:
        raise ValueError(
            f"s must exceed n = {n} for the kernel to exist, got s = {s}; "
            "s is the order of the Bessel potential, twice the Sobolev order"
        )
    if (order - dim) % 2 == 0:
        raise ValueError(
            f"s - n = {order - dim} is even: there is no half-integer form and so no C_(n,s); "
            "use SobolevKernel.from_bessel_potential(dim, s).expr for the Bessel function"
        )
    return sp.simplify(half_integer_constant(sp.Integer(dim), sp.Integer(order)))


def dimension_constant(n: int) -> sp.Expr:
    """The exact constant C_n of d(r) = C_n e^(-r)(1+r), the kernel for s = n+3.

    C_n = 2^(-(n+1)) π^(-(n-1)/2) / Γ((n+3)/2).

    Parameters
    ----------
    n : int
        Dimension of the space, at least 1.

    Source: `sobolev.dimension-constant`.

    Examples
    --------
    >>> [dimension_constant(n) for n in (1, 2, 3)]
    [1/4, 1/(6*pi), 1/(32*pi)]
    """
    return kernel_constant(n, _integer(n, "n") + 3)


def _integer(value: int, name: str) -> int:
    if isinstance(value, bool) or int(value) != value:
        raise ValueError(f"{name} must be an integer, got {value!r}")
    return int(value)


# --- records ------------------------------------------------------------------------------------

n, s, r, t, rho = sp.symbols("n s r t rho", positive=True)
theta = sp.Symbol("theta", positive=True)
A = sp.Symbol("A", integer=True, positive=True)

OUR_OWN = "Standard; derived here"


def fourier_integral(n: sp.Expr, s: sp.Expr, r: sp.Expr) -> sp.Expr:
    """The definition of d(r), its integral over directions carried out (`sobolev.sphere`): a Hankel transform.

    d(r) = (2π)^(-n/2) r^(1-n/2) ∫_0^∞ ρ^(n/2) J_(n/2-1)(rρ) (1+ρ²)^(-s/2) dρ.
    """
    return (
        (2 * sp.pi) ** (-n / 2)
        * r ** (1 - n / 2)
        * sp.Integral(rho ** (n / 2) * sp.besselj(n / 2 - 1, r * rho) * (1 + rho**2) ** (-s / 2), (rho, 0, sp.oo))
    )


def heat_integral(n: sp.Expr, s: sp.Expr, r: sp.Expr) -> sp.Expr:
    """d(r) as a mixture of heat kernels: Γ(s/2)^(-1) ∫ t^(s/2-1) e^(-t) (4πt)^(-n/2) e^(-r²/4t) dt."""
    return sp.Integral(
        t ** (s / 2 - 1) * sp.exp(-t) * (4 * sp.pi * t) ** (-n / 2) * sp.exp(-(r**2) / (4 * t)), (t, 0, sp.oo)
    ) / sp.gamma(s / 2)


def _left_side(left: sp.Expr, nu: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """What the Hankel integrand leaves of the ODE after its certificate, and its integral at r = 0.

    With H the integrand, r H_rr + (1-2ν) H_r - r H = ∂/∂ρ [(1+ρ²)/ρ · H_r], whose
    boundary terms vanish at ρ = 0 and, for s > n+2, at infinity.
    """
    integrand, variable = under_the_integral(left)
    certificate = (1 + variable**2) / variable * sp.diff(integrand, r)
    residual = matern_operator(integrand, nu, r) - sp.diff(certificate, variable)
    start = sp.integrate(sp.simplify(near_zero(integrand)), (variable, 0, sp.oo), conds="none")
    return bessel_normal(residual), start


def _theorem(statement: Relational) -> Iterable[sp.Expr]:
    """Both sides solve r f'' + (1-2ν) f' - r f = 0, tend to 0 at infinity, and agree at r = 0.

    The left side does so under the integral sign, by a certificate (for s > n+2,
    where everything converges absolutely; both sides are analytic in s > n, which
    gives the rest). The right side does by the recurrence of K. The solutions are
    r^ν K_ν and r^ν I_ν; the second grows, while the left side tends to 0
    (Riemann-Lebesgue). So the two are proportional, and their values at 0 are equal.
    """
    left, right = sides(statement)
    of_left, start = _left_side(left, (s - n) / 2)
    return [of_left, bessel_normal(matern_operator(right, (s - n) / 2, r)), ratio(near_zero(right), start)]


def _half_integer_theorem(statement: Relational) -> Iterable[sp.Expr]:
    """The argument of `sobolev.radial`, with the ODE checked on the coefficients of the finite sum.

    For f = e^(-r) Σ a_j r^j the equation with ν = A-1/2 is
    (j+1)(j+2-2A) a_(j+1) = (2j+2-2A) a_j, here for symbolic A and j; at the top,
    j = A-1, both sides vanish. The value at 0 is a_0.
    """
    left, right = sides(statement)
    j, k = sp.symbols("j k", integer=True, nonnegative=True)
    of_left, start = _left_side(left, A - sp.Rational(1, 2))
    c = coefficient_of_index(right, A, k, sp.exp(-r) * r ** (A - 1 - k))

    def power(j: sp.Expr) -> sp.Expr:
        return c(A, A - 1 - j)

    return [
        of_left,
        sp.diff(power(j), r),
        ratio((j + 1) * (j + 2 - 2 * A) * power(j + 1), (2 * j + 2 - 2 * A) * power(j)),
        ratio(power(sp.Integer(0)), start),
    ]


def _elementary_theorem(statement: Relational) -> Iterable[sp.Expr]:
    """The argument of `sobolev.radial`; the right side is elementary and is differentiated directly."""
    left, right = sides(statement)
    of_left, start = _left_side(left, sp.Rational(3, 2))
    return [of_left, sp.simplify(matern_operator(right, sp.Rational(3, 2), r)), ratio(right.subs(r, 0), start)]


def _heat_theorem(statement: Relational) -> Iterable[sp.Expr]:
    """As `sobolev.radial`, with another certificate: the operator applied to the integrand g is ∂(r g)/∂t.

    r g vanishes at t = 0 and at infinity. At r = 0 the integral is Euler's for Γ.
    """
    left, right = sides(statement)
    integrand, variable = under_the_integral(left)
    residual = matern_operator(integrand, (s - n) / 2, r) - sp.diff(r * integrand, variable)
    start = sp.integrate(integrand.subs(r, 0), (variable, 0, sp.oo), conds="none")
    return [
        sp.simplify(residual),
        bessel_normal(matern_operator(right, (s - n) / 2, r)),
        ratio(near_zero(right), start),
    ]


def _sphere_integral(statement: Relational) -> Iterable[sp.Expr]:
    """Both sides solve ρ(f'' + f) + (n-1) f' = 0 and are regular at 0 with the same value.

    The operator applied to the integrand g is ∂/∂θ [tan θ · g_ρ], and the bracket is a
    multiple of sin(ρ cos θ) sin^(n-1) θ, which vanishes at both ends for n ≥ 2. Solutions
    that are singular at 0 are excluded. At ρ = 0 the integral is Wallis',
    ∫_0^π sin^(n-2) = √π Γ((n-1)/2)/Γ(n/2), which is `sobolev.radial-moment` with s = n.
    """
    left, right = sides(statement)
    integrand, variable = under_the_integral(left, sp.Integer(0), sp.pi)
    certificate = sp.tan(variable) * sp.diff(integrand, rho)

    def operator(f: sp.Expr) -> sp.Expr:
        return rho * (sp.diff(f, rho, 2) + f) + (n - 1) * sp.diff(f, rho)

    start = (
        integrand.subs(rho, 0) / sp.sin(variable) ** (n - 2) * sp.sqrt(sp.pi) * sp.gamma((n - 1) / 2) / sp.gamma(n / 2)
    )
    return [
        sp.simplify(operator(integrand) - sp.diff(certificate, variable)),
        bessel_normal(operator(right)),
        ratio(near_zero(right), start),
    ]


IDENTITIES = (
    Identity(
        label="sobolev.sphere",
        title="The plane wave averaged over directions is a Bessel function: ∫ e^(iρ x·ω) dω over S^(n-1), |x| = 1",
        statement=equation(
            2
            * sp.pi ** ((n - 1) / 2)
            / sp.gamma((n - 1) / 2)
            * sp.Integral(sp.cos(rho * sp.cos(theta)) * sp.sin(theta) ** (n - 2), (theta, 0, sp.pi)),
            (2 * sp.pi) ** (n / 2) * rho ** (1 - n / 2) * sp.besselj(n / 2 - 1, rho),
        ),
        where=(sp.Ge(n, 2), sp.Q.integer(n)),
        source=OUR_OWN + " (Poisson's integral)",
        claim="proved",
        proof=_sphere_integral,
        points=({"n": 2, "rho": 1}, {"n": 3, "rho": 5}, {"n": 7, "rho": sp.Rational(1, 3)}, {"n": 4, "rho": 20}),
    ),
    Identity(
        label="sobolev.radial",
        title="The kernel in closed form, for every n ≥ 1 and real s > n",
        statement=equation(fourier_integral(n, s, r), bessel_kernel(n, s, r)),
        where=(sp.Gt(s, n), sp.Ge(n, 1)),
        source=OUR_OWN + " (Aronszajn & Smith; Matérn)",
        claim="proved",
        proof=_theorem,
        oracle=oracles.space_kernel_at,
    ),
    Identity(
        label="sobolev.subordination",
        title="The kernel is a mixture of heat kernels",
        statement=equation(heat_integral(n, s, r), bessel_kernel(n, s, r)),
        where=(sp.Gt(s, n), sp.Ge(n, 1)),
        source=OUR_OWN,
        claim="proved",
        proof=_heat_theorem,
        oracle=oracles.space_kernel_at,
    ),
    Identity(
        label="sobolev.at-zero",
        title="The value at the point: d(0) = (4π)^(-n/2) Γ((s-n)/2)/Γ(s/2)",
        statement=equation(heat_integral(n, s, sp.Integer(0)), bessel_kernel_at_zero(n, s)),
        where=(sp.Gt(s, n), sp.Ge(n, 1)),
        source=OUR_OWN,
        claim="proved",
        proof=euler_integral,
        oracle=lambda n, s: oracles.space_kernel(n, s, 0),
        corrects=("bai2022.odd.at-zero", "bai2022.even.at-zero"),
    ),
    Identity(
        label="sobolev.half-integer",
        where=(sp.Ge(n, 1),),
        title="The half-integer form for s = n+2A-1, with its constant C_(n,s)",
        statement=equation(fourier_integral(n, n + 2 * A - 1, r), half_integer_kernel(n, n + 2 * A - 1, r)),
        source=OUR_OWN + "; the shape is that of bai2022 (37)",
        claim="proved",
        proof=_half_integer_theorem,
        oracle=lambda n, A, r: oracles.space_kernel(n, n + 2 * A - 1, r),
        corrects=(
            "bai2022.eq36.line3",
            "bai2022.eq36.line4",
            "bai2022.eq36.line5",
            "bai2022.eq37.line3",
            "bai2022.eq37.line4",
        ),
        note="For all real n ≥ 1 and all integers A ≥ 1 at once.",
    ),
    Identity(
        label="sobolev.dimension-constant",
        where=(sp.Ge(n, 1),),
        title="For s = n+3: d(r) = C_n e^(-r)(1+r) with C_n = 2^(-(n+1)) π^(-(n-1)/2)/Γ((n+3)/2)",
        statement=equation(fourier_integral(n, n + 3, r), half_integer_constant(n, n + 3) * sp.exp(-r) * (1 + r)),
        source=OUR_OWN + "; the shape is that of bai2022 (23)",
        claim="proved",
        proof=_elementary_theorem,
        oracle=lambda n, r: oracles.space_kernel(n, n + 3, r),
        corrects=("bai2022.eq38", "bai2022.eq38.simplified", "bai2022.eq39"),
    ),
    Identity(
        label="sobolev.half-integer-at-zero",
        title="The half-integer form at r = 0, where only k = A-1 is left, is d(0)",
        statement=equation(
            bessel_kernel_at_zero(n, n + 2 * A - 1),
            half_integer_constant(n, n + 2 * A - 1) * sp.factorial(2 * A - 2) / sp.factorial(A - 1) * 2 ** (1 - A),
        ),
        source=OUR_OWN,
        claim="proved",
        proof=constants_cancel,
        oracle=lambda n, A: oracles.space_kernel(n, n + 2 * A - 1, 0),
    ),
)
