"""jo2026: forms that commute with translations are Fourier multipliers, on a grid.

A form on functions on N points that does not change when both arguments are
translated has a circulant matrix, and the other way round. The plane waves are
its eigenvectors, the discrete Fourier transform of its first column its symbol.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import sides

ABSTRACT = "Jo 2026 (arXiv 2607.01634), abstract, second sentence"
DERIVED = "derived from the abstract of Jo 2026; derivation 12"

quotient = sp.Symbol("q", positive=True)
N, k, row = sp.symbols("N k n", integer=True, nonnegative=True)
j = sp.Symbol("j", integer=True)
c0, c1, c2, c3 = sp.symbols("c_0:4", real=True)
signal, other = sp.symbols("f_0:4", real=True), sp.symbols("g_0:4", real=True)


def _circulant_row() -> sp.Expr:
    """Row n of the circulant matrix of c_l = q^l, 0 ≤ l < N, applied to the plane wave of mode k."""
    wave = sp.exp(2 * sp.pi * sp.I * k * j / N)
    return sp.Sum(quotient ** (row - j) * wave, (j, 0, row)) + sp.Sum(
        quotient ** (N + row - j) * wave, (j, row + 1, N - 1)
    )


def _telescopes(statement: Relational) -> Iterable[sp.Expr]:
    """Every summand t(j), geometric with quotient r, is T(j+1) - T(j) for T = t/(r-1), so a sum is a difference of
    T at its ends. With z = e^(2πik/N) and z^N = 1 what is left is an identity of rational functions. The sequences
    q^l for N values of q are a basis (Vandermonde), so the statement holds for every circulant matrix."""
    z = sp.Symbol("z")

    def algebraic(expr: sp.Expr) -> sp.Expr:
        expr = expr.replace(sp.exp, lambda power: z ** sp.expand(power * N / (2 * sp.pi * sp.I * k)))
        return sp.expand_power_exp(expr).subs(z**N, 1)

    left, right = sides(statement)
    residuals = []
    for series in sorted(left.atoms(sp.Sum), key=sp.default_sort_key):
        ((index, low, high),) = series.limits
        term = algebraic(series.function)
        primitive = term / (z / quotient - 1)
        residuals.append(sp.simplify(primitive.subs(index, index + 1) - primitive - term))
        left = left.subs(series, primitive.subs(index, high + 1) - primitive.subs(index, low))
    return [*residuals, sp.simplify(sp.expand_power_exp(algebraic(left) - algebraic(right)).subs(z**N, 1))]


def _form(symbols: tuple[sp.Symbol, ...]) -> sp.Expr:
    """Σ_(j,l) c_(j-l) f_j g_l, the indices modulo the number of points."""
    size = len(symbols)
    return sp.Add(*(symbols[(a - b) % size] * signal[a] * other[b] for a in range(size) for b in range(size)))


def _diagonal_form(symbols: tuple[sp.Symbol, ...]) -> sp.Expr:
    """(1/N) Σ_k ĉ_k conj(f̂_k) ĝ_k with f̂_k = Σ_j f_j e^(-2πijk/N)."""
    size = len(symbols)
    root = sp.I if size == 4 else sp.Rational(-1, 2) + sp.sqrt(3) / 2 * sp.I

    def transform(values: tuple[sp.Symbol, ...], mode: int) -> sp.Expr:
        return sp.Add(*(values[a] * sp.expand(root ** (-a * mode % size)) for a in range(size)))

    return sp.Add(
        *(
            transform(symbols, mode) * transform(signal[:size], -mode) * transform(other[:size], mode)
            for mode in range(size)
        )
    ) / size


def _polynomials(statement: Relational) -> Iterable[sp.Expr]:
    """Both sides are polynomials; they are expanded."""
    return [sp.expand(statement.args[0] - statement.args[1])]


IDENTITIES: tuple[Identity, ...] = (
    Identity(
        label="jo2026.translation-invariant",
        title="A circulant matrix has the plane waves as eigenvectors and its transform as eigenvalues, for every N",
        statement=equation(
            _circulant_row(),
            sp.exp(2 * sp.pi * sp.I * k * row / N)
            * (1 - quotient**N) / (1 - quotient * sp.exp(-2 * sp.pi * sp.I * k / N)),
        ),
        where=(sp.Lt(quotient, 1), sp.Lt(row, N), sp.Lt(k, N), sp.Ge(N, 2)),
        source=ABSTRACT,
        claim="proved",
        proof=_telescopes,
        points=(
            {"N": 5, "n": 2, "k": 3, "q": sp.Rational(1, 2)},
            {"N": 8, "n": 7, "k": 1, "q": sp.Rational(2, 3)},
            {"N": 4, "n": 0, "k": 2, "q": sp.Rational(9, 10)},
        ),
        note="c_l = q^l; N values of q span all sequences. Conversely a matrix with these eigenvectors is circulant: "
        "its entries (1/N) Σ_k m_k e^(2πik(j-l)/N) depend on j-l modulo N only.",
    ),
    *(
        Identity(
            label=f"jo2026.translation-invariant.{name}",
            title=f"A translation-invariant form on {name} points is a Fourier multiplier",
            statement=equation(_form(symbols), _diagonal_form(symbols)),
            source=DERIVED,
            claim="proved",
            proof=_polynomials,
            note="For all f, g and c. A metric has a symmetric c, that is a real and even symbol; it is non-negative "
            "iff the symbol is, and definite iff the symbol is positive.",
        )
        for name, symbols in (("three", (c0, c1, c2)), ("four", (c0, c1, c2, c3)))
    ),
    Identity(
        label="sobolev.invertible-symbol",
        title="The metric has an inverse iff its symbol has no zero: the determinant is the product of the symbol",
        statement=equation(
            sp.Matrix(4, 4, lambda a, b: (c0, c1, c2, c1)[(a - b) % 4]).det(),
            (c0 + 2 * c1 + c2) * (c0 - c2) ** 2 * (c0 - 2 * c1 + c2),
        ),
        source=DERIVED,
        claim="proved",
        proof=_polynomials,
        note="Symmetric circulants on four points.",
    ),
)
