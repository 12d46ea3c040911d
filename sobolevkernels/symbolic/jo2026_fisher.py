"""jo2026: statistical models whose Fisher metric is a Fourier multiplier.

On the torus of period L, with f = Σ f_k e^(iξ_k x), a translation-invariant form
is L Σ_k m(ξ_k) f_k conj(g_k): a symbol m, relative to the L² pairing. A
stationary noise e of spectral density S(ξ) = ∫ c(x) e^(-iξx) dx has independent
modes with E|e_k|² = S(ξ_k)/L.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import gaussian_integrals, gaussian_value, ratio, sides, under_the_integral

ABSTRACT = "Jo 2026 (arXiv 2607.01634), abstract"
DERIVED = "derived from the abstract of Jo 2026; derivation 12"

S, L, f, f0, b, kappa, variance = sp.symbols("S L f f_0 b kappa variance", positive=True)
nu, t, sigma, rho, periodogram = sp.symbols("nu t sigma rho P", positive=True)
xi = sp.Symbol("xi", positive=True)
n = sp.Symbol("n", positive=True)
x, y, u, v, p, q, theta, phi, h, shift, u0 = sp.symbols("x y u v p q theta phi h epsilon u_0", real=True)


# --- Fisher information -------------------------------------------------------------------------


def _gaussian_information(mean: sp.Expr, parameter: sp.Symbol, spread: sp.Expr) -> sp.Expr:
    """E (∂ log p)² for p the normal density of variance `spread` around `mean`."""
    exponent = -((y - mean) ** 2) / (2 * spread)
    density = sp.exp(exponent) / sp.sqrt(2 * sp.pi * spread)
    return sp.Integral(sp.Derivative(exponent, parameter) ** 2 * density, (y, -sp.oo, sp.oo))


def _mode_information(real: sp.Expr, imaginary: sp.Expr) -> sp.Expr:
    """Information of one complex mode y = ĥ θ + e about ε, θ = ε(u+iv): two independent real Gaussians."""
    return _gaussian_information(real * shift, shift, S / (2 * L)) + _gaussian_information(
        imaginary * shift, shift, S / (2 * L)
    )


def _score(statement: Relational) -> Iterable[sp.Expr]:
    """The score is linear in y, so that the integrals are Gaussian moments; they are inserted."""
    return gaussian_integrals(statement.func(*(_differentiated(side) for side in statement.args), evaluate=False))


def _score_quotient(statement: Relational) -> Iterable[sp.Expr]:
    """As before; the two sides are products of powers and gamma functions, and their quotient is 1."""
    left, right = sides(statement)
    return [ratio(sp.simplify(gaussian_value(_differentiated(left))), right)]


def _differentiated(side: sp.Expr) -> sp.Expr:
    return side.replace(sp.Derivative, lambda inner, *by: sp.expand(sp.diff(inner, *by)))


def _computed(statement: Relational) -> Iterable[sp.Expr]:
    """The derivatives are taken and SymPy computes the elementary integrals."""
    left, right = (side.doit() for side in sides(statement))
    return [sp.simplify(left - right)]


def _whittle_information(log_density: sp.Expr, parameter: sp.Symbol) -> sp.Expr:
    return sp.Integral(
        sp.Derivative(log_density, parameter) ** 2 * sp.exp(log_density), (periodogram, 0, sp.oo)
    )


def _whittle(statement: Relational) -> Iterable[sp.Expr]:
    """Polynomials in P times e^(-P/f): SymPy integrates them."""
    left, right = (side.replace(sp.Derivative, lambda inner, *by: sp.diff(inner, *by)) for side in sides(statement))
    return [sp.simplify(sp.expand(left.doit() - right))]


# --- Matérn noise -------------------------------------------------------------------------------


def matern_constant(dim: sp.Expr, smoothness: sp.Expr) -> sp.Expr:
    """c of the Fisher symbol 1/S = c (κ²+|ξ|²)^(ν+n/2) of a Matérn field.

    c = Γ(ν) / (variance (4π)^(n/2) Γ(ν+n/2) κ^(2ν)), S = ∫ c(x) e^(-ix·ξ) dx.

    Source: `sobolev.fisher-matern`.
    """
    return sp.gamma(smoothness) / (
        variance * (4 * sp.pi) ** (dim / 2) * sp.gamma(smoothness + dim / 2) * kappa ** (2 * smoothness)
    )


def _total_variance() -> sp.Expr:
    """(2π)^(-n) ∫ S dξ in polar coordinates."""
    density = (kappa**2 + rho**2) ** (-nu - n / 2) / matern_constant(n, nu)
    sphere = 2 * sp.pi ** (n / 2) / sp.gamma(n / 2)
    return sphere / (2 * sp.pi) ** n * sp.Integral(rho ** (n - 1) * density, (rho, 0, sp.oo))


def _beta(statement: Relational) -> Iterable[sp.Expr]:
    """With ρ = κ√z the integral is Euler's: ∫ z^(n/2-1) (1+z)^(-ν-n/2) dz = Γ(n/2) Γ(ν)/Γ(ν+n/2)."""
    left, right = sides(statement)
    (integral,) = left.atoms(sp.Integral)
    ((variable, *ends),) = integral.limits
    z = sp.Symbol("z", positive=True)
    scaled = (integral.function * kappa / (2 * sp.sqrt(z))).subs(variable, kappa * sp.sqrt(z))
    scaled = scaled.subs(kappa**2 * z + kappa**2, kappa**2 * (1 + z))
    coefficient = ratio(scaled, z ** (n / 2 - 1) * (1 + z) ** (-nu - n / 2)) + 1
    value = coefficient * sp.gamma(n / 2) * sp.gamma(nu) / sp.gamma(nu + n / 2)
    return [
        sp.simplify(sp.diff(coefficient, z)),
        sp.Integer(ends != [0, sp.oo]),
        ratio(sp.cancel(left / integral) * value, right),
    ]


