"""Fourier multipliers on a grid: what is computed exactly, what is aliased, and the Nyquist modes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.euclidean import OUR_OWN
from sobolevkernels.symbolic.identity import Identity, Proof, equation
from sobolevkernels.symbolic.proofs import OTHER_RANGE, sides

N, K = sp.symbols("N K", integer=True, positive=True)
i, j, k, half = sp.symbols("i j k half", integer=True, nonnegative=True)
wave = sp.Symbol("l", integer=True)
n = sp.Symbol("n", integer=True, positive=True)
a, b, xi, eta, y = sp.symbols("a b xi eta y", real=True)
x, h, kappa, t, theta = sp.symbols("x h kappa t theta", positive=True)


def _mean_over_grid(summand: sp.Expr, index: sp.Symbol, points: sp.Expr, waves: Sequence[sp.Expr]) -> sp.Expr:
    """(1/N) Σ over one period of a trigonometric polynomial; `waves` are the wave numbers that are no multiples of N.

    Each term e^(2πi m index/N) is a geometric sequence of ratio q = e^(2πi m/N). If m = 0 its mean is 1;
    if m is among `waves`, q ≠ 1, and the sum (q^N-1)/(q-1) is 0, as q^N = e^(2πi m) = 1. A term of any
    other kind is left, marked, and no residual survives it.
    """
    terms = sp.Add.make_args(sp.expand(sp.expand(summand.rewrite(sp.exp)), power_exp=True))
    total = sp.Integer(0)
    for term in terms:
        exponent = sum((f.exp for f in sp.Mul.make_args(term) if isinstance(f, sp.exp)), sp.Integer(0))
        number = sp.simplify(sp.diff(sp.expand(exponent), index) * points / (2 * sp.pi * sp.I))
        constant = sp.simplify(term * sp.exp(-2 * sp.pi * sp.I * number * index / points))
        if number == 0:
            total += constant
        elif sp.exp(2 * sp.pi * sp.I * number) != 1 or number not in [sign * m for m in waves for sign in (1, -1)]:
            total += OTHER_RANGE * constant
    return sp.simplify(total)


def _of_exponentials(expr: sp.Expr) -> sp.Expr:
    """The numerator of an expression in exponentials, each of its own exponent: 0 iff the expression is."""
    numerator, _ = sp.fraction(sp.together(expr.rewrite(sp.exp)))
    collected = sp.powsimp(sp.expand(numerator), combine="exp")
    return sp.expand(collected.replace(sp.exp, lambda exponent: sp.exp(sp.expand(exponent))), power_exp=False)


def _periodic(*waves: sp.Expr) -> Proof:
    def proof(statement: Relational) -> Iterable[sp.Expr]:
        left, right = sides(statement)
        (series,) = left.atoms(sp.Sum)
        ((index, low, high),) = series.limits
        if low != 0:
            return [OTHER_RANGE]
        points = high + 1
        return [sp.simplify(left.subs(series, points * _mean_over_grid(series.function, index, points, waves)) - right)]

    proof.__doc__ = f"""Products of cosines are sums of waves e^(2πi m j/N), whose mean is 1 for m = 0. For m among
    ±({', '.join(map(str, waves))}) it is 0: by the conditions m is no multiple of N, so that q = e^(2πi m/N) ≠ 1,
    and (q^N-1)/(q-1) = 0 because q^N = 1."""
    return proof


def _telescope(statement: Relational) -> Iterable[sp.Expr]:
    """2 sin(θ/2) cos(jθ+a) = sin((j+½)θ+a) - sin((j-½)θ+a), and the sum of differences has two ends."""
    left, right = sides(statement)
    (series,) = left.atoms(sp.Sum)
    ((index, low, high),) = series.limits
    primitive = sp.sin((index - sp.Rational(1, 2)) * theta + a) / (2 * sp.sin(theta / 2))
    step = primitive.subs(index, index + 1) - primitive
    ends = primitive.subs(index, high + 1) - primitive.subs(index, low)
    return [_of_exponentials(series.function - step), _of_exponentials(left.subs(series, ends) - right)]


def _polynomials(statement: Relational) -> Iterable[sp.Expr]:
    """Both sides are the same polynomial in the values."""
    left, right = sides(statement)
    return [sp.expand(left - right)]


def _elementary(statement: Relational) -> Iterable[sp.Expr]:
    """Carry out the derivatives and insert the grid points, at which sin(πj) = 0 and cos(πj) = (-1)^j."""
    left, right = sides(statement)
    return [sp.simplify(sp.expand((left.doit() - right), trig=True))]


def _whole_turns(statement: Relational) -> Iterable[sp.Expr]:
    """The phases differ by 2πj."""
    left, right = sides(statement)
    return [sp.simplify(sp.expand_trig(sp.expand(left)) - sp.expand_trig(sp.expand(right)))]


def _circulant(statement: Relational) -> Iterable[sp.Expr]:
    """Interchange the finite sums. Over j the product of the two cosines is half the sum of two waves.

    Their numbers are k-l and k+l, between -2n and 2n; such a wave sums to 0 unless it is
    constant, l = k or l = -k, where half of N cos(2πki/N+a) is left. For k = 0 both happen at l = 0.
    Residuals: the product formula; the two constants; the weight at l = ±k; the ranges.
    """
    left, right = sides(statement)
    (series,) = left.atoms(sp.Sum)
    weights = (kappa**2 + wave**2) ** t
    points = 2 * half + 1
    inner = series.function / weights
    phase = 2 * sp.pi * wave * i / points
    first = sp.cos(phase + 2 * sp.pi * j * (k - wave) / points + a) / 2
    second = sp.cos(2 * sp.pi * j * (k + wave) / points - phase + a) / 2
    expected = weights.subs(wave, k) * (first.subs(wave, k) + second.subs(wave, -k))
    limits = series.limits == (sp.Tuple(j, 0, points - 1), sp.Tuple(wave, -half, half))
    return [
        sp.Integer(0) if limits else OTHER_RANGE,
        sp.simplify(sp.expand_trig(sp.expand(inner - first - second))),
        sp.simplify(left / series * points * expected / right - 1),
        weights.subs(wave, k) - weights.subs(wave, -k),
    ]


def _geometric(statement: Relational) -> Iterable[sp.Expr]:
    """q = e^(-κh+iξh), |q| < 1: Σ q^n = q/(1-q), and the real part of both."""
    left, right = sides(statement)
    (series,) = left.atoms(sp.Sum)
    ((index, low, high),) = series.limits
    ratios = [sp.exp(-kappa * h + sign * sp.I * xi * h) for sign in (1, -1)]
    term = sum(q**index for q in ratios) / 2
    value = sum(q / (1 - q) for q in ratios) / 2
    mark = sp.Integer(1) if (low, high) == (1, sp.oo) else OTHER_RANGE
    return [sp.simplify((mark * series.function - term).rewrite(sp.exp)),
            _of_exponentials(left.subs(series, value) - right)]


def _periodic_geometric(statement: Relational) -> Iterable[sp.Expr]:
    """Four geometric sums Σ_(j<N) q^j = (q^N-1)/(q-1), whose q^N is e^(±κNh) because e^(2πik) = 1."""
    left, right = sides(statement)
    (series,) = left.atoms(sp.Sum)
    ((index, low, high),) = series.limits
    if (low, high) != (0, N - 1):
        return [OTHER_RANGE]
    total = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(sp.expand(series.function.rewrite(sp.exp)), power_exp=True)):
        exponent = sum((f.exp for f in sp.Mul.make_args(term) if isinstance(f, sp.exp)), sp.Integer(0))
        rate = sp.diff(sp.expand(exponent), index)
        q, last = sp.exp(rate), sp.exp(sp.expand(rate * N))
        total += sp.simplify(term * sp.exp(-rate * index)) * (last - 1) / (q - 1)
    return [_of_exponentials(left.subs(series, total) - right)]


def _quarter_turns(statement: Relational) -> Iterable[sp.Expr]:
    """cos⁴ = 3/8 + cos(2·)/2 + cos(4·)/8; the wave of 4K turns on 4K points is constant, 1, and that of 2K turns
    alternates between 1 and -1, so that over an even number of points it cancels."""
    left, right = sides(statement)
    (series,) = left.atoms(sp.Sum)
    ((index, low, high),) = series.limits
    alternating = sp.Rational(1, 2) * sp.cos(sp.pi * index)
    mark = sp.Integer(1) if (low, high) == (0, 4 * K - 1) else OTHER_RANGE
    constant = sp.Rational(3, 8) + sp.Rational(1, 8)
    return [sp.simplify(sp.expand_trig(sp.cos(2 * sp.pi * index)) - 1),
            sp.simplify((mark * series.function - alternating - constant).rewrite(sp.exp)),
            sp.simplify(left.subs(series, 4 * K * constant) - right)]


_f, _g, _m = sp.symbols("f_0:4"), sp.symbols("g_0:4"), sp.symbols("m_0:3")


def _parseval(points: int) -> tuple[sp.Expr, sp.Expr]:
    """Σ f_i K_(i-j) g_j with K the inverse DFT of a symbol, and the sum over the half spectrum with its weights."""
    turn = 2 * sp.pi / points
    weights = [1 if 2 * mode % points == 0 else 2 for mode in range(points // 2 + 1)]

    def kernel(offset: int) -> sp.Expr:
        return sum((weight * _m[mode] * sp.cos(turn * mode * offset) for mode, weight in enumerate(weights)),
                   sp.Integer(0)) / points

    def parts(values: Sequence[sp.Expr], mode: int) -> tuple[sp.Expr, sp.Expr]:
        real, imaginary = (sum((values[p] * of(turn * mode * p) for p in range(points)), sp.Integer(0))
                           for of in (sp.cos, sp.sin))
        return real, imaginary

    double = sum((_f[p] * kernel(p - q) * _g[q] for p in range(points) for q in range(points)), sp.Integer(0))
    half = sum((weight * _m[mode] * sum(a * b for a, b in zip(parts(_f, mode), parts(_g, mode), strict=True))
                for mode, weight in enumerate(weights)), sp.Integer(0))
    return double, half / points


def _parseval_record(points: int, weights: str) -> Identity:
    return Identity(
        label="sobolev.grid-parseval" + ("" if points % 2 == 0 else "-odd"),
        title=f"⟨f, Mg⟩ on {points} points by half spectra with the weights {weights}",
        statement=equation(*_parseval(points)), source=OUR_OWN, claim="proved", proof=_polynomials,
        points=tuple({**{f"f_{p}": v + p for p in range(points)}, **{f"g_{p}": 2 - v * p for p in range(points)},
                      **{f"m_{p}": 1 + p * p for p in range(points // 2 + 1)}} for v in (1, 3)),
        note="The mean, and the Nyquist mode of an even grid, are their own opposites; all others come in pairs.")


_A, _B, _C = sp.symbols("A B C", real=True)
_nyquist_wave = sp.cos(sp.pi * x / h) * sp.cos(eta * y + a)
_NYQUIST = -sum((coefficient * sp.Derivative(_nyquist_wave, *variables) for coefficient, variables in (
    (_A, (x, x)), (2 * _B, (x, y)), (_C, (y, y)))), sp.Integer(0))
_CLOSED = h / (2 * kappa) * sp.sinh(kappa * h) / (sp.cosh(kappa * h) - sp.cos(xi * h))
_THETA = 2 * sp.pi * k / N

IDENTITIES = (
    Identity(
        label="sobolev.grid-geometric",
        title="A sampled wave sums to Dirichlet's kernel",
        statement=equation(
            sp.Sum(sp.cos(j * theta + a), (j, 0, N - 1)),
            sp.sin(N * theta / 2) * sp.cos((N - 1) * theta / 2 + a) / sp.sin(theta / 2)),
        where=(sp.Lt(theta, 6),), source=OUR_OWN, claim="proved", proof=_telescope),
    Identity(
        label="sobolev.grid-orthogonality",
        title="Sampled waves of one frequency: (2/N) Σ cos(ξx_j+a) cos(ξx_j+b) = cos(a-b) below Nyquist",
        statement=equation(
            2 * sp.Sum(sp.cos(_THETA * j + a) * sp.cos(_THETA * j + b), (j, 0, N - 1)) / N, sp.cos(a - b)),
        where=(sp.Gt(k, 0), sp.Lt(2 * k, N)), source=OUR_OWN, claim="proved", proof=_periodic(2 * k)),
    Identity(
        label="sobolev.grid-trapezoid",
        title="The mean over N points is exact for trigonometric polynomials of degree below N",
        statement=equation(sp.Sum(1 + sp.cos(_THETA * j + a), (j, 0, N - 1)) / N, sp.Integer(1)),
        where=(sp.Gt(k, 0), sp.Lt(k, N)), source=OUR_OWN, claim="proved", proof=_periodic(k),
        note="Products of fields of degrees k and l are integrated exactly iff k + l < N, with generic coefficients: "
        "at degree N the rule adds cos(a), see `sobolev.grid-aliasing`."),
    Identity(
        label="sobolev.grid-exact",
        title="On N = 2n+1 points the DFT multiplies waves of degree up to n by their symbol, exactly",
        statement=equation(
            sp.Sum((kappa**2 + wave**2) ** t * sp.cos(2 * sp.pi * wave * (i - j) / (2 * half + 1))
                   * sp.cos(2 * sp.pi * k * j / (2 * half + 1) + a), (j, 0, 2 * half), (wave, -half, half))
            / (2 * half + 1),
            (kappa**2 + k**2) ** t * sp.cos(2 * sp.pi * k * i / (2 * half + 1) + a)),
        where=(sp.Le(k, half), sp.Le(i, 2 * half)), source=OUR_OWN, claim="proved", proof=_circulant,
        points=tuple(dict(zip(("half", "k", "i", "kappa", "t", "a"), values, strict=True)) for values in (
            (2, 1, 3, 1, sp.Rational(1, 2), 1), (3, 3, 2, 2, 2, sp.Rational(1, 3)), (2, 0, 1, 3, 1, 2),
            (1, 1, 0, sp.Rational(1, 2), sp.Rational(3, 2), -1))),
        note="The weight stands for any even symbol; even grids differ at the Nyquist mode, `sobolev.grid-nyquist`."),
    Identity(
        label="sobolev.grid-aliasing",
        title="On N points the frequency k+N is the frequency k",
        statement=equation(sp.cos(2 * sp.pi * (k + N) * j / N + a), sp.cos(2 * sp.pi * k * j / N + a)),
        source=OUR_OWN, claim="proved", proof=_whole_turns),
    Identity(
        label="sobolev.grid-nyquist",
        title="At a Nyquist mode of the first axis the grid sees a symbol's mean over both signs of ξ₁",
        statement=equation(
            sp.Subs(_NYQUIST, x, j * h),
            ((_A * sp.pi**2 / h**2 + 2 * _B * sp.pi * eta / h + _C * eta**2)
             + (_A * sp.pi**2 / h**2 - 2 * _B * sp.pi * eta / h + _C * eta**2)) / 2
            * (-1) ** j * sp.cos(eta * y + a)),
        source=OUR_OWN, claim="proved", proof=_elementary,
        points=tuple(dict(zip(("A", "B", "C", "a", "eta", "h", "j", "y"), values, strict=True)) for values in (
            (1, 2, 3, 1, 2, 1, 1, 0), (2, 1, 5, 0, 1, sp.Rational(1, 2), 2, 1), (1, -1, 2, 2, -3, 2, 3, 1))),
        note="The quadratic symbol Aξ₁² + 2Bξ₁ξ₂ + Cξ₂² on the interpolant cos(πx/h) cos(ηy+a), whose two exponentials "
        "share the Nyquist coefficient: the mixed term acts on it as sin(πx/h), which no grid point sees."),
    _parseval_record(4, "1, 2, 1"),
    _parseval_record(3, "1, 2"),
    Identity(
        label="sobolev.grid-aliased-symbol",
        title="The sampled Green's function of order 1 has a closed symbol that is not 1/(κ²+ξ²)",
        statement=equation(
            h / (2 * kappa) * (1 + 2 * sp.Sum(sp.exp(-kappa * h * n) * sp.cos(xi * h * n), (n, 1, sp.oo))), _CLOSED),
        source=OUR_OWN, claim="proved", proof=_geometric,
        points=tuple({"h": p, "kappa": q, "xi": w} for p, q, w in (
            (1, 1, 1), (sp.Rational(1, 2), 3, 2), (2, 1, sp.Rational(1, 3))))),
    Identity(
        label="sobolev.grid-periodic-symbol",
        title="The periodic kernel of order 1, sampled at N points, has the same symbol, exactly",
        statement=equation(
            h * sp.Sum(sp.cosh(kappa * (N * h / 2 - j * h)) * sp.cos(_THETA * j), (j, 0, N - 1))
            / (2 * kappa * sp.sinh(kappa * N * h / 2)),
            _CLOSED.subs(xi, _THETA / h)),
        source=OUR_OWN, claim="proved", proof=_periodic_geometric,
        points=tuple({"N": p, "k": q, "h": s, "kappa": c} for p, q, s, c in (
            (5, 1, 1, 1), (4, 2, sp.Rational(1, 2), 2), (6, 0, 1, 3)))),
    Identity(
        label="sobolev.grid-cubic",
        title="The projection of u³ on the mode K of u = cos(Kx) is exact, 3/4, when N > 4K",
        statement=equation(2 * sp.Sum(sp.cos(2 * sp.pi * K * j / N) ** 4, (j, 0, N - 1)) / N, sp.Rational(3, 4)),
        where=(sp.Gt(N, 4 * K),), source=OUR_OWN, claim="proved", proof=_periodic(2 * K, 4 * K),
        points=tuple({"N": p, "K": q} for p, q in ((5, 1), (6, 1), (9, 2), (16, 3), (13, 3))),
        note="Of any field with modes up to K: its cube has modes up to 3K, and 3K - N < -K, so that none comes back "
        "to the modes up to K."),
    Identity(
        label="sobolev.grid-cubic-aliased",
        title="At N = 4K the third harmonic comes back to mode K: the projection is 1 in place of 3/4",
        statement=equation(
            2 * sp.Sum(sp.cos(2 * sp.pi * K * j / (4 * K)) ** 4, (j, 0, 4 * K - 1)) / (4 * K), sp.Integer(1)),
        source=OUR_OWN, claim="proved", proof=_quarter_turns,
        points=tuple({"K": p} for p in (1, 2, 3, 7))),
)