def _laplace(statement: Relational) -> Iterable[sp.Expr]:
    """∫ y^m e^(-κy) cos(ξy) dy over y > 0 is the real part of m!/(κ-iξ)^(m+1), term by term of the polynomial."""
    left, right = sides(statement)
    integrand, at = under_the_integral(left)
    terms = sp.Poly(sp.expand(integrand / (sp.exp(-kappa * at) * sp.cos(xi * at))), at).terms()
    value = sum(
        (
            coefficient * sp.factorial(m) * sp.re(sp.expand((kappa + sp.I * xi) ** (m + 1)))
            / (kappa**2 + xi**2) ** (m + 1)
            for (m,), coefficient in terms
        ),
        sp.Integer(0),
    )
    return [sp.simplify(value - right)]


def _matern_line(half: int, correlation: sp.Expr) -> Identity:
    smoothness = sp.Rational(2 * half + 1, 2)
    return Identity(
        label=f"sobolev.fisher-matern-{2 * half + 1}-2",
        title=f"Matérn-{2 * half + 1}/2 noise on the line: S c (κ²+ξ²)^{half + 1} = 1",
        statement=equation(
            2 * sp.Integral(variance * correlation * sp.exp(-kappa * y) * sp.cos(xi * y), (y, 0, sp.oo)),
            (kappa**2 + xi**2) ** (-half - 1) / matern_constant(sp.Integer(1), smoothness),
        ),
        source=DERIVED,
        claim="proved",
        proof=_laplace,
        points=({"variance": 2, "kappa": 1, "xi": sp.Rational(1, 2)}, {"variance": 1, "kappa": 3, "xi": 2}),
        note="κ = sqrt(2ν)/ℓ; the left side is the definition of the spectral density.",
    )


_one_mode = {"u": 1, "v": sp.Rational(-1, 2), "epsilon": sp.Rational(1, 3), "S": sp.Rational(3, 2), "L": 2}
_box = sp.sin(sp.pi * b * xi) / (sp.pi * b * xi)

IDENTITIES: tuple[Identity, ...] = (
    Identity(
        label="jo2026.positive-symbol",
        title="(as worded) A translation-invariant Fisher metric has a positive symbol: here a box blur of width 2πb",
        statement=equation(sp.sign(_box**2), 1),
        source=ABSTRACT + ", third sentence",
        claim="refuted",
        flaw="hypothesis",
        points=({"b": 1, "xi": 1},),
        note="Where the transform of the blur vanishes the data say nothing: the symbol is non-negative, never more "
        "without a hypothesis. Inverting it needs positivity, and a stable inverse a positive lower bound.",
    ),
    Identity(
        label="jo2026.positive-symbol.precise",
        title="The symbol of a box blur of width 2πb in white noise is (sin(πbξ)/(πbξ))²/σ²: zero at bξ = 1, 2, ...",
        statement=equation(
            (sp.Integral(sp.cos(xi * x), (x, 0, sp.pi * b)) / (sp.pi * b)) ** 2 / sigma**2, _box**2 / sigma**2
        ),
        source=DERIVED,
        claim="proved",
        proof=_computed,
        points=(
            {"b": sp.Rational(1, 3), "xi": 1, "sigma": 2},
            {"b": sp.Rational(5, 4), "xi": 3, "sigma": 1},
            {"b": sp.Rational(1, 2), "xi": sp.Rational(7, 5), "sigma": sp.Rational(1, 3)},
        ),
        corrects=("jo2026.positive-symbol",),
        note="True without a hypothesis: the symbol is |ĥ|²/S ≥ 0 (`sobolev.fisher-deconvolution`).",
    ),
    Identity(
        label="sobolev.fisher-location",
        title="Location of a stationary Gaussian field: the Fisher symbol is 1/S",
        statement=equation(_mode_information(u, v), 2 * L * (u**2 + v**2) / S),
        source=DERIVED,
        claim="proved",
        proof=_score,
        points=(_one_mode,),
        note="One complex mode y = θ + e, E|e|² = S/L, displaced along u+iv. A real field has its modes in pairs ±k, "
        "so this is L (|h_k|² + |h_-k|²)/S: the form ⟨h, M h⟩ of L² with the symbol 1/S. It does not depend on θ.",
    ),
    Identity(
        label="sobolev.fisher-location-divergence",
        title="Location of a Gaussian: the Kullback-Leibler divergence is the Bregman divergence of θ²/(2S)",
        statement=equation(
            sp.Integral(
                ((y - theta - h) ** 2 - (y - theta) ** 2) / (2 * S)
                * sp.exp(-((y - theta) ** 2) / (2 * S)) / sp.sqrt(2 * sp.pi * S),
                (y, -sp.oo, sp.oo),
            ),
            h**2 / (2 * S),
        ),
        source=DERIVED,
        claim="proved",
        proof=gaussian_integrals,
        points=({"theta": 1, "h": sp.Rational(1, 2), "S": 2}, {"theta": -2, "h": 3, "S": sp.Rational(1, 3)}),
        note="To all orders in h: for this model the proximal step in the divergence, the natural gradient and the "
        "mirror step are one and the same.",
    ),
    Identity(
        label="sobolev.fisher-deconvolution",
        title="Deconvolution y = h∗θ + e: the Fisher symbol is |ĥ|²/S",
        statement=equation(
            _mode_information(p * u - q * v, q * u + p * v), 2 * L * (p**2 + q**2) * (u**2 + v**2) / S
        ),
        source=DERIVED,
        claim="proved",
        proof=_score,
        points=({**_one_mode, "p": 2, "q": sp.Rational(1, 2)},),
        note="ĥ = p + iq = ∫ h(x) e^(-iξx) dx. White noise of variance σ² a cell has S = σ² times the cell's volume.",
    ),
    Identity(
        label="sobolev.fisher-matern",
        title="Matérn noise: 1/S = c (κ²+|ξ|²)^(ν+n/2); with this c the variance comes out, for every n and ν",
        statement=equation(_total_variance(), variance),
        source=DERIVED,
        claim="proved",
        proof=_beta,
        points=(
            {"n": 1, "nu": 2, "kappa": 2, "variance": 3},
            {"n": 3, "nu": sp.Rational(3, 2), "kappa": 1, "variance": sp.Rational(1, 2)},
            {"n": 2, "nu": sp.Rational(5, 2), "kappa": sp.Rational(1, 2), "variance": 1},
        ),
        note="So the Fisher symbol is exactly a Bessel-potential symbol of order ν + n/2. That the power is this one "
        "is `sobolev.matern`.",
    ),
    _matern_line(0, sp.Integer(1)),
    _matern_line(1, 1 + kappa * y),
    _matern_line(2, 1 + kappa * y + kappa**2 * y**2 / 3),
    Identity(
        label="sobolev.fisher-nugget",
        title="Matérn plus white noise: the symbol saturates at 1/σ² and is no Bessel-potential symbol",
        statement=equation(
            1 / sigma**2 - 1 / (sigma**2 + S * (kappa**2 + xi**2) ** (-t)),
            1 / (sigma**2 * (1 + sigma**2 / S * (kappa**2 + xi**2) ** t)),
        ),
        source=DERIVED,
        claim="proved",
        proof=_computed,
        note="The right side is positive and tends to 0: the symbol grows like (κ²+ξ²)^t up to where the densities "
        "cross, and is of order 0 beyond.",
    ),
    Identity(
        label="sobolev.fisher-differential",
        title="Observing (κ²-Δ)^p θ in Matérn noise: the orders add up, 2p + ν + n/2",
        statement=equation(
            _gaussian_information(
                theta * (kappa**2 + xi**2) ** t, theta, (kappa**2 + xi**2) ** (-nu - n / 2) / matern_constant(n, nu)
            ),
            matern_constant(n, nu) * (kappa**2 + xi**2) ** (2 * t + nu + n / 2),
        ),
        source=DERIVED,
        claim="proved",
        proof=_score_quotient,
        points=(
            {"kappa": 1, "xi": 1, "t": 1, "nu": sp.Rational(1, 2), "n": 1, "theta": 1, "variance": 2},
            {"kappa": 2, "xi": 1, "t": sp.Rational(1, 2), "nu": 1, "n": 2, "theta": 0, "variance": 1},
        ),
        note="p = t here. Observing the solution of (κ²-Δ)^p u = θ instead lowers the order by 2p: the symbol is then "
        "of negative order in white noise, and bounded but not bounded below.",
    ),
    Identity(
        label="sobolev.fisher-linearised",
        title="-Δu + u³ linearised at a constant u₀ has the symbol ξ² + 3u₀²",
        statement=equation(
            sp.Subs(
                sp.Derivative(
                    -sp.Derivative(u0 + shift * sp.cos(xi * x), (x, 2)) + (u0 + shift * sp.cos(xi * x)) ** 3, shift
                ),
                shift,
                0,
            ),
            (xi**2 + 3 * u0**2) * sp.cos(xi * x),
        ),
        source=DERIVED,
        claim="proved",
        proof=_computed,
        note="Observed in white noise its Fisher symbol is (ξ² + 3u₀²)²/σ², of order 2 with κ² = 3u₀². At a u₀ that "
        "is not constant the linearisation is not translation invariant, and there is no symbol.",
    ),
    Identity(
        label="jo2026.constant-metric",
        title="(taken for granted) A metric diagonal in frequency is one metric: Whittle's is the same at f and at f₀",
        statement=equation(_whittle_information(-sp.log(f) - periodogram / f, f), f0**-2),
        source=ABSTRACT + ", fourth sentence, which needs it",
        claim="refuted",
        flaw="hypothesis",
        where=(sp.Gt(f, f0),),
        note="The metric of a quadratic mirror map is constant. A Fisher metric is so for a location, not for a scale.",
    ),
    Identity(
        label="sobolev.fisher-whittle",
        title="Whittle likelihood: one periodogram ordinate P has the information 1/f² about f",
        statement=equation(_whittle_information(-sp.log(f) - periodogram / f, f), f**-2),
        source=DERIVED,
        claim="proved",
        proof=_whittle,
        corrects=("jo2026.constant-metric",),
        points=({"f": sp.Rational(3, 2)}, {"f": 1}, {"f": sp.Rational(1, 5)}),
        note="The Hessian of -log f. By the chain rule parameters of f have Σ ∂log f ∂log f over the ordinates, "
        "½ Σ over all modes of a real field: diagonal in frequency, which is not convolution in x of the parameters.",
    ),
    Identity(
        label="sobolev.fisher-whittle-log",
        title="Whittle likelihood: the information about φ = log f is 1 at every frequency and every φ",
        statement=equation(_whittle_information(-phi - periodogram * sp.exp(-phi), phi), sp.Integer(1)),
        source=DERIVED,
        claim="proved",
        proof=_whittle,
        points=({"phi": 0}, {"phi": sp.Rational(1, 2)}, {"phi": -1}),
        note="As a metric on log f it is a multiple of the identity: constant, invariant under every shift in "
        "frequency, and its natural gradient is the plain gradient.",
    ),
)
